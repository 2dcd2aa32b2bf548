//! The SmartAgent plugin SDK, host side. Names and payloads of messages and the
//! names of events are its readme's; the envelope on the wire is not public, so
//! the one here is ours, and others are read as well as can be guessed
//! (docs/connectors/smartagent.md).

mod envelope;
mod events;
mod messages;

pub use envelope::{Envelope, Style};
pub(crate) use events::name as leg_name;
pub use events::{EVENTS, Watch, contact_object};
pub use messages::{Endpoint, EndpointType, Message, Refusal, RefusalCode};

//! The contract between a platform connector and the rest of Trunkline.
//!
//! A connector is an actor: [`Connector::run`] owns one account's connection
//! until it is cancelled, and returns why it ended. Everything it needs from
//! the outside comes in through [`Context`]: commands, an event sink, network,
//! secrets, clock, media and a login window. Nothing here does I/O; the ports
//! are implemented by `net`, `vault`, `media`, `core` and, for tests, `testkit`.

mod address;
mod command;
mod context;
mod descriptor;
pub mod driving;
mod event;
mod lookup;
pub mod ports;
mod registry;
#[cfg(feature = "testing")]
pub mod testing;

pub use address::web_address;
pub use command::{
    Answer, Command, CommandCode, CommandError, CommandRequest, OutgoingContent, Target, TaskRequest, TaskUpdate,
};
pub use context::{AccountSettings, Connector, Context, Ended, EventSink, SinkClosed};
pub use descriptor::{Capability, Descriptor, FieldKind, LoginField, LoginWay};
pub use event::{Envelope, Event};
pub use lookup::{EndpointList, FetchedFile, Lookup};
pub use registry::{BuildError, ReadEvents, Registration, Registry};

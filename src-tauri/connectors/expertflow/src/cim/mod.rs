//! The common information model: messages and events of a conversation, from the
//! platform's JSON into the panel's model and back (docs/connectors/expertflow.md, section 7).
//!
//! Everything here is pure and takes any JSON: what is missing or of another type
//! than agreed is left out, what has no form is shown in words, and all text stays
//! text. Texts are cut at [`LONGEST`] bytes, lists at 200 entries.

mod body;
mod channel;
mod customer;
mod event;
mod files;
mod happening;
mod html;
mod look;
mod outgoing;
mod read;
mod task;
mod text;
mod told;
mod topic;

pub use body::excerpt;
pub use channel::{ChannelSession, channel_name, is_voice, reply_channel, subtype};
pub use customer::Customer;
pub use event::{CimEvent, Me, Sender, Unreadable};
pub use html::to_text;
pub use look::trimmed;
pub use outgoing::{Outgoing, Saying, To, Words, Writer, build, close_wrap_up, publish};
pub use read::read;
pub use task::{Task, TaskMedia};
pub use text::{LONGEST, cut, readable, time};
pub use told::{Call, CallStep, Happening, Participant, Sla, Timer, Told};
pub use topic::{Earlier, Repeated, Topic};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_bodies;
#[cfg(test)]
mod tests_happening;
#[cfg(test)]
mod tests_hostile;

//! Chat contacts: the contact of the snapshot, the conversation behind it, the
//! Participant Service and the customer's side.
//!
//! | file | part |
//! | --- | --- |
//! | `contact.rs` | ids, tokens and facts of one agent's chat contact |
//! | `world.rs` | what moves a chat contact (table there) |
//! | `effects.rs` | what follows from it, outside the lock |
//! | `snapshot.rs` | its form in the snapshot |
//! | `conversation.rs` | participants, items, files; it outlives transfers |
//! | `item.rs` | one message, event or attachment and its JSON |
//! | `delivery.rs` | frames of `aws/chat`, with their faults |
//! | `participant.rs` | the Participant Service over HTTP: who asks, errors |
//! | `actions.rs` | its calls |
//! | `transcript.rs` | pages of GetTranscript |
//! | `attachments.rs` | uploads and downloads |
//! | `handle.rs`, `sim_chat.rs`, `customer.rs` | the typed handle |

mod actions;
mod attachments;
mod contact;
mod conversation;
mod customer;
mod delivery;
mod effects;
mod handle;
mod item;
mod participant;
mod sim_chat;
mod snapshot;
mod transcript;
mod world;

pub use contact::{ChatEndedBy, ChatFacts, OfferChat};
pub use conversation::{AttachmentStatus, ChatFile, ChatRole};
pub use item::ChatMessage;
pub use sim_chat::SimChat;

pub(crate) use attachments::store;
pub(crate) use contact::{Chat, ChatRecord};
pub(crate) use effects::{ChatEffect, run};
pub(crate) use participant::{ChatToken, call, chat_token, with_cors};
pub(crate) use snapshot::contact;

/// An item as the handle tells it.
pub(crate) fn message_of(item: &item::Item) -> ChatMessage {
    item.message()
}

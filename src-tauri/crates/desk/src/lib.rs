//! The desk: the single source of truth of what the agent works on.
//!
//! A pure reducer: [`Desk::apply`] takes one [`Input`] and the time, changes
//! the state, and returns the [`Effect`]s to carry out and the [`Change`]s to
//! push. It does no I/O and keeps no clock, so any order of inputs can be
//! replayed in a test.

mod accounts;
mod commands;
mod contacts;
mod conversations;
mod effect;
mod events;
mod history;
mod input;
mod media;
mod notices;
mod offers;
mod publish;
mod reducer;
mod state;
mod tray;

pub use effect::{CallDevices, ContactStep, Effect, HistoryEntry, MessageCounts, Offer};
pub use events::{EVENT_BYTES_KEPT, EVENTS_KEPT};
pub use input::{AudioNews, CommandKind, Input, MediaNews};
pub use notices::{NOTICES_KEPT, message_keys};
pub use publish::RevisionGap;
pub use reducer::{Desk, Outcome};
pub use state::{
    AccountView, AudioDevice, AudioView, Change, ContactView, ConversationView, DeskPatch, DeskSnapshot, DeviceChoice,
    DeviceRole, DeviceUse, Download, EventKey, EventView, MediaView, Outgoing, OutgoingItem, OutgoingState,
    PendingCommand, PlacedMessage, RingtoneView, RosterView, Sending, SoundView,
};
pub use tray::{TrayPicture, TrayState};

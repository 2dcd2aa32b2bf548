//! Phoenix channels, client side, serialiser V2 (docs/connectors/phoenix-channels.md).
//!
//! [`Client`] is the state machine of one socket with its channels and pushes;
//! [`Presence`] keeps who is there on one channel; [`encode`], [`decode_text`] and
//! [`decode_binary`] are the serialiser; [`endpoint`] is the address to dial.
//!
//! Whoever owns the connection follows four rules:
//!
//! 1. Carry out what [`Client::poll`] gives until it gives nothing.
//! 2. [`Output::Open`] means: make the address anew (a token may have changed), dial,
//!    and answer with [`Client::opened`] or [`Client::failed`] for that attempt.
//! 3. Hand in what the socket brings ([`Client::text`], [`Client::binary`],
//!    [`Client::closed`]).
//! 4. Call [`Client::tick`] at [`Client::deadline`].

mod address;
mod channel;
mod client;
mod codec;
mod event;
mod presence;
mod timing;

pub use address::{VSN, endpoint, subprotocols};
pub use channel::ChannelState;
pub use client::Client;
pub use codec::{DecodeError, EncodeError, Encoded, Message, Payload, decode_binary, decode_text, encode};
pub use event::{Event, LostBy, Output, PushError, PushId};
pub use presence::{Change, Entry, Presence, PresenceError, Synced};
pub use timing::Timing;

//! Socket.IO 5 over Engine.IO 4, client side, over WebSockets alone
//! (docs/connectors/socketio.md).
//!
//! [`Client`] is the state machine of one namespace; [`decode`] and [`encode`] are
//! the packets; [`endpoint`] is the address to dial.
//!
//! Whoever owns the connection follows five rules:
//!
//! 1. Carry out what [`Client::poll`] gives until it gives nothing.
//! 2. [`Output::Open`] means: dial, and answer with [`Client::opened`] (and what to
//!    sign in with) or [`Client::failed`] for that attempt.
//! 3. Hand in what the socket brings ([`Client::text`], [`Client::long_text`],
//!    [`Client::binary`], [`Client::closed`]), however slow the application is: a server that gets no
//!    answer to its ping closes.
//! 4. Call [`Client::tick`] at [`Client::deadline`].
//! 5. Answer what wants an answer ([`Client::answer`]).

mod address;
mod client;
mod codec;
mod event;
mod timing;

pub use address::endpoint;
pub use client::Client;
pub use codec::{
    Body, DecodeError, EnginePacket, Handshake, MOST_ATTACHMENTS, Packet, decode, encode, encode_pong,
    with_whole_letters,
};
pub use event::{AckHandle, CallId, EmitError, Event, LostBy, NoAnswer, Output};
pub use timing::Timing;

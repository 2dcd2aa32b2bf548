//! What a client has its owner do, and what it tells.

use std::time::Duration;

use thiserror::Error;

use super::codec::{DecodeError, Encoded, Payload};

/// One push of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PushId(pub(super) u64);

/// A push was not taken.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PushError {
    /// The channel was never joined, or was left.
    #[error("the channel is not joined")]
    NotJoined,
    /// Too many wait for the channel already.
    #[error("too many messages wait")]
    Full,
    /// Binary, and a name is longer than 255 bytes.
    #[error("a name is too long for a binary frame")]
    TooLong,
}

/// Why an open connection was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostBy {
    /// It closed or broke; the code, 1006 without one.
    Closed(u16),
    /// A heartbeat was not answered.
    Heartbeat,
}

/// What the owner of the connection has to do or know.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Make the address anew and dial; answer for this attempt.
    Open {
        /// Counts from 1.
        attempt: u64,
    },
    /// Send a frame.
    Send(Encoded),
    /// Close the connection with this code.
    Close(u16),
    /// Something the application wants to know.
    Event(Event),
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The socket is open.
    Opened,
    /// The open socket was lost, once per connection.
    Lost {
        /// Why.
        by: LostBy,
        /// Next attempt after this.
        retry: Duration,
    },
    /// An attempt failed.
    NotOpened {
        /// Next attempt after this.
        retry: Duration,
    },
    /// A join was answered ok.
    Joined {
        /// Channel.
        topic: String,
        /// The application's answer.
        response: Payload,
    },
    /// A join was refused; joined again by the table until left.
    Refused {
        /// Channel.
        topic: String,
        /// The application's answer.
        response: Payload,
    },
    /// A join was not answered; joined again by the table.
    JoinTimedOut {
        /// Channel.
        topic: String,
    },
    /// The channel crashed at the server; joined again by the table.
    Errored {
        /// Channel.
        topic: String,
    },
    /// The server ended the channel; it is not joined again.
    Closed {
        /// Channel.
        topic: String,
    },
    /// We left.
    Left {
        /// Channel.
        topic: String,
    },
    /// A message of the application's, presence included.
    Message {
        /// Channel.
        topic: String,
        /// Of the channel's present join.
        join_ref: String,
        /// What it is.
        event: String,
        /// What it carries.
        payload: Payload,
    },
    /// A push was answered.
    Replied {
        /// Which.
        push: PushId,
        /// `ok`, `error` or the application's own.
        status: String,
        /// The answer.
        response: Payload,
    },
    /// A push was not answered in time.
    PushTimedOut {
        /// Which.
        push: PushId,
    },
    /// A frame that is not a message; the connection goes on.
    Undecodable(DecodeError),
}

//! What the client wants done, and what it tells.

use std::time::Duration;

use serde_json::Value;
use thiserror::Error;

use super::codec::DecodeError;

/// What is to be done, or known, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Dial; answer with `opened` or `failed` for this attempt.
    Open {
        /// Which.
        attempt: u64,
    },
    /// Send a text frame.
    Send(String),
    /// Close the connection with this code.
    Close(u16),
    /// Something to know.
    Event(Event),
}

/// An event of the server's that wants an answer: of one connection, and once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AckHandle {
    pub(super) attempt: u64,
    pub(super) id: u64,
}

/// An event of ours that wants an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u64);

/// Something to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Accepted: events can be sent from now on.
    Ready {
        /// The socket's id.
        sid: String,
        /// What happened meanwhile was told; the server knows this socket still.
        recovered: bool,
    },
    /// The server's middleware refuses. It is not tried again by itself.
    Refused {
        /// Its word for why.
        message: String,
        /// More about it.
        data: Value,
    },
    /// The server put this socket out. It is not tried again by itself.
    Kicked,
    /// An attempt came to nothing; the next one follows after this time.
    NotOpened {
        /// Where it ended.
        by: LostBy,
        /// Until the next one.
        retry: Duration,
    },
    /// A connection that was ready is lost; the next attempt follows after this time.
    Lost {
        /// How.
        by: LostBy,
        /// Until the next one.
        retry: Duration,
    },
    /// An event of the server's.
    Received {
        /// Its name.
        name: String,
        /// Its arguments, without bytes.
        args: Vec<Value>,
        /// It wants an answer.
        ack: Option<AckHandle>,
        /// Attachments that were left out.
        attachments: usize,
    },
    /// An event of the server's that wants an answer, out of a long frame
    /// ([`super::Client::long_text`]). Who cannot read it says so
    /// ([`super::Client::unreadable`]).
    Unread {
        /// Its name.
        name: String,
        /// The JSON list of name and arguments, as it stands in the frame. Nothing of
        /// it has been checked; letters may be cut as
        /// [`super::with_whole_letters`] says.
        list: String,
        /// It wants an answer.
        ack: AckHandle,
    },
    /// The answer to an event of ours.
    Answered {
        /// To which.
        call: CallId,
        /// With what.
        args: Vec<Value>,
    },
    /// There will be none.
    Unanswered {
        /// To which.
        call: CallId,
        /// Why.
        why: NoAnswer,
    },
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// Its time is over. The server may have carried it out.
    TimedOut,
    /// The connection went. Likewise.
    Lost,
}

/// How a connection was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostBy {
    /// It could not be opened at all.
    Dial,
    /// With this code.
    Closed(u16),
    /// The server closed by a packet.
    ByServer,
    /// No handshake, or no word about the wish to connect, in its time.
    Silence,
    /// No ping in its time.
    PingTimeout,
    /// A frame that is none of the protocol's.
    Malformed(DecodeError),
}

/// An event is not sent.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum EmitError {
    /// There is no connection, or it is not accepted yet. Nothing waits: what was
    /// wanted then may be wrong later.
    #[error("not connected")]
    NotReady,
    /// The server would close the connection.
    #[error("larger than the server takes: {0} bytes")]
    TooLarge(usize),
    /// Names that the protocol keeps for itself.
    #[error("the name belongs to the protocol")]
    Reserved,
}

//! Bad weather, and who tried to get in.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value;

use crate::Moment;

/// Codes and reasons, as the server words them.
pub mod codes {
    /// The server goes away; clients come back.
    pub const SHUTDOWN: (u16, &str) = (3001, "shutdown");
    /// No pong came in time; clients come back.
    pub const NO_PONG: (u16, &str) = (3012, "no pong");
    /// The position in a stream is wrong; clients come back.
    pub const INSUFFICIENT_STATE: (u16, &str) = (3010, "insufficient state");
    /// What the client said makes no sense; final.
    pub const BAD_REQUEST: (u16, &str) = (3501, "bad request");
    /// No connect came in time; final.
    pub const STALE: (u16, &str) = (3502, "stale");
    /// The server wants the client gone; final.
    pub const FORCE_DISCONNECT: (u16, &str) = (3503, "force disconnect");
    /// The server takes no messages of that kind; final.
    pub const NOT_AVAILABLE: (u16, &str) = (3508, "not available");
    /// A frame was too long; final.
    pub const TOO_BIG: (u16, &str) = (1009, "");

    /// Text of an error by its code; the flag says that it is temporary.
    pub(crate) const fn error(code: u32) -> (&'static str, bool) {
        match code {
            100 => ("internal server error", true),
            101 => ("unauthorized", false),
            102 => ("unknown channel", false),
            103 => ("permission denied", false),
            104 => ("method not found", false),
            105 => ("already subscribed", false),
            106 => ("limit exceeded", false),
            107 => ("bad request", false),
            108 => ("not available", false),
            109 => ("token expired", false),
            110 => ("expired", false),
            111 => ("too many requests", true),
            112 => ("unrecoverable position", false),
            113 => ("concurrent pagination", true),
            _ => ("", false),
        }
    }
}

/// How a connect command is turned down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectRefusal {
    /// With an error reply; the socket stays open, as on a real server.
    Error {
        /// The code.
        code: u32,
        /// The text.
        message: String,
        /// The client may try again.
        temporary: bool,
    },
    /// With a close of the WebSocket.
    Close {
        /// The code.
        code: u16,
        /// At most 32 ASCII characters.
        reason: String,
    },
    /// Not at all: nothing comes.
    Silence,
}

impl ConnectRefusal {
    /// The server's own error of that code.
    #[must_use]
    pub fn error(code: u32) -> Self {
        let (message, temporary) = codes::error(code);
        Self::Error { code, message: message.to_owned(), temporary }
    }

    /// A close.
    #[must_use]
    pub fn close(code: u16, reason: &str) -> Self {
        Self::Close { code, reason: reason.to_owned() }
    }
}

/// What goes wrong at present.
#[derive(Clone, Debug, Default)]
pub struct CentrifugoWeather {
    /// Sockets are refused with this HTTP status.
    pub refuse: Option<u16>,
    /// The next connects are turned down, one after the other.
    pub refuse_connects: VecDeque<ConnectRefusal>,
    /// Nothing is said and nothing is heard; sockets stay open.
    pub silent: bool,
    /// Each frame goes out so much later.
    pub delay: Duration,
    /// Each publication goes out twice.
    pub twice: bool,
    /// So many publications are never sent; a channel with history has them all the same.
    pub lose_publications: usize,
}

/// One attempt to open a WebSocket.
#[derive(Clone, Debug)]
pub struct Dialled {
    /// When.
    pub at: Moment,
    /// Answered with this HTTP status; 101 opened.
    pub status: u16,
    /// The `Origin` header.
    pub origin: Option<String>,
}

/// What became of a connect command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectOutcome {
    /// Connected as that user.
    Welcome(String),
    /// Turned down.
    Refused(ConnectRefusal),
}

/// One connect command.
#[derive(Clone, Debug)]
pub struct ConnectHeard {
    /// When.
    pub at: Moment,
    /// `data`, null without.
    pub data: Value,
    /// `subs`: positions to recover from, null without.
    pub subs: Value,
    /// `name` of the client.
    pub name: String,
    /// `version` of the client.
    pub version: String,
    /// What became of it.
    pub outcome: ConnectOutcome,
}

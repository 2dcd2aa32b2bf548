//! Bad weather, as the handle sets it.

use std::time::Duration;

use serde_json::Value;

/// What is wrong at present.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    /// So many attempts to open a socket are answered with 503.
    pub refuse_dials: usize,
    /// REST is answered with that status, so many times, where the path contains the text.
    pub rest: Option<(String, u16, usize)>,
    /// Every event and every answer is that late.
    pub delay: Duration,
    /// Acknowledgements get lost on the way.
    pub lose_acks: bool,
    /// Every event arrives twice.
    pub duplicate: bool,
    /// So many messages of agents are taken but never come back to their author.
    pub lose_echoes: usize,
    /// So many uploads break off half way.
    pub break_uploads: usize,
    /// So many uploads are refused with that status.
    pub refuse_uploads: Option<(u16, usize)>,
    /// Log-ins are refused with that status.
    pub logins: Option<u16>,
    /// Sockets are refused for the licence with that `licStatus`.
    pub licence: Option<String>,
    /// Sockets are refused with `login-failed`.
    pub not_authorised: bool,
    /// Events that agents send are not heard, so many.
    pub deaf: usize,
}

/// Something that a client sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// Username.
    pub agent: String,
    /// Name of the event.
    pub name: String,
    /// Its first argument.
    pub payload: Value,
    /// The simulator knows the event; a real server says nothing about others.
    pub known: bool,
}

/// Somebody who wanted a socket.
#[derive(Clone, Debug, PartialEq)]
pub struct Handshake {
    /// `username` of the address, none without.
    pub username: Option<String>,
    /// The auth object.
    pub auth: Value,
    /// `agent` of it was a text, as it has to be.
    pub agent_was_text: bool,
    /// The message of the refusal.
    pub refused: Option<String>,
}

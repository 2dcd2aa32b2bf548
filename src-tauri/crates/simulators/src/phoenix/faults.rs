//! Bad weather, and who tried to get in.

use std::time::Duration;

use crate::Moment;

/// What goes wrong at present.
#[derive(Clone, Debug, Default)]
pub struct Weather {
    /// Sockets are refused with this HTTP status.
    pub refuse: Option<u16>,
    /// Connections are cut before a word is said, as of a server that is away.
    pub down: bool,
    /// Sockets are taken, joins never answered.
    pub silent_joins: bool,
    /// Nothing is said at all.
    pub silent: bool,
    /// Each frame goes out so much later.
    pub delay: Duration,
    /// Each broadcast goes out twice.
    pub twice: bool,
    /// Presence changes go out before the state, and the state after them.
    pub late_state: bool,
    /// Joins of topics that begin with this are refused, for that reason.
    pub refuse_joins: Option<(String, String)>,
}

/// One attempt to open a socket.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// When.
    pub at: Moment,
    /// Answered with this HTTP status; 101 opened.
    pub status: u16,
    /// The token that came along, whatever it is worth.
    pub token: Option<String>,
}

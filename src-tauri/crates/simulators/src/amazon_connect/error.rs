//! Why a simulator call did not do what was asked.

use std::time::Duration;

/// Errors of the simulator's handle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// A socket, file or child process failed.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The TLS certificate or the server configuration could not be made.
    #[error("no certificate for the wss:// listener: {0}")]
    Certificate(String),
    /// The TURN server did not come up.
    #[error("no TURN server: {0}")]
    Turn(String),
    /// There is no agent of that name.
    #[error("the simulator has no agent {0:?}")]
    UnknownAgent(String),
    /// The service would not do this now, as a real one would not.
    #[error("not possible now: {0}")]
    NotPossible(String),
    /// What was expected did not happen in time.
    #[error("expected {what} within {waited:?}; {seen}")]
    Expected {
        /// What was waited for.
        what: String,
        /// For how long.
        waited: Duration,
        /// What has happened instead.
        seen: String,
    },
    /// The WebRTC peer refused an offer or failed.
    #[error("the peer refused the offer: {0}")]
    Peer(String),
}

impl SimError {
    pub(crate) fn io(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { what, source }
    }

    /// True when an `expect_…` call ran out of time.
    #[must_use]
    pub fn is_unmet_expectation(&self) -> bool {
        matches!(self, Self::Expected { .. })
    }

    /// True when the request contradicts the state of agent or contact.
    #[must_use]
    pub fn is_not_possible(&self) -> bool {
        matches!(self, Self::NotPossible(_))
    }
}

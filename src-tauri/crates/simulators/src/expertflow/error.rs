//! Why a call of the handle did not do what was asked.

use std::time::Duration;

/// Errors of the handle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExpertflowError {
    /// No port.
    #[error("cannot listen on 127.0.0.1")]
    Listen(#[from] std::io::Error),
    /// There is no agent of that name.
    #[error("the simulator has no agent {0:?}")]
    UnknownAgent(String),
    /// There is no queue, list or channel type of that name.
    #[error("the simulator has no {0} {1:?}")]
    Unknown(&'static str, String),
    /// The platform would not do this now.
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
}

impl ExpertflowError {
    /// True when an `expect_…` call ran out of time.
    #[must_use]
    pub fn is_unmet_expectation(&self) -> bool {
        matches!(self, Self::Expected { .. })
    }

    /// True when the request contradicts the state of agent or conversation.
    #[must_use]
    pub fn is_not_possible(&self) -> bool {
        matches!(self, Self::NotPossible(_))
    }
}

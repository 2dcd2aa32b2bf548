//! Why a call of the handle did not do what was asked.

use std::time::Duration;

use crate::centrifugo::{ApiError, CentrifugoError};

/// Errors of the handle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Twin24Error {
    /// No port.
    #[error("cannot listen on 127.0.0.1")]
    Listen(#[from] std::io::Error),
    /// The live events cannot be had.
    #[error("the live events cannot be had")]
    Events(#[from] CentrifugoError),
    /// A real Centrifugo's server API did not do it.
    #[error("the server API of the live events failed")]
    Api(#[from] ApiError),
    /// There is no operator of that e-mail.
    #[error("the simulator has no operator {0:?}")]
    UnknownOperator(String),
    /// There is no group, client or message of that name or id.
    #[error("the simulator has no {0} {1:?}")]
    Unknown(&'static str, String),
    /// The platform would not do this now.
    #[error("not possible now: {0}")]
    NotPossible(&'static str),
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

impl Twin24Error {
    /// True when an `expect_…` call ran out of time.
    #[must_use]
    pub fn is_unmet_expectation(&self) -> bool {
        matches!(self, Self::Expected { .. })
    }

    /// True when the request contradicts the state of the session.
    #[must_use]
    pub fn is_not_possible(&self) -> bool {
        matches!(self, Self::NotPossible(_))
    }
}

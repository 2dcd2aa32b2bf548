//! Errors at the edge to the UI.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use trunkline_connector::{CommandCode, CommandError};
use ts_rs::TS;

/// Codes that the UI acts on. Everything else is `failed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RpcCode {
    /// Not possible in the present state: refresh the view.
    NotPossible,
    /// No right to do it.
    NotAllowed,
    /// A field is wrong: mark it (`field` says which).
    Invalid,
    /// Sign in first.
    NotSignedIn,
    /// Try again later.
    Unavailable,
    /// No such command, or not from this window.
    UnknownCommand,
    /// Anything else.
    Failed,
}

/// What the UI gets when a command fails. Details go to the log under `trace_id`.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize, TS)]
#[error("{code:?} {message_key} ({trace_id})")]
pub struct RpcError {
    /// What to do about it.
    pub code: RpcCode,
    /// Key in the message catalogue (`error_...`).
    pub message_key: String,
    /// The platform's own words, shown as text below the message.
    pub detail: Option<String>,
    /// Field of the form, for `invalid`.
    pub field: Option<String>,
    /// The same command may succeed later.
    pub retryable: bool,
    /// Finds the details in the log.
    pub trace_id: String,
}

impl From<CommandError> for RpcError {
    /// A connector's refusal: class by code, the platform's words as detail.
    fn from(error: CommandError) -> Self {
        let (code, key) = match error.code {
            CommandCode::NotPossible => (RpcCode::NotPossible, "error_not_possible"),
            CommandCode::NotAllowed => (RpcCode::NotAllowed, "error_not_allowed"),
            CommandCode::Invalid => (RpcCode::Invalid, "error_invalid"),
            CommandCode::BadTarget => (RpcCode::Invalid, "error_bad_target"),
            CommandCode::LimitReached => (RpcCode::NotPossible, "error_limit_reached"),
            CommandCode::NotSignedIn => (RpcCode::NotSignedIn, "error_not_signed_in"),
            CommandCode::Unavailable => (RpcCode::Unavailable, "error_unavailable"),
            CommandCode::Timeout => (RpcCode::Unavailable, "error_timeout"),
            CommandCode::Cancelled => (RpcCode::Unavailable, "error_cancelled"),
        };
        let retryable = error.is_transient();
        let detail = (!error.detail.is_empty()).then_some(error.detail);
        Self { retryable, detail, field: error.field, ..Self::new(code, key) }
    }
}

//! Failures of the core's parts as the UI gets them.

use trunkline_connector::{CommandCode, CommandError};
use trunkline_rpc::{RpcCode, RpcError};

/// A command's failure: class by code, the platform's words as detail.
pub(crate) fn command(error: CommandError) -> RpcError {
    let (code, key) = match error.code {
        CommandCode::NotPossible => (RpcCode::NotPossible, "error_not_possible"),
        CommandCode::NotAllowed => (RpcCode::NotAllowed, "error_not_allowed"),
        CommandCode::Invalid => (RpcCode::Invalid, "error_invalid"),
        CommandCode::NotSignedIn => (RpcCode::NotSignedIn, "error_not_signed_in"),
        CommandCode::Unavailable => (RpcCode::Unavailable, "error_unavailable"),
        CommandCode::Timeout => (RpcCode::Unavailable, "error_timeout"),
        CommandCode::Cancelled => (RpcCode::Unavailable, "error_cancelled"),
    };
    let mut rpc = RpcError::new(code, key);
    rpc.retryable = error.is_transient();
    if !error.detail.is_empty() {
        rpc.detail = Some(error.detail);
    }
    rpc
}

/// A field of a form that is wrong.
pub(crate) fn field(field: &str, message_key: &str) -> RpcError {
    let mut error = RpcError::new(RpcCode::Invalid, message_key);
    error.field = Some(field.to_owned());
    error
}

/// Something inside failed: the details go to the log under the trace id.
pub(crate) fn internal(what: &str, cause: &dyn std::fmt::Display) -> RpcError {
    let error = RpcError::new(RpcCode::Failed, "error_failed");
    tracing::error!(trace_id = %error.trace_id, what, %cause, "command failed inside");
    error
}

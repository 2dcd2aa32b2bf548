//! Failures of the core's parts as the UI gets them.

use trunkline_rpc::{RpcCode, RpcError};

/// A field of a form that is wrong.
pub(crate) fn field(field: &str, message_key: &str) -> RpcError {
    let mut error = RpcError::new(RpcCode::Invalid, message_key);
    error.field = Some(field.to_owned());
    error
}

/// The contact is not on the desk any more.
pub(crate) fn contact_gone() -> RpcError {
    RpcError::new(RpcCode::NotPossible, "error_contact_gone")
}

/// Something inside failed: the details go to the log under the trace id.
pub(crate) fn internal(what: &str, cause: &(dyn std::error::Error + 'static)) -> RpcError {
    let error = RpcError::new(RpcCode::Failed, "error_failed");
    // As an error, so that its own causes are in the log, too.
    tracing::error!(trace_id = %error.trace_id, what, cause, "command failed inside");
    error
}

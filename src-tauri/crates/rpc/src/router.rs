//! From a name and JSON to a method of [`Handler`], with the allow list of windows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::schema::{self, Handler};
use crate::{RpcCode, RpcError};

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Window {
    /// The panel (or the bridge, which stands for it).
    Panel,
    /// The small window for incoming contacts.
    Incoming,
    /// A plugin, by way of its host, which has checked what it may do. No window:
    /// no label leads here.
    Plugin,
}

impl Window {
    /// By the window's label.
    pub fn from_label(label: &str) -> Option<Self> {
        match label {
            "panel" => Some(Self::Panel),
            "incoming" => Some(Self::Incoming),
            _ => None,
        }
    }
}

/// Checks the caller and carries commands out.
#[derive(Clone)]
pub struct Router {
    handler: Arc<dyn Handler>,
}

impl Router {
    /// Over one handler.
    pub fn new(handler: Arc<dyn Handler>) -> Self {
        Self { handler }
    }

    /// One command. A command that the window may not call looks unknown to it.
    pub async fn call(&self, window: Window, name: &str, payload: Value) -> Result<Value, RpcError> {
        let allowed = schema::TABLE.iter().any(|(known, windows)| *known == name && windows.contains(&window));
        if !allowed {
            return Err(unknown(name));
        }
        let result = schema::dispatch(self.handler.as_ref(), name, payload).await;
        if let Err(error) = &result {
            tracing::info!(command = name, code = ?error.code, trace_id = %error.trace_id, "command failed");
        }
        result
    }
}

/// A trace id, unique in this run: finds the log lines of one failure.
pub(crate) fn trace_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("t{:05}", NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn unknown(name: &str) -> RpcError {
    tracing::warn!(command = name, "unknown command, or not from this window");
    RpcError {
        code: RpcCode::UnknownCommand,
        message_key: "error_unknown_command".to_owned(),
        detail: None,
        field: None,
        retryable: false,
        trace_id: trace_id(),
    }
}

pub(crate) fn parse<T: DeserializeOwned>(name: &str, payload: Value) -> Result<T, RpcError> {
    serde_json::from_value(payload).map_err(|error| {
        let id = trace_id();
        // The payload may hold what the agent typed: only its position is logged.
        tracing::warn!(command = name, trace_id = %id, line = error.line(), column = error.column(), "payload does not fit");
        RpcError {
            code: RpcCode::Invalid,
            message_key: "error_invalid_request".to_owned(),
            detail: None,
            field: None,
            retryable: false,
            trace_id: id,
        }
    })
}

pub(crate) fn answer<T: Serialize>(name: &str, value: T) -> Result<Value, RpcError> {
    serde_json::to_value(value).map_err(|error| {
        let id = trace_id();
        tracing::error!(command = name, trace_id = %id, %error, "answer cannot be serialised");
        RpcError::failed(id)
    })
}

impl RpcError {
    /// A failure that the UI has no special answer to.
    pub fn failed(trace_id: String) -> Self {
        Self {
            code: RpcCode::Failed,
            message_key: "error_failed".to_owned(),
            detail: None,
            field: None,
            retryable: true,
            trace_id,
        }
    }

    /// A failure with a code and message, with a fresh trace id.
    pub fn new(code: RpcCode, message_key: impl Into<String>) -> Self {
        let retryable = matches!(code, RpcCode::Unavailable | RpcCode::Failed);
        Self { code, message_key: message_key.into(), detail: None, field: None, retryable, trace_id: trace_id() }
    }
}

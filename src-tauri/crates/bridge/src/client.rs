//! One browser at the other end of a socket.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};
use trunkline_rpc::{Push, RpcCode, RpcError, Window};

use crate::Desk;

/// Commands of one client that may be under way at once; beyond it the next ones wait in the socket.
const AT_ONCE: usize = 64;
/// A client that takes nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves one client until it goes, misbehaves or the bridge stops. Commands
/// run beside each other, so that a slow one holds up neither pushes nor others.
pub(crate) async fn attend(mut socket: WebSocket, desk: Arc<Desk>) {
    let mut pushes = (desk.subscribe)();
    let mut pushes_open = true;
    let mut running: FuturesUnordered<BoxFuture<'static, Value>> = FuturesUnordered::new();
    tracing::info!("a client came");
    let close = loop {
        let frame = tokio::select! {
            () = desk.cancel.cancelled() => break Some((close_code::AWAY, "the bridge stops")),
            Some(answer) = running.next() => answer,
            push = pushes.next(), if pushes_open => match push {
                Some(push) => push_frame(&push),
                None => {
                    pushes_open = false;
                    continue;
                }
            },
            message = socket.recv(), if running.len() < AT_ONCE => match message {
                Some(Ok(Message::Text(text))) => match request(&text) {
                    Ok((id, name, payload)) => {
                        running.push(carry_out(Arc::clone(&desk), id, name, payload).boxed());
                        continue;
                    }
                    Err(answer) => answer,
                },
                Some(Ok(Message::Binary(_))) => misfit(Value::Null),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(Message::Close(_))) | None => break None,
                Some(Err(error)) => {
                    // Too large, or broken off; the first can still be told.
                    tracing::info!(%error, "a client's message could not be read");
                    break Some((close_code::SIZE, "the message cannot be read"));
                }
            },
        };
        let sending = socket.send(Message::Text(frame.to_string().into()));
        if !matches!(tokio::time::timeout(PATIENCE, sending).await, Ok(Ok(()))) {
            break None;
        }
    };
    if let Some((code, reason)) = close {
        let goodbye = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
        // It may be gone already: then there is nobody to tell.
        let _ = tokio::time::timeout(PATIENCE, socket.send(goodbye)).await;
    }
    tracing::info!("a client went");
}

async fn carry_out(desk: Arc<Desk>, id: u64, name: String, payload: Value) -> Value {
    match desk.router.call(Window::Panel, &name, payload).await {
        Ok(answer) => json!({ "id": id, "ok": answer }),
        Err(error) => json!({ "id": id, "err": error }),
    }
}

fn push_frame(push: &Push) -> Value {
    json!({ "push": push })
}

/// A request's parts, or the answer to what is none.
fn request(text: &str) -> Result<(u64, String, Value), Value> {
    let Ok(Value::Object(mut frame)) = serde_json::from_str::<Value>(text) else {
        return Err(misfit(Value::Null));
    };
    let id = frame.remove("id").unwrap_or_default();
    let name = frame.remove("name");
    let payload = frame.remove("payload").unwrap_or_else(|| json!({}));
    match (id.as_u64(), name) {
        (Some(id), Some(Value::String(name))) => Ok((id, name, payload)),
        (Some(id), _) => Err(misfit(json!(id))),
        (None, _) => Err(misfit(Value::Null)),
    }
}

/// The answer to a frame that is no request. The frame stays out of the log:
/// it may hold what the agent typed.
fn misfit(id: Value) -> Value {
    let error = RpcError::new(RpcCode::Invalid, "error_invalid_request");
    tracing::warn!(trace_id = %error.trace_id, "a frame is no request");
    json!({ "id": id, "err": error })
}

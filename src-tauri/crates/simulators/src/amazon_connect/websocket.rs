//! The agent WebSocket: subscribe, heartbeat, ping, `aws/softphone`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use futures_util::{SinkExt, StreamExt};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::call::lock;
use super::options::WebSocketScheme;
use super::shared::Shared;
use super::signalling;

/// How long the service takes a pre-signed address.
const ADDRESS_LIFE: Duration = Duration::from_secs(100);

#[derive(Default)]
pub(crate) struct Sockets {
    last: u64,
    open: Vec<Socket>,
}

/// What goes to a client, in that order.
pub(crate) enum Out {
    Text(String),
    /// The connection ends without a close frame.
    Cut,
    /// A close frame with that code, then the end.
    Close(u16),
}

struct Socket {
    id: u64,
    agent: String,
    out: mpsc::UnboundedSender<Out>,
    topics: HashSet<String>,
    cut: CancellationToken,
}

impl Sockets {
    fn add(&mut self, agent: &str, out: mpsc::UnboundedSender<Out>) -> (u64, CancellationToken) {
        self.last += 1;
        let cut = CancellationToken::new();
        self.open.push(Socket {
            id: self.last,
            agent: agent.to_owned(),
            out,
            topics: HashSet::new(),
            cut: cut.clone(),
        });
        (self.last, cut)
    }

    fn remove(&mut self, id: u64) {
        self.open.retain(|s| s.id != id);
    }

    pub(crate) fn is_open(&self, id: u64) -> bool {
        self.open.iter().any(|s| s.id == id)
    }

    pub(crate) fn count(&self, agent: &str) -> usize {
        self.open.iter().filter(|s| s.agent == agent).count()
    }

    pub(crate) fn subscribed(&self, agent: &str, topic: &str) -> bool {
        self.open.iter().any(|s| s.agent == agent && s.topics.contains(topic))
    }

    pub(crate) fn cut_all(&mut self) {
        for socket in self.open.drain(..) {
            socket.cut.cancel();
        }
    }

    /// Cuts the sockets of one agent after what was sent to them.
    pub(crate) fn cut_agent(&mut self, agent: &str) {
        self.end_agent(agent, || Out::Cut);
    }

    /// Closes the sockets of one agent in order.
    pub(crate) fn close_agent(&mut self, agent: &str, code: u16) {
        self.end_agent(agent, || Out::Close(code));
    }

    fn end_agent(&mut self, agent: &str, end: impl Fn() -> Out) {
        let (gone, open) = std::mem::take(&mut self.open).into_iter().partition(|s| s.agent == agent);
        self.open = open;
        let gone: Vec<Socket> = gone;
        for socket in gone {
            let _ = socket.out.send(end());
        }
    }

    /// To that socket while it is open, else to all of the agent that listen.
    pub(crate) fn send(&self, agent: &str, to: Option<u64>, topic: &str, text: &str) {
        if let Some(socket) = to.and_then(|id| self.open.iter().find(|s| s.id == id)) {
            let _ = socket.out.send(Out::Text(text.to_owned()));
            return;
        }
        for socket in &self.open {
            if socket.agent == agent && socket.topics.contains(topic) {
                let _ = socket.out.send(Out::Text(text.to_owned()));
            }
        }
    }

    pub(crate) fn send_all(&self, text: &str) {
        for socket in &self.open {
            let _ = socket.out.send(Out::Text(text.to_owned()));
        }
    }
}

/// CreateTransport `web_socket`: an address with a one-time token.
pub(crate) fn new_address(shared: &Shared, agent: &str) -> String {
    let token = uuid::Uuid::new_v4().simple().to_string();
    lock(&shared.sessions).socket_tokens.insert(token.clone(), (agent.to_owned(), Instant::now()));
    match shared.options.web_socket {
        WebSocketScheme::Ws => format!("ws://{}/ws?AuthToken={token}", shared.http),
        WebSocketScheme::Wss => format!("wss://{}/ws?AuthToken={token}", shared.tls),
    }
}

/// GET /ws.
pub(crate) async fn upgrade(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<HashMap<String, String>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let agent = query.get("AuthToken").and_then(|token| {
        let sessions = lock(&shared.sessions);
        let (agent, made) = sessions.socket_tokens.get(token)?;
        (made.elapsed() < ADDRESS_LIFE).then(|| agent.clone())
    });
    let note = shared.note_request("websocket", agent.clone());
    shared.weather().await;
    if lock(&shared.faults).refuse_sockets {
        shared.note_status(note, 503);
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let Some(agent) = agent else {
        shared.note_status(note, 403);
        return StatusCode::FORBIDDEN.into_response();
    };
    shared.note_status(note, 101);
    upgrade.max_message_size(1 << 20).on_upgrade(move |socket| serve(shared, agent, socket))
}

async fn serve(shared: Arc<Shared>, agent: String, socket: WebSocket) {
    let (out, mut outgoing) = mpsc::unbounded_channel::<Out>();
    let life = end_of_life(shared.options.socket_closes_after);
    tokio::pin!(life);
    let (id, cut) = lock(&shared.sockets).add(&agent, out.clone());
    let (mut sink, mut stream) = socket.split();
    let stop = shared.stop.clone();
    loop {
        tokio::select! {
            () = cut.cancelled() => break,
            () = stop.cancelled() => break,
            () = &mut life => {
                let _ = sink.send(close(1001)).await;
                break;
            }
            Some(next) = outgoing.recv() => {
                let text = match next {
                    Out::Text(text) => text,
                    Out::Cut => break,
                    Out::Close(code) => {
                        let _ = sink.send(close(code)).await;
                        break;
                    }
                };
                let slow = lock(&shared.faults).slow;
                if !slow.is_zero() {
                    tokio::time::sleep(slow).await;
                }
                if sink.send(Message::Text(text.into())).await.is_err() {
                    break;
                }
            }
            message = stream.next() => match message {
                Some(Ok(Message::Text(text))) => frame(&shared, &agent, id, &out, &text),
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
        }
    }
    lock(&shared.sockets).remove(id);
}

async fn end_of_life(life: Option<Duration>) {
    match life {
        Some(life) => tokio::time::sleep(life).await,
        None => std::future::pending().await,
    }
}

fn close(code: u16) -> Message {
    Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::default() }))
}

fn frame(shared: &Arc<Shared>, agent: &str, id: u64, out: &mpsc::UnboundedSender<Out>, text: &str) {
    if shared.is_silent() {
        return;
    }
    let value: Value = serde_json::from_str(text).unwrap_or(Value::Null);
    let reply = match value.get("topic").and_then(Value::as_str) {
        Some("aws/heartbeat") => json!({ "topic": "aws/heartbeat" }),
        Some("aws/ping") => {
            json!({ "topic": "aws/ping", "statusCode": 200, "statusContent": "OK" })
        }
        Some("aws/subscribe") => subscribe(shared, id, &value),
        Some("aws/softphone") => {
            signalling::frame(shared, agent, id, &value);
            return;
        }
        // The form of an API Gateway error: no topic.
        _ => json!({
            "message": "Forbidden",
            "connectionId": format!("sim-{id}"),
            "requestId": uuid::Uuid::new_v4().to_string(),
        }),
    };
    let _ = out.send(Out::Text(reply.to_string()));
}

fn subscribe(shared: &Arc<Shared>, id: u64, value: &Value) -> Value {
    let topics: Vec<String> = value["content"]["topics"]
        .as_array()
        .map(|list| list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        .unwrap_or_default();
    let known = ["aws/softphone", "aws/chat", "aws/task"];
    let good = !topics.is_empty() && topics.iter().all(|t| known.contains(&t.as_str()));
    if good && let Some(socket) = lock(&shared.sockets).open.iter_mut().find(|s| s.id == id) {
        socket.topics.extend(topics.iter().cloned());
    }
    shared.announce();
    json!({
        "topic": "aws/subscribe",
        "content": { "status": if good { "success" } else { "failure" }, "topics": topics },
    })
}

//! A server with small channels of its own, for clients of the protocol itself.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::faults::{Attempt, Weather};
use super::frame::Body;
use super::hub::{App, Asked, Hub, Joining, Pushed, Tracked};
use super::server::serve;

/// The simulator cannot be had.
#[derive(Debug, Error)]
pub enum PhoenixError {
    /// No port.
    #[error("cannot listen on 127.0.0.1")]
    Listen(#[from] std::io::Error),
}

/// Channels `room:*`, which anybody may join who brings a `name`:
///
/// | push | answer |
/// | --- | --- |
/// | `echo` | ok, with what came, text or binary |
/// | `refuse` | error, `{"reason": "no"}` |
/// | `whisper` | a push `whisper` to the sender alone |
/// | `shout` | a broadcast `shout` |
/// | `crash` | `phx_error` |
/// | `stop` | `phx_close` |
/// | others | none |
///
/// `room:refused` is refused, `room:crashed` crashes, other topics are unmatched.
struct Rooms;

impl App for Rooms {
    fn connect(&self, asked: &Asked) -> Result<String, u16> {
        self.token(asked).ok_or(403)
    }

    fn token(&self, asked: &Asked) -> Option<String> {
        asked.protocol_token.clone().or_else(|| asked.query.get("name").cloned())
    }

    fn join(&self, who: &str, topic: &str, params: &Value) -> Joining {
        match topic {
            "room:refused" => Joining::Refused(json!({ "reason": "unauthorized" })),
            "room:crashed" => Joining::Crashed,
            topic if topic.starts_with("room:") => {
                let meta = Map::from_iter([("device".to_owned(), params["device"].clone())]);
                let present = Some(Tracked { key: who.to_owned(), meta });
                Joining::Ok { response: json!({ "hello": who }), present, roster: true }
            }
            _ => Joining::NoSuchTopic,
        }
    }

    fn push(&self, _who: &str, _topic: &str, event: &str, body: Body) -> Pushed {
        match event {
            "echo" => Pushed::Reply("ok", body),
            "refuse" => Pushed::Reply("error", Body::Json(json!({ "reason": "no" }))),
            "whisper" => Pushed::Tell("whisper".to_owned(), body),
            "shout" => Pushed::Everybody("shout".to_owned(), body),
            "crash" => Pushed::Crash,
            "stop" => Pushed::Stop,
            _ => Pushed::Nothing,
        }
    }
}

/// A running server with rooms. Ends when dropped.
pub struct PhoenixSim {
    hub: Arc<Hub>,
    address: SocketAddr,
}

impl PhoenixSim {
    /// Starts it on a free port.
    pub async fn start() -> Result<Self, PhoenixError> {
        let hub = Arc::new(Hub::new(Box::new(Rooms)));
        let address = serve(hub.clone(), 0, "/socket", Router::new()).await?;
        Ok(Self { hub, address })
    }

    /// Where a client's `Socket` is pointed to.
    pub fn endpoint(&self) -> String {
        format!("ws://{}/socket", self.address)
    }

    /// Changes the weather.
    pub fn weather(&self, change: impl FnOnce(&mut Weather)) {
        self.hub.set_weather(change);
    }

    /// Cuts all sockets.
    pub fn drop_sockets(&self) {
        self.hub.cut_all();
    }

    /// Closes all sockets with that code.
    pub fn close_sockets(&self, code: u16) {
        self.hub.close_all(code);
    }

    /// How many have joined.
    pub fn members(&self, topic: &str) -> usize {
        self.hub.members(topic)
    }

    /// Who tried to get in.
    pub fn attempts(&self) -> Vec<Attempt> {
        self.hub.attempts()
    }
}

impl Drop for PhoenixSim {
    fn drop(&mut self) {
        self.hub.stop.cancel();
    }
}

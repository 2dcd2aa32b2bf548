//! A server with a small application of its own, for clients of the protocol itself.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use thiserror::Error;
use tokio::sync::watch;

use super::door::Doors;
use super::faults::{CentrifugoWeather, ConnectHeard, ConnectRefusal, Dialled};
use super::hub::{App, ConnectAsked, Connecting, Hub, ServerSub};
use super::options::EndpointOptions;
use super::server::serve;

/// The simulator cannot do that.
#[derive(Debug, Error)]
pub enum CentrifugoError {
    /// No port.
    #[error("cannot listen on 127.0.0.1")]
    Listen(#[from] std::io::Error),
    /// It did not happen in time.
    #[error("waited in vain for {0}")]
    InVain(&'static str),
}

/// Lets in whom `data` names as `user`:
///
/// | what | answer |
/// | --- | --- |
/// | connect with `data.user` | server-side subscriptions to `user:NAME` (with history) and `news` (without), data `{"hello": NAME}` |
/// | connect without | close 4501 |
/// | subscribe to `chat:*` | allowed, with history; `gone:*` is an unknown channel, others are denied |
/// | publish into `chat:*` | allowed |
/// | rpc `echo` | what came; other methods are not found |
struct Rooms;

impl App for Rooms {
    fn connect(&self, asked: &ConnectAsked) -> Connecting {
        let Some(user) = asked.data["user"].as_str().filter(|user| !user.is_empty()) else {
            return Connecting::Refused(ConnectRefusal::close(4501, "unauthorized"));
        };
        Connecting::Welcome {
            user: user.to_owned(),
            channels: vec![
                ServerSub { channel: format!("user:{user}"), data: None },
                ServerSub { channel: "news".to_owned(), data: Some(json!({ "edition": 1 })) },
            ],
            data: Some(json!({ "hello": user, "client": asked.client })),
        }
    }

    fn keeps_history(&self, channel: &str) -> bool {
        channel.starts_with("user:") || channel.starts_with("chat:")
    }

    fn subscribe(&self, _user: &str, channel: &str) -> Result<(), u32> {
        match channel.split(':').next() {
            Some("chat") => Ok(()),
            Some("gone") => Err(102),
            _ => Err(103),
        }
    }

    fn publish(&self, user: &str, channel: &str, _data: &Value) -> Result<(), u32> {
        self.subscribe(user, channel)
    }

    fn rpc(&self, _user: &str, method: &str, data: &Value) -> Result<Value, u32> {
        if method == "echo" { Ok(data.clone()) } else { Err(104) }
    }
}

/// A running server with rooms. Ends when dropped.
pub struct CentrifugoSim {
    hub: Arc<Hub>,
    doors: Arc<Doors>,
    address: SocketAddr,
    changed: Arc<watch::Sender<u64>>,
}

impl CentrifugoSim {
    /// Starts it.
    ///
    /// # Errors
    /// [`CentrifugoError::Listen`] without a port.
    pub async fn start(options: EndpointOptions) -> Result<Self, CentrifugoError> {
        let changed = Arc::new(watch::Sender::new(0));
        let hub = Hub::new(Box::new(Rooms), options, changed.clone());
        let doors = Doors::new();
        let address = serve(hub.clone(), doors.clone()).await?;
        Ok(Self { hub, doors, address, changed })
    }

    /// Address of the WebSocket.
    #[must_use]
    pub fn url(&self) -> String {
        format!("ws://{}{}", self.address, self.hub.options.path)
    }

    /// Changes the weather.
    pub fn weather<T>(&self, change: impl FnOnce(&mut CentrifugoWeather) -> T) -> T {
        self.hub.set_weather(change)
    }

    /// The next connects are turned down that way, so many.
    pub fn refuse_connects(&self, refusal: &ConnectRefusal, times: usize) {
        self.weather(|weather| weather.refuse_connects.extend(std::iter::repeat_n(refusal.clone(), times)));
    }

    /// To everybody who is subscribed; gives the offset, zero without history.
    pub fn publish(&self, channel: &str, data: Value) -> u64 {
        self.hub.publish(channel, data)
    }

    /// A subscription more for a user, with a push.
    pub fn subscribe(&self, user: &str, channel: &str, data: Option<Value>) {
        self.hub.subscribe(user, channel, data);
    }

    /// A subscription less, with a push.
    pub fn unsubscribe(&self, user: &str, channel: &str, code: u16, reason: &str) {
        self.hub.unsubscribe(user, channel, code, reason);
    }

    /// A message to a user that belongs to no channel.
    pub fn message(&self, user: &str, data: &Value) {
        self.hub.message(user, data);
    }

    /// A push of any kind to a user.
    pub fn push(&self, user: &str, channel: &str, kind: &str, body: &Value) {
        self.hub.push(user, channel, kind, body);
    }

    /// A frame as it is to a user.
    pub fn raw(&self, user: &str, frame: &str) {
        self.hub.raw(user, frame);
    }

    /// A `disconnect` push to a user, then the close with the same code.
    pub fn disconnect(&self, user: &str, code: u16, reason: &str) {
        self.hub.disconnect(user, code, reason);
    }

    /// A `disconnect` push to a user; the sockets stay open.
    pub fn disconnect_push(&self, user: &str, code: u16, reason: &str) {
        self.hub.disconnect_push(user, code, reason);
    }

    /// Closes a user's sockets with any code.
    pub fn close(&self, user: &str, code: u16, reason: &str) {
        self.hub.close(user, code, reason);
    }

    /// Closes all sockets with any code.
    pub fn close_all(&self, code: u16, reason: &str) {
        self.hub.close_all(code, reason);
    }

    /// The node goes: 3001 for all.
    pub fn drain(&self) {
        self.hub.drain();
    }

    /// Cuts all connections without a word.
    pub fn drop_sockets(&self) {
        self.hub.cut_all();
    }

    /// Away for that long, on the same port afterwards, with its streams kept.
    pub async fn restart(&self, down: Duration) {
        self.doors.restart(down).await;
    }

    /// All streams begin a new epoch.
    pub fn begin_anew(&self) {
        self.hub.begin_anew();
    }

    /// All streams lose what they kept.
    pub fn forget_history(&self) {
        self.hub.forget_history();
    }

    /// Connected clients of a user.
    #[must_use]
    pub fn connections_of(&self, user: &str) -> usize {
        self.hub.connections_of(user)
    }

    /// Connected clients.
    #[must_use]
    pub fn connected(&self) -> usize {
        self.hub.connected()
    }

    /// Attempts to open a WebSocket.
    #[must_use]
    pub fn dialled(&self) -> Vec<Dialled> {
        self.hub.dialled()
    }

    /// Connect commands.
    #[must_use]
    pub fn connects(&self) -> Vec<ConnectHeard> {
        self.hub.connects()
    }

    /// Frames of clients as they came, pongs left out.
    #[must_use]
    pub fn frames(&self) -> Vec<String> {
        self.hub.frames()
    }

    /// Waits until that is so.
    ///
    /// # Errors
    /// [`CentrifugoError::InVain`] when it is not in time.
    pub async fn expect(
        &self,
        what: &'static str,
        within: Duration,
        so: impl Fn(&Self) -> bool,
    ) -> Result<(), CentrifugoError> {
        let mut changes = self.changed.subscribe();
        let happened = tokio::time::timeout(within, async {
            while !so(self) {
                if changes.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        });
        happened.await.map_err(|_| CentrifugoError::InVain(what))
    }
}

impl Drop for CentrifugoSim {
    fn drop(&mut self) {
        self.hub.stop.cancel();
        self.doors.cut_all();
    }
}

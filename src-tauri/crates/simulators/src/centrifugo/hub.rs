//! Connections and channels, and what is sent to whom.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::broker::{Publication, Stream};
use super::faults::{CentrifugoWeather, ConnectHeard, ConnectRefusal, Dialled, codes};
use super::options::EndpointOptions;
use super::wire::{fields, push, with_data};
use crate::Moment;

/// What the application is asked about a client that connects, as by a connect proxy.
pub(crate) struct ConnectAsked {
    /// The server's id of the connection.
    pub client: String,
    /// `data` of the connect command, null without.
    pub data: Value,
}

/// A subscription that the server makes.
#[derive(Clone, Debug)]
pub(crate) struct ServerSub {
    pub channel: String,
    pub data: Option<Value>,
}

/// The application's answer.
pub(crate) enum Connecting {
    Welcome { user: String, channels: Vec<ServerSub>, data: Option<Value> },
    Refused(ConnectRefusal),
}

/// What is behind the server. The defaults are those of a server that allows nothing but server-side subscriptions.
pub(crate) trait App: Send + Sync + 'static {
    /// Who that is, and what they hear.
    fn connect(&self, asked: &ConnectAsked) -> Connecting;
    /// Whether a channel keeps publications, so that clients can recover.
    fn keeps_history(&self, channel: &str) -> bool;
    /// Whether a client may subscribe by itself, or the error's code.
    fn subscribe(&self, _user: &str, _channel: &str) -> Result<(), u32> {
        Err(103)
    }
    /// Whether a client may publish by itself, or the error's code.
    fn publish(&self, _user: &str, _channel: &str, _data: &Value) -> Result<(), u32> {
        Err(103)
    }
    /// Answer to a call, or the error's code.
    fn rpc(&self, _user: &str, _method: &str, _data: &Value) -> Result<Value, u32> {
        Err(104)
    }
}

pub(super) enum Out {
    /// A message of the protocol.
    Line(String),
    /// A frame as it is.
    Raw(String),
    Close(u16, String),
}

pub(super) struct Connection {
    pub client: String,
    /// None before a successful connect.
    pub user: Option<String>,
    /// After an error reply to connect nothing but a close is left.
    pub unusable: bool,
    pub out: mpsc::UnboundedSender<Out>,
    pub cut: CancellationToken,
    pub channels: Vec<String>,
}

impl Connection {
    pub fn say(&self, line: String) {
        let _ = self.out.send(Out::Line(line));
    }
}

#[derive(Default)]
pub(super) struct World {
    last: u64,
    pub connections: BTreeMap<u64, Connection>,
    pub streams: BTreeMap<String, Stream>,
    dialled: Vec<Dialled>,
    pub connects: Vec<ConnectHeard>,
    frames: VecDeque<String>,
}

/// So many frames of clients are remembered.
const FRAMES: usize = 10_000;

/// The server's state. One lock, held neither while anything waits nor while the application is asked.
pub(crate) struct Hub {
    pub(super) app: Box<dyn App>,
    pub(super) options: EndpointOptions,
    world: Mutex<World>,
    weather: Mutex<CentrifugoWeather>,
    changed: Arc<watch::Sender<u64>>,
    pub stop: CancellationToken,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    pub fn new(app: Box<dyn App>, options: EndpointOptions, changed: Arc<watch::Sender<u64>>) -> Arc<Self> {
        Arc::new(Self {
            app,
            options,
            world: Mutex::default(),
            weather: Mutex::default(),
            changed,
            stop: CancellationToken::new(),
        })
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    pub fn weather(&self) -> CentrifugoWeather {
        lock(&self.weather).clone()
    }

    pub fn set_weather<T>(&self, change: impl FnOnce(&mut CentrifugoWeather) -> T) -> T {
        change(&mut lock(&self.weather))
    }

    pub(super) fn changed(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    pub(super) fn note_dialled(&self, status: u16, origin: Option<String>) {
        self.world().dialled.push(Dialled { at: Moment::now(), status, origin });
        self.changed();
    }

    pub fn dialled(&self) -> Vec<Dialled> {
        self.world().dialled.clone()
    }

    pub fn connects(&self) -> Vec<ConnectHeard> {
        self.world().connects.clone()
    }

    /// Frames of clients as they came, pongs left out, the last ten thousand.
    pub fn frames(&self) -> Vec<String> {
        self.world().frames.iter().cloned().collect()
    }

    pub(super) fn note_frame(&self, frame: &str) {
        let mut world = self.world();
        if world.frames.len() == FRAMES {
            world.frames.pop_front();
        }
        world.frames.push_back(frame.to_owned());
    }

    /// Connected clients of a user.
    pub fn connections_of(&self, user: &str) -> usize {
        self.world().connections.values().filter(|one| one.user.as_deref() == Some(user)).count()
    }

    /// Connected clients.
    pub fn connected(&self) -> usize {
        self.world().connections.values().filter(|one| one.user.is_some()).count()
    }

    pub(super) fn add(&self, out: mpsc::UnboundedSender<Out>) -> (u64, CancellationToken) {
        let cut = CancellationToken::new();
        let mut world = self.world();
        world.last += 1;
        let id = world.last;
        let client = uuid::Uuid::new_v4().to_string();
        let connection =
            Connection { client, user: None, unusable: false, out, cut: cut.clone(), channels: Vec::new() };
        world.connections.insert(id, connection);
        (id, cut)
    }

    pub(super) fn remove(&self, id: u64) {
        let gone = self.world().connections.remove(&id);
        if gone.is_some() {
            self.changed();
        }
    }

    /// To everybody who is subscribed; gives the offset, zero without history.
    pub fn publish(&self, channel: &str, data: Value) -> u64 {
        let weather = self.set_weather(|weather| {
            let before = weather.clone();
            weather.lose_publications = weather.lose_publications.saturating_sub(1);
            before
        });
        let keeps = self.app.keeps_history(channel);
        let mut world = self.world();
        let publication = if keeps {
            world.stream(channel).append(data, self.options.history_size)
        } else {
            Publication { data, offset: 0 }
        };
        if weather.lose_publications == 0 {
            let line = push(channel, "pub", &publication.body());
            for one in world.connections.values().filter(|one| one.channels.iter().any(|name| name == channel)) {
                for _ in 0..if weather.twice { 2 } else { 1 } {
                    one.say(line.clone());
                }
            }
        }
        publication.offset
    }

    /// A subscription more for the user's connections, with a push.
    pub fn subscribe(&self, user: &str, channel: &str, data: Option<Value>) {
        let recoverable = self.app.keeps_history(channel);
        let mut world = self.world();
        let body = with_data(world.position(channel, recoverable), data);
        for one in world.of(user) {
            if !one.channels.iter().any(|name| name == channel) {
                one.channels.push(channel.to_owned());
                one.say(push(channel, "subscribe", &body));
            }
        }
    }

    /// A subscription less, with a push.
    pub fn unsubscribe(&self, user: &str, channel: &str, code: u16, reason: &str) {
        for one in self.world().of(user) {
            one.channels.retain(|name| name != channel);
            one.say(push(channel, "unsubscribe", &json!({ "code": code, "reason": reason })));
        }
    }

    /// A message to the user's connections that belongs to no channel.
    pub fn message(&self, user: &str, data: &Value) {
        for one in self.world().of(user) {
            one.say(push("", "message", &json!({ "data": data })));
        }
    }

    /// A push of any kind to the user's connections.
    pub fn push(&self, user: &str, channel: &str, kind: &str, body: &Value) {
        for one in self.world().of(user) {
            one.say(push(channel, kind, body));
        }
    }

    /// A frame as it is to the user's connections; it may be no protocol at all.
    pub fn raw(&self, user: &str, frame: &str) {
        for one in self.world().of(user) {
            let _ = one.out.send(Out::Raw(frame.to_owned()));
        }
    }

    /// Tells the user's connections to go, and closes the sockets with the same code.
    pub fn disconnect(&self, user: &str, code: u16, reason: &str) {
        for one in self.world().of(user) {
            one.say(push("", "disconnect", &disconnecting(code, reason)));
            let _ = one.out.send(Out::Close(code, reason.to_owned()));
        }
    }

    /// Tells the user's connections to go; the sockets stay open.
    pub fn disconnect_push(&self, user: &str, code: u16, reason: &str) {
        for one in self.world().of(user) {
            one.say(push("", "disconnect", &disconnecting(code, reason)));
        }
    }

    /// Closes the user's sockets with any code.
    pub fn close(&self, user: &str, code: u16, reason: &str) {
        for one in self.world().of(user) {
            let _ = one.out.send(Out::Close(code, reason.to_owned()));
        }
    }

    /// Closes all sockets, those that have not connected too.
    pub fn close_all(&self, code: u16, reason: &str) {
        for one in self.world().connections.values() {
            let _ = one.out.send(Out::Close(code, reason.to_owned()));
        }
    }

    /// The node goes: everybody is to come back elsewhere.
    pub fn drain(&self) {
        self.close_all(codes::SHUTDOWN.0, codes::SHUTDOWN.1);
    }

    /// Cuts all sockets without a word.
    pub fn cut_all(&self) {
        for one in self.world().connections.values() {
            one.cut.cancel();
        }
    }

    /// All streams begin anew: no position is good any more.
    pub fn begin_anew(&self) {
        self.world().streams.values_mut().for_each(Stream::begin_anew);
    }

    /// All streams lose what they kept; positions stay.
    pub fn forget_history(&self) {
        self.world().streams.values_mut().for_each(Stream::forget);
    }
}

fn disconnecting(code: u16, reason: &str) -> Value {
    let comes_back = matches!(code, 3000..3500 | 4000..4500 | 5000..);
    fields([("code", json!(code)), ("reason", json!(reason)), ("reconnect", json!(comes_back))])
}

impl World {
    pub fn stream(&mut self, channel: &str) -> &mut Stream {
        self.streams.entry(channel.to_owned()).or_insert_with(Stream::new)
    }

    /// Connected clients of a user.
    fn of<'a>(&'a mut self, user: &str) -> impl Iterator<Item = &'a mut Connection> + use<'a> {
        let user = user.to_owned();
        self.connections.values_mut().filter(move |one| one.user.as_deref() == Some(user.as_str()))
    }

    /// The members that say where a channel stands.
    pub fn position(&mut self, channel: &str, recoverable: bool) -> Value {
        if !recoverable {
            return json!({});
        }
        let stream = self.stream(channel);
        fields([
            ("recoverable", json!(true)),
            ("positioned", json!(true)),
            ("epoch", json!(stream.epoch)),
            ("offset", json!(stream.offset)),
        ])
    }
}

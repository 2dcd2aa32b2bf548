//! Sockets, channels and presence, and what is sent to whom.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::faults::{Attempt, Weather};
use super::frame::{Body, Incoming, Line, Outgoing, write};
use crate::Moment;

/// What a client asked for when it opened a socket.
pub(crate) struct Asked {
    pub query: HashMap<String, String>,
    /// A token offered as a subprotocol.
    pub protocol_token: Option<String>,
}

/// Somebody who is there.
#[derive(Clone, Debug)]
pub(crate) struct Tracked {
    pub key: String,
    pub meta: Map<String, Value>,
}

/// Answer to a join.
pub(crate) enum Joining {
    Ok { response: Value, present: Option<Tracked>, roster: bool },
    Refused(Value),
    NoSuchTopic,
    Crashed,
}

/// Answer to a push.
pub(crate) enum Pushed {
    Reply(&'static str, Body),
    Tell(String, Body),
    Everybody(String, Body),
    Crash,
    Stop,
    Nothing,
}

/// What is on the channels.
pub(crate) trait App: Send + Sync + 'static {
    /// Who that is, or the HTTP status of the refusal.
    fn connect(&self, asked: &Asked) -> Result<String, u16>;
    /// The token that came along.
    fn token(&self, asked: &Asked) -> Option<String>;
    /// A join by whom [`Self::connect`] named.
    fn join(&self, who: &str, topic: &str, params: &Value) -> Joining;
    /// A push on a joined channel.
    fn push(&self, who: &str, topic: &str, event: &str, body: Body) -> Pushed;
}

pub(crate) enum Out {
    Line(Line),
    Close(u16),
}

struct Channel {
    join_ref: String,
    roster: bool,
    present: Option<(String, String)>,
}

struct Socket {
    who: String,
    out: mpsc::UnboundedSender<Out>,
    cut: CancellationToken,
    channels: BTreeMap<String, Channel>,
}

type Metas = Vec<Map<String, Value>>;

#[derive(Default)]
struct World {
    last: u64,
    sockets: BTreeMap<u64, Socket>,
    presence: BTreeMap<String, BTreeMap<String, Metas>>,
    attempts: Vec<Attempt>,
    /// Parameters of the last join of each topic.
    joins: BTreeMap<String, Value>,
}

/// The server's state. One lock, never held while anything waits.
pub(crate) struct Hub {
    pub app: Box<dyn App>,
    world: Mutex<World>,
    weather: Mutex<Weather>,
    changed: watch::Sender<u64>,
    pub stop: CancellationToken,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    pub fn new(app: Box<dyn App>) -> Self {
        Self {
            app,
            world: Mutex::default(),
            weather: Mutex::default(),
            changed: watch::Sender::new(0),
            stop: CancellationToken::new(),
        }
    }

    pub fn weather(&self) -> Weather {
        lock(&self.weather).clone()
    }

    pub fn set_weather(&self, change: impl FnOnce(&mut Weather)) {
        change(&mut lock(&self.weather));
    }

    fn changed(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// Waits until that is so.
    pub async fn until(&self, what: impl Fn(&Self) -> bool) {
        let mut changes = self.changed.subscribe();
        while !what(self) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    pub fn note(&self, status: u16, token: Option<String>) {
        lock(&self.world).attempts.push(Attempt { at: Moment::now(), status, token });
        self.changed();
    }

    pub fn attempts(&self) -> Vec<Attempt> {
        lock(&self.world).attempts.clone()
    }

    pub fn last_join(&self, topic: &str) -> Option<Value> {
        lock(&self.world).joins.get(topic).cloned()
    }

    pub fn sockets(&self) -> usize {
        lock(&self.world).sockets.len()
    }

    /// How many have joined that topic.
    pub fn members(&self, topic: &str) -> usize {
        lock(&self.world).sockets.values().filter(|socket| socket.channels.contains_key(topic)).count()
    }

    pub fn add(&self, who: String, out: mpsc::UnboundedSender<Out>) -> (u64, CancellationToken) {
        let cut = CancellationToken::new();
        let mut world = lock(&self.world);
        world.last += 1;
        let id = world.last;
        world.sockets.insert(id, Socket { who, out, cut: cut.clone(), channels: BTreeMap::new() });
        (id, cut)
    }

    pub fn remove(&self, id: u64) {
        let mut world = lock(&self.world);
        if let Some(socket) = world.sockets.remove(&id) {
            for (topic, channel) in socket.channels {
                world.untrack(&topic, channel.present);
            }
        }
        drop(world);
        self.changed();
    }

    pub fn cut_all(&self) {
        for socket in lock(&self.world).sockets.values() {
            socket.cut.cancel();
        }
    }

    pub fn close_all(&self, code: u16) {
        for socket in lock(&self.world).sockets.values() {
            let _ = socket.out.send(Out::Close(code));
        }
    }

    /// Ends channels: `phx_error` after a crash, `phx_close` in order.
    pub fn end_channels(&self, topic: &str, crash: bool) {
        let mut world = lock(&self.world);
        let ids: Vec<u64> = world.sockets.keys().copied().collect();
        for id in ids {
            world.end_channel(id, topic, crash);
        }
        drop(world);
        self.changed();
    }

    /// To everybody on a topic; gives how many.
    pub fn broadcast(&self, topic: &str, event: &str, body: &Value) -> usize {
        let times = if self.weather().twice { 2 } else { 1 };
        let world = lock(&self.world);
        let line = write(&Outgoing::Broadcast {
            topic: topic.to_owned(),
            event: event.to_owned(),
            body: Body::Json(body.clone()),
        });
        let members = world.sockets.values().filter(|socket| socket.channels.contains_key(topic));
        members.map(|socket| (0..times).for_each(|_| socket.say(line.clone()))).count()
    }

    /// A frame as it is, to all sockets that have joined a topic.
    pub fn raw(&self, topic: &str, text: &str) {
        for socket in lock(&self.world).sockets.values() {
            if socket.channels.contains_key(topic) {
                socket.say(Line::Text(text.to_owned()));
            }
        }
    }

    /// As if sent for a join before the present one.
    pub fn stale(&self, topic: &str, event: &str, body: &Value) {
        for socket in lock(&self.world).sockets.values() {
            if socket.channels.contains_key(topic) {
                let push = Outgoing::Push {
                    join_ref: "0".to_owned(),
                    topic: topic.to_owned(),
                    event: event.to_owned(),
                    body: Body::Json(body.clone()),
                };
                socket.say(write(&push));
            }
        }
    }

    /// Somebody of the simulator's own comes; gives the reference.
    pub fn track(&self, topic: &str, tracked: Tracked) -> String {
        let reference = lock(&self.world).track(topic, tracked);
        self.changed();
        reference
    }

    pub fn untrack(&self, topic: &str, key: &str, reference: &str) {
        lock(&self.world).untrack(topic, Some((key.to_owned(), reference.to_owned())));
        self.changed();
    }

    /// A message of a client's.
    pub fn receive(&self, id: u64, message: Incoming) {
        let weather = self.weather();
        let Incoming { join_ref, reference, topic, event, body } = message;
        if topic == "phoenix" && event == "heartbeat" {
            self.reply(id, (None, reference, topic), "ok", Body::Json(json!({})));
            return;
        }
        if event == "phx_join" {
            if !weather.silent_joins {
                self.join(id, join_ref, reference, topic, body, &weather);
            }
            return;
        }
        let (who, present) = {
            let world = lock(&self.world);
            let Some(socket) = world.sockets.get(&id) else { return };
            (socket.who.clone(), socket.channels.get(&topic).map(|channel| channel.join_ref.clone()))
        };
        if event == "phx_leave" {
            self.reply(id, (join_ref.clone(), reference, topic.clone()), "ok", Body::Json(json!({})));
            if present.is_some() && present == join_ref {
                lock(&self.world).end_channel(id, &topic, false);
                self.changed();
            }
            return;
        }
        let Some(present) = present else {
            let reason = Body::Json(json!({ "reason": "unmatched topic" }));
            self.reply(id, (None, reference, topic), "error", reason);
            return;
        };
        if join_ref.is_some_and(|join_ref| join_ref != present) {
            return;
        }
        match self.app.push(&who, &topic, &event, body) {
            Pushed::Reply(status, body) => self.reply(id, (Some(present), reference, topic), status, body),
            Pushed::Tell(event, body) => {
                self.say(id, &Outgoing::Push { join_ref: present, topic, event, body });
            }
            Pushed::Everybody(event, body) => {
                let line = write(&Outgoing::Broadcast { topic: topic.clone(), event, body });
                for socket in lock(&self.world).sockets.values() {
                    if socket.channels.contains_key(&topic) {
                        socket.say(line.clone());
                    }
                }
            }
            Pushed::Crash => lock(&self.world).end_channel(id, &topic, true),
            Pushed::Stop => lock(&self.world).end_channel(id, &topic, false),
            Pushed::Nothing => {}
        }
    }

    fn join(
        &self,
        id: u64,
        join_ref: Option<String>,
        reference: Option<String>,
        topic: String,
        body: Body,
        weather: &Weather,
    ) {
        let Some(who) = lock(&self.world).sockets.get(&id).map(|socket| socket.who.clone()) else { return };
        let address = (join_ref.clone(), reference.clone(), topic.clone());
        if let Some((_, reason)) = weather.refuse_joins.as_ref().filter(|(start, _)| topic.starts_with(start)) {
            return self.reply(id, address, "error", Body::Json(json!({ "reason": reason })));
        }
        let params = if let Body::Json(params) = body { params } else { Value::Null };
        lock(&self.world).joins.insert(topic.clone(), params.clone());
        match self.app.join(&who, &topic, &params) {
            Joining::NoSuchTopic => {
                let reason = Body::Json(json!({ "reason": "unmatched topic" }));
                self.reply(id, (None, reference, topic), "error", reason);
            }
            Joining::Refused(response) => self.reply(id, address, "error", Body::Json(response)),
            Joining::Crashed => {
                self.reply(id, address, "error", Body::Json(json!({ "reason": "join crashed" })));
            }
            Joining::Ok { response, present, roster } => {
                let mut world = lock(&self.world);
                // A second join of a topic ends the first.
                world.end_channel(id, &topic, false);
                let join_ref = join_ref.or(reference.clone()).unwrap_or_default();
                let Some(socket) = world.sockets.get_mut(&id) else { return };
                socket.say(write(&Outgoing::Reply {
                    join_ref: Some(join_ref.clone()),
                    reference,
                    topic: topic.clone(),
                    status: "ok".to_owned(),
                    body: Body::Json(response),
                }));
                socket.channels.insert(topic.clone(), Channel { join_ref, roster, present: None });
                if roster && !weather.late_state {
                    world.tell_state(id, &topic);
                }
                if let Some(tracked) = present {
                    let key = tracked.key.clone();
                    let reference = world.track(&topic, tracked);
                    if let Some(channel) = world.sockets.get_mut(&id).and_then(|s| s.channels.get_mut(&topic)) {
                        channel.present = Some((key, reference));
                    }
                }
                if roster && weather.late_state {
                    world.tell_state(id, &topic);
                }
            }
        }
        self.changed();
    }

    fn reply(
        &self,
        id: u64,
        (join_ref, reference, topic): (Option<String>, Option<String>, String),
        status: &str,
        body: Body,
    ) {
        self.say(id, &Outgoing::Reply { join_ref, reference, topic, status: status.to_owned(), body });
    }

    fn say(&self, id: u64, message: &Outgoing) {
        if let Some(socket) = lock(&self.world).sockets.get(&id) {
            socket.say(write(message));
        }
    }
}

impl Socket {
    fn say(&self, line: Line) {
        let _ = self.out.send(Out::Line(line));
    }
}

impl World {
    fn end_channel(&mut self, id: u64, topic: &str, crash: bool) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        let Some(channel) = socket.channels.remove(topic) else { return };
        let (event, body) =
            if crash { ("phx_error", json!({ "reason": "channel_crash" })) } else { ("phx_close", json!({})) };
        socket.say(write(&Outgoing::End { join_ref: channel.join_ref, topic: topic.to_owned(), event, body }));
        self.untrack(topic, channel.present);
    }

    fn tell_state(&self, id: u64, topic: &str) {
        let (Some(socket), empty) = (self.sockets.get(&id), BTreeMap::new()) else { return };
        let Some(channel) = socket.channels.get(topic) else { return };
        let list = self.presence.get(topic).unwrap_or(&empty);
        let state: Map<String, Value> =
            list.iter().map(|(key, metas)| (key.clone(), json!({ "metas": metas }))).collect();
        socket.say(write(&Outgoing::Push {
            join_ref: channel.join_ref.clone(),
            topic: topic.to_owned(),
            event: "presence_state".to_owned(),
            body: Body::Json(Value::Object(state)),
        }));
    }

    fn track(&mut self, topic: &str, tracked: Tracked) -> String {
        self.last += 1;
        let reference = format!("F{:011x}", self.last);
        let mut meta = tracked.meta;
        meta.insert("phx_ref".to_owned(), json!(reference));
        let list = self.presence.entry(topic.to_owned()).or_default();
        list.entry(tracked.key.clone()).or_default().push(meta.clone());
        self.tell_diff(topic, &json!({ "joins": { tracked.key: { "metas": [meta] } }, "leaves": {} }));
        reference
    }

    fn untrack(&mut self, topic: &str, present: Option<(String, String)>) {
        let Some((key, reference)) = present else { return };
        let Some(list) = self.presence.get_mut(topic) else { return };
        let Some(metas) = list.get_mut(&key) else { return };
        let Some(at) = metas.iter().position(|meta| meta.get("phx_ref") == Some(&json!(reference))) else { return };
        let meta = metas.remove(at);
        if metas.is_empty() {
            list.remove(&key);
        }
        self.tell_diff(topic, &json!({ "joins": {}, "leaves": { key: { "metas": [meta] } } }));
    }

    fn tell_diff(&self, topic: &str, diff: &Value) {
        let line = write(&Outgoing::Broadcast {
            topic: topic.to_owned(),
            event: "presence_diff".to_owned(),
            body: Body::Json(diff.clone()),
        });
        for socket in self.sockets.values() {
            if socket.channels.get(topic).is_some_and(|channel| channel.roster) {
                socket.say(line.clone());
            }
        }
    }
}

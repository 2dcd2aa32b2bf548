//! The running server: the world under its lock, the sockets, and the carrying
//! out of what follows from a change.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use serde_json::{Value, json};
use socketioxide::extract::SocketRef;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::door::Doors;
use super::facts::TopicSent;
use super::faults::{Faults, Handshake, Heard};
use super::options::ExpertflowOptions;
use super::token::Mint;
use super::world::{Effect, Timer, World};

/// What is on its way to one socket.
enum Post {
    Event(String, Value),
    Topic { conversation: String, payload: Value, repeated: bool },
    End,
}

struct Socket {
    agent: String,
    post: mpsc::UnboundedSender<(Instant, Post)>,
}

/// The server.
pub(super) struct Hub {
    me: Weak<Self>,
    world: Mutex<World>,
    sockets: Mutex<BTreeMap<u64, Socket>>,
    faults: Mutex<Faults>,
    heard: Mutex<Vec<Heard>>,
    handshakes: Mutex<Vec<Handshake>>,
    changed: watch::Sender<u64>,
    pub options: ExpertflowOptions,
    pub mint: Mint,
    pub doors: Arc<Doors>,
    pub stop: CancellationToken,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    pub fn new(options: ExpertflowOptions) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            me: me.clone(),
            world: Mutex::new(World::new(options.clone())),
            sockets: Mutex::default(),
            faults: Mutex::default(),
            heard: Mutex::default(),
            handshakes: Mutex::default(),
            changed: watch::Sender::new(0),
            options,
            mint: Mint::new(),
            doors: Arc::new(Doors::new()),
            stop: CancellationToken::new(),
        })
    }

    /// Changes the world and carries out what follows, in order.
    pub fn act<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let mut world = lock(&self.world);
        let result = change(&mut world);
        for effect in std::mem::take(&mut world.effects) {
            self.carry_out(&mut world, effect);
        }
        drop(world);
        self.changed();
        result
    }

    /// Looks at the world.
    pub fn read<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&lock(&self.world))
    }

    pub fn faults(&self) -> Faults {
        lock(&self.faults).clone()
    }

    pub fn set_faults<T>(&self, change: impl FnOnce(&mut Faults) -> T) -> T {
        change(&mut lock(&self.faults))
    }

    pub fn changed(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// Waits until that gives something.
    pub async fn until<T>(&self, look: impl Fn(&Self) -> Option<T>) -> T {
        let mut changes = self.changed.subscribe();
        loop {
            changes.borrow_and_update();
            if let Some(found) = look(self) {
                return found;
            }
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    pub fn note_handshake(&self, handshake: Handshake) {
        lock(&self.handshakes).push(handshake);
        self.changed();
    }

    pub fn handshakes(&self) -> Vec<Handshake> {
        lock(&self.handshakes).clone()
    }

    pub fn heard(&self) -> Vec<Heard> {
        lock(&self.heard).clone()
    }

    /// How many sockets are open.
    pub fn socket_count(&self) -> usize {
        lock(&self.sockets).len()
    }

    fn carry_out(&self, world: &mut World, effect: Effect) {
        match effect {
            Effect::Emit { agent, event, payload } => self.post(world, &agent, Post::Event(event, payload)),
            Effect::Topic { agent, conversation, payload, repeated } => {
                self.post(world, &agent, Post::Topic { conversation, payload, repeated });
            }
            Effect::Later(after, timer) => {
                let (me, stop) = (self.me.clone(), self.stop.clone());
                tokio::spawn(async move {
                    tokio::select! {
                        () = wait(&me, after, matches!(timer, Timer::Gone { .. })) => {}
                        () = stop.cancelled() => return,
                    }
                    if let Some(hub) = me.upgrade() {
                        hub.ring(timer);
                    }
                });
            }
            Effect::Replaced { agent, socket } => {
                if let Some(socket) = lock(&self.sockets).get(&socket) {
                    let told = Post::Event("socketSessionRemoved".to_owned(), json!({ "agentId": agent }));
                    let _ = socket.post.send((Instant::now(), told));
                    let _ = socket.post.send((Instant::now(), Post::End));
                }
            }
        }
    }

    fn ring(&self, timer: Timer) {
        self.act(|world| world.ring(timer));
    }

    fn post(&self, world: &World, agent: &str, post: Post) {
        let Some(number) = world.agents.get(agent).and_then(|agent| agent.socket) else { return };
        if let Some(socket) = lock(&self.sockets).get(&number) {
            let _ = socket.post.send((Instant::now(), post));
        }
    }

    /// An event to the agent's socket that the world knows nothing of.
    pub fn push(&self, agent: &str, event: &str, payload: Value) {
        let world = lock(&self.world);
        self.post(&world, agent, Post::Event(event.to_owned(), payload));
    }

    /// Takes the agent's socket out of the namespace.
    pub fn kick(&self, agent: &str) {
        let world = lock(&self.world);
        self.post(&world, agent, Post::End);
    }

    /// A client has come in.
    pub fn arrive(&self, agent: &str, socket: SocketRef) -> u64 {
        let (post, posts) = mpsc::unbounded_channel();
        let number = self.act(|world| {
            let number = world.next();
            lock(&self.sockets).insert(number, Socket { agent: agent.to_owned(), post });
            world.arrive(agent, number);
            number
        });
        let (me, agent) = (self.me.clone(), agent.to_owned());
        tokio::spawn(async move { deliver(&me, &agent, &socket, posts).await });
        number
    }

    /// A client has gone.
    pub fn depart(&self, number: u64) {
        let Some(socket) = lock(&self.sockets).remove(&number) else { return };
        self.act(|world| world.depart(&socket.agent, number));
    }

    /// A client says something.
    pub fn hear(&self, number: u64, name: &str, payload: Value) {
        let Some(agent) = lock(&self.sockets).get(&number).map(|socket| socket.agent.clone()) else { return };
        let deaf = self.set_faults(|faults| {
            let deaf = faults.deaf > 0;
            faults.deaf = faults.deaf.saturating_sub(1);
            deaf
        });
        let known = if deaf {
            true
        } else {
            let lose = name == "publishCimEvent" && self.lose_echo(&payload);
            self.act(|world| world.hear(&agent, name, &payload, lose))
        };
        let username = self.read(|world| world.username(&agent));
        lock(&self.heard).push(Heard { agent: username, name: name.to_owned(), payload, known });
        self.changed();
    }

    fn lose_echo(&self, payload: &Value) -> bool {
        let name = payload["cimEvent"]["name"].as_str().unwrap_or_default();
        name.ends_with("_MESSAGE")
            && self.set_faults(|faults| {
                let lose = faults.lose_echoes > 0;
                faults.lose_echoes = faults.lose_echoes.saturating_sub(1);
                lose
            })
    }

    fn answered(&self, conversation: &str, place: usize, answer: Option<Value>) {
        self.act(|world| {
            let Some(conversation) = world.conversations.get_mut(conversation) else { return };
            if let Some(topic) = conversation.facts.topics.get_mut(place) {
                topic.ok = answer.as_ref().is_some_and(|answer| answer["status"] == "ok");
                topic.acknowledged = answer;
            }
        });
    }
}

/// Waits that long; a server that is away has no clock, and when it is back
/// whoever was there has the whole time anew to come back.
async fn wait(me: &Weak<Hub>, after: Duration, anew: bool) {
    let is_down = || me.upgrade().is_some_and(|hub| hub.doors.down.load(Ordering::SeqCst));
    tokio::time::sleep(after).await;
    while is_down() {
        while is_down() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if anew {
            tokio::time::sleep(after).await;
        }
    }
}

/// Brings one socket its events, in order.
async fn deliver(me: &Weak<Hub>, agent: &str, socket: &SocketRef, mut posts: mpsc::UnboundedReceiver<(Instant, Post)>) {
    while let Some((at, post)) = posts.recv().await {
        let Some(hub) = me.upgrade() else { return };
        let faults = hub.faults();
        if !faults.delay.is_zero() {
            tokio::time::sleep_until(at + faults.delay).await;
        }
        let times = if faults.duplicate { 2 } else { 1 };
        match post {
            Post::Event(name, payload) => {
                for _ in 0..times {
                    let _ = socket.emit(&name, &(&payload,));
                }
            }
            Post::Topic { conversation, payload, repeated } => {
                for _ in 0..times {
                    topic(&hub, agent, socket, &conversation, &payload, repeated);
                }
            }
            Post::End => {
                let _ = socket.clone().disconnect();
            }
        }
    }
}

fn topic(hub: &Arc<Hub>, agent: &str, socket: &SocketRef, conversation: &str, payload: &Value, repeated: bool) {
    // Sent first: a long conversation takes its time to be written.
    let sent = socket.emit_with_ack::<_, Value>("onTopicData", &(payload,));
    let place = hub.act(|world| {
        let username = world.username(agent);
        let topics = &mut world.conversations.get_mut(conversation)?.facts.topics;
        topics.push(TopicSent { agent: username, acknowledged: None, ok: false });
        Some(topics.len() - 1)
    });
    let (Some(place), Ok(answer)) = (place, sent) else { return };
    let (me, agent, conversation, payload) =
        (Arc::downgrade(hub), agent.to_owned(), conversation.to_owned(), payload.clone());
    tokio::spawn(async move {
        let answer = answer.await;
        let Some(hub) = me.upgrade() else { return };
        let answer = answer.ok().filter(|_| !hub.faults().lose_acks);
        let missing = answer.is_none();
        hub.answered(&conversation, place, answer);
        if missing && hub.options.repeat_unacknowledged && !repeated {
            hub.act(|world| {
                world.effects.push(Effect::Topic { agent, conversation, payload, repeated: true });
            });
        }
    });
}

/// What a refusal of a socket says.
pub(super) fn refusal_content(message: &str, licence: Option<&str>) -> Value {
    match licence {
        Some(status) => json!({ "content": { "key": "LM", "licStatus": status, "msg": "licence problem" } }),
        None => json!({ "content": { "key": "AUTH", "msg": message } }),
    }
}

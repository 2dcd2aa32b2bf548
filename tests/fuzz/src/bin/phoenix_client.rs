//! The client of Phoenix channels under any server and any application.
//!
//! | step | what |
//! | --- | --- |
//! | `c`, `d` | connect, disconnect |
//! | `o`, `f`, `xCODE` | the connection opened, could not be opened, is over |
//! | `O`, `X` | the same of an earlier attempt |
//! | `>TEXT`, `<TEXT` | a text frame, of this attempt and of an earlier one |
//! | `bBYTES` | a binary frame |
//! | `jT`, `rT`, `lT` | join, join anew, leave topic T |
//! | `pT`, `PT` | push JSON, bytes on topic T |
//! | `yT`, `nT` | the present join of topic T is accepted, refused |
//! | `sT`, `zT` | a state, a change of who is there, as JSON behind it, on topic T |
//! | `a`, `h` | the last push is answered; the last heartbeat is |
//! | `tMILLIS`, `w` | time passes; it passes to the next deadline |
#![no_main]

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};
use trunkline_fuzz::{fuzz, millis, steps};
use trunkline_wire::phoenix::{
    Change, ChannelState, Client, Encoded, Event, Message, Output, Payload, Presence, PushError, PushId, Synced,
    Timing, decode_text,
};

fuzz!(|data: &[u8]| {
    let mut rig = Rig::new();
    for (kind, rest) in steps(data) {
        rig.step(kind, rest);
    }
    rig.settle();
});

const TOPICS: [&str; 3] = ["agents:52", "room:1", "t"];
/// Few, so that an input is long enough to fill them.
const WAITING: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Connection {
    None,
    Dialling,
    Open,
}

struct Rig {
    client: Client,
    now: Instant,
    attempt: u64,
    connection: Connection,
    /// It said that it is open, and not yet that this is over.
    open: bool,
    /// The last reference that was used.
    reference: u64,
    heartbeat: Option<String>,
    last_push: Option<Message>,
    /// Pushes that were neither answered nor given up.
    pushes: BTreeSet<PushId>,
    presences: BTreeMap<String, (Presence, BTreeSet<String>)>,
    outputs: usize,
    may: usize,
}

impl Rig {
    fn new() -> Self {
        Self {
            client: Client::new(Timing { waiting_pushes: WAITING, ..Timing::default() }, || 0.5),
            now: Instant::now(),
            attempt: 0,
            connection: Connection::None,
            open: false,
            reference: 0,
            heartbeat: None,
            last_push: None,
            pushes: BTreeSet::new(),
            presences: BTreeMap::new(),
            outputs: 0,
            may: 0,
        }
    }

    fn step(&mut self, kind: u8, rest: &[u8]) {
        let now = self.now;
        let earlier = self.attempt.wrapping_sub(1);
        let (topic, behind) = match rest.split_first() {
            Some((letter, behind)) => (TOPICS[usize::from(*letter) % TOPICS.len()], behind),
            None => (TOPICS[0], rest),
        };
        let behind = || serde_json::from_slice::<Value>(behind).unwrap_or_else(|_| json!({}));
        match kind {
            b'c' => self.client.connect(),
            b'd' => {
                self.client.disconnect();
                self.open = false;
            }
            b'o' => {
                if self.connection == Connection::Dialling {
                    self.connection = Connection::Open;
                }
                self.client.opened(self.attempt, now);
            }
            b'O' => self.client.opened(earlier, now),
            b'f' => {
                if self.connection == Connection::Dialling {
                    self.connection = Connection::None;
                }
                self.client.failed(self.attempt, now);
            }
            b'x' => {
                self.connection = Connection::None;
                self.client.closed(self.attempt, millis(rest).as_millis() as u16, now);
            }
            b'X' => self.client.closed(earlier, 1006, now),
            b'>' => self.client.text(self.attempt, &String::from_utf8_lossy(rest), now),
            b'<' => self.client.text(earlier, &String::from_utf8_lossy(rest), now),
            b'b' => self.client.binary(self.attempt, &Bytes::copy_from_slice(rest), now),
            b'j' => self.client.join(topic, behind(), now),
            b'r' => self.client.rejoin(topic, now),
            b'l' => self.client.leave(topic, now),
            b'p' => self.push(topic, Payload::Json(behind())),
            b'P' => self.push(topic, Payload::Bytes(Bytes::copy_from_slice(rest))),
            b'y' | b'n' => {
                if let Some(join) = self.client.join_ref(topic).map(str::to_owned) {
                    let status = if kind == b'y' { "ok" } else { "error" };
                    let reply = json!({ "status": status, "response": behind() });
                    self.receive(&json!([join, join, topic, "phx_reply", reply]));
                }
            }
            b's' | b'z' => {
                if let Some(join) = self.client.join_ref(topic).map(str::to_owned) {
                    let event = if kind == b's' { "presence_state" } else { "presence_diff" };
                    self.receive(&json!([join, null, topic, event, behind()]));
                }
            }
            b'a' => {
                if let Some(push) = self.last_push.clone() {
                    let reply = json!({ "status": "ok", "response": {} });
                    self.receive(&json!([push.join_ref, push.reference, push.topic, "phx_reply", reply]));
                }
            }
            b'h' => {
                if let Some(reference) = self.heartbeat.clone() {
                    self.receive(&json!([null, reference, "phoenix", "phx_reply", { "status": "ok", "response": {} }]));
                }
            }
            b't' => self.pass(millis(rest)),
            b'w' => self.pass_to_deadline(),
            _ => return,
        }
        self.drain();
    }

    fn receive(&mut self, frame: &Value) {
        self.client.text(self.attempt, &frame.to_string(), self.now);
    }

    fn push(&mut self, topic: &str, payload: Payload) {
        match self.client.push(topic, "say", payload, self.now) {
            Ok(id) => assert!(self.pushes.insert(id), "each push has a number of its own"),
            Err(PushError::Full) => assert!(self.pushes.len() >= WAITING, "there is room"),
            Err(PushError::NotJoined) => {
                let state = self.client.channel(topic);
                assert!(matches!(state, None | Some(ChannelState::Leaving)), "{state:?} takes pushes");
            }
            Err(PushError::TooLong) => panic!("{topic} is not too long"),
        }
    }

    fn pass_to_deadline(&mut self) {
        if let Some(at) = self.client.deadline() {
            self.pass(at.saturating_duration_since(self.now));
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.client.tick(self.now);
        // Timers of channels stand behind one another: what a tick makes due is due later.
        let late = self.client.deadline().filter(|at| *at <= self.now);
        assert_eq!(late, None, "a tick does all that is due");
    }

    /// In the end every push was answered or given up, and no timer runs.
    fn settle(&mut self) {
        self.step(b'd', b"");
        for _ in 0..self.pushes.len() + TOPICS.len() {
            self.step(b'w', b"");
        }
        assert_eq!(self.client.deadline(), None, "nothing is left to do");
        assert_eq!(self.pushes, BTreeSet::new(), "pushes of which nothing was told");
    }

    fn drain(&mut self) {
        // A step closes, tells of it, leaves or joins each channel and tells of that;
        // pushes are sent and settled, each once.
        self.may += 4 + 3 * TOPICS.len();
        let may = self.may + 2 * self.pushes.len();
        while let Some(output) = self.client.poll() {
            self.outputs += 1;
            assert!(self.outputs <= may, "outputs without end");
            match output {
                Output::Open { attempt } => {
                    assert_eq!((attempt, self.connection), (self.attempt + 1, Connection::None), "one at a time");
                    (self.attempt, self.connection) = (attempt, Connection::Dialling);
                }
                Output::Send(frame) => self.on_send(frame),
                Output::Close(_) => {
                    assert_ne!(self.connection, Connection::None, "what is closed was open");
                    self.connection = Connection::None;
                }
                Output::Event(event) => self.on_event(event),
            }
        }
        assert_eq!(self.client.is_open(), self.open, "it is open as long as it said so");
    }

    fn on_send(&mut self, frame: Encoded) {
        assert_eq!(self.connection, Connection::Open, "{frame:?} has nowhere to go");
        let Encoded::Text(text) = frame else {
            self.reference += 1;
            return;
        };
        let Ok(message) = decode_text(&text) else { panic!("{text:?} cannot be read") };
        let reference = message.reference.as_deref().and_then(|reference| reference.parse::<u64>().ok());
        assert!(reference.is_some_and(|reference| reference > self.reference), "{text:?}: references go up");
        self.reference = reference.unwrap_or_default();
        match (message.topic.as_str(), message.event.as_str()) {
            ("phoenix", "heartbeat") => self.heartbeat = message.reference,
            (_, "phx_join") => assert_eq!(message.join_ref, message.reference, "a join is its own"),
            (_, "say") => self.last_push = Some(message),
            _ => {}
        }
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::Opened => {
                assert!(!self.open, "it opens once");
                self.open = true;
            }
            Event::Lost { retry, .. } => {
                assert!(self.open && !retry.is_zero(), "it was open, and waits");
                self.open = false;
            }
            Event::NotOpened { retry } => assert!(!self.open && !retry.is_zero(), "it was not open, and waits"),
            Event::Joined { topic, .. } => {
                assert_eq!(self.client.channel(&topic), Some(ChannelState::Joined), "{topic} is joined");
            }
            Event::Refused { topic, .. } | Event::JoinTimedOut { topic } | Event::Errored { topic } => {
                assert!(self.client.channel(&topic).is_some(), "{topic} is joined again");
            }
            Event::Closed { topic } | Event::Left { topic } => {
                assert_eq!(self.client.channel(&topic), None, "{topic} is gone");
            }
            Event::Message { topic, join_ref, event, payload } => self.on_message(&topic, &join_ref, &event, payload),
            Event::Replied { push, .. } | Event::PushTimedOut { push } => {
                assert!(self.pushes.remove(&push), "a push is settled once");
            }
            Event::Undecodable(_) => {}
        }
    }

    fn on_message(&mut self, topic: &str, join_ref: &str, event: &str, payload: Payload) {
        assert_eq!(self.client.join_ref(topic).unwrap_or_default(), join_ref, "of the present join");
        let Payload::Json(payload) = payload else { return };
        let (presence, keys) = self.presences.entry(topic.to_owned()).or_default();
        let Ok(Synced::Now(changes)) = presence.receive(join_ref, event, &payload) else { return };
        // Whoever keeps only what is told comes to the same list.
        for change in changes {
            match change {
                Change::Join { key, before, .. } => {
                    assert_eq!(keys.insert(key), before.is_none(), "who comes was not there");
                }
                Change::Leave { key, remaining, .. } => {
                    assert!(keys.contains(&key), "who goes was there");
                    if remaining.metas.is_empty() {
                        keys.remove(&key);
                    }
                }
            }
        }
        assert!(presence.list().keys().eq(keys.iter()), "the list is what was told");
    }
}

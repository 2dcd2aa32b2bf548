//! The state machine of one socket in one namespace.
//!
//! Inputs by origin:
//!
//! | from | input |
//! | --- | --- |
//! | the application | connect, disconnect, emit, call, answer, unreadable |
//! | the connection | opened, failed, closed, text (long or not), binary |
//! | the clock | tick |
//!
//! | state | input | next | does |
//! | --- | --- | --- | --- |
//! | closed | connect | dialling | `Open` |
//! | dialling | opened | opening | waits 5 s for the engine's handshake |
//! | dialling | failed | waiting | `NotOpened` |
//! | opening | `0{…}` | asking | sends `40{auth}`, waits 10 s |
//! | asking | `40{sid}` | ready | `Ready`, then what came before it |
//! | asking | `44…` | closed | `Refused`, `Close`; no further attempt |
//! | asking, ready | `41` | closed | `Kicked`, `Close`; no further attempt |
//! | opening, asking | silence, closed, a malformed frame | waiting | `NotOpened` |
//! | ready | closed, `1`, no ping in time, a malformed or unreadable frame | waiting | `Lost`; answers that are awaited are `Unanswered` |
//! | waiting | time is over | dialling | `Open` |
//! | any | disconnect | closed | `41`, `Close` |
//!
//! Where this differs from socket.io-client on purpose: nothing that is sent without
//! a connection waits for one (a state chosen before a loss may be wrong after it);
//! the waits of [`Timing`]; attempts are counted from the last time it was ready, so
//! that a server which accepts and closes is not hammered; bytes are left out; the
//! place of an event in the server's memory is taken off its arguments. An event that
//! is volatile there has none: where it ends with a word, that word is taken for it,
//! and the server does not know the socket again then, which is told.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::codec::{Body, EnginePacket, Handshake, Head, Packet, decode, encode, encode_pong, head};
use super::event::{AckHandle, CallId, EmitError, Event, LostBy, NoAnswer, Output};
use super::timing::Timing;

/// RFC 6455: the purpose of the connection is fulfilled.
const NORMAL: u16 = 1000;
/// Names of events that the protocol keeps for itself.
const RESERVED: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];
/// Events that may come before the server's word; a server sends what was missed then.
const MOST_EARLY: usize = 10_000;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Closed,
    Waiting(Instant),
    Dialling,
    Opening(Instant),
    Asking(Instant),
    Ready,
}

/// What was agreed with the engine.
#[derive(Clone, Copy, Debug)]
struct Agreed {
    ping_within: Duration,
    max_payload: usize,
}

/// What lets the server know this socket again.
#[derive(Clone, Debug, Default)]
struct Recovery {
    pid: Option<String>,
    offset: Option<String>,
}

/// One socket. See the module for what goes in and out.
pub struct Client {
    timing: Timing,
    namespace: String,
    spread: Box<dyn FnMut() -> f64 + Send>,
    phase: Phase,
    attempt: u64,
    tries: u32,
    auth: Value,
    agreed: Option<Agreed>,
    /// No ping until then: the connection is dead.
    ping_by: Option<Instant>,
    recovery: Recovery,
    /// Binary frames that belong to the last packet.
    awaited_bytes: usize,
    after_bytes: Option<Packet>,
    /// As they came, with their places.
    early: VecDeque<Event>,
    /// More of them came than are kept.
    too_many_early: bool,
    next_ack: u64,
    calls: BTreeMap<u64, Instant>,
    /// Events of this connection that still want an answer.
    owed: BTreeSet<u64>,
    outputs: VecDeque<Output>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("phase", &self.phase)
            .field("attempt", &self.attempt)
            .field("calls", &self.calls.len())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// One that is closed. `namespace`: `/` or `/name`. `spread` gives numbers from
    /// 0 to 1.
    pub fn new(timing: Timing, namespace: &str, spread: impl FnMut() -> f64 + Send + 'static) -> Self {
        Self {
            timing,
            namespace: namespace.to_owned(),
            spread: Box::new(spread),
            phase: Phase::Closed,
            attempt: 0,
            tries: 0,
            auth: json!({}),
            agreed: None,
            ping_by: None,
            recovery: Recovery::default(),
            awaited_bytes: 0,
            after_bytes: None,
            early: VecDeque::new(),
            too_many_early: false,
            next_ack: 0,
            calls: BTreeMap::new(),
            owed: BTreeSet::new(),
            outputs: VecDeque::new(),
        }
    }

    /// Next thing to do or know, in order.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Self::tick`] has something to do.
    pub fn deadline(&self) -> Option<Instant> {
        let phase = match self.phase {
            Phase::Waiting(at) | Phase::Opening(at) | Phase::Asking(at) => Some(at),
            Phase::Closed | Phase::Dialling | Phase::Ready => None,
        };
        phase.into_iter().chain(self.ping_by).chain(self.calls.values().copied()).min()
    }

    /// Events can be sent.
    pub fn is_ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    /// Wants to be connected from now on; after a refusal, too.
    pub fn connect(&mut self) {
        if matches!(self.phase, Phase::Closed | Phase::Waiting(_)) {
            self.dial();
        }
    }

    /// Wants not to be connected any more.
    pub fn disconnect(&mut self) {
        if self.is_ready() {
            self.send(Body::Disconnect);
        }
        self.shut();
        self.recovery = Recovery::default();
    }

    /// Sends an event that wants no answer.
    pub fn emit(&mut self, name: &str, args: Vec<Value>) -> Result<(), EmitError> {
        self.send_event(name, args, None)
    }

    /// Sends an event that wants an answer within `limit`.
    pub fn call(&mut self, name: &str, args: Vec<Value>, limit: Duration, now: Instant) -> Result<CallId, EmitError> {
        let id = self.next_ack;
        self.send_event(name, args, Some(id))?;
        self.next_ack += 1;
        self.calls.insert(id, now + limit);
        Ok(CallId(id))
    }

    /// Answers an event of the server's; false when that cannot be any more: it was
    /// answered already, or its connection is gone.
    pub fn answer(&mut self, to: AckHandle, args: Vec<Value>) -> bool {
        let stands = self.is_ready() && to.attempt == self.attempt && self.owed.remove(&to.id);
        if stands {
            self.send(Body::Ack { id: to.id, args, attachments: 0 });
        }
        stands
    }

    /// The connection of this attempt is open. `auth`: what to sign in with, an object.
    pub fn opened(&mut self, attempt: u64, auth: Value, now: Instant) {
        if attempt == self.attempt && self.phase == Phase::Dialling {
            self.auth = auth;
            self.phase = Phase::Opening(now + self.timing.handshake);
        }
    }

    /// The connection of this attempt could not be opened.
    pub fn failed(&mut self, attempt: u64, now: Instant) {
        if attempt == self.attempt && self.phase == Phase::Dialling {
            self.lose(LostBy::Dial, now);
        }
    }

    /// The connection of this attempt is over.
    pub fn closed(&mut self, attempt: u64, code: u16, now: Instant) {
        if attempt == self.attempt && self.has_connection() {
            self.lose(LostBy::Closed(code), now);
        }
    }

    /// A text frame came.
    pub fn text(&mut self, attempt: u64, frame: &str, now: Instant) {
        if attempt != self.attempt || !self.has_connection() || self.phase == Phase::Dialling {
            return;
        }
        match decode(frame) {
            // The engine's own may come in between.
            Ok(EnginePacket::Message(_)) if self.awaited_bytes > 0 => {
                self.break_off(LostBy::Malformed(super::DecodeError::Payload), now)
            }
            Ok(packet) => self.on_packet(packet, now),
            Err(error) => self.break_off(LostBy::Malformed(error), now),
        }
    }

    /// A text frame came that may be long. An event in it that wants an answer is told
    /// as it stands there ([`Event::Unread`]): reading megabytes is the application's
    /// to plan. Everything else is taken in as by [`Self::text`].
    pub fn long_text(&mut self, attempt: u64, mut frame: String, now: Instant) {
        let takes = attempt == self.attempt && self.is_ready() && self.awaited_bytes == 0;
        let ours = |head: &Head| head.namespace == self.namespace && !RESERVED.contains(&head.name.as_str());
        match head(&frame).filter(|head| takes && ours(head)) {
            Some(Head { name, ack, list_at, .. }) => {
                self.owed.insert(ack);
                frame.drain(..list_at);
                let ack = AckHandle { attempt, id: ack };
                self.event(Event::Unread { name, list: frame, ack });
            }
            None => self.text(attempt, &frame, now),
        }
    }

    /// What [`Event::Unread`] brought is no JSON: that connection counts as lost.
    pub fn unreadable(&mut self, event: AckHandle, now: Instant) {
        if self.is_ready() && event.attempt == self.attempt {
            self.break_off(LostBy::Malformed(super::DecodeError::Payload), now);
        }
    }

    /// A binary frame came. What is in it is not looked at.
    pub fn binary(&mut self, attempt: u64, now: Instant) {
        if attempt != self.attempt || !self.has_connection() || self.phase == Phase::Dialling {
            return;
        }
        if self.awaited_bytes == 0 {
            self.break_off(LostBy::Malformed(super::DecodeError::Payload), now);
            return;
        }
        self.awaited_bytes -= 1;
        if self.awaited_bytes == 0
            && let Some(packet) = self.after_bytes.take()
        {
            self.take(packet, now);
        }
    }

    /// Does what is due.
    pub fn tick(&mut self, now: Instant) {
        match self.phase {
            Phase::Waiting(at) if at <= now => self.dial(),
            Phase::Opening(at) | Phase::Asking(at) if at <= now => self.break_off(LostBy::Silence, now),
            _ => {}
        }
        if self.ping_by.is_some_and(|at| at <= now) {
            self.break_off(LostBy::PingTimeout, now);
        }
        let late: Vec<u64> = self.calls.iter().filter(|(_, at)| **at <= now).map(|(id, _)| *id).collect();
        for id in late {
            self.calls.remove(&id);
            self.event(Event::Unanswered { call: CallId(id), why: NoAnswer::TimedOut });
        }
    }

    fn has_connection(&self) -> bool {
        !matches!(self.phase, Phase::Closed | Phase::Waiting(_))
    }

    fn on_packet(&mut self, packet: EnginePacket, now: Instant) {
        match (packet, self.phase) {
            (EnginePacket::Open(handshake), Phase::Opening(_)) => self.on_handshake(&handshake, now),
            // A second one: some other server's, or nobody's.
            (EnginePacket::Open(_), _) => {}
            (EnginePacket::Ping(data), _) => {
                self.outputs.push_back(Output::Send(encode_pong(&data)));
                self.expect_ping(now);
            }
            (EnginePacket::Close, _) => self.break_off(LostBy::ByServer, now),
            (EnginePacket::Pong | EnginePacket::Noop, _) => {}
            (EnginePacket::Message(packet), _) => {
                let attachments = match &packet.body {
                    Body::Event { attachments, .. } | Body::Ack { attachments, .. } => *attachments,
                    _ => 0,
                };
                if attachments > 0 {
                    self.awaited_bytes = attachments;
                    self.after_bytes = Some(packet);
                } else {
                    self.take(packet, now);
                }
            }
        }
    }

    fn on_handshake(&mut self, handshake: &Handshake, now: Instant) {
        let ping_within = handshake.ping_interval.saturating_add(handshake.ping_timeout);
        // A server's slip of the pen must not keep a dead connection for ever.
        let ping_within = Duration::from_millis(ping_within.clamp(1, 10 * 60_000));
        self.agreed = Some(Agreed { ping_within, max_payload: handshake.max_payload });
        self.expect_ping(now);
        let mut auth = self.auth.clone();
        if let (Some(pid), Some(members)) = (&self.recovery.pid, auth.as_object_mut()) {
            members.insert("pid".to_owned(), json!(pid));
            if let Some(offset) = &self.recovery.offset {
                members.insert("offset".to_owned(), json!(offset));
            }
        }
        self.phase = Phase::Asking(now + self.timing.accept);
        self.send(Body::Connect(auth));
    }

    fn expect_ping(&mut self, now: Instant) {
        self.ping_by = self.agreed.map(|agreed| now + agreed.ping_within);
    }

    fn take(&mut self, packet: Packet, now: Instant) {
        if packet.namespace != self.namespace {
            return;
        }
        let asking = matches!(self.phase, Phase::Asking(_));
        match packet.body {
            Body::Connect(accepted) if asking => self.on_accepted(&accepted, now),
            Body::ConnectError { message, data } if asking => {
                self.shut();
                self.recovery = Recovery::default();
                self.event(Event::Refused { message, data });
            }
            Body::Disconnect if asking || self.is_ready() => {
                self.shut();
                self.recovery = Recovery::default();
                self.event(Event::Kicked);
            }
            Body::Event { name, args, ack, attachments } if asking || self.is_ready() => {
                self.on_event(name, args, ack, attachments);
            }
            // One that nobody waits for any more was told as unanswered.
            Body::Ack { id, args, .. } if self.calls.remove(&id).is_some() => {
                self.event(Event::Answered { call: CallId(id), args });
            }
            _ => {}
        }
    }

    fn on_accepted(&mut self, accepted: &Value, now: Instant) {
        let Some(sid) = accepted["sid"].as_str() else {
            self.break_off(LostBy::Malformed(super::DecodeError::Payload), now);
            return;
        };
        let pid = accepted["pid"].as_str().map(str::to_owned);
        let recovered = pid.is_some() && pid == self.recovery.pid && !self.too_many_early;
        if !recovered {
            self.recovery = Recovery { pid, offset: None };
        }
        self.phase = Phase::Ready;
        self.tries = 0;
        self.event(Event::Ready { sid: sid.to_owned(), recovered });
        while let Some(event) = self.early.pop_front() {
            self.tell_received(event);
        }
    }

    fn on_event(&mut self, name: String, args: Vec<Value>, ack: Option<u64>, attachments: usize) {
        if RESERVED.contains(&name.as_str()) {
            return;
        }
        let ack = ack.map(|id| {
            self.owed.insert(id);
            AckHandle { attempt: self.attempt, id }
        });
        let event = Event::Received { name, args, ack, attachments };
        if self.is_ready() {
            self.tell_received(event);
        } else if self.early.len() < MOST_EARLY {
            self.early.push_back(event);
        } else {
            self.too_many_early = true;
        }
    }

    /// The place counts from here on, not from when it came: an event that came early
    /// and was not told when the connection went has to come again.
    fn tell_received(&mut self, mut event: Event) {
        // With recovery, the last argument of an event that wants no answer is its place.
        if self.recovery.pid.is_some()
            && let Event::Received { args, ack: None, .. } = &mut event
            && let Some(Value::String(_)) = args.last()
            && let Some(Value::String(offset)) = args.pop()
        {
            self.recovery.offset = Some(offset);
        }
        self.event(event);
    }

    fn send_event(&mut self, name: &str, args: Vec<Value>, ack: Option<u64>) -> Result<(), EmitError> {
        if RESERVED.contains(&name) {
            return Err(EmitError::Reserved);
        }
        let (true, Some(agreed)) = (self.is_ready(), self.agreed) else { return Err(EmitError::NotReady) };
        let body = Body::Event { name: name.to_owned(), args, ack, attachments: 0 };
        let frame = encode(&Packet { namespace: self.namespace.clone(), body });
        if frame.len() > agreed.max_payload {
            return Err(EmitError::TooLarge(frame.len()));
        }
        self.outputs.push_back(Output::Send(frame));
        Ok(())
    }

    fn send(&mut self, body: Body) {
        let frame = encode(&Packet { namespace: self.namespace.clone(), body });
        self.outputs.push_back(Output::Send(frame));
    }

    fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    fn dial(&mut self) {
        self.attempt += 1;
        self.phase = Phase::Dialling;
        self.outputs.push_back(Output::Open { attempt: self.attempt });
    }

    /// Closes from this side, and counts it as lost.
    fn break_off(&mut self, by: LostBy, now: Instant) {
        self.outputs.push_back(Output::Close(NORMAL));
        self.lose(by, now);
    }

    fn lose(&mut self, by: LostBy, now: Instant) {
        let was_ready = self.is_ready();
        let retry = self.timing.wait(self.tries, (self.spread)());
        self.tries = self.tries.saturating_add(1);
        self.let_go();
        self.phase = Phase::Waiting(now + retry);
        self.event(if was_ready { Event::Lost { by, retry } } else { Event::NotOpened { by, retry } });
    }

    /// Ends the connection for good.
    fn shut(&mut self) {
        if self.has_connection() {
            self.outputs.push_back(Output::Close(NORMAL));
        }
        self.let_go();
        self.phase = Phase::Closed;
        self.tries = 0;
    }

    /// What belonged to the connection is over.
    fn let_go(&mut self) {
        self.agreed = None;
        self.ping_by = None;
        self.awaited_bytes = 0;
        self.after_bytes = None;
        self.early.clear();
        self.too_many_early = false;
        self.owed.clear();
        for id in std::mem::take(&mut self.calls).into_keys() {
            self.event(Event::Unanswered { call: CallId(id), why: NoAnswer::Lost });
        }
    }
}

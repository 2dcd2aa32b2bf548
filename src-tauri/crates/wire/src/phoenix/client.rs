//! The state machine of one socket with its channels and pushes.
//!
//! Inputs by origin:
//!
//! | from | input |
//! | --- | --- |
//! | the application | connect, disconnect, join, rejoin, leave, push |
//! | the connection | opened, failed, closed, text, binary |
//! | the clock | tick |
//!
//! The socket:
//!
//! | state | input | next | does |
//! | --- | --- | --- | --- |
//! | closed | connect | opening | `Open` |
//! | opening | opened | open | joins first those that never were, then those in error; heartbeat in 30 s |
//! | opening | failed | waiting | waits by the table |
//! | open | closed, any code | waiting | channels in error; waits by the table |
//! | open | no answer to a heartbeat, nor anything else, for 30 s | waiting | `Close` 1000, channels in error; waits by the table |
//! | waiting | time is over | opening | `Open` |
//! | any | disconnect | closed | `Close` 1000; no reconnect |
//!
//! A channel:
//!
//! | state | input | next | does |
//! | --- | --- | --- | --- |
//! | joining | reply ok | joined | sends what waited |
//! | joining | reply error | errored | joins again by the table |
//! | joining | no reply for 10 s | errored | leaves, joins again by the table |
//! | joining, joined | phx_error | errored | joins again by the table |
//! | joining, joined | socket lost | errored | joins again when the socket opens |
//! | errored | table's time is over, socket open | joining | joins |
//! | any | phx_close | gone | - |
//! | any | leave | leaving | leaves; gone on the answer, after 10 s, or at once without a socket |
//!
//! Where this differs from phoenix.js on purpose: a join waits for the socket
//! without a time-out of its own; a leave is over when it is answered, not at once;
//! at most [`Timing::waiting_pushes`] wait; the spread of [`Timing::spread`]; a
//! connection that brought anything while a heartbeat was out is not dead, only
//! behind (a flood of events stands before the answer), and gets another one.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};

use super::channel::{Channel, ChannelState};
use super::codec::{DecodeError, Message, Payload, REPLY_EVENT, decode_binary, decode_text, encode, reply};
use super::event::{Event, LostBy, Output, PushError, PushId};
use super::timing::Timing;

const SOCKET_TOPIC: &str = "phoenix";
const HEARTBEAT: &str = "heartbeat";
const JOIN: &str = "phx_join";
const LEAVE: &str = "phx_leave";
const ERROR: &str = "phx_error";
const CLOSE: &str = "phx_close";

/// RFC 6455: the purpose of the connection is fulfilled.
const NORMAL: u16 = 1000;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Closed,
    Waiting(Instant),
    Opening,
    Open,
}

#[derive(Debug)]
enum Heartbeat {
    Off,
    Due(Instant),
    Unanswered { references: Vec<String>, until: Instant, heard: bool },
}

/// Heartbeats that may be out at once, each of which is answered.
const HEARTBEATS: usize = 8;

#[derive(Debug)]
struct Push {
    topic: String,
    event: String,
    payload: Payload,
    /// Set once it was sent.
    reference: Option<String>,
    until: Instant,
    limit: Duration,
}

/// One socket with its channels. See the module for what goes in and out.
pub struct Client {
    timing: Timing,
    spread: Box<dyn FnMut() -> f64 + Send>,
    phase: Phase,
    attempt: u64,
    tries: usize,
    references: u64,
    made: u64,
    pushed: u64,
    heartbeat: Heartbeat,
    channels: BTreeMap<String, Channel>,
    pushes: BTreeMap<PushId, Push>,
    outputs: VecDeque<Output>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("phase", &self.phase)
            .field("attempt", &self.attempt)
            .field("channels", &self.channels.len())
            .field("pushes", &self.pushes.len())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// One that is closed and has no channels. `spread` gives numbers from 0 to 1.
    pub fn new(timing: Timing, spread: impl FnMut() -> f64 + Send + 'static) -> Self {
        Self {
            timing,
            spread: Box::new(spread),
            phase: Phase::Closed,
            attempt: 0,
            tries: 0,
            references: 0,
            made: 0,
            pushed: 0,
            heartbeat: Heartbeat::Off,
            channels: BTreeMap::new(),
            pushes: BTreeMap::new(),
            outputs: VecDeque::new(),
        }
    }

    /// Next thing to do or know, in order.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Self::tick`] has something to do.
    pub fn deadline(&self) -> Option<Instant> {
        let socket = match self.phase {
            Phase::Waiting(at) => Some(at),
            _ => None,
        };
        let heartbeat = match self.heartbeat {
            Heartbeat::Off => None,
            Heartbeat::Due(at) | Heartbeat::Unanswered { until: at, .. } => Some(at),
        };
        let channels = self.channels.values().filter_map(Channel::deadline);
        let pushes = self.pushes.values().map(|push| push.until);
        socket.into_iter().chain(heartbeat).chain(channels).chain(pushes).min()
    }

    /// The socket is open.
    pub fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// Where a channel stands; none when it is not wanted.
    pub fn channel(&self, topic: &str) -> Option<ChannelState> {
        self.channels.get(topic).map(|channel| channel.state)
    }

    /// The present join of a channel.
    pub fn join_ref(&self, topic: &str) -> Option<&str> {
        self.channels.get(topic)?.join_ref.as_deref()
    }

    /// Wants to be connected from now on.
    pub fn connect(&mut self) {
        if matches!(self.phase, Phase::Closed | Phase::Waiting(_)) {
            self.open();
        }
    }

    /// Wants not to be connected any more: closes, and does not come back by itself.
    pub fn disconnect(&mut self) {
        if matches!(self.phase, Phase::Open | Phase::Opening) {
            self.outputs.push_back(Output::Close(NORMAL));
        }
        self.phase = Phase::Closed;
        self.tries = 0;
        self.heartbeat = Heartbeat::Off;
        self.cut_channels();
    }

    /// Wants a channel joined. One that is joined already is left and joined anew.
    pub fn join(&mut self, topic: &str, params: Value, now: Instant) {
        if let Some(known) = self.channels.remove(topic) {
            if matches!(known.state, ChannelState::Joined | ChannelState::Joining) && known.join_ref.is_some() {
                let reference = self.reference();
                self.send(known.join_ref, Some(reference), topic, LEAVE, Payload::Json(json!({})));
            }
            for push in known.waiting {
                self.pushes.remove(&push);
                self.event(Event::PushTimedOut { push });
            }
        }
        self.made += 1;
        self.channels.insert(topic.to_owned(), Channel::new(params, self.made));
        if self.is_open() {
            self.send_join(topic, now);
        }
    }

    /// Parameters for the next join of a channel.
    pub fn set_params(&mut self, topic: &str, params: Value) {
        if let Some(channel) = self.channels.get_mut(topic) {
            channel.params = params;
        }
    }

    /// Joins a channel anew, so that the server tells its state again. The server
    /// ends the earlier join by itself.
    pub fn rejoin(&mut self, topic: &str, now: Instant) {
        let wanted = self.channels.get(topic).is_some_and(|channel| channel.state != ChannelState::Leaving);
        if wanted && self.is_open() {
            self.send_join(topic, now);
        }
    }

    /// Leaves a channel.
    pub fn leave(&mut self, topic: &str, now: Instant) {
        let open = self.is_open();
        let until = now + self.timing.answer;
        let Some(channel) = self.channels.get_mut(topic) else { return };
        if channel.state == ChannelState::Leaving {
            return;
        }
        channel.reset_tries();
        channel.state = ChannelState::Leaving;
        let Some(join_ref) = channel.join_ref.clone().filter(|_| open) else {
            self.drop_channel(topic);
            self.event(Event::Left { topic: topic.to_owned() });
            return;
        };
        let reference = self.reference();
        if let Some(channel) = self.channels.get_mut(topic) {
            channel.leave_ref = Some(reference.clone());
            channel.answer_by = Some(until);
        }
        self.send(Some(join_ref), Some(reference), topic, LEAVE, Payload::Json(json!({})));
    }

    /// Sends a message on a channel, or keeps it until the channel is joined. Its
    /// time runs from now, and anew from when it is sent.
    pub fn push(&mut self, topic: &str, event: &str, payload: Payload, now: Instant) -> Result<PushId, PushError> {
        let names = [topic, event].iter().any(|name| name.len() > usize::from(u8::MAX));
        if names && !matches!(payload, Payload::Json(_)) {
            return Err(PushError::TooLong);
        }
        let open = self.is_open();
        let limit = self.timing.answer;
        let waiting_pushes = self.timing.waiting_pushes;
        let channel = self.channels.get_mut(topic).filter(|channel| channel.state != ChannelState::Leaving);
        let channel = channel.ok_or(PushError::NotJoined)?;
        let ready = open && channel.state == ChannelState::Joined;
        if !ready && channel.waiting.len() >= waiting_pushes {
            return Err(PushError::Full);
        }
        self.pushed += 1;
        let id = PushId(self.pushed);
        if !ready {
            channel.waiting.push_back(id);
        }
        let push = Push {
            topic: topic.to_owned(),
            event: event.to_owned(),
            payload,
            reference: None,
            until: now + limit,
            limit,
        };
        self.pushes.insert(id, push);
        if ready {
            self.send_push(id, now);
        }
        Ok(id)
    }

    /// The connection of this attempt is open.
    pub fn opened(&mut self, attempt: u64, now: Instant) {
        if attempt != self.attempt || self.phase != Phase::Opening {
            return;
        }
        self.phase = Phase::Open;
        self.tries = 0;
        self.heartbeat = Heartbeat::Due(now + self.timing.heartbeat);
        self.event(Event::Opened);
        // Those that were never joined first, each kind in the order they were made.
        let wanted = |channel: &Channel| matches!(channel.state, ChannelState::Joining | ChannelState::Errored);
        let rank = |channel: &Channel| (channel.state == ChannelState::Errored, channel.made);
        let channels = self.channels.iter().filter(|(_, channel)| wanted(channel));
        let mut topics: Vec<_> = channels.map(|(topic, channel)| (rank(channel), topic.clone())).collect();
        topics.sort();
        for (_, topic) in topics {
            if let Some(channel) = self.channels.get_mut(&topic) {
                channel.reset_tries();
            }
            self.send_join(&topic, now);
        }
    }

    /// The connection of this attempt could not be opened.
    pub fn failed(&mut self, attempt: u64, now: Instant) {
        if attempt != self.attempt || self.phase != Phase::Opening {
            return;
        }
        let retry = self.wait(now);
        self.event(Event::NotOpened { retry });
    }

    /// The connection of this attempt is over, whatever the code.
    pub fn closed(&mut self, attempt: u64, code: u16, now: Instant) {
        if attempt != self.attempt {
            return;
        }
        match self.phase {
            Phase::Open => self.lose(LostBy::Closed(code), now),
            Phase::Opening => self.failed(attempt, now),
            Phase::Closed | Phase::Waiting(_) => {}
        }
    }

    /// A text frame came.
    pub fn text(&mut self, attempt: u64, text: &str, now: Instant) {
        if attempt == self.attempt && self.is_open() {
            self.heard();
            self.decoded(decode_text(text), now);
        }
    }

    /// A binary frame came.
    pub fn binary(&mut self, attempt: u64, frame: &Bytes, now: Instant) {
        if attempt == self.attempt && self.is_open() {
            self.heard();
            self.decoded(decode_binary(frame), now);
        }
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Instant) {
        let late: Vec<PushId> = self.pushes.iter().filter(|(_, push)| push.until <= now).map(|(id, _)| *id).collect();
        for id in late {
            self.forget_push(id);
            self.event(Event::PushTimedOut { push: id });
        }
        let topics: Vec<String> = self.channels.keys().cloned().collect();
        for topic in topics {
            self.tick_channel(&topic, now);
        }
        match &self.heartbeat {
            Heartbeat::Due(at) if *at <= now => self.send_heartbeat(now),
            Heartbeat::Unanswered { until, heard: true, .. } if *until <= now => self.send_heartbeat(now),
            Heartbeat::Unanswered { until, .. } if *until <= now => {
                self.outputs.push_back(Output::Close(NORMAL));
                self.lose(LostBy::Heartbeat, now);
            }
            _ => {}
        }
        if matches!(self.phase, Phase::Waiting(at) if at <= now) {
            self.tries += 1;
            self.open();
        }
    }

    fn tick_channel(&mut self, topic: &str, now: Instant) {
        let Some(channel) = self.channels.get_mut(topic) else { return };
        if channel.answer_by.is_some_and(|at| at <= now) {
            channel.answer_by = None;
            if channel.state == ChannelState::Leaving {
                self.drop_channel(topic);
                self.event(Event::Left { topic: topic.to_owned() });
                return;
            }
            // The server may have joined it all the same: it is told to forget that.
            let join_ref = channel.join_ref.take();
            let reference = self.reference();
            self.send(join_ref, Some(reference), topic, LEAVE, Payload::Json(json!({})));
            self.event(Event::JoinTimedOut { topic: topic.to_owned() });
            self.fail_channel(topic, now);
        } else if channel.rejoin_at.is_some_and(|at| at <= now) {
            channel.rejoin_at = None;
            channel.rejoin_tries += 1;
            if self.is_open() {
                self.send_join(topic, now);
            }
        }
    }

    fn open(&mut self) {
        self.attempt += 1;
        self.phase = Phase::Opening;
        self.outputs.push_back(Output::Open { attempt: self.attempt });
    }

    fn wait(&mut self, now: Instant) -> Duration {
        let share = (self.spread)();
        let retry = self.timing.reconnect_after(self.tries, share);
        self.phase = Phase::Waiting(now + retry);
        retry
    }

    fn lose(&mut self, by: LostBy, now: Instant) {
        self.heartbeat = Heartbeat::Off;
        self.cut_channels();
        let retry = self.wait(now);
        self.event(Event::Lost { by, retry });
    }

    /// Without a socket no channel is joined; they come back when it opens.
    fn cut_channels(&mut self) {
        let mut left = Vec::new();
        for (topic, channel) in &mut self.channels {
            channel.answer_by = None;
            channel.rejoin_at = None;
            channel.join_ref = None;
            match channel.state {
                ChannelState::Leaving => left.push(topic.clone()),
                _ => channel.state = ChannelState::Errored,
            }
        }
        for topic in left {
            self.drop_channel(&topic);
            self.event(Event::Left { topic });
        }
    }

    fn fail_channel(&mut self, topic: &str, now: Instant) {
        let share = (self.spread)();
        let open = self.is_open();
        let Some(channel) = self.channels.get_mut(topic) else { return };
        channel.state = ChannelState::Errored;
        channel.join_ref = None;
        channel.answer_by = None;
        channel.rejoin_at = open.then(|| now + self.timing.rejoin_after(channel.rejoin_tries, share));
    }

    fn drop_channel(&mut self, topic: &str) {
        if let Some(channel) = self.channels.remove(topic) {
            for push in channel.waiting {
                self.pushes.remove(&push);
                self.event(Event::PushTimedOut { push });
            }
        }
    }

    fn send_join(&mut self, topic: &str, now: Instant) {
        let reference = self.reference();
        let until = now + self.timing.answer;
        let Some(channel) = self.channels.get_mut(topic) else { return };
        channel.state = ChannelState::Joining;
        channel.join_ref = Some(reference.clone());
        channel.answer_by = Some(until);
        channel.rejoin_at = None;
        let params = channel.params.clone();
        self.send(Some(reference.clone()), Some(reference), topic, JOIN, Payload::Json(params));
    }

    fn send_push(&mut self, id: PushId, now: Instant) {
        let reference = self.reference();
        let Some(push) = self.pushes.get_mut(&id) else { return };
        push.reference = Some(reference.clone());
        push.until = now + push.limit;
        let (topic, event, payload) = (push.topic.clone(), push.event.clone(), push.payload.clone());
        let join_ref = self.join_ref(&topic).map(str::to_owned);
        self.send(join_ref, Some(reference), &topic, &event, payload);
    }

    fn send_heartbeat(&mut self, now: Instant) {
        let reference = self.reference();
        let until = now + self.timing.heartbeat_answer;
        let mut references = match &mut self.heartbeat {
            Heartbeat::Unanswered { references, .. } => std::mem::take(references),
            Heartbeat::Off | Heartbeat::Due(_) => Vec::new(),
        };
        references.truncate(HEARTBEATS - 1);
        references.push(reference.clone());
        self.heartbeat = Heartbeat::Unanswered { references, until, heard: false };
        self.send(None, Some(reference), SOCKET_TOPIC, HEARTBEAT, Payload::Json(json!({})));
    }

    fn heard(&mut self) {
        if let Heartbeat::Unanswered { heard, .. } = &mut self.heartbeat {
            *heard = true;
        }
    }

    fn forget_push(&mut self, id: PushId) {
        if let Some(push) = self.pushes.remove(&id)
            && let Some(channel) = self.channels.get_mut(&push.topic)
        {
            channel.waiting.retain(|waiting| *waiting != id);
        }
    }

    fn decoded(&mut self, message: Result<Message, DecodeError>, now: Instant) {
        match message {
            Ok(message) => self.receive(message, now),
            Err(error) => self.event(Event::Undecodable(error)),
        }
    }

    fn receive(&mut self, message: Message, now: Instant) {
        if let Heartbeat::Unanswered { references, .. } = &self.heartbeat
            && message.reference.as_ref().is_some_and(|reference| references.contains(reference))
        {
            self.heartbeat = Heartbeat::Due(now + self.timing.heartbeat);
            return;
        }
        let Some(channel) = self.channels.get(&message.topic) else { return };
        if !channel.takes(message.join_ref.as_deref()) {
            return;
        }
        match message.event.as_str() {
            REPLY_EVENT => self.replied(message, now),
            ERROR => self.errored(message.topic, now),
            CLOSE => {
                let left = channel.state == ChannelState::Leaving;
                self.drop_channel(&message.topic);
                let topic = message.topic;
                self.event(if left { Event::Left { topic } } else { Event::Closed { topic } });
            }
            _ => {
                let join_ref = channel.join_ref.clone().unwrap_or_default();
                let Message { topic, event, payload, .. } = message;
                self.event(Event::Message { topic, join_ref, event, payload });
            }
        }
    }

    fn errored(&mut self, topic: String, now: Instant) {
        if self.channel(&topic) == Some(ChannelState::Leaving) {
            return;
        }
        self.fail_channel(&topic, now);
        self.event(Event::Errored { topic });
    }

    fn replied(&mut self, message: Message, now: Instant) {
        let topic = message.topic;
        let (Some(reference), Some((status, response))) = (message.reference, reply(message.payload)) else { return };
        let Some(channel) = self.channels.get_mut(&topic) else { return };
        if channel.state == ChannelState::Joining && channel.join_ref.as_ref() == Some(&reference) {
            channel.answer_by = None;
            if status != "ok" {
                self.fail_channel(&topic, now);
                self.event(Event::Refused { topic, response });
                return;
            }
            channel.state = ChannelState::Joined;
            channel.reset_tries();
            let waiting = std::mem::take(&mut channel.waiting);
            self.event(Event::Joined { topic, response });
            for push in waiting {
                self.send_push(push, now);
            }
        } else if channel.leave_ref.as_ref() == Some(&reference) {
            self.drop_channel(&topic);
            self.event(Event::Left { topic });
        } else if let Some(id) = self.push_of(&topic, &reference) {
            self.pushes.remove(&id);
            self.event(Event::Replied { push: id, status, response });
        }
    }

    fn push_of(&self, topic: &str, reference: &str) -> Option<PushId> {
        let ours = |push: &Push| push.topic == topic && push.reference.as_deref() == Some(reference);
        self.pushes.iter().find(|(_, push)| ours(push)).map(|(id, _)| *id)
    }

    fn reference(&mut self) -> String {
        self.references += 1;
        self.references.to_string()
    }

    fn send(
        &mut self,
        join_ref: Option<String>,
        reference: Option<String>,
        topic: &str,
        event: &str,
        payload: Payload,
    ) {
        if !self.is_open() {
            return;
        }
        let message = Message { join_ref, reference, topic: topic.to_owned(), event: event.to_owned(), payload };
        // Names of binary pushes were measured when they were taken.
        if let Ok(frame) = encode(&message) {
            self.outputs.push_back(Output::Send(frame));
        }
    }

    fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }
}

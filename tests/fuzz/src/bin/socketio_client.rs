//! The client of Socket.IO under any server and any application.
//!
//! | step | what |
//! | --- | --- |
//! | `c`, `d` | connect, disconnect |
//! | `oJSON`, `f`, `xCODE` | the connection opened, could not be opened, is over |
//! | `O`, `F`, `X` | the same of an earlier attempt |
//! | `>TEXT`, `<TEXT` | a text frame, of this attempt and of an earlier one |
//! | `lTEXT` | a text frame that may be long |
//! | `b`, `B` | a binary frame, likewise |
//! | `eNAME`, `qMILLIS` | an event of ours; one that wants an answer within that time |
//! | `a`, `A` | the oldest event that wants an answer gets it; the one that was answered last, again |
//! | `tMILLIS`, `w` | time passes; it passes to the next deadline |
#![no_main]

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use trunkline_fuzz::{fuzz, millis, steps};
use trunkline_wire::socketio::{
    AckHandle, Body, CallId, Client, EmitError, EnginePacket, Event, Output, Timing, decode, with_whole_letters,
};

fuzz!(|data: &[u8]| {
    let mut rig = Rig::new();
    for (kind, rest) in steps(data) {
        rig.step(kind, rest);
    }
});

/// Names that the protocol keeps for itself, which the client must not tell.
const RESERVED: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Connection {
    None,
    Dialling,
    Open,
}

/// An event of the server's as it was sent.
#[derive(Debug)]
struct Sent {
    name: String,
    args: Vec<Value>,
    wants_answer: bool,
}

struct Rig {
    client: Client,
    now: Instant,
    attempt: u64,
    connection: Connection,
    /// The wish to connect was sent on this connection.
    asked: bool,
    ready: bool,
    /// Events that came on this connection and are to be told, in this order.
    coming: VecDeque<Sent>,
    /// Binary frames that are still to come, and what is told then.
    in_pieces: Option<(usize, Option<Sent>)>,
    max_payload: usize,
    /// Calls that neither have an answer nor the word that there is none.
    calls: BTreeSet<CallId>,
    acks: VecDeque<AckHandle>,
    answered: Option<AckHandle>,
    /// Outputs, and how many there may be.
    outputs: usize,
    may: usize,
}

impl Rig {
    fn new() -> Self {
        Self {
            client: Client::new(Timing::default(), "/", || 0.5),
            now: Instant::now(),
            attempt: 0,
            connection: Connection::None,
            asked: false,
            ready: false,
            coming: VecDeque::new(),
            in_pieces: None,
            max_payload: 0,
            calls: BTreeSet::new(),
            acks: VecDeque::new(),
            answered: None,
            outputs: 0,
            may: 0,
        }
    }

    fn step(&mut self, kind: u8, rest: &[u8]) {
        let now = self.now;
        let earlier = self.attempt.wrapping_sub(1);
        let text = || String::from_utf8_lossy(rest);
        match kind {
            b'c' => self.client.connect(),
            b'd' => {
                self.client.disconnect();
                self.ready = false;
            }
            b'o' => {
                if self.connection == Connection::Dialling {
                    self.connection = Connection::Open;
                }
                let auth = serde_json::from_slice::<Value>(rest).ok().filter(Value::is_object);
                self.client.opened(self.attempt, auth.unwrap_or_else(|| json!({})), now);
            }
            b'O' => self.client.opened(earlier, json!({}), now),
            b'f' => {
                if self.connection == Connection::Dialling {
                    self.gone();
                }
                self.client.failed(self.attempt, now);
            }
            b'F' => self.client.failed(earlier, now),
            b'x' => {
                self.gone();
                self.client.closed(self.attempt, millis(rest).as_millis() as u16, now);
            }
            b'X' => self.client.closed(earlier, 1006, now),
            b'>' => {
                self.expect(&text());
                self.client.text(self.attempt, &text(), now);
            }
            b'<' => self.client.text(earlier, &text(), now),
            b'l' => {
                self.expect(&text());
                self.client.long_text(self.attempt, text().into_owned(), now);
            }
            b'b' => {
                self.expect_bytes();
                self.client.binary(self.attempt, now);
            }
            b'B' => self.client.binary(earlier, now),
            b'e' => {
                let result = self.client.emit(&text(), vec![json!(text())]);
                self.judge(&text(), &result);
            }
            b'q' => {
                let result = self.client.call("ask", Vec::new(), millis(rest), now);
                self.judge("ask", &result.map(drop));
                self.calls.extend(result);
            }
            b'a' => {
                if let Some(ack) = self.acks.pop_front() {
                    self.client.answer(ack, vec![json!(text())]);
                    self.answered = Some(ack);
                }
            }
            b'A' => {
                // A server that uses a number twice may have both answered.
                let again = self.answered.filter(|ack| !self.acks.contains(ack));
                let answered = again.is_some_and(|ack| self.client.answer(ack, Vec::new()));
                assert!(!answered, "an event is answered once");
            }
            b't' => self.pass(millis(rest)),
            b'w' => {
                if let Some(at) = self.client.deadline() {
                    self.pass(at.saturating_duration_since(now));
                }
            }
            _ => return,
        }
        self.drain();
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.client.tick(self.now);
        let late = self.client.deadline().filter(|at| *at <= self.now);
        assert_eq!(late, None, "a tick does all that is due");
    }

    /// What a frame leads to, by the packets alone.
    fn expect(&mut self, frame: &str) {
        if self.connection != Connection::Open {
            return;
        }
        match decode(frame) {
            Ok(EnginePacket::Open(handshake)) if !self.asked => self.max_payload = handshake.max_payload,
            Ok(EnginePacket::Message(packet)) if self.in_pieces.is_none() => {
                let (sent, attachments) = match packet.body {
                    Body::Event { name, args, ack, attachments } => {
                        let mine = packet.namespace == "/" && !RESERVED.contains(&name.as_str());
                        (mine.then_some(Sent { name, args, wants_answer: ack.is_some() }), attachments)
                    }
                    Body::Ack { attachments, .. } => (None, attachments),
                    _ => (None, 0),
                };
                if attachments > 0 {
                    self.in_pieces = Some((attachments, sent));
                } else if self.asked {
                    self.coming.extend(sent);
                }
            }
            _ => {}
        }
    }

    fn expect_bytes(&mut self) {
        if self.connection != Connection::Open {
            return;
        }
        if let Some((left, sent)) = self.in_pieces.take() {
            match left {
                1 if self.asked => self.coming.extend(sent),
                1 => {}
                _ => self.in_pieces = Some((left - 1, sent)),
            }
        }
    }

    fn judge(&self, name: &str, result: &Result<(), EmitError>) {
        match result {
            Ok(()) => assert!(self.ready && !RESERVED.contains(&name), "{name:?} was sent"),
            Err(EmitError::NotReady) => assert!(!self.ready, "what can be sent is sent"),
            Err(EmitError::TooLarge(size)) => assert!(*size > self.max_payload, "{size} bytes are not too many"),
            Err(EmitError::Reserved) => assert!(RESERVED.contains(&name), "{name:?} is not the protocol's"),
        }
    }

    /// No connection any more.
    fn gone(&mut self) {
        self.connection = Connection::None;
        self.asked = false;
        self.coming.clear();
        self.in_pieces = None;
    }

    fn drain(&mut self) {
        // A step leads to a close, the word of it, and a pong or an attempt; what was
        // called before is settled, what came before is told, each once.
        self.may += 4;
        while let Some(output) = self.client.poll() {
            self.outputs += 1;
            assert!(self.outputs <= self.may, "outputs without end");
            match output {
                Output::Open { attempt } => {
                    assert_eq!((attempt, self.connection), (self.attempt + 1, Connection::None), "one at a time");
                    (self.attempt, self.connection) = (attempt, Connection::Dialling);
                }
                Output::Send(frame) => self.on_send(&frame),
                Output::Close(_) => {
                    assert_ne!(self.connection, Connection::None, "what is closed was open");
                    self.gone();
                }
                Output::Event(event) => self.on_event(event),
            }
        }
        assert_eq!(self.client.is_ready(), self.ready, "it is ready as long as it said so");
        assert!(!self.ready || self.coming.is_empty(), "not told: {:?}", self.coming);
    }

    fn on_send(&mut self, frame: &str) {
        assert_eq!(self.connection, Connection::Open, "{frame:?} has nowhere to go");
        match decode(frame) {
            Ok(EnginePacket::Pong) => {}
            Ok(EnginePacket::Message(packet)) => {
                assert_eq!(packet.namespace, "/", "in its own namespace");
                match packet.body {
                    Body::Connect(_) => {
                        assert!(!self.asked, "it asks once");
                        self.asked = true;
                    }
                    Body::Event { .. } => assert!(frame.len() <= self.max_payload, "the server takes no more"),
                    _ => {}
                }
            }
            other => panic!("{frame:?} reads as {other:?}"),
        }
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::Ready { .. } => {
                assert!(self.asked && !self.ready, "it becomes ready once");
                self.ready = true;
            }
            Event::Refused { .. } => assert!(!self.ready && self.connection == Connection::None, "refused and closed"),
            Event::Kicked => {
                assert_eq!(self.connection, Connection::None, "put out and closed");
                self.ready = false;
            }
            Event::NotOpened { retry, .. } => {
                assert!(!self.ready && !retry.is_zero(), "it was not ready, and waits");
            }
            Event::Lost { retry, .. } => {
                assert!(self.ready && !retry.is_zero(), "it was ready, and waits");
                self.ready = false;
            }
            Event::Received { name, mut args, ack, .. } => {
                assert!(self.ready, "nothing is told before it is ready");
                let sent = self.coming.pop_front();
                let Some(mut sent) = sent else { panic!("{name:?} was not sent") };
                // The place in the server's memory is no argument.
                if args.len() + 1 == sent.args.len() && !sent.wants_answer {
                    assert!(sent.args.pop().is_some_and(|place| place.is_string()), "a place is a word");
                }
                assert_eq!((&name, &mut args), (&sent.name, &mut sent.args), "in the order in which they came");
                assert_eq!(ack.is_some(), sent.wants_answer, "answers that are wanted");
                self.acks.extend(ack);
            }
            Event::Unread { name, list, ack } => {
                assert!(self.ready, "nothing is told before it is ready");
                let read = serde_json::from_str(&list).or_else(|_| serde_json::from_str(&with_whole_letters(&list)));
                match read {
                    Ok(Value::Array(mut list)) => {
                        let Some(sent) = self.coming.pop_front() else { panic!("{name:?} was not sent") };
                        assert_eq!((&name, list.remove(0).as_str()), (&sent.name, Some(name.as_str())), "by its name");
                        assert_eq!(list, sent.args, "in the order in which they came");
                        assert!(sent.wants_answer, "it wants an answer");
                        self.acks.push_back(ack);
                    }
                    _ => self.client.unreadable(ack, self.now),
                }
            }
            Event::Answered { call, .. } | Event::Unanswered { call, .. } => {
                assert!(self.calls.remove(&call), "a call is settled once");
            }
        }
    }
}

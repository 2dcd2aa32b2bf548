//! A server that keeps what it sent, over connections that break anywhere: each
//! event is told once and in order, as long as the server knows the socket again.
//!
//! | step | what |
//! | --- | --- |
//! | `e` | an event happens; it is sent where there is a connection that was accepted |
//! | `k` | an event happens, and the connection breaks before it arrives |
//! | `r` | the server accepts: its word first, then what was missed |
//! | `m` | likewise, what was missed first |
//! | `n` | what was missed is sent, and the connection breaks before the word |
//! | `x`, `p` | the connection breaks; the server pings |
//! | `l` | the server forgets all sockets |
//! | `w` | time passes to the next deadline |
#![no_main]

use std::time::Instant;

use serde_json::{Value, json};
use trunkline_fuzz::{fuzz, steps};
use trunkline_wire::socketio::{Body, Client, EnginePacket, Event, Output, Timing, decode};

fuzz!(|data: &[u8]| {
    let mut rig = Rig::new();
    for (kind, _) in steps(data) {
        rig.step(kind);
    }
    rig.settle();
});

const OPEN: &str = r#"0{"sid":"e","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

struct Rig {
    client: Client,
    now: Instant,
    attempt: u64,
    /// What the client asks to be accepted with, until it is.
    asking: Option<Value>,
    ready: bool,
    recovered: bool,
    /// The server's word for the socket it knows, and how many it has known.
    pid: Option<String>,
    sockets: u64,
    /// Events that happened for that socket, and how many of them were told.
    happened: u64,
    told: u64,
}

impl Rig {
    fn new() -> Self {
        let mut rig = Self {
            client: Client::new(Timing::default(), "/", || 0.5),
            now: Instant::now(),
            attempt: 0,
            asking: None,
            ready: false,
            recovered: false,
            pid: None,
            sockets: 0,
            happened: 0,
            told: 0,
        };
        rig.client.connect();
        rig.drain();
        rig
    }

    fn step(&mut self, kind: u8) {
        match kind {
            b'e' if self.pid.is_some() => {
                self.happened += 1;
                if self.ready {
                    self.send_event(self.happened - 1);
                }
            }
            b'k' if self.pid.is_some() => {
                self.happened += 1;
                self.break_connection();
            }
            b'r' => self.accept(false),
            b'm' => self.accept(true),
            b'n' => {
                if let Some(asked) = self.asking.clone() {
                    if let Some(missed) = self.known(&asked) {
                        self.send_missed(missed);
                    }
                    self.break_connection();
                }
            }
            b'x' => self.break_connection(),
            b'p' => self.text("2"),
            b'l' => self.pid = None,
            b'w' => {
                if let Some(at) = self.client.deadline() {
                    self.now = self.now.max(at);
                    self.client.tick(self.now);
                    self.drain();
                }
            }
            _ => {}
        }
    }

    /// From which event on the server has to repeat; none: it does not know the socket.
    fn known(&self, asked: &Value) -> Option<u64> {
        let pid = self.pid.as_deref().filter(|pid| asked["pid"].as_str() == Some(pid));
        pid.and(asked["offset"].as_str())
            .and_then(|offset| offset.strip_prefix('o')?.parse::<u64>().ok())
            .map(|at| at + 1)
    }

    fn accept(&mut self, missed_first: bool) {
        let Some(asked) = self.asking.clone() else { return };
        let missed = self.known(&asked);
        if missed.is_none() {
            self.sockets += 1;
            self.pid = Some(format!("p{}", self.sockets));
            (self.happened, self.told) = (0, 0);
        }
        if let Some(from) = missed
            && missed_first
        {
            self.send_missed(from);
        }
        let word = json!({ "sid": "s", "pid": self.pid });
        self.text(&format!("40{word}"));
        assert!(self.ready, "accepted");
        assert_eq!(self.recovered, missed.is_some(), "it tells whether something may be missing");
        if let Some(from) = missed
            && !missed_first
        {
            self.send_missed(from);
        }
    }

    fn send_missed(&mut self, from: u64) {
        assert!(from <= self.happened, "nothing that has not happened is known");
        for number in from..self.happened {
            self.send_event(number);
        }
    }

    fn send_event(&mut self, number: u64) {
        self.text(&format!("42{}", json!(["e", number, format!("o{number}")])));
    }

    fn text(&mut self, frame: &str) {
        self.client.text(self.attempt, frame, self.now);
        self.drain();
    }

    fn break_connection(&mut self) {
        self.client.closed(self.attempt, 1006, self.now);
        self.drain();
    }

    /// In the end a connection holds, and everything was told.
    fn settle(&mut self) {
        for _ in 0..3 {
            if !self.ready && self.asking.is_none() {
                self.step(b'w');
            }
        }
        self.accept(false);
        assert!(self.ready, "it comes back by itself");
        assert_eq!(self.told, self.happened, "everything that happened was told");
    }

    fn drain(&mut self) {
        while let Some(output) = self.client.poll() {
            match output {
                Output::Open { attempt } => {
                    self.attempt = attempt;
                    self.client.opened(attempt, json!({ "agent": "a" }), self.now);
                    self.client.text(attempt, OPEN, self.now);
                }
                Output::Send(frame) => {
                    if let Ok(EnginePacket::Message(packet)) = decode(&frame)
                        && let Body::Connect(asked) = packet.body
                    {
                        self.asking = Some(asked);
                    }
                }
                Output::Close(_) => (self.asking, self.ready) = (None, false),
                Output::Event(event) => self.on_event(event),
            }
        }
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::Ready { recovered, .. } => {
                (self.asking, self.ready, self.recovered) = (None, true, recovered);
            }
            Event::Lost { .. } | Event::NotOpened { .. } => (self.asking, self.ready) = (None, false),
            Event::Received { args, .. } => {
                assert_eq!(args, [json!(self.told)], "once and in order, without its place");
                self.told += 1;
            }
            other => panic!("{other:?} was no part of it"),
        }
    }
}

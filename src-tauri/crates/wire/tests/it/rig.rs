//! A client with its outputs at hand, on virtual time.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use trunkline_wire::phoenix::{Client, Encoded, Event, Output, Timing};

pub struct Rig {
    pub client: Client,
    pub now: Instant,
    pub attempt: u64,
    pub sent: Vec<Value>,
    pub events: Vec<Event>,
    pub closes: Vec<u16>,
    pub opens: Vec<Instant>,
}

impl Rig {
    pub fn new() -> Self {
        Self::with(Timing { spread: 0.0, ..Timing::default() })
    }

    pub fn with(timing: Timing) -> Self {
        let client = Client::new(timing, || 0.5);
        let now = Instant::now();
        let (sent, events, closes, opens) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { client, now, attempt: 0, sent, events, closes, opens }
    }

    /// One that is open and whose channel is joined.
    pub fn joined(topic: &str) -> Self {
        let mut rig = Self::new();
        rig.client.connect();
        rig.client.join(topic, json!({}), rig.now);
        rig.drain();
        rig.open();
        rig.answer_join(topic, "ok", &json!({}));
        rig.sent.clear();
        rig.events.clear();
        rig
    }

    pub fn drain(&mut self) {
        while let Some(output) = self.client.poll() {
            match output {
                Output::Open { attempt } => {
                    self.attempt = attempt;
                    self.opens.push(self.now);
                }
                Output::Send(Encoded::Text(text)) => self.sent.push(serde_json::from_str(&text).unwrap()),
                Output::Send(Encoded::Binary(bytes)) => self.sent.push(json!({ "binary": bytes.to_vec() })),
                Output::Close(code) => self.closes.push(code),
                Output::Event(event) => self.events.push(event),
            }
        }
    }

    pub fn open(&mut self) {
        self.client.opened(self.attempt, self.now);
        self.drain();
    }

    pub fn fail(&mut self) {
        self.client.failed(self.attempt, self.now);
        self.drain();
    }

    pub fn close(&mut self, code: u16) {
        self.client.closed(self.attempt, code, self.now);
        self.drain();
    }

    pub fn receive(&mut self, frame: &Value) {
        self.client.text(self.attempt, &frame.to_string(), self.now);
        self.drain();
    }

    /// Answers the present join of a topic.
    pub fn answer_join(&mut self, topic: &str, status: &str, response: &Value) {
        let join_ref = self.client.join_ref(topic).expect("a join is under way").to_owned();
        self.receive(&json!([join_ref, join_ref, topic, "phx_reply", { "status": status, "response": response }]));
    }

    /// Lets time pass, timer by timer.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.client.deadline().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.client.tick(self.now);
            self.drain();
        }
        self.now = end;
    }

    /// Goes on to the next timer; gives the time it took.
    pub fn next_timer(&mut self) -> Duration {
        let at = self.client.deadline().expect("a timer runs");
        let waited = at.saturating_duration_since(self.now);
        self.now = self.now.max(at);
        self.client.tick(self.now);
        self.drain();
        waited
    }

    pub fn last_sent(&self) -> &Value {
        self.sent.last().expect("something was sent")
    }

    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }
}

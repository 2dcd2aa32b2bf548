//! A whole session at Expertflow that has signed in, under any server: what is read
//! is also acted on.
//!
//! | step | what |
//! | --- | --- |
//! | `>NAME JSON` | the platform tells an event over the socket |
//! | `?NAME JSON` | likewise, and wants an answer |
//! | `aJSON` | the oldest request over HTTP is answered so |
//! | `e` | it is answered with an error |
//! | `f` | it comes to nothing |
//! | `x` | the socket breaks |
//! | `tMILLIS`, `w` | time passes; it passes to the next deadline |
#![no_main]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use trunkline_connector::ports::{HttpFailure, HttpResponse, Secret};
use trunkline_expertflow::ExpertflowSettings;
use trunkline_expertflow::session::{Action, Input, Now, Session};
use trunkline_fuzz::{bounded, fuzz, millis, steps};
use trunkline_model::UnixMillis;

fuzz!(|data: &[u8]| {
    let mut rig = Rig::new();
    for (kind, rest) in steps(data) {
        rig.step(kind, rest);
        // The whole picture may be told anew at each step.
        bounded(data.len(), &std::mem::take(&mut rig.told));
    }
});

const NOW: i64 = 1_900_000_000_000;
/// The agent of the fixtures.
const AGENT: &str = "5b0c2f1e-7d34-4a92-9a51-0c6f8a2e1101";
const OPEN: &str = r#"0{"sid":"e","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
/// Actions that one step may lead to; beyond that they feed on themselves.
const MOST: usize = 2_000;

struct Rig {
    session: Session,
    start: Instant,
    passed: Duration,
    attempt: u64,
    open: bool,
    /// Requests that were neither answered nor dropped, oldest first.
    requests: BTreeSet<u64>,
    asked: u64,
    /// What the desk was told in this step.
    told: Vec<String>,
}

impl Rig {
    /// Signed in, and the socket accepted.
    fn new() -> Self {
        let settings = ExpertflowSettings {
            address: "https://cx.example".to_owned(),
            username: "a.demo".to_owned(),
            ..ExpertflowSettings::default()
        };
        let mut number = 0_u64;
        let ids = move || {
            number += 1;
            format!("00000000-0000-4000-8000-{number:012}")
        };
        let Ok(session) = Session::new(settings, || 0.5, ids) else { panic!("the settings are good") };
        let requests = BTreeSet::new();
        let (start, passed) = (Instant::now(), Duration::ZERO);
        let mut rig = Self { session, start, passed, attempt: 0, open: false, requests, asked: 0, told: Vec::new() };
        rig.apply(Input::Begin);
        rig.apply(Input::Password(Some(Secret::from("secret".to_owned()))));
        let user = json!({ "id": AGENT, "username": "a.demo", "firstName": "Ana", "lastName": "Demo" });
        rig.answer(200, &json!({ "data": { "token": "t", "refresh_token": "r", "keycloak_User": user } }));
        rig.told.clear();
        rig
    }

    fn step(&mut self, kind: u8, rest: &[u8]) {
        let text = String::from_utf8_lossy(rest);
        match kind {
            b'>' | b'?' => {
                let (name, json) = text.split_once(' ').unwrap_or((&text, "null"));
                let ack = if kind == b'?' { "7" } else { "" };
                // JSON that is broken comes to the client of Socket.IO as it is.
                self.text(format!("42{ack}[{},{json}]", Value::from(name)));
            }
            b'a' => {
                let answer = serde_json::from_slice::<Value>(rest).unwrap_or(Value::Null);
                self.answer(200, &answer);
            }
            b'e' => self.answer(500, &json!({ "message": "no" })),
            b'f' => {
                if let Some(request) = self.requests.pop_first() {
                    self.apply(Input::Answer(request, Err(HttpFailure::Timeout)));
                }
            }
            b'x' => {
                self.open = false;
                self.apply(Input::Closed(self.attempt, 1006));
            }
            b't' => self.pass(millis(rest)),
            b'w' => {
                if let Some(at) = self.session.deadline() {
                    self.pass(at.saturating_duration_since(self.now().at));
                }
            }
            _ => {}
        }
    }

    fn now(&self) -> Now {
        let wall = NOW + i64::try_from(self.passed.as_millis()).unwrap_or_default();
        Now { at: self.start + self.passed, wall: UnixMillis(wall) }
    }

    fn pass(&mut self, time: Duration) {
        self.passed += time;
        self.apply(Input::Tick);
        let late = self.session.deadline().filter(|at| *at <= self.now().at);
        assert_eq!(late, None, "a tick does all that is due");
    }

    fn text(&mut self, frame: String) {
        self.apply(Input::Text(self.attempt, frame));
    }

    fn answer(&mut self, status: u16, body: &Value) {
        let Some(request) = self.requests.pop_first() else { return };
        let Ok(status) = http::StatusCode::from_u16(status) else { panic!("{status} is a status") };
        let body = bytes::Bytes::from(body.to_string());
        let response = HttpResponse { status, headers: http::HeaderMap::new(), body };
        self.apply(Input::Answer(request, Ok(response)));
    }

    fn apply(&mut self, input: Input) {
        self.session.apply(input, self.now());
        let mut most = MOST;
        while let Some(action) = self.session.poll() {
            most -= 1;
            assert!(most > 0, "actions without end");
            match action {
                Action::Http(request, _) => {
                    assert!(request >= self.asked, "each request has a number of its own");
                    self.asked = request + 1;
                    self.requests.insert(request);
                }
                Action::Abort(request) => drop(self.requests.remove(&request)),
                Action::Dial(attempt, _) => self.connect(attempt),
                Action::Send(frame) => assert!(self.open, "{frame:?} has nowhere to go"),
                Action::Close(_) => self.open = false,
                Action::Emit(event) => self.told.push(format!("{event:?}")),
                _ => {}
            }
        }
    }

    fn connect(&mut self, attempt: u64) {
        (self.attempt, self.open) = (attempt, true);
        let now = self.now();
        self.session.apply(Input::Opened(attempt), now);
        for frame in [OPEN, r#"40{"sid":"s"}"#] {
            self.session.apply(Input::Text(attempt, frame.to_owned()), now);
        }
    }
}

//! The simulator as the conformance suite and the other tests need it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use trunkline_connector::ports::AccountVault;
use trunkline_connector::testing::{ConformanceFixture, Credentials, Ports, Seat};
use trunkline_connector::{AccountSettings, Registration};
use trunkline_net::{Network, NetworkConfig, SystemClock};
use trunkline_simulators::olos::{HubEvent, OlosOptions, OlosSim, OnlineUser};
use trunkline_testkit::{FakeLogin, FakeMedia, FakeVault};

const NUMBER: &str = "+12025550147";

/// The simulator with two agents, the first of whom is an administrator.
pub struct Fixture {
    pub sim: OlosSim,
    vaults: [FakeVault; 2],
    tokens: std::sync::Mutex<Vec<String>>,
    verbose: bool,
}

pub fn sub(seat: Seat) -> &'static str {
    match seat {
        Seat::One => "52",
        Seat::Two => "53",
    }
}

impl Fixture {
    pub async fn with(options: OlosOptions) -> Self {
        let sim = OlosSim::start(options).await.expect("the simulator starts");
        Self { sim, vaults: [FakeVault::new(), FakeVault::new()], tokens: Default::default(), verbose: false }
    }

    pub fn verbose(self) -> Self {
        Self { verbose: true, ..self }
    }

    pub fn vault(&self, seat: Seat) -> FakeVault {
        self.vaults[seat as usize].clone()
    }

    fn user(name: &str) -> OnlineUser {
        OnlineUser {
            user_id: format!("id-of-{name}"),
            username: name.to_owned(),
            online_at: 1_662_391_541_000,
            ip_address: "203.0.113.10".to_owned(),
        }
    }
}

impl ConformanceFixture for Fixture {
    async fn start() -> Self {
        Self::with(OlosOptions::default()).await
    }

    fn registration() -> Registration {
        trunkline_olos::registration()
    }

    fn settings(&self, _seat: Seat) -> AccountSettings {
        let settings = json!({ "address": self.sim.base_url(), "roster_every_ms": 50, "verbose": self.verbose });
        settings.as_object().unwrap().clone()
    }

    fn ports(&self, seat: Seat) -> Ports {
        let network = Network::new(NetworkConfig::default()).expect("a network");
        Ports {
            http: network.http(),
            websocket: network.websocket(),
            centrifugo: network.centrifugo(),
            vault: Arc::new(self.vault(seat)),
            media: Arc::new(FakeMedia::new()),
            login: Arc::new(FakeLogin::new()),
            clock: Arc::new(SystemClock),
        }
    }

    async fn put_credentials(&self, seat: Seat, which: Credentials) {
        let token = match which {
            Credentials::Right => self.sim.token(sub(seat)),
            // Of the right form, and unknown to the server.
            Credentials::Wrong => {
                let right = self.sim.token(sub(seat));
                let (signed, _) = right.rsplit_once('.').unwrap();
                format!("{signed}.c2lnbmVkLWJ5LXNvbWVib2R5LWVsc2U")
            }
        };
        self.tokens.lock().unwrap().push(token.clone());
        self.vault(seat).set("token", token.into()).await.expect("the vault takes it");
    }

    fn secrets(&self, _seat: Seat) -> Vec<String> {
        let mut secrets = self.tokens.lock().unwrap().clone();
        secrets.extend([NUMBER.to_owned(), "Ana Example".to_owned(), "203.0.113.10".to_owned()]);
        secrets
    }

    fn happens(&self, seat: Seat) -> String {
        self.sim.push(sub(seat), &HubEvent::screen_pop(91_079, NUMBER, "Ana Example"))
    }

    fn happens_again(&self, seat: Seat, id: &str) {
        self.sim.push(sub(seat), &HubEvent::screen_pop(91_079, NUMBER, "Ana Example").with_id(id));
    }

    fn comes_online(&self, name: &str) -> String {
        self.sim.come_online(&Self::user(name))
    }

    fn goes_offline(&self, name: &str, reference: &str) {
        self.sim.go_offline(&Self::user(name).user_id, reference);
    }

    fn expire_token(&self) {
        self.sim.revoke_all();
    }

    fn end_session(&self) {
        for token in self.tokens.lock().unwrap().iter() {
            self.sim.revoke(token);
        }
        self.sim.drop_sockets();
    }

    fn drop_sockets(&self) {
        self.sim.drop_sockets();
    }

    async fn restart(&self, down: Duration) {
        self.sim.restart(down).await;
    }

    fn slow_down(&self, delay: Duration) {
        self.sim.weather(|weather| weather.delay = delay);
    }

    fn silence(&self, silent: bool) {
        self.sim.weather(|weather| weather.silent = silent);
    }

    fn duplicate_events(&self, duplicate: bool) {
        self.sim.weather(|weather| weather.twice = duplicate);
    }

    fn stale_events(&self) {
        self.sim.push_stale("52", &HubEvent::screen_pop(1, NUMBER, "Ana Example"));
    }

    fn unknown_event(&self, seat: Seat) {
        let odd: [Value; 6] =
            [json!(null), json!([]), json!(7), json!("?"), json!({}), json!({ "eventType": [1], "eventData": 3 })];
        for payload in odd {
            self.sim.push_payload(sub(seat), "Hologram", &payload);
        }
        let topic = self.sim.agent_topic(sub(seat));
        for frame in ["", "{", "[]", "null", "[1,2,3,4,5]", &json!([null, null, topic, "phx_new", {}]).to_string()] {
            self.sim.push_frame(sub(seat), frame);
        }
    }

    fn oversized_frame(&self) {
        let huge = "x".repeat(17 << 20);
        self.sim.push_payload("52", "Huge", &json!({ "eventType": "Huge", "eventData": { "data": huge } }));
    }

    fn skew_clock(&self, seconds: f64) {
        self.sim.set_clock_skew(seconds);
    }
}

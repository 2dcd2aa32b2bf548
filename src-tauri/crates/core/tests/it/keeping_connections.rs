//! Calls on a connection that was made ahead or kept, with real media through the
//! relay: how soon the customer is heard, and what must not come along.

use std::time::{Duration, Instant};

use crate::config::{account, config};
use serde_json::{Value, json};
use trunkline_core::{Core, CoreConfig};
use trunkline_desk::ContactView;
use trunkline_model::{ContactState, LinkState, MediaState};
use trunkline_rpc::Window;
use trunkline_simulators::amazon_connect::{
    AgentOptions, AmazonConnectSim, OfferCall, PersistentConnection, SimCall, SimOptions, Speech,
};

const SOON: Duration = Duration::from_secs(20);

struct Panel {
    core: Core,
    sim: AmazonConnectSim,
    _folder: tempfile::TempDir,
}

impl Panel {
    async fn open(persistent: PersistentConnection, mut settings: Value) -> Self {
        let options =
            SimOptions { agents: vec![AgentOptions { persistent, ..AgentOptions::one() }], ..SimOptions::default() };
        let sim = AmazonConnectSim::start(options).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        settings["address"] = json!(sim.base_url());
        let core = Core::start(CoreConfig {
            preset_accounts: vec![account(&settings, sim.token("agent.one"))],
            ..config(folder.path())
        })
        .await
        .unwrap();
        let panel = Self { core, sim, _folder: folder };
        let deadline = Instant::now() + SOON;
        while !panel.core.snapshot().accounts.iter().any(|a| a.link.state == LinkState::Online && a.agent.is_some()) {
            assert!(Instant::now() < deadline, "the account comes online");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panel
    }

    async fn contact(&self, what: &str, id: &str, wanted: impl Fn(&ContactView) -> bool) -> ContactView {
        let deadline = Instant::now() + SOON;
        loop {
            let desk = self.core.snapshot();
            let view = desk.contacts.into_iter().find(|view| view.key.contact.as_str() == id);
            if let Some(view) = view.clone().filter(&wanted) {
                return view;
            }
            let seen = view.map(|view| (view.contact.state, view.media.map(|media| media.state)));
            assert!(Instant::now() < deadline, "waited in vain for {what}: {seen:?}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn call(&self, name: &str, payload: Value) {
        self.core.router().call(Window::Panel, name, payload).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    }

    /// Offered, accepted at the first moment, heard by the customer's side, ended and cleared. The time is
    /// from the offer to media that is live, the agent accepting without thought.
    async fn whole_call(&self) -> (SimCall, Duration) {
        let offer = OfferCall { speech: Speech::repeated_sentence(0), ..OfferCall::to("agent.one") };
        let call = self.sim.offer_call(offer).await.unwrap();
        let (id, began) = (call.contact_id().to_owned(), Instant::now());
        let key = json!({"account": "one", "contact": id});
        self.contact("the offer", &id, |view| view.contact.state == ContactState::Offered).await;
        self.call("contact_accept", json!({"contact": key})).await;
        let live = |view: &ContactView| view.media.as_ref().is_some_and(|media| media.state == MediaState::Live);
        self.contact("live media", &id, live).await;
        let took = began.elapsed();
        let received = |view: &ContactView| {
            view.media.as_ref().and_then(|media| media.stats).is_some_and(|stats| stats.received.packets > 0)
        };
        self.contact("the customer's packets", &id, received).await;
        let deadline = Instant::now() + SOON;
        while call.heard().packet_counts().0 < 10 {
            assert!(Instant::now() < deadline, "the agent's packets reach the service");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.call("contact_end", json!({"contact": key, "connection": null})).await;
        self.contact("its end", &id, |view| view.contact.state.is_finished()).await;
        self.call("contact_clear", json!({"contact": key})).await;
        let deadline = Instant::now() + SOON;
        while !self.core.snapshot().contacts.is_empty() {
            assert!(Instant::now() < deadline, "the contact goes");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        (call, took)
    }
}

fn median(mut times: Vec<Duration>) -> u128 {
    times.sort();
    times[times.len() / 2].as_millis()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packets_flow_both_ways_in_later_calls_without_another_ice_or_dtls() {
    let panel = Panel::open(PersistentConnection::Allowed, json!({})).await;
    for number in 1..=3 {
        let (call, _) = panel.whole_call().await;
        let facts = call.facts();
        assert_eq!(facts.invites.len(), usize::from(number == 1), "call {number}: an invite only the first time");
        assert_eq!(facts.media_lost.len(), 0, "call {number}: the path stays");
    }
    assert_eq!(panel.sim.peers_made(), 1, "one ICE and one DTLS for all");
    panel.sim.lose_kept_connections("agent.one");
    panel.whole_call().await;
    assert_eq!(panel.sim.peers_made(), 2, "a dead one is replaced, and the call is had all the same");
    panel.core.shut_down().await;
}

/// The figures of docs/connectors/amazon-connect-softphone.md, section 10:
/// `cargo test -p trunkline-core --test it keeping_connections -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement of some minutes"]
async fn figures() {
    for (name, persistent, settings) in [
        ("each its own", PersistentConnection::Off, json!({"standby_ms": 0})),
        ("standby", PersistentConnection::Off, json!({})),
        ("persistent", PersistentConnection::Allowed, json!({})),
    ] {
        let panel = Panel::open(persistent, settings).await;
        let (_, first) = panel.whole_call().await;
        let mut later = Vec::new();
        for _ in 0..20 {
            // The next standby connection is there by then.
            tokio::time::sleep(Duration::from_millis(300)).await;
            later.push(panel.whole_call().await.1);
        }
        println!(
            "{name}: offer to live media, first {} ms, median of 20 later {} ms",
            first.as_millis(),
            median(later)
        );
        panel.core.shut_down().await;
    }
}

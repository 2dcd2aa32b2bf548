//! Events of a platform's own, from the wire to the desk and the history.

use std::time::Duration;

use crate::config::config;
use serde_json::{Value, json};
use trunkline_core::{Core, CoreConfig, PresetAccount};
use trunkline_desk::DeskSnapshot;
use trunkline_model::{AgentStateKind, ContactState, LinkState};
use trunkline_rpc::{RpcError, Window};
use trunkline_simulators::olos::{HubEvent, OlosOptions, OlosSim};
use trunkline_store::AccountRecord;

const SOON: Duration = Duration::from_secs(20);

/// A panel with an account at AgentHub.
pub struct Panel {
    pub core: Core,
    pub sim: OlosSim,
    folder: tempfile::TempDir,
}

impl Panel {
    pub async fn open() -> Self {
        Self::with_policy("").await
    }

    /// With what the administrator has fixed.
    pub async fn with_policy(policy: &str) -> Self {
        let sim = OlosSim::start(OlosOptions::default()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("policy.toml"), policy).unwrap();
        let core = Self::start(&sim, folder.path()).await;
        let panel = Self { core, sim, folder };
        panel.online().await;
        panel
    }

    async fn online(&self) {
        self.until("the account to be online", |desk| desk.accounts[0].link.state == LinkState::Online).await;
    }

    /// Ends the program and starts it anew, on the same disk.
    pub async fn restart(&mut self) {
        self.core.shut_down().await;
        self.core = Self::start(&self.sim, self.folder.path()).await;
        self.online().await;
    }

    async fn start(sim: &OlosSim, folder: &std::path::Path) -> Core {
        let settings = json!({ "address": sim.base_url(), "roster_every_ms": 20 });
        let record = AccountRecord {
            id: "hub".into(),
            platform: "olos".into(),
            name: "Hub".to_owned(),
            settings: settings.as_object().unwrap().clone(),
        };
        let account = PresetAccount { record, secrets: vec![("token".to_owned(), sim.token("52").into())] };
        Core::start(CoreConfig { preset_accounts: vec![account], ..config(folder) }).await.unwrap()
    }

    pub async fn call(&self, name: &str, payload: Value) -> Value {
        self.ask(name, payload).await.unwrap()
    }

    pub async fn ask(&self, name: &str, payload: Value) -> Result<Value, RpcError> {
        self.core.router().call(Window::Panel, name, payload).await
    }

    pub async fn until(&self, what: &str, wanted: impl Fn(&DeskSnapshot) -> bool) -> DeskSnapshot {
        let deadline = tokio::time::Instant::now() + SOON;
        loop {
            let desk = self.core.snapshot();
            if wanted(&desk) {
                return desk;
            }
            assert!(tokio::time::Instant::now() < deadline, "waited in vain for {what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn found(&self, words: &str) -> Vec<String> {
        let rows = self.call("events_find", json!({ "words": words, "limit": 50, "offset": 0 })).await;
        let id = |row: &Value| row["event"]["id"].as_str().unwrap().to_owned();
        rows.as_array().unwrap().iter().map(id).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_screen_pop_is_listed_read_found_and_there_in_the_next_run() {
    let mut panel = Panel::open().await;
    let id = panel.sim.push("52", &HubEvent::screen_pop(7, "+12025550147", "Ana Example"));
    let third = panel.sim.push("52", &HubEvent::voice("ThirdPartyEvent", json!({ "data": "{\"ticket\":\"T-1\"}" })));
    let desk = panel.until("both events", |desk| desk.events.len() == 2).await;
    assert_eq!(desk.events[0].event.field("campaignData.Nome"), Some("Ana Example"), "with all its fields");
    assert!(desk.events.iter().all(|view| view.unread), "unread");
    assert_eq!(desk.contacts.len(), 1, "the call is there, to be looked at");
    assert!(desk.contacts[0].contact.allowed.is_empty(), "and nothing else");
    panel.call("events_seen", json!({ "account": "hub", "until": id, "alone": false })).await;
    let unread: Vec<bool> = panel.core.snapshot().events.iter().map(|view| view.unread).collect();
    assert_eq!(unread, [false, true], "read up to the first");

    panel.sim.push("52", &HubEvent::status(4, 0));
    panel
        .until("the agent's pause", |desk| {
            desk.accounts[0].agent.as_ref().is_some_and(|agent| agent.state.kind == AgentStateKind::NotRoutable)
        })
        .await;
    panel.until("the roster", |desk| desk.rosters.iter().any(|roster| !roster.entries.is_empty())).await;
    assert_eq!(panel.found("screenpop ana").await, std::slice::from_ref(&id), "found by type and name");
    assert_eq!(panel.found("t-1").await, [third], "by what stands in a field");
    assert!(panel.found("nobody").await.is_empty());

    panel.restart().await;
    assert_eq!(panel.found("+12025550147").await, [id], "and in the next run");
    assert!(panel.core.snapshot().events.is_empty(), "where the list begins anew");
    panel.core.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_is_kept_whole_and_the_desk_keeps_the_last() {
    let panel = Panel::open().await;
    let ids = panel.sim.flood("52", 5_000, Duration::from_millis(500)).await;
    let last = ids.last().unwrap().clone();
    panel.until("the last one", |desk| desk.events.last().is_some_and(|view| view.event.id.as_str() == last)).await;
    assert_eq!(panel.core.snapshot().events.len(), trunkline_desk::EVENTS_KEPT, "the desk is bounded");
    let deadline = tokio::time::Instant::now() + SOON;
    let oldest = json!({ "words": "Flood", "limit": 1, "offset": ids.len() - 1 });
    loop {
        let page = panel.call("events_find", oldest.clone()).await;
        if let Some(row) = page.as_array().unwrap().first() {
            assert_eq!(row["event"]["id"], ids[0], "all of them, newest first");
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "not all of {} were kept", ids.len());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panel.core.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_only_shown_keeps_nobody_from_leaving() {
    let panel = Panel::open().await;
    panel.sim.push("52", &HubEvent::screen_pop(7, "+12025550147", "Ana Example"));
    panel.sim.push("52", &HubEvent::status(2, 0));
    let at_work = |desk: &DeskSnapshot| desk.contacts.iter().any(|view| view.contact.state == ContactState::Connected);
    panel.until("the call at work", at_work).await;
    panel.call("account_sign_out", json!({ "account": "hub", "state": null })).await;
    let desk = panel.until("the end", |desk| desk.accounts[0].link.state == LinkState::SignedOut).await;
    assert!(desk.contacts.is_empty() && desk.rosters.is_empty(), "with it goes what was shown");
    panel.core.shut_down().await;
}

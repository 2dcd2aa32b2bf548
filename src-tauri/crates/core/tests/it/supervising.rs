//! A supervisor's microphone, from the platform's word to what the engine sends.

use std::time::Duration;

use crate::config::{account, config};
use serde_json::json;
use trunkline_core::{Core, CoreConfig};
use trunkline_desk::{ContactView, Sending};
use trunkline_model::{LinkState, MonitorMode};
use trunkline_rpc::Window;
use trunkline_simulators::amazon_connect::{AmazonConnectSim, OfferCall, SimOptions};

const SOON: Duration = Duration::from_secs(20);

async fn core(sim: &AmazonConnectSim, folder: &std::path::Path) -> Core {
    let settings = json!({"address": sim.base_url()});
    Core::start(CoreConfig { preset_accounts: vec![account(&settings, sim.token("agent.one"))], ..config(folder) })
        .await
        .unwrap()
}

/// The one contact, once it is as wanted.
async fn contact(core: &Core, what: &str, wanted: impl Fn(&ContactView) -> bool) -> ContactView {
    let deadline = tokio::time::Instant::now() + SOON;
    loop {
        let desk = core.snapshot();
        if let Some(view) = desk.contacts.into_iter().next().filter(&wanted) {
            return view;
        }
        let seen = core.snapshot().contacts.into_iter().next().map(|view| (view.contact.monitoring, view.media));
        assert!(tokio::time::Instant::now() < deadline, "waited in vain for {what}: {seen:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn sends(view: &ContactView) -> Option<Sending> {
    view.media.as_ref().map(|media| media.sending)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_supervisors_microphone_stays_shut_whatever_the_mute_says() {
    let sim = AmazonConnectSim::start(SimOptions::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let core = core(&sim, folder.path()).await;
    let deadline = tokio::time::Instant::now() + SOON;
    while !core.snapshot().accounts.iter().any(|a| a.link.state == LinkState::Online && a.agent.is_some()) {
        assert!(tokio::time::Instant::now() < deadline, "the account comes online");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let call = sim.offer_call(OfferCall::to("agent.two")).await.unwrap();
    sim.accept_for_agent(&call).unwrap();
    let part = sim.monitor(&call, "agent.one").await.unwrap();
    let view = contact(&core, "silence", |view| sends(view) == Some(Sending::Muted)).await;
    assert_eq!(view.contact.monitoring.map(|part| part.mode), Some(MonitorMode::Silent), "listening in");
    assert!(!view.media.unwrap().mute_wanted, "the agent has not muted anything");

    let key = json!({"account": "one", "contact": part.contact_id()});
    let mute = |muted: bool| json!({"contact": key, "muted": muted});
    for muted in [true, false] {
        core.router().call(Window::Panel, "contact_mute", mute(muted)).await.expect("the agent's own act");
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let view = contact(&core, "the contact", |_| true).await;
    assert_eq!(sends(&view), Some(Sending::Muted), "un-muting opens nothing");

    sim.barge_in(&part).unwrap();
    let open = |view: &ContactView| matches!(sends(view), Some(Sending::Sound | Sending::Silence));
    let view = contact(&core, "an open microphone", open).await;
    assert_eq!(view.contact.monitoring.map(|part| part.mode), Some(MonitorMode::Barge), "once barged in");
    core.shut_down().await;
}

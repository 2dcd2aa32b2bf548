//! AgentHub's demo and its faults, seen by a small client of its own.

use std::time::Duration;

use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::{AmazonConnectSim, OfferCall, SimOptions, TurnKind};
use trunkline_simulators::olos::{HubEvent, OlosSim, demo_options, follow_calls, online_users};

use crate::hub_client::HubClient;

const SOON: Duration = Duration::from_secs(10);

async fn joined() -> (OlosSim, HubClient) {
    let sim = OlosSim::start(demo_options()).await.unwrap();
    let mut client = HubClient::open(&sim, &sim.token("52")).await.unwrap();
    client.join("agents:52").await;
    (sim, client)
}

#[tokio::test]
async fn each_demo_call_has_its_screen_pop_and_its_status() {
    let (sim, mut client) = joined().await;
    let options = SimOptions { turn: TurnKind::Unreachable, ..SimOptions::default() };
    let calls = AmazonConnectSim::start(options).await.unwrap();
    let following = tokio::spawn({
        let (sim, calls) = (sim.clone(), calls.clone());
        async move { follow_calls(&sim, &calls).await }
    });
    let mut offer = OfferCall::to("agent.one");
    offer.attributes.insert("tier".to_owned(), "gold".to_owned());
    let call = calls.offer_call(offer).await.unwrap();
    let pop = client.event("ScreenPopVoice", SOON).await;
    assert_eq!(pop["eventData"]["phoneNumber"], call.offer().customer_number, "the same customer");
    assert_eq!(pop["eventData"]["tier"], "gold", "with what the call knows");
    assert_eq!(pop["eventType"], "ScreenPopVoice");
    assert!(pop["eventId"].as_str().is_some_and(|id| id.contains('-')), "with an id");
    let second = calls.offer_call(OfferCall { force: true, ..OfferCall::to("agent.one") }).await.unwrap();
    let pop = client.event("ScreenPopVoice", SOON).await;
    assert_eq!(pop["eventData"]["phoneNumber"], second.offer().customer_number, "one for each call");
    following.abort();
}

#[tokio::test]
async fn the_demos_roster_is_small_and_has_somebody_twice() {
    let (sim, mut client) = joined().await;
    for user in online_users() {
        sim.come_online(&user);
    }
    client.join("admin:acme").await;
    let state = client.message("presence_state", SOON).await;
    let metas: Vec<usize> =
        state.as_object().unwrap().values().map(|entry| entry["metas"].as_array().unwrap().len()).collect();
    assert_eq!(metas.len(), 3, "three people");
    assert_eq!(metas.iter().sum::<usize>(), 4, "on four devices");
}

#[tokio::test]
async fn tokens_are_checked_and_refused_without_a_reason() {
    let sim = OlosSim::start(demo_options()).await.unwrap();
    let good = sim.token("52");
    let forged = format!("{}.AAAA", good.rsplit_once('.').unwrap().0);
    let expired = sim.token_for("52", Duration::ZERO);
    for token in ["", "a.b.c", forged.as_str(), expired.as_str()] {
        assert_eq!(HubClient::open(&sim, token).await.err(), Some(403), "refused");
    }
    sim.revoke(&good);
    assert_eq!(HubClient::open(&sim, &good).await.err(), Some(403), "revoked");
    sim.weather(|weather| weather.refuse = Some(503));
    assert_eq!(HubClient::open(&sim, &sim.token("52")).await.err(), Some(503), "not available");
    let statuses: Vec<u16> = sim.attempts().iter().map(|attempt| attempt.status).collect();
    assert_eq!(statuses, [403, 403, 403, 403, 403, 503], "all are noted");
}

#[tokio::test]
async fn bad_weather_is_as_ordered() {
    let (sim, mut client) = joined().await;
    sim.weather(|weather| weather.twice = true);
    sim.push("52", &HubEvent::status(1, 0).with_id("1-0"));
    for _ in 0..2 {
        assert_eq!(client.event("ChangeStatusVoice", SOON).await["eventId"], "1-0", "each twice");
    }
    sim.weather(|weather| weather.twice = false);
    sim.push_stale("52", &HubEvent::status(1, 0));
    let stale = client.frame(SOON).await;
    assert_eq!((&stale[0], &stale[3]), (&json!("0"), &json!("ChangeStatusVoice")), "of a join before this one");
    sim.end_channel("52", true);
    assert_eq!(client.frame(SOON).await[3], "phx_error", "a crash");
    sim.weather(|weather| weather.silent_joins = true);
    client.send(&json!(["9", "9", "agents:52", "phx_join", {}])).await;
    client.send(&json!([null, "10", "phoenix", "heartbeat", {}])).await;
    let answer: Value = client.frame(SOON).await;
    assert_eq!(answer[1], "10", "no join is answered, heartbeats are");
    sim.drop_sockets();
    assert!(client.is_cut(SOON).await, "and sockets can be cut");
}

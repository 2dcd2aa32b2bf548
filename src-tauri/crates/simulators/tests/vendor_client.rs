//! The vendor's own client, unmodified, takes a call from the simulator.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod browser;

use std::path::Path;
use std::time::Duration;

use browser::Browser;
use trunkline_simulators::amazon_connect::{AmazonConnectSim, OfferCall, SimOptions, WebSocketScheme};

const LONG: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_secs(20);

fn release() -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("vendor-client/node_modules/amazon-connect-streams/release/connect-streams.js");
    std::fs::read(&file).unwrap_or_else(|error| {
        panic!(
            "the vendor's library is not installed ({error}); run `npm ci` in \
             src-tauri/crates/simulators/vendor-client"
        )
    })
}

fn version() -> String {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("vendor-client/node_modules/amazon-connect-streams/package.json");
    let text = std::fs::read_to_string(file).unwrap();
    let package: serde_json::Value = serde_json::from_str(&text).unwrap();
    package["version"].as_str().unwrap().to_owned()
}

fn options() -> SimOptions {
    SimOptions { web_socket: WebSocketScheme::Wss, ..SimOptions::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_vendors_client_takes_a_whole_call() {
    let sim = AmazonConnectSim::start(options()).await.unwrap();
    let url = sim.host_vendor_client(release(), "agent.one", true);
    assert_eq!(version(), "2.28.2", "the version this proof is about");
    let _browser = Browser::open(&url, None);

    let agent = sim.expect_report("the agent", LONG, |r| r["event"] == "agent").await.unwrap().body;
    assert_eq!(agent["name"], "Agent One", "the client read the configuration");
    assert_eq!(agent["state"], "Available", "and the snapshot");
    assert_eq!(
        agent["states"],
        serde_json::json!(["Available", "Offline", "Lunch", "Break"]),
        "and the list of states"
    );
    assert_eq!(agent["queues"], serde_json::json!(["Sales", "Support"]), "and the queues");
    assert_eq!(sim.sockets("agent.one"), 1, "and its WebSocket is open");

    let mut offer = OfferCall::to("agent.one");
    offer.attributes.insert("tier".to_owned(), "gold".to_owned());
    let call = sim.offer_call(offer).await.unwrap();
    let seen = sim.expect_report("connect.contact", SOON, |r| r["event"] == "contact").await.unwrap();
    assert_eq!(seen.body["id"], call.contact_id(), "it is this contact");
    assert_eq!(seen.body["inbound"], true);
    assert_eq!(seen.body["softphone"], true, "media info was understood");
    assert_eq!(seen.body["queue"], "Sales");
    assert_eq!(seen.body["number"], "+12025550123");
    assert_eq!(seen.body["attributes"]["customerName"], "Customer One");
    assert_eq!(seen.body["attributes"]["tier"], "gold");

    call.expect_accepted(SOON).await.unwrap();
    call.expect_hold(SOON).await.unwrap();
    call.expect_resumed(SOON).await.unwrap();
    call.expect_ended_by_agent(SOON).await.unwrap();
    call.expect_cleared(SOON).await.unwrap();
    sim.agent("agent.one").expect_state("Lunch", SOON).await.unwrap();
    sim.expect_report("the change to Lunch", SOON, |r| r["event"] == "state" && r["to"] == "Lunch").await.unwrap();

    let events: Vec<String> = sim
        .page_reports()
        .iter()
        .filter(|r| r.body["event"] != "state")
        .map(|r| r.body["event"].as_str().unwrap().to_owned())
        .collect();
    let at = |name: &str| events.iter().position(|e| e == name);
    let order = ["agent", "contact", "connected", "on-hold", "resumed", "acw", "destroyed"];
    for pair in order.windows(2) {
        assert!(
            at(pair[0]).is_some() && at(pair[0]) < at(pair[1]),
            "{} comes before {} in {events:?}",
            pair[0],
            pair[1]
        );
    }
    for failed in ["accept", "hold", "resume", "destroy", "clear", "set-state"] {
        assert!(at(&format!("{failed}-done")).is_some(), "the client was told that {failed} worked: {events:?}");
    }
    assert_eq!(at("script-error"), None, "no script error: {events:?}");

    let states: Vec<(String, String)> = sim
        .page_reports()
        .iter()
        .filter(|r| r.body["event"] == "state")
        .map(|r| {
            let text = |name: &str| r.body[name].as_str().unwrap_or("").to_owned();
            (text("from"), text("to"))
        })
        .collect();
    let to: Vec<&str> = states.iter().map(|(_, to)| to.as_str()).collect();
    let wanted = ["PendingBusy", "Busy", "AfterCallWork", "Available", "Lunch"];
    assert!(to.ends_with(&wanted), "the client saw the agent's states in order: {to:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_vendors_client_sees_missed_calls_and_callers_who_leave() {
    let sim = AmazonConnectSim::start(options()).await.unwrap();
    let url = sim.host_vendor_client(release(), "agent.one", false);
    let _browser = Browser::open(&url, None);
    sim.expect_report("the agent", LONG, |r| r["event"] == "agent").await.unwrap();

    let call = sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
    let id = call.contact_id().to_owned();
    let about = |event: &'static str, id: &str| {
        let id = id.to_owned();
        move |r: &serde_json::Value| r["event"] == event && r["id"] == id.as_str()
    };
    sim.expect_report("the ring", SOON, about("connecting", &id)).await.unwrap();
    call.customer_hangs_up().await.unwrap();
    sim.expect_report("the contact is gone", SOON, about("destroyed", &id)).await.unwrap();
    sim.agent("agent.one").expect_state("Available", SOON).await.unwrap();

    let mut offer = OfferCall::to("agent.one");
    offer.ring = Some(Duration::from_secs(1));
    let call = sim.offer_call(offer).await.unwrap();
    let id = call.contact_id().to_owned();
    call.expect_missed(SOON).await.unwrap();
    sim.expect_report("missed", SOON, about("missed", &id)).await.unwrap();
    sim.expect_report("MissedCallAgent", SOON, |r| r["to"] == "MissedCallAgent").await.unwrap();
}

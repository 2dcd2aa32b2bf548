//! The vendor's Socket.IO client, unmodified, against the simulator of Expertflow CX.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;
use trunkline_simulators::expertflow::{CustomerOffer, ExpertflowOptions, ExpertflowSim};

const SOON: Duration = Duration::from_secs(20);

const CHECKS: [&str; 20] = [
    "version",
    "wrong password",
    "log-in",
    "stranger refused",
    "channel types",
    "not ready first",
    "lists",
    "ready",
    "domain ready",
    "offer",
    "topic data wants an answer",
    "history",
    "echo",
    "customer answers",
    "transfer placed",
    "transfer offered",
    "transferred",
    "left",
    "session removed",
    "logged out",
];

async fn runs_through(transport: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("socketio-client");
    assert!(
        folder.join("node_modules/socket.io-client").is_dir(),
        "the vendor's library is not installed; run `npm ci` in src-tauri/crates/simulators/socketio-client"
    );
    let sim = ExpertflowSim::start(ExpertflowOptions::default()).await.expect("it starts");
    let chat =
        sim.customer_chats(CustomerOffer::of("Chris Sample", "Web Care").saying("Are you there?")).expect("a customer");
    let passwords = format!("{},{}", sim.options().password("adams"), sim.options().password("brown"));
    let node = Command::new("node")
        .args(["client.mjs", &sim.base_url(), transport, &passwords])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("node");
    let customer = async {
        assert_eq!(chat.expect_accepted(SOON).await.expect("accepted"), "adams");
        chat.expect_message("how can I help", SOON).await.expect("written");
        chat.customer_writes("My parcel is late").expect("still there");
    };
    let (ended, ()) = tokio::join!(node.wait_with_output(), customer);
    let text = String::from_utf8_lossy(&ended.expect("it ends").stdout).into_owned();
    let told: Value = serde_json::from_str(text.trim()).unwrap_or_else(|_| panic!("not JSON: {text}"));
    assert_eq!(told["error"], Value::Null, "{transport}: {told}");
    for name in CHECKS {
        assert_eq!(told["checks"][name], true, "{transport}: {name}");
    }
    let facts = chat.facts();
    assert!(facts.topics.iter().all(|topic| topic.ok), "each was acknowledged: {:?}", facts.topics);
    let accepted: Vec<&str> = facts.accepted.iter().map(|fact| fact.agent.as_str()).collect();
    assert_eq!(accepted, ["adams", "brown"]);
    assert_eq!(sim.state("adams"), "LOGOUT");
}

#[tokio::test]
async fn the_vendors_client_works_a_chat_over_a_web_socket() {
    runs_through("websocket").await;
}

#[tokio::test]
async fn the_vendors_client_works_a_chat_from_polling_on() {
    runs_through("polling").await;
}

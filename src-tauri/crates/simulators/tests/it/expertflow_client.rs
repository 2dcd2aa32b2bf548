//! The vendor's Socket.IO client, unmodified, against the simulator of Expertflow CX.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::process::{Child, Command};
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

/// What `together.mjs` says of supervisors, pull lists and consults.
const TOGETHER: [&str; 17] = [
    "version",
    "active chat",
    "monitors",
    "monitor is silent",
    "whispers",
    "barges in",
    "supervisor leaves",
    "list subscribed",
    "request taken",
    "request closed",
    "list left",
    "consult conference: consulted",
    "consult conference",
    "consult transfer: consulted",
    "new task",
    "handed over",
    "consult transfer",
];

fn script(sim: &ExpertflowSim, name: &str, transport: &str) -> Child {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("socketio-client");
    assert!(
        folder.join("node_modules/socket.io-client").is_dir(),
        "the vendor's library is not installed; run `npm ci` in src-tauri/crates/simulators/socketio-client"
    );
    let passwords = ["adams", "brown", "clark"].map(|agent| sim.options().password(agent)).join(",");
    Command::new("node")
        .args([name, &sim.base_url(), transport, &passwords])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("node")
}

/// Every one of those checks was made and held.
fn all_held(output: &[u8], checks: &[&str], transport: &str) {
    let text = String::from_utf8_lossy(output);
    let told: Value = serde_json::from_str(text.trim()).unwrap_or_else(|_| panic!("not JSON: {text}"));
    assert_eq!(told["error"], Value::Null, "{transport}: {told}");
    for name in checks {
        assert_eq!(told["checks"][name], true, "{transport}: {name}");
    }
}

async fn runs_through(transport: &str) {
    let sim = ExpertflowSim::start(ExpertflowOptions::default()).await.expect("it starts");
    let chat =
        sim.customer_chats(CustomerOffer::of("Chris Sample", "Web Care").saying("Are you there?")).expect("a customer");
    let node = script(&sim, "client.mjs", transport);
    let customer = async {
        assert_eq!(chat.expect_accepted(SOON).await.expect("accepted"), "adams");
        chat.expect_message("how can I help", SOON).await.expect("written");
        chat.customer_writes("My parcel is late").expect("still there");
    };
    let (ended, ()) = tokio::join!(node.wait_with_output(), customer);
    all_held(&ended.expect("it ends").stdout, &CHECKS, transport);
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

async fn works_together(transport: &str) {
    let sim = ExpertflowSim::start(ExpertflowOptions::default()).await.expect("it starts");
    let offer = CustomerOffer::of("Chris Sample", "Web Care").saying("Are you there?");
    let chat = sim.customer_chats(offer.clone()).expect("a customer");
    let pulled = sim.customer_waits_in("Back office", offer.number("+12025550191")).expect("a customer");
    let ended = script(&sim, "together.mjs", transport).wait_with_output().await.expect("it ends");
    all_held(&ended.stdout, &TOGETHER, transport);
    let to_customer =
        |text: &str| chat.messages().iter().any(|message| message.name == "AGENT_MESSAGE" && message.text() == text);
    assert!(to_customer("I am the supervisor") && to_customer("It is brown") && to_customer("I take care of it"));
    assert!(!to_customer("Offer a refund") && !to_customer("Yes, do") && !to_customer("May the customer hear this?"));
    let roles: Vec<(String, String)> = chat.facts().roles.into_iter().map(|fact| (fact.agent, fact.role)).collect();
    let role = |agent: &str, role: &str| (agent.to_owned(), role.to_owned());
    assert_eq!(
        roles,
        [role("clark", "WHISPER"), role("clark", "PRIMARY"), role("brown", "PRIMARY"), role("brown", "PRIMARY")]
    );
    let statuses: Vec<String> = pulled.facts().pulls.into_iter().map(|fact| fact.status).collect();
    assert_eq!(statuses, ["CREATED", "JOINED", "closing"]);
    let known = sim.heard().into_iter().all(|heard| heard.known);
    assert!(known, "every event is one of the platform's");
}

#[tokio::test]
async fn the_vendors_client_supervises_pulls_and_consults_over_a_web_socket() {
    works_together("websocket").await;
}

#[tokio::test]
async fn the_vendors_client_supervises_pulls_and_consults_from_polling_on() {
    works_together("polling").await;
}

//! The demo scenario, driven by an agent who answers everything.

use std::time::Duration;

use crate::chat_client::Agent;
use crate::wire::Cti;
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::{
    AmazonConnectSim, ChatEndedBy, ChatMessage, DemoPace, EndedBy, OfferChat, SimCall, SimChat, SimOptions, TurnKind,
    demo, demo_options,
};

const SOON: Duration = Duration::from_secs(10);

async fn nth_call(sim: &AmazonConnectSim, n: usize) -> SimCall {
    let wait = async {
        loop {
            if let Some(call) = sim.calls().get(n) {
                return call.clone();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(SOON, wait).await.expect("the next call comes")
}

#[tokio::test]
async fn the_demo_goes_on_whatever_the_agent_does() {
    let options = SimOptions { turn: TurnKind::Unreachable, ring: Duration::from_millis(300), ..demo_options() };
    let sim = AmazonConnectSim::start(options).await.unwrap();
    let pace = DemoPace {
        first_call: Duration::from_millis(100),
        next_call: Duration::from_millis(50),
        patience: Duration::from_millis(150),
        ..DemoPace::default()
    };
    let running = {
        let sim = sim.clone();
        tokio::spawn(async move { demo(&sim, pace).await })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(sim.calls().is_empty(), "nobody calls before the agent has polled");
    let cti = Cti { base: sim.base_url(), token: sim.token("agent.one") };
    let snapshot = cti.snapshot().await;
    assert_eq!(snapshot["snapshot"]["state"]["name"], "Available", "signed in as Available");
    let contact = |call: &SimCall| json!({ "contactId": call.contact_id() });

    let first = nth_call(&sim, 0).await;
    cti.done("AcceptContact", contact(&first)).await;
    let connection = json!({
        "contactId": first.contact_id(), "connectionId": first.agent_connection_id(),
    });
    cti.done("DestroyConnection", connection).await;
    cti.done("ClearContact", contact(&first)).await;

    let second = nth_call(&sim, 1).await;
    assert_ne!(second.offer().customer_name, first.offer().customer_name, "customers vary");
    cti.done("AcceptContact", contact(&second)).await;
    let by = |f: &trunkline_simulators::amazon_connect::CallFacts| f.ended.map(|(by, _)| by);
    let ended = second.expect("the customer to lose patience", SOON, by).await.unwrap();
    assert_eq!(ended, EndedBy::Customer, "some customers hang up themselves");
    cti.done("ClearContact", contact(&second)).await;

    let third = nth_call(&sim, 2).await;
    third.expect_missed(SOON).await.unwrap();
    cti.done("ClearContact", contact(&third)).await;

    let fourth = nth_call(&sim, 3).await;
    let queue: Value = cti.snapshot().await["snapshot"]["contacts"][0]["queue"]["name"].clone();
    assert_eq!(queue, fourth.offer().queue.as_str(), "any queue name is shown");
    cti.done("RejectContact", contact(&fourth)).await;
    cti.done("ClearContact", contact(&fourth)).await;
    nth_call(&sim, 4).await;
    running.abort();
}

#[tokio::test]
async fn the_demo_offers_a_chat_that_follows_the_agent_after_the_first_call() {
    let options = SimOptions { turn: TurnKind::Unreachable, ..demo_options() };
    let sim = AmazonConnectSim::start(options).await.unwrap();
    let pace = DemoPace {
        first_call: Duration::from_millis(100),
        first_chat: Duration::from_millis(100),
        next_chat: Duration::from_millis(100),
        thinking: Duration::from_millis(40),
        ..DemoPace::default()
    };
    let running = {
        let sim = sim.clone();
        tokio::spawn(async move { demo(&sim, pace).await })
    };
    let cti = Cti { base: sim.base_url(), token: sim.token("agent.one") };
    cti.snapshot().await;
    let call = nth_call(&sim, 0).await;
    cti.done("AcceptContact", json!({ "contactId": call.contact_id() })).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(sim.chats().is_empty(), "no chat disturbs the first call");
    let own = json!({ "contactId": call.contact_id(), "connectionId": call.agent_connection_id() });
    cti.done("DestroyConnection", own).await;
    cti.done("ClearContact", json!({ "contactId": call.contact_id() })).await;
    for n in 0..2 {
        let chat = nth_chat(&sim, n).await;
        cti.done("AcceptContact", json!({ "contactId": chat.contact_id() })).await;
        let agent = Agent::of(&cti, chat).await;
        for said in ["Hello!", "Let me see.", "Done."] {
            let before = agent.chat.messages().len();
            agent.say(said).await;
            let told = async {
                while agent.chat.messages().len() < before + 2 {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            };
            tokio::time::timeout(SOON, told).await.expect("the customer reacts to the agent");
            assert!(!agent.chat.agent_messages().last().unwrap().read_by.is_empty(), "and has read it");
        }
        assert_eq!(agent.chat.expect_ended(SOON).await.unwrap(), ChatEndedBy::Customer, "then the customer leaves");
        cti.done("ClearContact", json!({ "contactId": agent.chat.contact_id() })).await;
        assert_eq!(agent.chat.files().len(), n, "the second customer sends a file");
    }
    running.abort();
}

#[tokio::test]
async fn a_chat_given_to_the_played_colleague_comes_to_its_end() {
    let options = SimOptions { turn: TurnKind::Unreachable, ..demo_options() };
    let sim = AmazonConnectSim::start(options).await.unwrap();
    let cti = Cti { base: sim.base_url(), token: sim.token("agent.one") };
    let list = cti.done("GetEndpoints", json!({ "queueARNs": [] })).await["endpoints"].clone();
    let agent = Agent::take(&cti, sim.offer_chat(OfferChat::to("agent.one")).await.unwrap()).await;
    let endpoint = list.as_array().unwrap().iter().find(|e| e["type"] == "agent").unwrap();
    cti.done("TransferContact", json!({ "contactId": agent.chat.contact_id(), "endpoint": endpoint })).await;
    agent.chat.expect_transferred(SOON).await.unwrap();
    let by_sofia = |m: &ChatMessage| m.name == "Sofia Sample";
    let hello = agent.chat.wait_for("the colleague's greeting", SOON, by_sofia).await.unwrap();
    agent.chat.say("Can you help?").unwrap();
    let answer = |m: &ChatMessage| m.name == "Sofia Sample" && m.id != hello.id;
    agent.chat.wait_for("the colleague's answer", SOON, answer).await.unwrap();
    agent.chat.leave().unwrap();
    assert_eq!(agent.chat.events().last().map(String::as_str), Some("chat.ended"));
}

async fn nth_chat(sim: &AmazonConnectSim, n: usize) -> SimChat {
    let wait = async {
        loop {
            if let Some(chat) = sim.chats().get(n) {
                return chat.clone();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(SOON, wait).await.expect("the next chat comes")
}

#[tokio::test]
async fn a_demo_user_can_dial_consult_and_transfer() {
    let options = SimOptions { turn: TurnKind::Unreachable, ..demo_options() };
    let sim = AmazonConnectSim::start(options).await.unwrap();
    let cti = Cti { base: sim.base_url(), token: sim.token("agent.one") };
    let list = cti.done("GetEndpoints", json!({ "queueARNs": [] })).await["endpoints"].clone();
    let listed = |name: &str| {
        let all = list.as_array().unwrap();
        all.iter().find(|e| e["name"].as_str().unwrap().starts_with(name)).unwrap().clone()
    };
    let number = json!({ "type": "phone_number", "phoneNumber": "+12025550142" });
    cti.done("CreateOutboundContact", json!({ "endpoint": number })).await;
    let call = sim.expect_dialled("agent.one", SOON).await.unwrap();
    call.expect_accepted(SOON).await.unwrap();
    let add = |endpoint: Value| json!({ "contactId": call.contact_id(), "endpoint": endpoint });
    cti.done("CreateAdditionalConnection", add(listed("Lena Beispiel"))).await;
    let lena = call.expect_third_party(SOON).await.unwrap();
    lena.expect_connected(SOON).await.unwrap();
    cti.done("CreateAdditionalConnection", add(listed("Tom Template"))).await;
    let tom = call.expect_third_party(SOON).await.unwrap();
    tom.expect_ended(SOON).await.unwrap();
    assert!(tom.facts().connected.is_none(), "one line is always busy");
    cti.done("CreateAdditionalConnection", add(listed("Sofia Sample"))).await;
    let sofia = call.expect_third_party(SOON).await.unwrap();
    sofia.expect_connected(SOON).await.unwrap();
    assert!(!sofia.is_agent(), "the colleague is played: nobody has to sign in");
    let own = json!({ "contactId": call.contact_id(), "connectionId": call.agent_connection_id() });
    cti.done("DestroyConnection", own).await;
    assert_eq!([call.customer().state(), lena.state(), sofia.state()], ["connected"; 3], "they talk on");
    let dialled = json!({ "endpoint": { "type": "phone_number", "phoneNumber": "12-34" } });
    assert_eq!(cti.call("CreateOutboundContact", dialled).await.kind(), "BadEndpointException");
}

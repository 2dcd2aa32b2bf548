//! Bad weather of Expertflow CX.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use trunkline_simulators::expertflow::{CustomerOffer, ExpertflowOptions, ExpertflowSim};

use crate::desk::{Desk, SOON, rest};
use crate::wire::Socket;

async fn start() -> ExpertflowSim {
    let options = ExpertflowOptions {
        ping_interval: Duration::from_millis(200),
        ping_timeout: Duration::from_millis(300),
        ack_timeout: Duration::from_millis(300),
        ..ExpertflowOptions::default()
    };
    ExpertflowSim::start(options).await.expect("it starts")
}

fn customer() -> CustomerOffer {
    CustomerOffer::of("Chris Sample", "Web Care")
}

#[tokio::test]
async fn sockets_are_kicked_replaced_refused_and_cut() {
    let sim = start().await;
    let mut adams = Desk::open(&sim, "adams").await;
    sim.kick("adams").unwrap();
    adams.event("disconnect").await;
    let mut adams = Desk::open(&sim, "adams").await;
    sim.remove_session("adams").unwrap();
    adams.event("socketSessionRemoved").await;
    adams.event("disconnect").await;
    sim.refuse_dials(1);
    let url =
        format!("{}/agent-manager/socket.io/?EIO=4&transport=websocket", sim.base_url().replace("http://", "ws://"));
    assert_eq!(Socket::open(&url).await.err(), Some(503));
    let mut adams = Desk::open(&sim, "adams").await;
    sim.drop_sockets();
    adams.event("closed").await;
}

#[tokio::test]
async fn a_silent_server_says_nothing_not_even_pings_and_comes_back() {
    let sim = start().await;
    let mut adams = Desk::open(&sim, "adams").await;
    adams.event("agentPresence").await;
    sim.silence(true);
    sim.raw_event("adams", "hello", Value::Null).unwrap();
    assert!(!adams.hears("hello", Duration::from_millis(400)).await, "nothing is heard");
    sim.silence(false);
    let before = sim.sockets_of("adams");
    let _again = Desk::open(&sim, "adams").await;
    sim.expect_back("adams", before, SOON).await.unwrap();
}

#[tokio::test]
async fn a_restart_keeps_who_was_there() {
    let sim = start().await;
    let mut adams = Desk::open(&sim, "adams").await;
    adams.ready().await;
    let chat = sim.customer_chats(customer()).unwrap();
    adams.take().await;
    sim.restart(Duration::from_millis(300)).await;
    adams.event("closed").await;
    let mut adams = Desk::open(&sim, "adams").await;
    assert_eq!(adams.event("taskRequest").await["conversationId"], chat.id());
}

#[tokio::test]
async fn whoever_was_there_has_the_whole_time_anew_after_a_long_restart() {
    let options =
        ExpertflowOptions { socket_disconnect_time: Duration::from_millis(600), ..ExpertflowOptions::default() };
    let sim = ExpertflowSim::start(options).await.expect("it starts");
    let mut adams = Desk::open(&sim, "adams").await;
    adams.ready().await;
    sim.restart(Duration::from_secs(1)).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut adams = Desk::open(&sim, "adams").await;
    assert_eq!(adams.event("agentPresence").await["agentPresence"]["state"]["name"], "READY");
}

#[tokio::test]
async fn log_ins_and_licences_are_refused_for_a_while() {
    let sim = start().await;
    let body = json!({ "username": "adams", "password": sim.options().password("adams") });
    let log_in = async || rest(&sim.base_url(), "POST", "/agent-manager/agent/login", "", &body).await.status;
    sim.refuse_logins(Some(412));
    assert_eq!(log_in().await, 412);
    sim.refuse_logins(None);
    assert_eq!(log_in().await, 200);
    sim.refuse_licence(Some("EXPIRED"));
    let refused = Desk::shake(&sim, "adams", &json!({}), true).await.err().expect("refused");
    assert_eq!(refused["data"]["content"]["licStatus"], "EXPIRED");
}

#[tokio::test]
async fn events_come_late_twice_and_as_large_as_one_likes() {
    let sim = start().await;
    let mut adams = Desk::open(&sim, "adams").await;
    sim.duplicate_events(true);
    sim.raw_event("adams", "anything", json!({ "a": 1 })).unwrap();
    assert_eq!(adams.event("anything").await, json!({ "a": 1 }));
    adams.event("anything").await;
    sim.duplicate_events(false);
    sim.big_frame("adams", 3_000_000).unwrap();
    assert_eq!(adams.event("onBigThing").await.as_str().map(str::len), Some(3_000_000));
    sim.slow_down(Duration::from_millis(300));
    let asked = Instant::now();
    sim.raw_event("adams", "late", Value::Null).unwrap();
    adams.event("late").await;
    assert!(asked.elapsed() >= Duration::from_millis(290), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_missing_acknowledgement_is_known() {
    let sim = start().await;
    let mut adams = Desk::without_acks(&sim, "adams").await;
    adams.ready().await;
    let chat = sim.customer_chats(customer()).unwrap();
    adams.take().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(chat.facts().topics.iter().all(|topic| !topic.ok && topic.acknowledged.is_none()));
}

#[tokio::test]
async fn an_echo_gets_lost_and_the_same_message_again_is_one_message() {
    let sim = start().await;
    let mut adams = Desk::open(&sim, "adams").await;
    adams.ready().await;
    let chat = sim.customer_chats(customer()).unwrap();
    let topic = adams.take().await;
    sim.lose_echoes(1);
    adams.write(&topic, "Hello");
    chat.expect_message("Hello", SOON).await.unwrap();
    let event = sim.heard().into_iter().rev().find(|heard| heard.name == "publishCimEvent").unwrap();
    adams.publish(&topic, &event.payload["cimEvent"]);
    adams.cim("AGENT_MESSAGE").await;
    assert_eq!(chat.messages().len(), 1);
    assert_eq!(chat.messages()[0].times, 2);
}

#[tokio::test]
async fn rest_fails_as_often_as_it_is_told_and_unknown_events_are_noted() {
    let sim = start().await;
    let adams = Desk::open(&sim, "adams").await;
    sim.fail_rest(502, 1);
    let ask = async || rest(&sim.base_url(), "GET", "/unified-admin/reasons", &adams.token, &Value::Null).await.status;
    assert_eq!((ask().await, ask().await), (502, 200));
    adams.emit("namedConference", &json!({}));
    adams.emit("changeAgentState", &json!({ "action": "agentState", "state": { "name": "READY" } }));
    sim.expect_state("adams", "READY", SOON).await.unwrap();
    let heard: Vec<(String, bool)> = sim.heard().into_iter().map(|heard| (heard.name, heard.known)).collect();
    assert_eq!(heard, [("namedConference".to_owned(), false), ("changeAgentState".to_owned(), true)]);
}

#[tokio::test]
async fn texts_reach_agents_in_base64_where_the_installation_does_so() {
    let sim = ExpertflowSim::start(ExpertflowOptions { encode_messages: true, ..ExpertflowOptions::default() })
        .await
        .unwrap();
    let mut adams = Desk::open(&sim, "adams").await;
    adams.ready().await;
    let chat = sim.customer_chats(customer()).unwrap();
    let topic = adams.take().await;
    chat.customer_writes("hello").unwrap();
    let message = adams.cim("CUSTOMER_MESSAGE").await;
    assert_eq!(message["data"]["header"]["additionalData"]["isEncoded"], true);
    assert_eq!(message["data"]["body"]["markdownText"], "aGVsbG8=");
    adams.write(&topic, "plain");
    assert_eq!(chat.expect_message("plain", SOON).await.unwrap().text(), "plain", "what is sent plainly is plain");
}

#[tokio::test]
async fn a_message_that_is_too_large_ends_the_socket() {
    let sim = start().await;
    let mut adams = Desk::open(&sim, "adams").await;
    adams.emit("publishCimEvent", &json!({ "text": "x".repeat(900_000) }));
    adams.event("errors").await;
    adams.emit("publishCimEvent", &json!({ "text": "x".repeat(1_100_000) }));
    adams.event("closed").await;
}

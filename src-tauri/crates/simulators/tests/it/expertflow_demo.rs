//! Demo mode of Expertflow CX, faster than people are.

use std::time::Duration;

use serde_json::json;
use trunkline_simulators::expertflow::{ExpertflowPace, ExpertflowSim, demo, demo_options};

use crate::desk::Desk;

#[tokio::test]
async fn the_demo_has_customers_a_colleague_and_something_to_supervise() {
    let sim = ExpertflowSim::start(demo_options()).await.expect("it starts");
    let pace = ExpertflowPace {
        next_chat: Duration::from_millis(300),
        second_chat: Duration::from_secs(60),
        thinking: Duration::from_millis(100),
        patience: Duration::from_secs(30),
        others: Duration::from_millis(400),
    };
    let running = sim.clone();
    tokio::spawn(async move { demo(&running, pace).await });
    let mut adams = Desk::open(&sim, "adams").await;
    adams.ready().await;
    let topic = adams.take().await;
    let chat = sim.chats().into_iter().find(|chat| topic["conversationId"] == chat.id()).expect("a chat");
    // The customer reacts.
    adams.write(&topic, "Hello, how can I help?");
    adams.cim("MESSAGE_DELIVERY_NOTIFICATION").await;
    adams.cim("TYPING_INDICATOR").await;
    adams.cim("CUSTOMER_MESSAGE").await;
    // There is something for a supervisor.
    let session = loop {
        let body = json!({ "queues": ["Retail"] });
        let rows = adams.post("/realtime-reports/queue-active-chats/detail", &body).await;
        let session = rows[0]["chats"][0]["activeChannelSessions"][0].clone();
        if session.is_object() {
            break session;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    adams.monitor(&session);
    let listened = adams.event("onTopicData").await;
    assert_eq!(listened["topicData"]["topicParticipant"]["role"], "SILENT_MONITOR");
    // A colleague takes a transfer, and the customer comes to an end with them.
    adams.ask_for("directTransferRequest", &topic, "queue", "Billing");
    assert_eq!(adams.event("topicUnsubscription").await["reason"], "CHAT TRANSFERRED");
    assert!(chat.participants().iter().any(|(name, _)| name == "brown"), "{:?}", chat.participants());
    let within = Duration::from_secs(20);
    chat.expect("the customer to leave", within, |facts| facts.customer_left).await.unwrap();
    chat.expect_left("brown", within).await.unwrap();
    assert!(chat.messages().iter().any(|message| message.agent == "brown"), "brown wrote");
    // And the next one comes.
    let next = adams.take().await;
    assert_ne!(next["conversationId"], topic["conversationId"]);
}

//! Demo mode of Expertflow CX, faster than people are.

use std::time::Duration;

use serde_json::{Value, json};
use trunkline_simulators::expertflow::{ExpertflowPace, ExpertflowSim, demo, demo_options};

use crate::desk::{Desk, SOON};

async fn playing() -> ExpertflowSim {
    let sim = ExpertflowSim::start(demo_options()).await.expect("it starts");
    let pace = ExpertflowPace {
        next_chat: Duration::from_millis(300),
        second_chat: Duration::from_secs(60),
        thinking: Duration::from_millis(100),
        patience: Duration::from_secs(30),
        others: Duration::from_millis(400),
        pull: Duration::from_millis(800),
        announcement: Duration::from_millis(700),
        back: Duration::from_millis(500),
    };
    let running = sim.clone();
    tokio::spawn(async move { demo(&running, pace).await });
    sim
}

/// A chat of the team Retail that can be listened to.
async fn lively(adams: &Desk) -> Value {
    let team = adams.supervised().await;
    loop {
        let body = json!({ "teamId": team, "queues": ["Retail"] });
        let rows = adams.post("/realtime-reports/queue-active-chats/detail", &body).await;
        if let Some(chat) = rows[0]["chats"].as_array().and_then(|chats| chats.first()) {
            return chat["activeChannelSessions"][0].clone();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn the_demo_has_customers_a_colleague_and_something_to_supervise() {
    let sim = playing().await;
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
    let session = lively(&adams).await;
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

#[tokio::test]
async fn the_demos_colleagues_answer_whispers_and_their_customers_who_barges_in() {
    let sim = playing().await;
    let mut adams = Desk::open(&sim, "adams").await;
    // Somebody waits there always, and both colleagues are at work.
    let team = adams.supervised().await;
    sim.expect("two at work and two who wait", SOON, |sim| {
        let chats = sim.chats();
        let retail = chats.iter().filter(|chat| chat.offer().is_some_and(|offer| offer.queue == "Retail"));
        let (taken, waiting): (Vec<_>, Vec<_>) =
            retail.map(|chat| chat.facts()).filter(|f| f.customer_left.is_none()).partition(|f| !f.accepted.is_empty());
        (taken.len() >= 2 && waiting.len() >= 2).then_some(())
    })
    .await
    .unwrap();
    let body = json!({ "teamId": team, "queues": [] });
    let rows = adams.post("/realtime-reports/queued-chats/detail", &body).await;
    assert!(rows[0]["chats"].as_array().is_some_and(|chats| !chats.is_empty()), "{rows}");
    let session = lively(&adams).await;
    adams.monitor(&session);
    let listened = adams.event("onTopicData").await;
    let chat = sim.chats().into_iter().find(|chat| listened["conversationId"] == chat.id()).expect("a chat");
    // Words go on while somebody listens, longer than the talk would last by itself.
    for _ in 0..5 {
        adams.cim("CUSTOMER_MESSAGE").await;
    }
    adams.change_part("joinAsWhisper", &listened);
    adams.cim("PARTICIPANT_ROLE_CHANGED").await;
    adams.whisper(&listened, "Offer a voucher");
    let answer = adams
        .expect("the colleague's whisper", |name, payload| {
            let event = if name == "onCimEvent" { crate::desk::inner(payload) } else { Value::Null };
            event["name"] == "WHISPER_MESSAGE" && event["data"]["header"]["sender"]["senderName"] != "adams"
        })
        .await;
    assert!(!crate::desk::inner(&answer)["data"]["body"]["markdownText"].as_str().unwrap().is_empty());
    adams.change_part("JoinAsBargin", &listened);
    adams.cim("PARTICIPANT_ROLE_CHANGED").await;
    adams.write(&listened, "Hello, I am the supervisor");
    let thanked = |name: &str, payload: &Value| {
        let event = if name == "onCimEvent" { crate::desk::inner(payload) } else { Value::Null };
        event["name"] == "CUSTOMER_MESSAGE"
            && event["data"]["body"]["markdownText"].as_str().is_some_and(|text| text.contains("taking care"))
    };
    adams.expect("the customer's answer", thanked).await;
    adams.leave(&listened);
    adams.expect("to be out", |name, p| name == "topicUnsubscription" && p["conversationId"] == chat.id()).await;
    // Nobody listens any more: it ends, and demo mode forgets it.
    sim.expect("to be forgotten", SOON * 2, |sim| (!sim.chats().iter().any(|one| one.id() == chat.id())).then_some(()))
        .await
        .unwrap();
    // A colleague who was logged out comes back.
    sim.force_logout("davis").unwrap();
    sim.expect_state("davis", "READY", SOON).await.unwrap();
}

#[tokio::test]
async fn the_demos_pull_lists_fill_and_supervisors_announce() {
    let sim = playing().await;
    let mut adams = Desk::open(&sim, "adams").await;
    let list = sim.options().pull_lists[0].clone();
    adams.list("subscribePullModeList", &list.id, &list.name);
    let told = adams.event("onPullModeSubscribedListRequest").await;
    let request: Value = serde_json::from_str(told["pullModeEvent"].as_str().unwrap()).unwrap();
    adams.take_pulled(&request);
    let topic = adams.event("onTopicData").await;
    adams.write(&topic, "I have sent it to you.");
    let told = adams.cim("CUSTOMER_MESSAGE").await;
    assert_eq!(told["data"]["body"]["markdownText"], "Thank you!");
    adams.event("ANNOUNCEMENT_CREATED").await;
    assert!(sim.pull_requests(&sim.options().pull_lists[1].id).iter().any(|view| view.status == "CREATED"));
    let past = format!(
        "/conversation-manager/customer-topics/customer/{}/activities?limit=25",
        topic["topicData"]["customer"]["_id"].as_str().unwrap()
    );
    assert_eq!(adams.get(&past).await["docs"].as_array().map(Vec::len), Some(25), "a customer with a past");
}

//! What Expertflow CX sends over its socket has the recorded shapes.

use std::time::Duration;

use serde_json::{Value, json};
use trunkline_simulators::expertflow::{CustomerOffer, ExpertflowOptions, ExpertflowSim};

use crate::desk::{Desk, SOON, same_shape};
use crate::wire::fixture;

fn recorded(name: &str) -> Value {
    fixture(&format!("expertflow/{name}.json"))
}

#[tokio::test]
async fn events_of_the_socket_have_the_recorded_shapes() {
    let options = ExpertflowOptions { accept_timeout: Duration::from_secs(5), ..ExpertflowOptions::default() };
    let sim = ExpertflowSim::start(options.with_wrap_up(Duration::from_secs(60))).await.expect("it starts");
    let mut adams = Desk::open(&sim, "adams").await;
    let mut brown = Desk::open(&sim, "brown").await;
    same_shape(&adams.event("onChannelTypes").await, &recorded("onChannelTypes"), "onChannelTypes");
    let presence = adams.event("agentPresence").await;
    same_shape(&presence, &recorded("agentPresence.not_ready"), "agentPresence");
    adams.ready().await;
    let chat = sim.customer_chats(CustomerOffer::of("Chris Sample", "Web Care").saying("Are you there?")).unwrap();
    let offer = adams.event("taskRequest").await;
    same_shape(&offer, &recorded("taskRequest.inbound"), "taskRequest");
    adams.subscribe(&offer, "PRIMARY");
    let topic = adams.event("onTopicData").await;
    same_shape(&topic, &recorded("onTopicData"), "onTopicData");
    let said = chat.customer_writes("My parcel is late").unwrap();
    let mut compared = 0;
    let mut same = |event: &Value, name: &str| {
        same_shape(event, &recorded(&format!("cimEvent.{name}")), name);
        compared += 1;
    };
    same(&adams.cim("CUSTOMER_MESSAGE").await, "CUSTOMER_MESSAGE");
    chat.bot_suggests(&said, &["Explain the delay"]);
    same(&adams.cim("BOT_SUGGESTION").await, "BOT_SUGGESTION");
    adams.write(&topic, "Hello");
    same(&adams.cim("AGENT_MESSAGE").await, "AGENT_MESSAGE");
    chat.customer_reads();
    same(&adams.cim("MESSAGE_DELIVERY_NOTIFICATION").await, "MESSAGE_DELIVERY_NOTIFICATION");
    chat.customer_types();
    same(&adams.cim("TYPING_INDICATOR").await, "TYPING_INDICATOR");
    let session = chat.opens_channel("WHATSAPP").unwrap();
    same(&adams.cim("CHANNEL_SESSION_STARTED").await, "CHANNEL_SESSION_STARTED");
    chat.closes_channel(&session);
    same(&adams.cim("CHANNEL_SESSION_ENDED").await, "CHANNEL_SESSION_ENDED");
    chat.data_changes("phone", "+12025550100");
    same(&adams.cim("CONVERSATION_DATA_CHANGED").await, "CONVERSATION_DATA_CHANGED");
    chat.service_level("START_TIMER", 0);
    same(&adams.cim("AGENT_SLA_STARTED").await, "AGENT_SLA_STARTED");
    brown.ready().await;
    adams.ask_for("directConferenceRequest", &topic, "queue", "Billing");
    let placed = adams.event("agentAssistanceRequestPlaced").await;
    same_shape(&placed, &recorded("agentAssistanceRequestPlaced"), "agentAssistanceRequestPlaced");
    same(&adams.cim("TASK_ENQUEUED").await, "TASK_ENQUEUED");
    let joined = brown.take().await;
    same(&adams.cim("AGENT_SUBSCRIBED").await, "AGENT_SUBSCRIBED");
    let assigned = adams.event("agentAssignedForAssistance").await;
    same_shape(&assigned, &recorded("agentAssignedForAssistance"), "agentAssignedForAssistance");
    let active = adams
        .expect("an active task", |name, payload| {
            let event = if name == "onCimEvent" { crate::desk::inner(payload) } else { Value::Null };
            event["name"] == "TASK_STATE_CHANGED" && event["data"]["task"]["activeMedia"][0]["state"] == "ACTIVE"
        })
        .await;
    same(&crate::desk::inner(&active), "TASK_STATE_CHANGED.active");
    brown.leave(&joined);
    same(&adams.cim("PARTICIPANT_ROLE_CHANGED").await, "PARTICIPANT_ROLE_CHANGED");
    let started = brown.event("wrapupTimerStarted").await;
    same_shape(&started, &recorded("wrapupTimerStarted"), "wrapupTimerStarted");
    brown.emit("closeWrapup", &json!({ "cimEvent": null, "conversationId": chat.id(), "agentId": brown.id }));
    let left = brown.event("topicUnsubscription").await;
    assert_eq!(left["reason"], recorded("topicUnsubscription.wrapup_skipped")["reason"]);
    same_shape(&left, &recorded("topicUnsubscription.wrapup_skipped"), "topicUnsubscription");
    same(&adams.cim("AGENT_UNSUBSCRIBED").await, "AGENT_UNSUBSCRIBED");
    chat.closes();
    same_shape(&adams.event("topicClosed").await, &recorded("topicClosed"), "topicClosed");
    assert_eq!(compared, 14);
    chat.expect_left("adams", SOON).await.unwrap();
}

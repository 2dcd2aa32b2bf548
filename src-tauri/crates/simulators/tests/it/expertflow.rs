//! Expertflow CX by hand-written frames: states, routing, conversations.

use std::time::Duration;

use serde_json::{Value, json};
use trunkline_simulators::expertflow::{
    CustomerOffer, ExpertflowOptions, ExpertflowSim, MRD_CHAT, Resync, TransferLeaves,
};

use crate::desk::{Desk, SOON, chat_state};

fn quick() -> ExpertflowOptions {
    ExpertflowOptions {
        accept_timeout: Duration::from_millis(600),
        rona_pause: Duration::from_millis(150),
        socket_disconnect_time: Duration::from_millis(500),
        ..ExpertflowOptions::default()
    }
}

async fn start(options: ExpertflowOptions) -> ExpertflowSim {
    ExpertflowSim::start(options).await.expect("it starts")
}

fn customer() -> CustomerOffer {
    CustomerOffer::of("Chris Sample", "Web Care").saying("Are you there?")
}

#[tokio::test]
async fn an_agent_comes_in_not_ready_and_learns_channels_and_lists() {
    let sim = start(quick()).await;
    let mut adams = Desk::open(&sim, "adams").await;
    let types = adams.event("onChannelTypes").await;
    assert_eq!(types[0]["name"], "WEB");
    let presence = adams.event("agentPresence").await;
    assert_eq!(presence["agentPresence"]["state"]["name"], "NOT_READY");
    assert_eq!(chat_state(&presence), "NOT_READY");
    assert_eq!(adams.event("pullModeSubscribedListRequests").await, json!([]));
    assert_eq!(adams.event("onPullModeSubscribedList").await, json!([]));
    let shake = &sim.handshakes()[0];
    assert_eq!((shake.username.as_deref(), shake.agent_was_text), (Some("adams"), true));
}

#[tokio::test]
async fn sockets_are_refused_with_the_reason_in_data() {
    let sim = start(quick()).await;
    let auth = json!({ "agent": { "id": "x" }, "fcm": "" });
    let refused = Desk::shake(&sim, "adams", &auth, true).await.err().expect("refused");
    assert_eq!(refused["message"], "login-failed");
    assert_eq!(refused["data"]["content"]["key"], "AUTH");
    let sim = start(ExpertflowOptions { licence_refusal: Some("EXPIRED".to_owned()), ..quick() }).await;
    let refused = Desk::shake(&sim, "adams", &auth, true).await.err().expect("refused");
    assert_eq!(refused, crate::wire::fixture("expertflow/connect_error.license.json"));
}

#[tokio::test]
async fn a_domain_is_ready_only_while_the_agent_is() {
    let sim = start(quick()).await;
    let mut adams = Desk::open(&sim, "adams").await;
    adams.event("agentPresence").await;
    adams.chat("READY");
    let refused = adams.event("agentPresence").await;
    assert_eq!(refused["action"], "AGENT_STATE_UNCHANGED");
    adams.ready().await;
    let reason = json!({ "id": "62ffc9e9f12b6ccf1594d88b", "name": "Short break", "type": "NOT_READY" });
    adams.global("NOT_READY", &reason);
    let presence = adams.event("agentPresence").await;
    assert_eq!(presence["agentPresence"]["state"]["reasonCode"]["name"], "Short break");
    assert_eq!(presence["mrdStateChanges"], json!([MRD_CHAT]), "the domain goes along");
    assert_eq!(chat_state(&presence), "NOT_READY");
}

#[tokio::test]
async fn a_domain_is_active_then_busy_and_waits_for_its_tasks_before_it_is_not_ready() {
    let mut options = quick();
    options.agents[0].max_chats = 2;
    let sim = start(options).await;
    let mut adams = Desk::open(&sim, "adams").await;
    adams.ready().await;
    sim.customer_chats(customer()).unwrap();
    let first = adams.take().await;
    adams.chat_becomes("ACTIVE").await;
    sim.customer_chats(customer()).unwrap();
    let second = adams.take().await;
    adams.chat_becomes("BUSY").await;
    let third = sim.customer_chats(customer()).unwrap();
    assert!(!adams.hears("taskRequest", Duration::from_millis(300)).await, "no third chat for two hands");
    adams.global("NOT_READY", &Value::Null);
    adams.chat_becomes("PENDING_NOT_READY").await;
    adams.leave(&first);
    adams.event("topicUnsubscription").await;
    adams.leave(&second);
    adams.chat_becomes("NOT_READY").await;
    assert!(third.facts().offered.is_empty(), "nobody was asked");
    assert_eq!(third.facts().queued, ["Web Care"]);
}

#[tokio::test]
async fn a_chat_is_offered_taken_acknowledged_talked_in_and_left() {
    let sim = start(quick()).await;
    let mut adams = Desk::open(&sim, "adams").await;
    adams.ready().await;
    let chat = sim.customer_chats(customer()).unwrap();
    let offer = adams.event("taskRequest").await;
    assert_eq!(
        (offer["taskState"]["name"].as_str(), offer["taskDirection"].as_str()),
        (Some("RESERVED"), Some("INBOUND"))
    );
    assert_eq!(offer["queue"]["name"], "Web Care");
    assert_eq!(offer["taskId"].as_str().unwrap().split(':').count(), 2);
    adams.subscribe(&offer, "PRIMARY");
    let topic = adams.event("onTopicData").await;
    let names: Vec<&str> = topic["topicData"]["topicEvents"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|event| event["name"].as_str())
        .collect();
    assert!(names.starts_with(&["BOT_SUBSCRIBED", "CHANNEL_SESSION_STARTED", "CUSTOMER_MESSAGE"]), "{names:?}");
    assert!(topic["topicData"]["topicEvents"][0]["timestamp"].is_string(), "history carries ISO times");
    chat.expect("the acknowledgement", SOON, |facts| facts.topics.iter().find(|t| t.ok).cloned()).await.unwrap();
    // Both ways.
    let id = adams.write(&topic, "Hello, how can I help?");
    let echo = adams.cim("AGENT_MESSAGE").await;
    assert_eq!(echo["data"]["id"], id.as_str(), "the echo is the confirmation");
    assert_eq!(chat.expect_message("how can I help", SOON).await.unwrap().agent, "adams");
    chat.customer_types();
    assert_eq!(adams.cim("TYPING_INDICATOR").await["data"]["body"]["notificationType"], "TYPING_STARTED");
    chat.customer_reads();
    let receipt = adams.cim("MESSAGE_DELIVERY_NOTIFICATION").await;
    assert_eq!(receipt["data"]["body"]["messageId"], id.as_str());
    let said = chat.customer_writes("My parcel is late").unwrap();
    let heard = adams.cim("CUSTOMER_MESSAGE").await;
    assert_eq!(
        (heard["data"]["id"].as_str(), heard["data"]["header"]["sender"]["type"].as_str()),
        (Some(said.as_str()), Some("CONNECTOR"))
    );
    // Another channel and its end.
    let session = chat.opens_channel("WHATSAPP").unwrap();
    assert_eq!(adams.cim("CHANNEL_SESSION_STARTED").await["data"]["id"], session.as_str());
    chat.closes_channel(&session);
    assert_eq!(adams.cim("CHANNEL_SESSION_ENDED").await["data"]["id"], session.as_str());
    // Holding.
    adams.emit(
        "pauseConversation",
        &json!({ "participantId": adams.id, "conversationId": topic["conversationId"],
        "roomInfo": topic["roomInfo"], "duration": 300, "state": "ON_HOLD" }),
    );
    assert_eq!(adams.cim("CONVERSATION_PAUSED").await["data"]["holdTimerDetails"]["totalDuration"], 300);
    adams.emit(
        "resumeConversation",
        &json!({ "participantId": adams.id, "conversationId": topic["conversationId"],
        "roomInfo": topic["roomInfo"], "state": "ACTIVE" }),
    );
    adams.cim("CONVERSATION_RESUMED").await;
    adams.leave(&topic);
    let left = adams.event("topicUnsubscription").await;
    assert_eq!(left["reason"], "UNSUBSCRIBED");
    assert_eq!(chat.facts().accepted_by(), Some("adams"));
    adams.chat_becomes("READY").await;
}

#[tokio::test]
async fn an_offer_that_nobody_takes_goes_to_the_next_agent_and_comes_back_only_to_one_alone() {
    let sim = start(quick()).await;
    let mut adams = Desk::open(&sim, "adams").await;
    let mut brown = Desk::open(&sim, "brown").await;
    adams.ready().await;
    brown.ready().await;
    let chat = sim.customer_chats(customer()).unwrap();
    let offer = adams.event("taskRequest").await;
    adams.event("revokeTask").await;
    brown.event("taskRequest").await;
    // Too late.
    adams.subscribe(&offer, "PRIMARY");
    assert_eq!(adams.event("errors").await["task"], "topicSubscription");
    adams.event("revokeTask").await;
    brown.global("NOT_READY", &Value::Null);
    brown.event("revokeTask").await;
    let again = adams.event("taskRequest").await;
    assert_ne!(again["taskId"], offer["taskId"], "it is a new task");
    adams.subscribe(&again, "PRIMARY");
    adams.event("onTopicData").await;
    let missed: Vec<String> = chat.facts().missed.into_iter().map(|fact| fact.agent).collect();
    assert_eq!(missed, ["adams", "brown"]);
}

#[tokio::test]
async fn a_request_ends_without_an_agent_when_its_time_is_over() {
    let sim = start(ExpertflowOptions { request_ttl: Duration::from_millis(400), ..quick() }).await;
    let chat = sim.customer_chats(customer()).unwrap();
    let end = chat.expect("no agent", SOON, |facts| facts.no_agent.first().cloned()).await.unwrap();
    assert_eq!(end, "INBOUND");
    let mut adams = Desk::open(&sim, "adams").await;
    adams.ready().await;
    assert!(!adams.hears("taskRequest", Duration::from_millis(200)).await, "it does not wait any more");
}

#[tokio::test]
async fn a_customer_who_leaves_takes_the_offer_along() {
    let sim = start(quick()).await;
    let mut adams = Desk::open(&sim, "adams").await;
    adams.ready().await;
    let chat = sim.customer_chats(customer()).unwrap();
    adams.event("taskRequest").await;
    chat.customer_leaves();
    adams.event("revokeTask").await;
    assert!(chat.facts().missed.is_empty(), "nobody missed it");
}

#[tokio::test]
async fn wrap_up_ends_applied_skipped_or_by_its_time() {
    let sim = start(quick().with_wrap_up(Duration::from_millis(700))).await;
    let mut adams = Desk::open(&sim, "adams").await;
    adams.ready().await;
    for (way, reason) in
        [("apply", "Wrap Up applied"), ("skip", "choosing leave without Wrap Up"), ("wait", "wrap Up Timer Expired")]
    {
        let chat = sim.customer_chats(customer()).unwrap();
        let topic = adams.take().await;
        adams.leave(&topic);
        let role = adams.cim("PARTICIPANT_ROLE_CHANGED").await;
        assert_eq!(role["data"]["conversationParticipant"]["role"], "WRAP_UP");
        assert_eq!(adams.event("wrapupTimerStarted").await["duration"], 1);
        let close =
            |event: Value| json!({ "cimEvent": event, "conversationId": topic["conversationId"], "agentId": adams.id });
        if way == "apply" {
            let body = json!({ "type": "WRAPUP", "wrapups": [{ "categoryName": "Support", "value": "Solved" }], "note": "fine" });
            let event = json!({ "id": "1", "name": "AGENT_MESSAGE", "type": "MESSAGE",
                                "data": { "id": "w1", "header": {}, "body": body } });
            adams.emit("closeWrapup", &close(event));
        } else if way == "skip" {
            adams.emit("closeWrapup", &close(Value::Null));
        }
        assert_eq!(adams.event("topicUnsubscription").await["reason"], reason);
        assert_eq!(chat.facts().wrap_ups.len(), usize::from(way == "apply"));
    }
}

#[tokio::test]
async fn a_client_that_comes_back_in_time_keeps_state_and_chats() {
    let sim = start(quick()).await;
    let mut adams = Desk::open(&sim, "adams").await;
    adams.ready().await;
    let chat = sim.customer_chats(customer()).unwrap();
    adams.take().await;
    sim.drop_sockets();
    adams.event("closed").await;
    let mut adams = Desk::open(&sim, "adams").await;
    assert_eq!(adams.event("agentPresence").await["agentPresence"]["state"]["name"], "READY");
    let started = adams.event("taskRequest").await;
    assert_eq!(started["taskState"]["name"], "STARTED");
    adams.subscribe(&started, "PRIMARY");
    let topic = adams.event("onTopicData").await;
    assert_eq!(topic["conversationId"], chat.id());
    assert_eq!(chat.facts().accepted.len(), 1, "it is the same part");
}

#[tokio::test]
async fn topic_data_may_come_by_itself_after_a_loss() {
    let sim = start(ExpertflowOptions { resync: Resync::TopicData, ..quick() }).await;
    let mut adams = Desk::open(&sim, "adams").await;
    adams.ready().await;
    sim.customer_chats(customer()).unwrap();
    adams.take().await;
    let mut second = Desk::open(&sim, "adams").await;
    assert_eq!(adams.event("socketSessionRemoved").await["agentId"], adams.id.as_str());
    adams.event("disconnect").await;
    second.event("onTopicData").await;
}

#[tokio::test]
async fn an_agent_without_a_socket_is_logged_out_and_chats_go_to_others_first() {
    let sim = start(quick()).await;
    let mut adams = Desk::open(&sim, "adams").await;
    adams.ready().await;
    let chat = sim.customer_chats(customer()).unwrap();
    adams.take().await;
    let waits = sim.customer_chats(customer()).unwrap();
    adams.event("taskRequest").await;
    sim.drop_sockets();
    sim.expect_state("adams", "LOGOUT", SOON).await.unwrap();
    assert_eq!(chat.facts().left_with("adams"), Some("AGENT_LOGOUT"));
    let mut brown = Desk::open(&sim, "brown").await;
    brown.ready().await;
    let offer = brown.event("taskRequest").await;
    let row = brown.get(&format!("/routing-engine/tasks?agentId={}", brown.id)).await;
    assert!(row.as_array().unwrap().iter().any(|task| task["activeMedia"][0]["priority"] == 11), "{row}");
    assert!([chat.id(), waits.id()].contains(&offer["conversationId"].as_str().unwrap()));
    // Who comes back afterwards begins anew.
    let mut adams = Desk::open(&sim, "adams").await;
    assert_eq!(adams.event("agentPresence").await["agentPresence"]["state"]["name"], "NOT_READY");
}

#[tokio::test]
async fn a_transfer_to_a_queue_takes_the_agent_out_when_another_has_taken_it() {
    let sim = start(quick()).await;
    let mut adams = Desk::open(&sim, "adams").await;
    let mut brown = Desk::open(&sim, "brown").await;
    adams.ready().await;
    let chat = sim.customer_chats(customer()).unwrap();
    let topic = adams.take().await;
    brown.ready().await;
    adams.ask_for("directTransferRequest", &topic, "queue", "Nowhere");
    assert_eq!(adams.event("errors").await["task"], "directTransferRequest");
    adams.ask_for("directTransferRequest", &topic, "queue", "Billing");
    let placed = adams.event("agentAssistanceRequestPlaced").await;
    assert_eq!(placed, json!({ "requestAction": "transfer", "mode": "queue" }));
    let queued = adams.cim("TASK_ENQUEUED").await;
    assert_eq!(queued["data"]["task"]["activeMedia"][0]["type"]["metadata"]["requestedBy"], "adams");
    let offer = brown.event("taskRequest").await;
    assert_eq!(
        (offer["taskDirection"].as_str(), offer["requestedBy"].as_str()),
        (Some("DIRECT_TRANSFER"), Some("adams"))
    );
    assert_eq!(offer["note"], "please help");
    brown.subscribe(&offer, "PRIMARY");
    brown.event("onTopicData").await;
    assert_eq!(adams.event("agentAssignedForAssistance").await["type"], "direct-transfer");
    assert_eq!(adams.event("topicUnsubscription").await["reason"], "CHAT TRANSFERRED");
    assert_eq!(chat.participants(), [("brown".to_owned(), "PRIMARY".to_owned())]);
}

#[tokio::test]
async fn a_transfer_can_take_the_agent_out_at_once() {
    let sim = start(ExpertflowOptions { transfer_leaves: TransferLeaves::AtOnce, ..quick() }).await;
    let mut adams = Desk::open(&sim, "adams").await;
    adams.ready().await;
    let chat = sim.customer_chats(customer()).unwrap();
    let topic = adams.take().await;
    adams.ask_for("directTransferRequest", &topic, "queue", "Billing");
    assert_eq!(adams.event("topicUnsubscription").await["reason"], "CHAT TRANSFERRED");
    let mut brown = Desk::open(&sim, "brown").await;
    brown.ready().await;
    brown.take().await;
    assert_eq!(chat.participants(), [("brown".to_owned(), "PRIMARY".to_owned())]);
}

#[tokio::test]
async fn an_agent_named_who_does_not_answer_is_no_agent() {
    let sim = start(quick()).await;
    let mut adams = Desk::open(&sim, "adams").await;
    let mut brown = Desk::open(&sim, "brown").await;
    adams.ready().await;
    sim.customer_chats(customer()).unwrap();
    let topic = adams.take().await;
    adams.ask_for("directTransferRequest", &topic, "agent", &brown.id);
    assert_eq!(adams.event("errors").await["msg"], "the agent is not available", "brown is not ready");
    brown.ready().await;
    adams.ask_for("directTransferRequest", &topic, "agent", &brown.id);
    brown.event("taskRequest").await;
    brown.event("revokeTask").await;
    let none = adams.cim("NO_AGENT_AVAILABLE").await;
    assert_eq!(none["data"]["requestType"]["direction"], "DIRECT_TRANSFER");
    adams.write(&topic, "Still me");
    adams.cim("AGENT_MESSAGE").await;
}

#[tokio::test]
async fn a_consulted_colleague_whispers_and_may_take_over() {
    let sim = start(quick()).await;
    let mut adams = Desk::open(&sim, "adams").await;
    let mut brown = Desk::open(&sim, "brown").await;
    adams.ready().await;
    let chat = sim.customer_chats(customer()).unwrap();
    let topic = adams.take().await;
    brown.ready().await;
    adams.ask_for("consultRequest", &topic, "agent", &brown.id);
    adams.ask_for("consultRequest", &topic, "agent", &brown.id);
    assert_eq!(adams.event("errors").await["msg"], "another request is open");
    let helped = brown.take().await;
    assert_eq!(helped["topicData"]["topicParticipant"]["role"], "ASSISTANT");
    assert_eq!(adams.event("agentAssignedForAssistance").await["type"], "consult");
    brown.write(&helped, "May I?");
    assert_eq!(brown.event("errors").await["task"], "publishCimEvent");
    brown.say(&helped, "WHISPER_MESSAGE", &json!({ "type": "PLAIN", "markdownText": "Offer a discount" }));
    adams.cim("WHISPER_MESSAGE").await;
    adams.emit(
        "consultTransferRequest",
        &json!({ "conversationId": topic["conversationId"], "requestedAgentId": brown.id, "mode": "agent",
                 "offerToAgent": false, "agentParticipant": topic["topicData"]["topicParticipant"],
                 "channelSession": topic["topicData"]["channelSession"] }),
    );
    let success = brown.event("consulTransferRequestSuccess").await;
    let recorded = crate::wire::fixture("expertflow/consulTransferRequestSuccess.json");
    crate::desk::same_shape(&success, &recorded, "consulTransferRequestSuccess");
    assert_eq!(success["newTask"]["activeMedia"][0]["type"]["direction"], "CONSULT_TRANSFER");
    assert_eq!(adams.event("topicUnsubscription").await["reason"], "CHAT TRANSFERRED");
    brown.cim("PARTICIPANT_ROLE_CHANGED").await;
    brown.write(&helped, "Now it is me");
    chat.expect_message("Now it is me", SOON).await.unwrap();
    assert_eq!(chat.messages().iter().filter(|m| m.name == "AGENT_MESSAGE").count(), 1, "the whisper was none");
}

#[tokio::test]
async fn a_conference_has_two_primary_agents() {
    let sim = start(quick()).await;
    let mut adams = Desk::open(&sim, "adams").await;
    let mut brown = Desk::open(&sim, "brown").await;
    adams.ready().await;
    let chat = sim.customer_chats(customer()).unwrap();
    let topic = adams.take().await;
    brown.ready().await;
    adams.ask_for("directConferenceRequest", &topic, "queue", "Billing");
    brown.take().await;
    let joined = adams.cim("AGENT_SUBSCRIBED").await;
    assert_eq!(joined["data"]["agentParticipant"]["participant"]["keycloakUser"]["username"], "brown");
    adams.leave(&topic);
    assert_eq!(brown.cim("AGENT_UNSUBSCRIBED").await["data"]["reason"], "UNSUBSCRIBED");
    assert_eq!(chat.participants(), [("brown".to_owned(), "PRIMARY".to_owned())]);
}

#[tokio::test]
async fn a_chat_that_the_agent_began_is_theirs_without_asking() {
    let sim = start(quick()).await;
    let mut adams = Desk::open(&sim, "adams").await;
    adams.ready().await;
    let offer = CustomerOffer { started_for: Some("adams".to_owned()), ..customer() };
    let chat = sim.customer_chats(offer).unwrap();
    let told = adams.event("taskRequest").await;
    assert_eq!(
        (told["taskState"]["name"].as_str(), told["taskDirection"].as_str()),
        (Some("STARTED"), Some("OUTBOUND"))
    );
    adams.subscribe(&told, "PRIMARY");
    adams.event("onTopicData").await;
    assert_eq!(chat.facts().accepted_by(), Some("adams"));
}

#[tokio::test]
async fn an_agent_begins_a_chat_through_the_channel_manager() {
    let sim = start(quick()).await;
    let mut adams = Desk::open(&sim, "adams").await;
    let kinds = adams.event("onChannelTypes").await;
    let whatsapp = kinds.as_array().unwrap().iter().find(|row| row["name"] == "WHATSAPP").unwrap();
    let id = whatsapp["id"].as_str().unwrap();
    let channel = adams.get(&format!("/ccm/channels/defaultoutbound?channelTypeId={id}")).await;
    assert_eq!(channel["serviceIdentifier"], "9000");
    let mut body = crate::wire::fixture("expertflow/outbound_start_request.json");
    body["header"]["sender"]["id"] = json!(adams.id);
    adams.post("/ccm/message/receive", &body).await;
    let told = adams.event("taskRequest").await;
    assert_eq!(
        (told["taskState"]["name"].as_str(), told["taskDirection"].as_str()),
        (Some("STARTED"), Some("OUTBOUND"))
    );
    adams.subscribe(&told, "PRIMARY");
    adams.event("onTopicData").await;
}

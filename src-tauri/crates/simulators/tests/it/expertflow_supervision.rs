//! Supervisors of Expertflow CX: dashboards, listening in, whispering, barging in, raised hands.

use std::time::Duration;

use serde_json::{Value, json};
use trunkline_simulators::expertflow::{CustomerOffer, ExpertflowAgent, ExpertflowOptions, ExpertflowSim};

use crate::desk::{Desk, SOON, rest, same_shape};
use crate::wire::fixture;

const ACTIVE: &str = "/realtime-reports/queue-active-chats/detail";
const QUEUED: &str = "/realtime-reports/queued-chats/detail";
const ACTIVITY: &str = "/realtime-reports/agent-activity/detail";

fn quick() -> ExpertflowOptions {
    ExpertflowOptions { socket_disconnect_time: Duration::from_millis(500), ..ExpertflowOptions::default() }
}

async fn start(options: ExpertflowOptions) -> ExpertflowSim {
    ExpertflowSim::start(options).await.expect("it starts")
}

fn customer() -> CustomerOffer {
    CustomerOffer::of("Chris Sample", "Web Care").saying("Are you there?")
}

#[tokio::test]
async fn a_supervisor_listens_whispers_barges_in_and_only_in_own_teams() {
    let mut options = quick();
    options.agents[1].team = "Sales".to_owned();
    let sim = start(options).await;
    let mut adams = Desk::open(&sim, "adams").await;
    let mut brown = Desk::open(&sim, "brown").await;
    let mut clark = Desk::open(&sim, "clark").await;
    adams.ready().await;
    let chat = sim.customer_chats(customer()).unwrap();
    let topic = adams.take().await;
    let team = clark.supervised().await;
    let rows = clark.post(ACTIVE, &json!({ "teamId": team, "queues": [] })).await;
    let session = rows[0]["chats"][0]["activeChannelSessions"][0].clone();
    adams.monitor(&session);
    assert_eq!(adams.event("errors").await["task"], "JoinAsSilentMonitor");
    clark.monitor(&session);
    let listened = clark.event("onTopicData").await;
    assert_eq!(listened["topicData"]["topicParticipant"]["role"], "SILENT_MONITOR");
    adams.cim("AGENT_SUBSCRIBED").await;
    clark.write(&listened, "Hello customer");
    assert_eq!(clark.event("errors").await["msg"], "the role may not write to the customer");
    let typing = json!({ "id": "1", "name": "TYPING_INDICATOR", "type": "NOTIFICATION", "data": { "id": "2" } });
    clark.publish(&listened, &typing);
    assert_eq!(clark.event("errors").await["msg"], "who only listens in is not noticed");
    clark.whisper(&listened, "I am listening");
    adams.cim("WHISPER_MESSAGE").await;
    clark.change_part("joinAsWhisper", &listened);
    assert_eq!(adams.cim("PARTICIPANT_ROLE_CHANGED").await["data"]["conversationParticipant"]["role"], "WHISPER");
    clark.whisper(&listened, "Well done");
    adams.cim("WHISPER_MESSAGE").await;
    assert_eq!(chat.messages().iter().filter(|m| m.name == "AGENT_MESSAGE").count(), 0, "the customer heard nothing");
    clark.change_part("joinAsWhisper", &listened);
    assert_eq!(clark.event("errors").await["task"], "joinAsWhisper", "once is enough");
    clark.change_part("JoinAsBargin", &listened);
    assert_eq!(adams.cim("PARTICIPANT_ROLE_CHANGED").await["data"]["conversationParticipant"]["role"], "PRIMARY");
    clark.write(&listened, "Hello customer");
    chat.expect_message("Hello customer", SOON).await.unwrap();
    adams.leave(&topic);
    adams.event("topicUnsubscription").await;
    assert_eq!(chat.participants(), [("clark".to_owned(), "PRIMARY".to_owned())], "who barged in stays");
    // Another team's agent.
    brown.ready().await;
    adams.forget();
    adams.global("NOT_READY", &Value::Null);
    adams.chat_becomes("NOT_READY").await;
    let other = sim.customer_chats(customer()).unwrap();
    let theirs = brown.take().await;
    clark.forget();
    clark.monitor(&theirs["topicData"]["channelSession"]);
    clark.event("errors").await;
    clark.emit(
        "changeAgentState",
        &json!({ "agentId": brown.id, "action": "agentState", "state": { "name": "READY" } }),
    );
    clark.event("errors").await;
    assert_eq!(other.participants().len(), 1);
}

#[tokio::test]
async fn a_listener_is_out_when_the_primary_agent_leaves_and_a_supervisor_can_log_agents_out() {
    let sim = start(quick()).await;
    let mut adams = Desk::open(&sim, "adams").await;
    let mut clark = Desk::open(&sim, "clark").await;
    adams.ready().await;
    let chat = sim.customer_chats(customer()).unwrap();
    let topic = adams.take().await;
    clark.monitor(&topic["topicData"]["channelSession"]);
    clark.event("onTopicData").await;
    let reason =
        json!({ "name": "FORCED_LOGOUT_BY_SUPERVISOR", "type": "LOGOUT", "code": 9, "id": "62ffc95cf12b6ccf1594d934" });
    clark.emit(
        "changeAgentState",
        &json!({ "agentId": adams.id, "action": "agentState", "state": { "name": "LOGOUT", "reasonCode": reason } }),
    );
    clark.event("topicUnsubscription").await;
    let out = adams
        .expect("LOGOUT", |name, p| name == "agentPresence" && p["agentPresence"]["state"]["name"] == "LOGOUT")
        .await;
    assert_eq!(out["agentPresence"]["state"]["reasonCode"]["name"], "FORCED_LOGOUT_BY_SUPERVISOR");
    assert_eq!(chat.facts().queued, ["Web Care", "Web Care"], "the chat waits again");
    assert!(chat.participants().is_empty());
}

#[tokio::test]
async fn the_dashboards_show_who_waits_who_talks_and_who_works_in_the_own_teams_alone() {
    let mut options = quick();
    options.agents[1].team = "Sales".to_owned();
    options.agents[1].queues = vec!["Billing".to_owned()];
    options.agents[0].max_chats = 1;
    options.agents[0].queues = vec!["Web Care".to_owned()];
    let sim = start(options).await;
    let (mut adams, mut brown) = (Desk::open(&sim, "adams").await, Desk::open(&sim, "brown").await);
    let clark = Desk::open(&sim, "clark").await;
    adams.ready().await;
    brown.ready().await;
    let chat = sim.customer_chats(customer()).unwrap();
    let topic = adams.take().await;
    sim.customer_chats(CustomerOffer { queue: "Billing".to_owned(), ..customer() }).unwrap();
    brown.take().await;
    sim.customer_chats(CustomerOffer::of("Gustav Muster", "Web Care").number("+12025550167")).unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let team = clark.supervised().await;
    let body = json!({ "teamId": team, "queues": [] });

    let rows = clark.post(QUEUED, &body).await;
    same_shape(&rows, &fixture("expertflow/queued_chats_detail.json"), "queued");
    assert_eq!(rows.as_array().unwrap().len(), 1, "Billing is another team's: {rows}");
    let row = &rows[0]["chats"][0];
    assert_eq!((row["customerName"].as_str(), row["queueName"].as_str()), (Some("Gustav Muster"), Some("Web Care")));
    assert_eq!(row["waitingSince"], 1, "seconds");
    let labels: Vec<&str> =
        row["customerLabels"].as_array().unwrap().iter().filter_map(|l| l["name"].as_str()).collect();
    assert_eq!(labels, ["Complained", "New"]);

    let rows = clark.post(ACTIVE, &body).await;
    same_shape(&rows, &fixture("expertflow/active_chats_detail.json"), "active");
    let chats = rows[0]["chats"].as_array().unwrap();
    assert_eq!((chats.len(), chats[0]["conversationId"].as_str()), (1, Some(chat.id())));
    let person = &chats[0]["conversationParticipantDetails"][0];
    assert_eq!(
        (person["agentName"].as_str(), person["agentId"].as_str(), person["role"].as_str()),
        (Some("Ada Adams"), Some(adams.id.as_str()), Some("PRIMARY"))
    );
    let other = json!({ "teamId": team, "queues": ["Nowhere"] });
    assert_eq!(clark.post(ACTIVE, &other).await, json!([]));

    let rows = clark.post(ACTIVITY, &json!({ "teams": [team] })).await;
    same_shape(&rows, &fixture("expertflow/active_agents_detail.json"), "agents");
    let names = |rows: &Value| -> Vec<String> {
        let rows = rows["agentDetails"].as_array().unwrap();
        rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&rows), ["adams"]);
    let row = &rows["agentDetails"][0];
    assert_eq!((row["state"].as_str(), row["activeChatsCount"].as_u64()), (Some("READY"), Some(1)));
    let mrds = row["mrds"].as_array().unwrap();
    assert!(mrds.iter().any(|mrd| mrd["name"] == "CHAT" && mrd["state"] == "BUSY"), "{mrds:?}");
    assert_eq!(names(&clark.post(ACTIVITY, &json!({ "teams": [] })).await), ["adams"]);
    let by_queue = |id: &str| format!("{ACTIVITY}?queueId={id}");
    assert_eq!(names(&clark.get(&by_queue(&sim.options().queues[0].id)).await), ["adams"]);
    assert!(names(&clark.get(&by_queue(&sim.options().queues[1].id)).await).is_empty());

    // What a client gets wrong.
    let status = async |desk: &Desk, path: &str, body: Value| {
        rest(&sim.base_url(), "POST", path, &desk.token, &body).await.status
    };
    assert_eq!(status(&clark, QUEUED, json!({ "queues": [] })).await, 400);
    assert_eq!(status(&clark, ACTIVITY, json!({})).await, 400);
    assert_eq!(status(&adams, ACTIVE, body.clone()).await, 403, "no supervisor");
    assert_eq!(status(&clark, ACTIVITY, json!({ "teams": ["Sales"] })).await, 403);
    adams.leave(&topic);
    adams.event("topicUnsubscription").await;
    assert_eq!(clark.post(ACTIVE, &body).await[0]["chats"], json!([]), "nobody is at it");
}

#[tokio::test]
async fn one_listens_at_a_time_and_only_where_listening_is_possible() {
    let mut options = quick();
    options.agents.push(ExpertflowAgent::named(1201, "dent", "Dora", "Dent").supervising("Support"));
    let sim = start(options).await;
    let mut adams = Desk::open(&sim, "adams").await;
    let (mut clark, mut dent) = (Desk::open(&sim, "clark").await, Desk::open(&sim, "dent").await);
    adams.ready().await;
    let chat = sim.customer_chats(customer()).unwrap();
    let topic = adams.take().await;
    let session = &topic["topicData"]["channelSession"];
    clark.emit(
        "JoinAsSilentMonitor",
        &json!({ "topicParticipant": clark.participant(chat.id(), "PRIMARY"), "agentId": clark.id, "channelSession": session }),
    );
    assert_eq!(clark.event("errors").await["msg"], "the participant is no silent monitor");
    clark.change_part("JoinAsBargin", &topic);
    assert_eq!(clark.event("errors").await["msg"], "only who listens in may do that", "not without listening before");
    clark.monitor(session);
    let listened = clark.event("onTopicData").await;
    let told = adams.cim("AGENT_SUBSCRIBED").await;
    assert_eq!(told["data"]["agentParticipant"]["role"], "SILENT_MONITOR", "the agent's desk is to hide it");
    dent.monitor(session);
    assert_eq!(dent.event("errors").await["msg"], "somebody else listens in");
    clark.ask_for("directTransferRequest", &listened, "queue", "Billing");
    assert_eq!(clark.event("errors").await["msg"], "only the primary agent may ask");
    clark.change_part("joinAsWhisper", &listened);
    clark.cim("PARTICIPANT_ROLE_CHANGED").await;
    dent.monitor(session);
    assert_eq!(dent.event("errors").await["msg"], "somebody else listens in", "who whispers listens too");
    // The primary agent leaves: nobody is left.
    adams.leave(&topic);
    assert_eq!(clark.event("topicUnsubscription").await["reason"], "primary agent left");
    assert!(chat.participants().is_empty());
    clark.monitor(session);
    assert_eq!(clark.event("errors").await["msg"], "no agent of a supervised team is in the conversation");
    // Not in what an agent began, nor in what was pulled.
    let begun = sim.customer_chats(CustomerOffer { started_for: Some("adams".to_owned()), ..customer() }).unwrap();
    let outbound = adams.take().await;
    clark.monitor(&outbound["topicData"]["channelSession"]);
    assert_eq!(clark.event("errors").await["msg"], "this conversation cannot be monitored");
    assert_eq!(begun.participants().len(), 1);
    let pulled = sim.customer_waits_in("Back office", customer()).unwrap();
    pulled.colleague_takes("adams").unwrap();
    let pulled = adams.event("onTopicData").await;
    clark.monitor(&pulled["topicData"]["channelSession"]);
    assert_eq!(clark.event("errors").await["msg"], "this conversation cannot be monitored");
}

#[tokio::test]
async fn a_raised_hand_is_answered_by_a_whisper() {
    let sim = start(quick()).await;
    let mut adams = Desk::open(&sim, "adams").await;
    let mut clark = Desk::open(&sim, "clark").await;
    adams.ready().await;
    let chat = sim.customer_chats(customer()).unwrap();
    let topic = adams.take().await;
    clark.change_part("joinAsWhisper", &topic);
    assert_eq!(clark.event("errors").await["task"], "joinAsWhisper", "nobody has asked");
    let hand = |name: &str, agent: &str| {
        json!({ "id": "1", "name": name, "type": "NOTIFICATION", "conversationId": topic["conversationId"],
                "data": { "agentId": agent, "userName": "adams" } })
    };
    adams.publish(&topic, &hand("HAND_RAISED", &clark.id));
    assert_eq!(adams.event("errors").await["task"], "publishCimEvent", "another's hand");
    adams.publish(&topic, &hand("HAND_RAISED", &adams.id));
    adams.cim("HAND_RAISED").await;
    assert_eq!(chat.hands(), ["adams"]);
    let team = clark.supervised().await;
    let rows = clark.post(ACTIVE, &json!({ "teamId": team, "queues": [] })).await;
    assert_eq!(rows[0]["chats"][0]["agentHandRaise"], json!({ "handRaised": true, "agentNames": ["adams"] }));
    clark.change_part("joinAsWhisper", &topic);
    let helped = clark.event("onTopicData").await;
    assert_eq!(helped["topicData"]["topicParticipant"]["role"], "WHISPER");
    assert_eq!(adams.cim("HAND_DOWN").await["data"]["userName"], "adams");
    assert!(chat.hands().is_empty());
    clark.whisper(&helped, "Offer a refund");
    assert_eq!(adams.cim("WHISPER_MESSAGE").await["data"]["body"]["markdownText"], "Offer a refund");
    chat.expect_message("refund", SOON).await.unwrap();
}

//! Tasks and e-mails: their form and what moves them.

use std::time::Duration;

use crate::wire::{Cti, Socket, assert_form, assert_snapshot, fixture, story};
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::{
    AgentOptions, AmazonConnectSim, OfferCall, OfferEmail, OfferTask, QuickConnect, SimOptions, SimWork, TurnKind,
};

const SOON: Duration = Duration::from_secs(10);

async fn start(agents: Vec<AgentOptions>) -> (AmazonConnectSim, Cti, Cti) {
    let options = SimOptions { turn: TurnKind::Unreachable, agents, ..SimOptions::default() };
    let sim = AmazonConnectSim::start(options).await.unwrap();
    let of = |agent: &str| Cti { base: sim.base_url(), token: sim.token(agent) };
    let (one, two) = (of("agent.one"), of("agent.two"));
    (sim, one, two)
}

async fn standard() -> (AmazonConnectSim, Cti, Cti) {
    start(vec![AgentOptions::one(), AgentOptions::two()]).await
}

fn ids(work: &SimWork) -> Value {
    json!({ "contactId": work.contact_id() })
}

fn leg(work: &SimWork) -> Value {
    json!({ "contactId": work.contact_id(), "connectionId": work.agent_connection_id() })
}

/// Entry `n` of the directory as the list tells it.
async fn endpoint(cti: &Cti, n: usize) -> Value {
    cti.done("GetEndpoints", json!({ "queueARNs": [] })).await["endpoints"][n].clone()
}

async fn refused(cti: &Cti, operation: &str, body: Value, kind: &str) {
    let answer = cti.call(operation, body).await;
    assert_eq!((answer.status, answer.kind().as_str()), (400, kind), "{operation}: {}", answer.body);
}

async fn topic(cti: &Cti) -> Socket {
    let transport = cti.done("CreateTransport", json!({ "transportType": "web_socket" })).await;
    let mut socket = Socket::open(transport["webSocketTransport"]["url"].as_str().unwrap()).await.unwrap();
    let granted = socket.ask(&json!({ "topic": "aws/subscribe", "content": { "topics": ["aws/task"] } })).await;
    assert_eq!(granted["content"]["status"], "success", "the topic is granted: {granted}");
    socket
}

/// The next event, its form being that of the fixture.
async fn event(socket: &mut Socket, work: &SimWork) -> String {
    let frame = socket.json().await;
    let recorded = fixture("chat.ws-task-expiring.json");
    assert_form("frame", &recorded, &frame);
    let inner = |frame: &Value| -> Value { serde_json::from_str(frame["content"].as_str().unwrap()).unwrap() };
    let content = inner(&frame);
    assert_form("content", &inner(&recorded), &content);
    assert_eq!(content["ContactId"], work.contact_id(), "of this task");
    let kind = content["ContentType"].as_str().unwrap();
    kind.strip_prefix("application/vnd.amazonaws.connect.event.").unwrap().to_owned()
}

#[tokio::test]
async fn a_task_tells_the_story_of_the_fixtures() {
    let (sim, cti, _) = standard().await;
    let task = sim.offer_task(OfferTask::to("agent.one")).await.unwrap();
    assert_snapshot(&cti, "snapshot.task-incoming.json").await;
    refused(&cti, "PauseContact", ids(&task), "InvalidStateException").await;
    cti.done("AcceptContact", ids(&task)).await;
    task.expect_accepted(SOON).await.unwrap();
    assert_snapshot(&cti, "snapshot.task-connected.json").await;
    cti.done("PauseContact", ids(&task)).await;
    assert_snapshot(&cti, "snapshot.task-paused.json").await;
    refused(&cti, "PauseContact", ids(&task), "InvalidStateException").await;
    cti.done("ResumeContact", ids(&task)).await;
    assert_snapshot(&cti, "snapshot.task-connected.json").await;
    refused(&cti, "HoldConnection", leg(&task), "InvalidContactTypeException").await;
    refused(&cti, "ClearContact", ids(&task), "InvalidStateException").await;
    cti.done("DestroyConnection", leg(&task)).await;
    task.expect_ended(SOON).await.unwrap();
    assert_snapshot(&cti, "snapshot.task-ended.json").await;
    cti.done("CompleteContact", ids(&task)).await;
    task.expect_cleared(SOON).await.unwrap();
    assert_snapshot(&cti, "snapshot.idle.json").await;

    let offer = OfferTask {
        template: Some(("ba6db758-d31e-4c6c-bd51-14d8b4686ece".to_owned(), 1)),
        scheduled: Some(1_786_186_400.0),
        ..OfferTask::default()
    };
    let task = sim.offer_task(offer).await.unwrap();
    cti.done("AcceptContact", ids(&task)).await;
    let actual = assert_snapshot(&cti, "snapshot.task-templated.json").await;
    let wanted = fixture("snapshot.task-templated.json")["snapshot"]["contacts"][0]["channelContext"].clone();
    assert_eq!(actual["snapshot"]["contacts"][0]["channelContext"], {
        let mut wanted = wanted;
        wanted["scheduledTime"] = json!(1_786_186_400.0);
        wanted
    });
}

#[tokio::test]
async fn a_task_is_rejected_missed_and_limited() {
    let one = AgentOptions { task_concurrency: 1, ..AgentOptions::one() };
    let (sim, cti, _) = start(vec![one]).await;
    let task = sim.offer_task(OfferTask::default()).await.unwrap();
    let second = sim.offer_task(OfferTask::default()).await;
    assert!(second.is_err_and(|e| e.is_not_possible()), "one at a time for this agent");
    cti.done("RejectContact", ids(&task)).await;
    let seen = cti.snapshot().await;
    assert_eq!(story(&seen)["contacts"][0], json!(["rejected", "api", [["agent", "rejected", true]]]));
    assert_eq!(seen["snapshot"]["state"]["name"], "Available", "the agent's state stays as it is");
    cti.done("ClearContact", ids(&task)).await;
    let ring = Some(Duration::from_millis(50));
    let task = sim.offer_task(OfferTask { ring, ..OfferTask::default() }).await.unwrap();
    task.expect_missed(SOON).await.unwrap();
    assert_eq!(story(&cti.snapshot().await)["contacts"][0][0], "missed");
    cti.done("ClearContact", ids(&task)).await;
    let call = sim.offer_call(OfferCall::default()).await.unwrap();
    refused(&cti, "PauseContact", json!({ "contactId": call.contact_id() }), "InvalidContactTypeException").await;
}

#[tokio::test]
async fn a_task_is_transferred_and_its_events_are_told() {
    let (sim, cti, two) = standard().await;
    let mut socket = topic(&cti).await;
    let task = sim.offer_task(OfferTask::default()).await.unwrap();
    cti.done("AcceptContact", ids(&task)).await;
    let colleague = endpoint(&cti, 0).await;
    assert_eq!(colleague["type"], "agent", "the directory's first entry");
    let to = |endpoint: &Value| json!({ "contactId": task.contact_id(), "endpoint": endpoint });
    let lunch = fixture("put-agent-state.request.json");
    let mut lunch = json!({ "state": { "type": lunch["state"]["type"], "name": "Lunch" } });
    two.done("PutAgentState", lunch.clone()).await;
    cti.done("CreateAdditionalConnection", to(&colleague)).await;
    assert_eq!(event(&mut socket, &task).await, "transfer.initiated");
    assert_eq!(event(&mut socket, &task).await, "transfer.failed", "the colleague is at lunch");
    assert_eq!(story(&cti.snapshot().await)["contacts"][0][0], "connected", "the task stays");
    refused(&cti, "TransferContact", to(&endpoint(&cti, 2).await), "BadEndpointException").await;
    lunch["state"] = json!({ "type": "routable", "name": "Available" });
    two.done("PutAgentState", lunch).await;
    cti.done("TransferContact", to(&colleague)).await;
    assert_eq!(event(&mut socket, &task).await, "transfer.initiated");
    assert_eq!(event(&mut socket, &task).await, "transfer.succeeded");
    task.expect_transferred(SOON).await.unwrap();
    tokio::time::timeout(SOON, async {
        while story(&cti.snapshot().await)["contacts"][0][0] != "ended" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("and the agent is out");
    let next = sim.expect_work("agent.two", SOON).await.unwrap();
    assert_eq!(next.initial_contact_id(), task.contact_id(), "a contact of its own, in the same chain");
    let seen = two.snapshot().await;
    assert_eq!(story(&seen)["contacts"][0], json!(["connecting", "transfer", [["agent", "connecting", true]]]));
    assert_eq!(seen["snapshot"]["contacts"][0]["name"], "Call customer one back", "with all it brings");
}

#[tokio::test]
async fn a_task_expires() {
    let (sim, cti, _) = standard().await;
    let mut socket = topic(&cti).await;
    let task = sim.offer_task(OfferTask::default()).await.unwrap();
    cti.done("AcceptContact", ids(&task)).await;
    cti.done("PauseContact", ids(&task)).await;
    task.warn_of_expiry().unwrap();
    assert_eq!(event(&mut socket, &task).await, "expire.warning");
    assert_eq!(story(&cti.snapshot().await)["contacts"][0][0], "paused", "a warning changes nothing");
    task.expire().unwrap();
    assert_eq!(event(&mut socket, &task).await, "expire.complete");
    assert_eq!(story(&cti.snapshot().await)["contacts"][0][0], "ended");
    assert!(task.expire().is_err_and(|e| e.is_not_possible()), "once");
}

#[tokio::test]
async fn a_task_is_made_once_for_each_token() {
    let (sim, cti, _) = standard().await;
    let mut body = fixture("create-task-contact.request.json");
    body.as_object_mut().unwrap().remove("scheduledTime");
    body["endpoint"] = endpoint(&cti, 0).await;
    let first = cti.done("CreateTaskContact", body.clone()).await;
    assert_form("reply", &fixture("create-task-contact.response.json"), &first);
    let again = cti.done("CreateTaskContact", body.clone()).await;
    assert_eq!(again, first, "the same token is the same task");
    let made = sim.expect_work("agent.two", SOON).await.unwrap();
    assert_eq!(made.contact_id(), first["contactId"].as_str().unwrap(), "the reply named it");
    let task = made.task().unwrap();
    assert_eq!((task.name.as_str(), task.description.as_str()), ("Call Ana back", "She asked about invoice 1001"));
    assert_eq!(task.references[0].value, "https://crm.example.com/invoice/1001", "with its link");
    let none = sim.expect_work("agent.two", Duration::from_millis(600)).await;
    assert!(none.is_err(), "and there is no second");
    let more = [
        ("name", json!(""), "ValidationException"),
        ("description", json!("x".repeat(4097)), "ValidationException"),
        ("references", json!({ "a": { "type": "STRING", "value": "b" } }), "ValidationException"),
        ("scheduledTime", json!(1_000_000), "ValidationException"),
        ("endpoint", endpoint(&cti, 2).await, "BadEndpointException"),
    ];
    for (member, value, kind) in more {
        let mut bad = body.clone();
        bad["idempotencyToken"] = json!("another");
        bad[member] = value;
        refused(&cti, "CreateTaskContact", bad, kind).await;
    }
}

#[tokio::test]
async fn a_scheduled_task_waits_for_its_time_and_for_somebody_free() {
    let (sim, cti, _) = standard().await;
    sim.set_directory(vec![QuickConnect::queue("Support queue", "Support")]);
    let mut body = fixture("create-task-contact.request.json");
    body["endpoint"] = endpoint(&cti, 0).await;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    body["scheduledTime"] = json!(now + 2);
    cti.done("CreateTaskContact", body).await;
    let early = sim.expect_work("agent.one", Duration::from_millis(700)).await;
    assert!(early.is_err(), "not before its time");
    let task = sim.expect_work("agent.one", SOON).await.unwrap();
    assert_eq!(task.task().unwrap().queue, "Support", "through its queue, to the first who is free");
    let scheduled = cti.snapshot().await["snapshot"]["contacts"][0]["channelContext"]["scheduledTime"].clone();
    assert_eq!(scheduled.as_f64(), Some((now + 2) as f64), "and the contact says when");
}

#[tokio::test]
async fn an_email_tells_the_story_of_the_fixtures() {
    let (sim, cti, two) = standard().await;
    let email = sim.offer_email(OfferEmail::to("agent.one")).await.unwrap();
    assert_snapshot(&cti, "snapshot.email-incoming.json").await;
    cti.done("AcceptContact", ids(&email)).await;
    let seen = assert_snapshot(&cti, "snapshot.email-connected.json").await;
    let from = &seen["snapshot"]["contacts"][0]["emailRecipients"]["fromRecipient"];
    assert_eq!(from, &json!({ "address": "customer.one@example.com", "displayName": "Customer One" }));
    refused(&cti, "PauseContact", ids(&email), "InvalidContactTypeException").await;
    let queue = endpoint(&cti, 1).await;
    cti.done("TransferContact", json!({ "contactId": email.contact_id(), "endpoint": queue })).await;
    email.expect_transferred(SOON).await.unwrap();
    let next = sim.expect_work("agent.two", SOON).await.unwrap();
    two.done("AcceptContact", ids(&next)).await;
    two.done("DestroyConnection", leg(&next)).await;
    next.expect_ended(SOON).await.unwrap();
    two.done("ClearContact", ids(&next)).await;
    next.expect_cleared(SOON).await.unwrap();
}

#[tokio::test]
async fn the_service_accepts_tasks_and_emails_by_itself() {
    let one = AgentOptions { task_auto_accept: true, email_auto_accept: true, ..AgentOptions::one() };
    let (sim, cti, _) = start(vec![one]).await;
    let task = sim.offer_task(OfferTask::default()).await.unwrap();
    let email = sim.offer_email(OfferEmail::default()).await.unwrap();
    let seen = cti.snapshot().await;
    for contact in seen["snapshot"]["contacts"].as_array().unwrap() {
        assert_eq!(contact["agentContactHandlingConfig"]["autoAccept"], true, "the contact says so");
    }
    task.expect_accepted(SOON).await.unwrap();
    email.expect_accepted(SOON).await.unwrap();
}

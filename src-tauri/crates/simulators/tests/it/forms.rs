//! What the simulator answers has the members of the recorded fixtures.

use std::time::Duration;

use crate::wire::{Cti, assert_error, assert_form, assert_snapshot, fixture, story};
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::{
    AgentOptions, AmazonConnectSim, OfferCall, OutboundAnswer, OutboundBehaviour, SimOptions, TurnKind,
};

const SOON: Duration = Duration::from_secs(10);

async fn start(options: SimOptions) -> (AmazonConnectSim, Cti) {
    let sim = AmazonConnectSim::start(options).await.unwrap();
    let cti = Cti { base: sim.base_url(), token: sim.token("agent.one") };
    (sim, cti)
}

fn quick() -> SimOptions {
    SimOptions { turn: TurnKind::Unreachable, ..SimOptions::default() }
}

fn gold() -> OfferCall {
    let mut offer = OfferCall::to("agent.one");
    offer.attributes.insert("tier".to_owned(), "gold".to_owned());
    offer
}

#[tokio::test]
async fn an_answered_call_tells_the_story_of_the_fixtures() {
    let (sim, cti) = start(quick()).await;
    assert_snapshot(&cti, "snapshot.idle.json").await;
    let call = sim.offer_call(gold()).await.unwrap();
    let ids = json!({ "contactId": call.contact_id() });
    let customer = json!({
        "contactId": call.contact_id(), "connectionId": call.customer_connection_id(),
    });
    let agent = json!({
        "contactId": call.contact_id(), "connectionId": call.agent_connection_id(),
    });
    let ringing = assert_snapshot(&cti, "snapshot.voice-incoming.json").await;
    call.expect_offered(SOON).await.unwrap();
    let media = &ringing["snapshot"]["contacts"][0]["connections"][0]["softphoneMediaInfo"];
    let config: Value = serde_json::from_str(media["callConfigJson"].as_str().unwrap()).unwrap();
    let recorded = fixture("snapshot.voice-incoming.json");
    let recorded = &recorded["snapshot"]["contacts"][0]["connections"][0]["softphoneMediaInfo"];
    let recorded: Value = serde_json::from_str(recorded["callConfigJson"].as_str().unwrap()).unwrap();
    assert_form("callConfigJson", &recorded, &config);

    cti.done("AcceptContact", ids.clone()).await;
    call.expect_accepted(SOON).await.unwrap();
    assert_snapshot(&cti, "snapshot.voice-connected.json").await;
    cti.done("HoldConnection", customer.clone()).await;
    assert_snapshot(&cti, "snapshot.voice-customer-on-hold.json").await;
    let again = cti.call("HoldConnection", customer.clone()).await;
    assert_eq!((again.status, again.kind().as_str()), (400, "InvalidStateException"));
    cti.done("ResumeConnection", customer.clone()).await;
    call.expect_resumed(SOON).await.unwrap();
    let mut digits = customer.clone();
    digits["digits"] = json!("12#");
    cti.done("SendDigits", digits.clone()).await;
    digits["digits"] = json!("3*");
    cti.done("SendDigits", digits).await;
    call.expect_digits("12#3*", SOON).await.unwrap();

    let state = |enqueue: &str| fixture(enqueue);
    let mut lunch = state("put-agent-state.request.json");
    lunch["state"].as_object_mut().unwrap().remove("agentStateARN");
    let refused = cti.call("PutAgentState", lunch.clone()).await;
    assert_eq!(
        (refused.status, refused.kind().as_str()),
        (400, "InvalidStateException"),
        "no state change during a call"
    );
    lunch["enqueueNextState"] = json!(true);
    cti.done("PutAgentState", lunch).await;
    assert_snapshot(&cti, "snapshot.voice-next-state-queued.json").await;

    cti.done("DestroyConnection", agent).await;
    call.expect_ended_by_agent(SOON).await.unwrap();
    let mut acw = story(&fixture("snapshot.voice-acw.json"));
    acw["next"] = json!("Lunch");
    let actual = cti.snapshot().await;
    assert_form("acw", &fixture("snapshot.voice-acw.json"), &actual);
    assert_eq!(story(&actual), acw, "wrap-up with the next state still queued");
    cti.done("ClearContact", ids.clone()).await;
    call.expect_cleared(SOON).await.unwrap();
    let over = cti.snapshot().await;
    assert_eq!(over["snapshot"]["state"]["name"], "Lunch", "the queued state is taken");
    assert_eq!(over["snapshot"]["nextState"], Value::Null, "and is queued no more");
    let twice = cti.call("ClearContact", ids).await;
    assert_eq!(twice.status, 400, "there is nothing left to clear");
}

#[tokio::test]
async fn missed_and_rejected_calls_end_in_error() {
    let (sim, cti) = start(quick()).await;
    let mut offer = gold();
    offer.ring = Some(Duration::from_millis(50));
    let call = sim.offer_call(offer).await.unwrap();
    call.expect_missed(SOON).await.unwrap();
    assert_snapshot(&cti, "snapshot.voice-missed.json").await;
    let refused = sim.offer_call(gold()).await;
    assert!(refused.is_err_and(|e| e.is_not_possible()), "no further call before the missed one is cleared");
    cti.done("ClearContact", json!({ "contactId": call.contact_id() })).await;
    sim.agent("agent.one").expect_state("Available", SOON).await.unwrap();

    let call = sim.offer_call(gold()).await.unwrap();
    cti.done("RejectContact", json!({ "contactId": call.contact_id() })).await;
    call.expect_rejected(SOON).await.unwrap();
    assert_snapshot(&cti, "snapshot.voice-missed.json").await;
    let late = cti.call("AcceptContact", json!({ "contactId": call.contact_id() })).await;
    assert_eq!(late.status, 400, "a rejected call cannot be accepted");
}

#[tokio::test]
async fn outbound_calls_tell_the_story_of_the_fixtures() {
    let (sim, cti) = start(quick()).await;
    let behave = |answer| {
        sim.set_outbound(OutboundBehaviour { answer, ..OutboundBehaviour::default() });
    };
    let number = json!({ "endpoint": { "type": "phone_number", "phoneNumber": "+12025550199" } });
    behave(OutboundAnswer::Never);
    assert_eq!(cti.done("CreateOutboundContact", number.clone()).await, json!({}));
    let call = sim.expect_dialled("agent.one", SOON).await.unwrap();
    assert_snapshot(&cti, "snapshot.voice-outbound-dialing.json").await;
    cti.done(
        "DestroyConnection",
        json!({ "contactId": call.contact_id(), "connectionId": call.agent_connection_id() }),
    )
    .await;
    cti.done("ClearContact", json!({ "contactId": call.contact_id() })).await;

    behave(OutboundAnswer::After(Duration::ZERO));
    cti.done("CreateOutboundContact", number.clone()).await;
    let call = sim.expect_dialled("agent.one", SOON).await.unwrap();
    call.expect_accepted(SOON).await.unwrap();
    assert_snapshot(&cti, "snapshot.voice-outbound-connected.json").await;
    call.customer_hangs_up().await.unwrap();
    cti.done("ClearContact", json!({ "contactId": call.contact_id() })).await;

    behave(OutboundAnswer::Fails(Duration::ZERO));
    cti.done("CreateOutboundContact", number).await;
    sim.agent("agent.one").expect_state("FailedConnectCustomer", SOON).await.unwrap();
    assert_snapshot(&cti, "snapshot.voice-outbound-failed.json").await;
    sim.agent("agent.one").set_state("Available").unwrap();
    let bad = json!({ "endpoint": { "type": "phone_number", "phoneNumber": "12-34" } });
    let refused = cti.call("CreateOutboundContact", bad).await;
    assert_error(&refused, "error.bad-endpoint.json");
}

#[tokio::test]
async fn two_calls_are_possible_when_concurrency_allows() {
    let mut options = quick();
    options.agents[0] = AgentOptions { voice_concurrency: 2, ..AgentOptions::one() };
    let (sim, cti) = start(options).await;
    let first = sim.offer_call(gold()).await.unwrap();
    cti.done("AcceptContact", json!({ "contactId": first.contact_id() })).await;
    let second = sim.offer_call(gold()).await.unwrap();
    assert!(sim.offer_call(gold()).await.is_err(), "two, not three");
    let state = sim.agent("agent.one").state();
    assert_eq!(state, "Busy", "the second rings while the agent is Busy");
    cti.done("AcceptContact", json!({ "contactId": second.contact_id() })).await;
    first.expect_hold(SOON).await.unwrap();
    cti.done(
        "ResumeConnection",
        json!({ "contactId": first.contact_id(), "connectionId": first.customer_connection_id() }),
    )
    .await;
    first.expect_resumed(SOON).await.unwrap();
    second.expect_hold(SOON).await.unwrap();
    first.customer_hangs_up().await.unwrap();
    let state = sim.agent("agent.one").state();
    assert_eq!(state, "Busy", "one call goes on");
}

#[tokio::test]
async fn lists_and_transports_have_the_recorded_form() {
    let (_sim, cti) = start(quick()).await;
    let list = |name: &str, fixture_name: &str, body: Value| {
        let (cti, name, fixture_name) = (cti.clone(), name.to_owned(), fixture_name.to_owned());
        async move {
            let actual = cti.done(&name, body).await;
            assert_form(&name, &fixture(&fixture_name), &actual);
            actual
        }
    };
    list("GetAgentStates", "get-agent-states.response.json", json!({})).await;
    list("GetAgentPermissions", "get-agent-permissions.response.json", json!({})).await;
    list("GetDialableCountryCodes", "get-dialable-country-codes.response.json", json!({})).await;
    list("GetEndpoints", "get-endpoints.page1.response.json", json!({ "queueARNs": [] })).await;
    let transport = |kind: &str| json!({ "transportType": kind, "softphoneClientId": "1-a" });
    let soft = list("CreateTransport", "create-transport.softphone.response.json", transport("softphone")).await;
    let grant = &soft["softphoneTransport"]["softphoneMediaConnections"][0];
    let user = grant["username"].as_str().unwrap();
    assert!(
        user.split_once(':').is_some_and(|(expiry, _)| expiry.parse::<u64>().is_ok()),
        "the user name is EXPIRY:NAME"
    );
    let web = fixture("create-transport.web-socket.response.json");
    let made = list("CreateTransport", "create-transport.web-socket.response.json", transport("web_socket")).await;
    assert_eq!(
        made["webSocketTransport"]["transportLifeTimeInSeconds"],
        web["webSocketTransport"]["transportLifeTimeInSeconds"]
    );
    let configuration = cti.done("GetAgentConfiguration", json!({})).await;
    let mut wanted = fixture("get-agent-configuration.extended.response.json");
    let members = wanted["configuration"].as_object_mut().unwrap();
    members.remove("firstName");
    members.remove("lastName");
    members["agentPreferences"].as_object_mut().unwrap().remove("AUDIO_ALERT_ENABLED");
    members["routingProfile"]["channelConcurrencyMap"].as_object_mut().unwrap().remove("EMAIL");
    assert_form("GetAgentConfiguration", &wanted, &configuration);
    let profile = &configuration["configuration"]["routingProfile"]["routingProfileARN"];
    list(
        "GetRoutingProfileQueues",
        "get-routing-profile-queues.page1.response.json",
        json!({ "routingProfileARN": profile }),
    )
    .await;
}

#[tokio::test]
async fn refusals_have_the_recorded_form() {
    let (sim, cti) = start(quick()).await;
    let stranger = Cti { token: "wrong".to_owned(), ..cti.clone() };
    assert_error(&stranger.call("GetAgentSnapshot", json!({})).await, "error.unauthorized.json");
    assert_error(&cti.raw("GetAgentSnapshot", "{}").await.unwrap(), "error.unauthorized.json");
    assert_error(&cti.call("GetAgentSnapshot", json!({ "nextToken": "bogus" })).await, "error.pagination.json");
    let call = sim.offer_call(gold()).await.unwrap();
    let ids = json!({
        "contactId": call.contact_id(), "connectionId": call.customer_connection_id(),
        "digits": "12x",
    });
    assert_error(&cti.call("HoldConnection", ids.clone()).await, "error.invalid-state.json");
    // These nine carry no authentication in the body.
    let plain = json!({ "contactId": call.contact_id() }).to_string();
    let rejected = cti.raw("ClearContact", &plain).await.unwrap();
    assert_eq!(rejected.kind(), "InvalidStateException", "ClearContact is not refused for want of authentication");
    cti.done("AcceptContact", json!({ "contactId": call.contact_id() })).await;
    assert_error(&cti.call("SendDigits", ids).await, "error.send-data-failed.json");
}

#[tokio::test]
async fn every_operation_of_the_model_is_answered() {
    let (_sim, cti) = start(quick()).await;
    for operation in fixture("operations.json")["operations"].as_array().unwrap() {
        let target = operation["target"].as_str().unwrap();
        let name = target.rsplit('.').next().unwrap();
        let mut body = operation["request"].clone();
        if name == "GetAgentSnapshot" {
            // The recorded token is another service's.
            body.as_object_mut().unwrap().remove("nextToken");
        }
        if body["authentication"].is_object() {
            body["authentication"]["authToken"] = json!(cti.token);
        }
        let answer = cti.raw(name, &body.to_string()).await.unwrap();
        assert!(
            answer.status == 200 || answer.status == 400,
            "{name} is done or refused with a reason: {} {}",
            answer.status,
            answer.body
        );
        assert!(!answer.body.contains("unknown operation"), "{name} is a known operation");
    }
    let unknown = cti.call("MakeCoffee", json!({})).await;
    assert_eq!(unknown.kind(), "UnknownOperationException");
}

//! Call-backs, desk phones and supervisors.

use std::time::Duration;

use crate::wire::{Cti, assert_snapshot, fixture, story};
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::{
    AmazonConnectSim, EndedBy, OfferCall, OutboundAnswer, SimCall, SimOptions, TurnKind,
};

const SOON: Duration = Duration::from_secs(10);

async fn start() -> (AmazonConnectSim, Cti, Cti) {
    let options = SimOptions { turn: TurnKind::Unreachable, ..SimOptions::default() };
    let sim = AmazonConnectSim::start(options).await.unwrap();
    let of = |agent: &str| Cti { base: sim.base_url(), token: sim.token(agent) };
    let (one, two) = (of("agent.one"), of("agent.two"));
    (sim, one, two)
}

fn ids(call: &SimCall) -> Value {
    json!({ "contactId": call.contact_id() })
}

async fn destroy_own(cti: &Cti, call: &SimCall) {
    let seen = cti.snapshot().await;
    let contacts = seen["snapshot"]["contacts"].as_array().unwrap().clone();
    let own = contacts.iter().find(|c| c["contactId"] == call.contact_id()).unwrap();
    let connection = &own["connections"][0]["connectionId"];
    cti.done("DestroyConnection", json!({ "contactId": call.contact_id(), "connectionId": connection })).await;
}

fn plain() -> OfferCall {
    OfferCall { customer_name: String::new(), ..OfferCall::default() }
}

#[tokio::test]
async fn a_callback_tells_the_story_of_the_fixtures() {
    let (sim, cti, _) = start().await;
    let call = sim.offer_callback(plain(), OutboundAnswer::Never).await.unwrap();
    let incoming = assert_snapshot(&cti, "snapshot.queue-callback-incoming.json").await;
    let legs = &incoming["snapshot"]["contacts"][0]["connections"];
    assert_eq!(legs[1]["connectionId"], call.contact_id(), "the customer's leg has the contact's id");
    let compound = legs[0]["connectionId"].as_str().unwrap();
    assert!(compound.ends_with(&format!("_{}", call.contact_id())), "the agent's id is compound: {compound}");
    cti.done("AcceptContact", ids(&call)).await;
    let connecting = assert_snapshot(&cti, "snapshot.queue-callback-connecting.json").await;
    let media = &connecting["snapshot"]["contacts"][0]["connections"][0]["softphoneMediaInfo"];
    assert_eq!(media["callType"], "none", "as recorded");
    let twice = cti.call("AcceptContact", ids(&call)).await;
    assert_eq!(twice.status, 400, "it is taken already");
    call.answer().unwrap();
    assert_snapshot(&cti, "snapshot.queue-callback-connected.json").await;
    destroy_own(&cti, &call).await;
    call.expect_ended_by_agent(SOON).await.unwrap();
    sim.agent("agent.one").expect_state("AfterCallWork", SOON).await.unwrap();
    cti.done("ClearContact", ids(&call)).await;
    sim.agent("agent.one").expect_state("Available", SOON).await.unwrap();
}

#[tokio::test]
async fn callbacks_that_come_to_nothing() {
    let (sim, cti, _) = start().await;
    let soon = Duration::from_millis(50);
    for (answer, state) in
        [(OutboundAnswer::Fails(soon), "MissedCallCustomer"), (OutboundAnswer::Busy(soon), "LineEngagedCustomer")]
    {
        let call = sim.offer_callback(plain(), answer).await.unwrap();
        cti.done("AcceptContact", ids(&call)).await;
        sim.agent("agent.one").expect_state(state, SOON).await.unwrap();
        assert_eq!(story(&cti.snapshot().await)["contacts"][0][0], "error", "{state}");
        cti.done("ClearContact", ids(&call)).await;
        sim.agent("agent.one").expect_state("Available", SOON).await.unwrap();
    }
    let call = sim.offer_callback(plain(), OutboundAnswer::Never).await.unwrap();
    cti.done("RejectContact", ids(&call)).await;
    sim.agent("agent.one").expect_state("MissedCallAgent", SOON).await.unwrap();
    cti.done("ClearContact", ids(&call)).await;
    let ring = Some(Duration::from_millis(50));
    let call = sim.offer_callback(OfferCall { ring, ..plain() }, OutboundAnswer::Never).await.unwrap();
    call.expect_missed(SOON).await.unwrap();
    cti.done("ClearContact", ids(&call)).await;
    let call = sim.offer_callback(plain(), OutboundAnswer::Never).await.unwrap();
    destroy_own(&cti, &call).await;
    assert!(call.facts().rejected.is_some(), "ending it while it is offered declines it");
    cti.done("ClearContact", ids(&call)).await;
    let call = sim.offer_callback(plain(), OutboundAnswer::Never).await.unwrap();
    call.customer_hangs_up().await.unwrap();
    sim.agent("agent.one").expect_state("Available", SOON).await.unwrap();
    let call = sim.offer_callback(plain(), OutboundAnswer::Never).await.unwrap();
    cti.done("AcceptContact", ids(&call)).await;
    destroy_own(&cti, &call).await;
    assert_eq!(call.facts().ended.map(|(by, _)| by), Some(EndedBy::Agent), "the agent gave up dialling");
}

#[tokio::test]
async fn a_desk_phone_rings_and_no_media_is_offered() {
    let (sim, cti, _) = start().await;
    let mut bad = fixture("update-agent-configuration.request.json");
    bad["configuration"]["extension"] = json!("4711");
    let refused = cti.call("UpdateAgentConfiguration", bad).await;
    assert_eq!((refused.status, refused.kind().as_str()), (400, "InvalidConfigurationException"));
    cti.done("UpdateAgentConfiguration", fixture("update-agent-configuration.request.json")).await;
    let configuration = cti.done("GetAgentConfiguration", json!({})).await;
    assert_eq!(configuration["configuration"]["softphoneEnabled"], false, "the change shows");
    assert_eq!(configuration["configuration"]["extension"], "+12025550199");
    let mut offer = OfferCall::default();
    offer.attributes.insert("tier".to_owned(), "gold".to_owned());
    let call = sim.offer_call(offer).await.unwrap();
    let seen = assert_snapshot(&cti, "snapshot.voice-deskphone-incoming.json").await;
    let own = &seen["snapshot"]["contacts"][0]["connections"][0];
    assert_eq!(own["softphoneMediaInfo"], Value::Null, "speech goes elsewhere");
    call.answer_at_desk_phone().unwrap();
    assert_eq!(story(&cti.snapshot().await)["contacts"][0][0], "connected");
    let speaks = async {
        while call.customer().facts().speech_started.is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(SOON, speaks).await.expect("the customer speaks, without any client's media");
    destroy_own(&cti, &call).await;
    call.expect_ended_by_agent(SOON).await.unwrap();
}

#[tokio::test]
async fn a_supervisor_listens_joins_in_and_leaves() {
    let (sim, one, two) = start().await;
    let offer = OfferCall::default();
    let call = sim.offer_call(offer).await.unwrap();
    assert!(sim.monitor(&call, "agent.two").await.is_err(), "there is nothing to hear yet");
    one.done("AcceptContact", ids(&call)).await;
    let part = sim.monitor(&call, "agent.two").await.unwrap();
    let seen = assert_snapshot(&two, "snapshot.voice-monitoring.json").await;
    assert_eq!(seen["snapshot"]["contacts"][0]["connections"][0]["connectionId"], part.contact_id(), "as recorded");
    assert_eq!(story(&one.snapshot().await)["contacts"][0][2].as_array().unwrap().len(), 2, "the agent sees nothing");
    let mode = |mode: &str| json!({ "contactId": part.contact_id(), "targetMonitorMode": mode });
    let refused = two.call("UpdateMonitorParticipantState", mode("SILENT_MONITOR")).await;
    assert_eq!(refused.kind(), "InvalidStateException", "so it is");
    two.done("UpdateMonitorParticipantState", mode("BARGE")).await;
    assert_snapshot(&two, "snapshot.voice-barge.json").await;
    let legs = one.snapshot().await["snapshot"]["contacts"][0]["connections"].clone();
    let recorded = fixture("snapshot.voice-under-supervision.json");
    let recorded = &recorded["snapshot"]["contacts"][0]["connections"][2];
    for member in ["type", "monitorStatus", "initial"] {
        assert_eq!(legs[2][member], recorded[member], "the agent sees the supervisor: {member}");
    }
    assert_eq!(legs[2]["state"]["type"], "barge");
    two.done("UpdateMonitorParticipantState", mode("SILENT_MONITOR")).await;
    assert_eq!(story(&one.snapshot().await)["contacts"][0][2].as_array().unwrap().len(), 2, "gone from sight");
    sim.agent("agent.two").expect_state("Available", SOON).await.unwrap();
    destroy_own(&two, &part).await;
    assert_eq!(story(&two.snapshot().await)["contacts"][0][0], "ended");
    sim.agent("agent.two").expect_state("Available", SOON).await.unwrap();
    two.done("ClearContact", ids(&part)).await;
    assert_eq!(story(&one.snapshot().await)["contacts"][0][0], "connected", "the call goes on");

    let part = sim.monitor(&call, "agent.two").await.unwrap();
    call.customer_hangs_up().await.unwrap();
    assert_eq!(story(&two.snapshot().await)["contacts"][0][0], "ended", "with the call it is over");
    two.done("ClearContact", ids(&part)).await;
    assert_snapshot(&two, "snapshot.idle.json").await;
}

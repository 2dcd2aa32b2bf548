//! Third parties, conference, swap, leaving and transfer over the CTI service,
//! compared with the recorded snapshots.

use std::time::Duration;

use crate::wire::{Cti, assert_error, assert_form, assert_snapshot, assert_values, fixture};
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::{
    AgentOptions, AmazonConnectSim, EndedBy, Fault, OfferCall, OutboundAnswer, OutboundBehaviour, QuickConnect,
    SimCall, SimOptions, SimParty, Speech, TurnKind,
};

const SOON: Duration = Duration::from_secs(10);
const BILLING: &str = "+12025550177";

fn directory() -> Vec<QuickConnect> {
    vec![
        QuickConnect::agent("Agent Two", "agent.two"),
        QuickConnect::queue("Support queue", "Support"),
        QuickConnect::phone("Billing desk", BILLING),
    ]
}

struct Scene {
    sim: AmazonConnectSim,
    one: Cti,
    two: Cti,
}

fn rings() -> OutboundBehaviour {
    OutboundBehaviour { answer: OutboundAnswer::Never, speech: Speech::Silent }
}

impl Scene {
    async fn start(change: impl FnOnce(&mut SimOptions)) -> Self {
        let mut options = SimOptions { turn: TurnKind::Unreachable, directory: directory(), ..SimOptions::default() };
        change(&mut options);
        let sim = AmazonConnectSim::start(options).await.unwrap();
        sim.set_third_party(rings());
        let cti = |login: &str| Cti { base: sim.base_url(), token: sim.token(login) };
        Self { one: cti("agent.one"), two: cti("agent.two"), sim }
    }

    /// A call that agent one has accepted.
    async fn talking(&self) -> SimCall {
        let name = "Ana Example".to_owned();
        let mut offer = OfferCall { customer_name: name, speech: Speech::Silent, ..OfferCall::to("agent.one") };
        offer.attributes.insert("tier".to_owned(), "gold".to_owned());
        let call = self.sim.offer_call(offer).await.unwrap();
        self.one.done("AcceptContact", contact(&call)).await;
        call
    }

    async fn add(&self, call: &SimCall, endpoint: Value) -> SimParty {
        self.one.done("CreateAdditionalConnection", with_endpoint(call, endpoint)).await;
        call.expect_third_party(SOON).await.unwrap()
    }

    async fn billing(&self, call: &SimCall) -> SimParty {
        self.add(call, self.endpoint("Billing desk").await).await
    }

    /// The quick connect of that name, as the service tells it.
    async fn endpoint(&self, name: &str) -> Value {
        let all = self.one.done("GetEndpoints", json!({ "queueARNs": [] })).await;
        let list = all["endpoints"].as_array().unwrap();
        list.iter().find(|e| e["name"] == name).unwrap_or_else(|| panic!("{name} is listed")).clone()
    }

    async fn state(&self, login: &str) -> String {
        self.sim.agent(login).state()
    }
}

fn contact(call: &SimCall) -> Value {
    json!({ "contactId": call.contact_id() })
}

fn connection(call: &SimCall, id: &str) -> Value {
    json!({ "contactId": call.contact_id(), "connectionId": id })
}

fn with_endpoint(call: &SimCall, endpoint: Value) -> Value {
    json!({ "contactId": call.contact_id(), "endpoint": endpoint })
}

fn number(text: &str) -> Value {
    json!({ "type": "phone_number", "phoneNumber": text })
}

/// States of the connections in the first contact of the snapshot.
async fn states(cti: &Cti) -> Vec<String> {
    let snapshot = cti.snapshot().await;
    let legs = snapshot["snapshot"]["contacts"][0]["connections"].as_array().cloned().unwrap_or_default();
    legs.iter().map(|l| l["state"]["type"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn consult_swap_and_conference_tell_the_story_of_the_fixtures() {
    let scene = Scene::start(|_| {}).await;
    let one = &scene.one;
    let call = scene.talking().await;
    let customer = call.customer();
    let billing = scene.billing(&call).await;
    customer.expect_hold(SOON).await.unwrap();
    assert_values(one, "snapshot.voice-third-party-dialing.json").await;
    let early = one.call("ConferenceConnections", contact(&call)).await;
    assert_error(&early, "error.invalid-state.conference.json");

    billing.answer().unwrap();
    assert_values(one, "snapshot.voice-hold-third-party.json").await;
    assert!(billing.answer().is_err(), "nobody answers twice");
    let second = one.call("CreateAdditionalConnection", with_endpoint(&call, number("+12025550178"))).await;
    assert_error(&second, "error.quota-exceeded.json");

    one.done("ToggleActiveConnections", connection(&call, customer.connection_id())).await;
    billing.expect_hold(SOON).await.unwrap();
    customer.expect_resumed(SOON).await.unwrap();
    assert_eq!(states(one).await, ["connected", "connected", "hold"], "swapped");
    one.done("ToggleActiveConnections", connection(&call, customer.connection_id())).await;
    assert_eq!(states(one).await, ["connected", "hold", "connected"], "and back");

    scene.sim.set_multi_party(true);
    one.done("ConferenceConnections", contact(&call)).await;
    assert_values(one, "snapshot.voice-conference.json").await;
    let again = one.call("ConferenceConnections", contact(&call)).await;
    assert_error(&again, "error.invalid-state.conference.json");
    let swap = one.call("ToggleActiveConnections", connection(&call, customer.connection_id())).await;
    assert_eq!(swap.kind(), "InvalidStateException", "in a conference nobody is on hold to swap with");
}

#[tokio::test]
async fn any_connection_can_be_held_get_digits_and_be_dropped() {
    let scene = Scene::start(|_| {}).await;
    let one = &scene.one;
    let call = scene.talking().await;
    let agent = connection(&call, call.agent_connection_id());
    let alone = one.call("HoldConnection", agent.clone()).await;
    assert_error(&alone, "error.invalid-state.json");
    let billing = scene.billing(&call).await;
    let third = connection(&call, billing.connection_id());
    let ringing = one.call("HoldConnection", third.clone()).await;
    assert_eq!(ringing.kind(), "InvalidStateException", "a ringing party cannot be held");
    billing.answer().unwrap();
    one.done("ConferenceConnections", contact(&call)).await;
    one.done("HoldConnection", agent.clone()).await;
    assert_eq!(states(one).await, ["hold", "connected", "connected"], "the others talk on");
    one.done("ResumeConnection", agent).await;
    one.done("HoldConnection", third.clone()).await;
    billing.expect_hold(SOON).await.unwrap();
    assert_eq!(states(one).await, ["connected", "connected", "hold"], "one at a time");
    let mut digits = third.clone();
    digits["digits"] = json!("42#");
    assert_eq!(one.call("SendDigits", digits.clone()).await.kind(), "SendDataFailedException", "not to a held party");
    one.done("ResumeConnection", third.clone()).await;
    one.done("SendDigits", digits).await;
    billing.expect_digits("42#", SOON).await.unwrap();
    assert_eq!(call.facts().digits, "", "the customer was sent none");

    one.done("DestroyConnection", third.clone()).await;
    billing.expect_ended(SOON).await.unwrap();
    assert_eq!(states(one).await, ["connected", "connected", "disconnected"], "the others go on");
    assert_eq!(one.call("HoldConnection", third).await.kind(), "InvalidStateException", "it is gone");
    let next = scene.billing(&call).await;
    next.busy().unwrap();
    next.expect_ended(SOON).await.unwrap();
    assert_eq!(states(one).await, ["connected", "hold", "disconnected", "disconnected"], "the customer is still held");
    one.done("ResumeConnection", connection(&call, call.customer_connection_id())).await;
    one.done("DestroyConnection", connection(&call, call.customer_connection_id())).await;
    assert_eq!(scene.state("agent.one").await, "AfterCallWork", "dropping the last party ends the call");
}

#[tokio::test]
async fn whoever_leaves_the_others_stay_together() {
    let scene = Scene::start(|_| {}).await;
    let one = &scene.one;

    // The customer leaves: agent and third party go on.
    let call = scene.talking().await;
    let billing = scene.billing(&call).await;
    billing.answer().unwrap();
    call.customer_hangs_up().await.unwrap();
    assert_eq!(states(one).await, ["connected", "disconnected", "connected"]);
    assert!(call.facts().ended.is_none(), "the call goes on");
    billing.hang_up().unwrap();
    assert_snapshot_states(one, "AfterCallWork").await;
    let ended = call.facts().ended.map(|(by, _)| by);
    assert_eq!(ended, Some(EndedBy::ThirdParty), "the last one ended it");
    one.done("ClearContact", contact(&call)).await;

    // The agent leaves: customer and third party go on.
    let call = scene.talking().await;
    let billing = scene.billing(&call).await;
    billing.answer().unwrap();
    one.done("DestroyConnection", connection(&call, call.agent_connection_id())).await;
    call.expect_ended_by_agent(SOON).await.unwrap();
    assert_snapshot_states(one, "AfterCallWork").await;
    assert_eq!(billing.state(), "connected", "the third party is still there");
    assert_eq!(call.customer().state(), "connected", "and the customer is held no more");
    one.done("ClearContact", contact(&call)).await;
    assert_eq!(billing.state(), "connected", "clearing the contact does not matter to them");
    call.customer().hang_up().unwrap();
    billing.expect_ended(SOON).await.unwrap();
    assert!(billing.hang_up().is_err(), "there is nobody left");

    // The agent leaves while the third party rings, who declines.
    let call = scene.talking().await;
    let billing = scene.billing(&call).await;
    one.done("DestroyConnection", connection(&call, call.agent_connection_id())).await;
    assert_eq!((call.customer().state(), billing.state()), ("connected", "connecting"), "a blind transfer");
    billing.decline().unwrap();
    call.customer().expect_ended(SOON).await.unwrap();
}

async fn assert_snapshot_states(cti: &Cti, agent: &str) {
    let snapshot = cti.snapshot().await;
    assert_eq!(snapshot["snapshot"]["state"]["name"], agent);
    let acw = fixture("snapshot.voice-acw.json");
    let contact = &snapshot["snapshot"]["contacts"][0];
    assert_eq!(contact["state"]["type"], acw["snapshot"]["contacts"][0]["state"]["type"]);
    for leg in contact["connections"].as_array().unwrap() {
        assert_eq!(leg["state"]["type"], "disconnected", "all connections are over: {leg}");
    }
}

#[tokio::test]
async fn a_warm_transfer_gives_the_other_agent_a_contact_of_its_own() {
    let scene = Scene::start(|_| {}).await;
    let (one, two) = (&scene.one, &scene.two);
    let call = scene.talking().await;
    let party = scene.add(&call, scene.endpoint("Agent Two").await).await;
    let other = scene.sim.expect_transferred("agent.two", SOON).await.unwrap();
    assert!(party.is_agent() && party.answer().is_err(), "agent two answers by its own client");
    let offered = two.snapshot().await;
    let its = &offered["snapshot"]["contacts"][0];
    let form = fixture("snapshot.voice-incoming.json");
    assert_form("transferred", &form["snapshot"]["contacts"][0], its);
    assert_eq!(its["contactId"], other.contact_id());
    assert_ne!(other.contact_id(), call.contact_id(), "a contact of its own");
    assert_eq!(its["initialContactId"], call.contact_id(), "in the chain of the first");
    assert_eq!(its["initiationMethod"], "transfer");
    assert_eq!(its["attributes"]["tier"]["value"], "gold", "attributes go with it");
    assert_eq!(its["connections"][1]["endpoint"]["phoneNumber"], "+12025550123");
    let seen = one.snapshot().await["snapshot"]["contacts"][0]["connections"][2].clone();
    assert_eq!(seen["endpoint"]["name"], "Agent Two");
    assert_eq!(seen["quickConnectName"], "Agent Two");
    assert_eq!(seen["endpoint"]["agentLogin"], "agent.two");
    assert_eq!(seen["type"], "outbound", "not of type agent, which would be this agent's own");

    two.done("AcceptContact", contact(&other)).await;
    party.expect_connected(SOON).await.unwrap();
    assert_eq!(states(one).await, ["connected", "hold", "connected"]);
    one.done("DestroyConnection", connection(&call, call.agent_connection_id())).await;
    assert_eq!(scene.state("agent.one").await, "AfterCallWork");
    assert_eq!(scene.state("agent.two").await, "Busy", "agent two has the customer");
    assert_eq!(states(two).await, ["connected", "connected"]);
    two.done("HoldConnection", connection(&other, other.customer_connection_id())).await;
    call.customer().expect_hold(SOON).await.unwrap();
    two.done("ResumeConnection", connection(&other, other.customer_connection_id())).await;
    call.customer_hangs_up().await.unwrap();
    assert_eq!(scene.state("agent.two").await, "AfterCallWork", "the customer left agent two");
    let ended = other.facts().ended.map(|(by, _)| by);
    assert_eq!(ended, Some(EndedBy::Customer));
}

#[tokio::test]
async fn a_transfer_may_be_refused_dropped_or_left() {
    let scene = Scene::start(|_| {}).await;
    let (one, two) = (&scene.one, &scene.two);
    let call = scene.talking().await;

    // The recorded client names its own Bruno; the ARN is what counts.
    let agent_two = fixture("create-additional-connection.quick-connect.request.json")["endpoint"].clone();
    let party = scene.add(&call, agent_two.clone()).await;
    let other = scene.sim.expect_transferred("agent.two", SOON).await.unwrap();
    two.done("RejectContact", contact(&other)).await;
    party.expect_ended(SOON).await.unwrap();
    assert_eq!(states(one).await, ["connected", "hold", "disconnected"], "refused");
    two.done("ClearContact", contact(&other)).await;

    let party = scene.add(&call, agent_two.clone()).await;
    scene.sim.expect_transferred("agent.two", SOON).await.unwrap();
    one.done("DestroyConnection", connection(&call, party.connection_id())).await;
    assert_eq!(scene.state("agent.two").await, "Available", "the offer is taken back");

    scene.add(&call, agent_two.clone()).await;
    let other = scene.sim.expect_transferred("agent.two", SOON).await.unwrap();
    two.done("AcceptContact", contact(&other)).await;
    two.done("DestroyConnection", connection(&other, other.agent_connection_id())).await;
    assert_eq!(states(one).await.last().map(String::as_str), Some("disconnected"), "agent two has left");
    assert_eq!(scene.state("agent.one").await, "Busy", "agent one is still there");
    assert_eq!(scene.state("agent.two").await, "AfterCallWork");

    let party = scene.add(&call, agent_two).await;
    party.expect_ended(SOON).await.unwrap();
    assert!(!party.is_agent(), "an agent in wrap-up is not asked");
    assert_eq!(scene.sim.agent("agent.two").contacts().len(), 1, "no second contact");
}

#[tokio::test]
async fn a_queue_waits_for_an_agent_also_when_the_first_has_left() {
    let scene = Scene::start(|_| {}).await;
    let (one, two) = (&scene.one, &scene.two);
    scene.sim.agent("agent.two").set_state("Lunch").unwrap();
    let call = scene.talking().await;
    let endpoint = scene.endpoint("Support queue").await;
    one.done("CreateAdditionalConnection", with_endpoint(&call, endpoint)).await;
    assert_eq!(states(one).await, ["connected", "hold", "connecting"], "nobody is free");
    one.done("DestroyConnection", connection(&call, call.agent_connection_id())).await;
    assert_eq!(call.customer().state(), "connected", "the customer waits");
    scene.sim.agent("agent.two").set_state("Available").unwrap();
    let other = scene.sim.expect_transferred("agent.two", SOON).await.unwrap();
    assert_eq!(two.snapshot().await["snapshot"]["contacts"][0]["initiationMethod"], "queue_transfer");
    two.done("AcceptContact", contact(&other)).await;
    assert_eq!(states(two).await, ["connected", "connected"]);
    two.done("DestroyConnection", connection(&other, other.agent_connection_id())).await;
    call.customer().expect_ended(SOON).await.unwrap();
    assert_eq!(scene.state("agent.two").await, "AfterCallWork");
}

#[tokio::test]
async fn many_parties_are_an_option_with_a_limit() {
    let scene = Scene::start(|o| o.multi_party = true).await;
    let one = &scene.one;
    let call = scene.talking().await;
    for n in 1..=4 {
        let mut endpoint = fixture("create-additional-connection.phone.request.json")["endpoint"].clone();
        endpoint["phoneNumber"] = json!(format!("+1202555018{n}"));
        let party = scene.add(&call, endpoint).await;
        party.answer().unwrap();
        one.done("ConferenceConnections", contact(&call)).await;
    }
    assert_eq!(states(one).await, vec!["connected"; 6], "six participants");
    let more = one.call("CreateAdditionalConnection", with_endpoint(&call, number(BILLING))).await;
    assert_error(&more, "error.quota-exceeded.json");
    let third = call.third_parties()[1].clone();
    one.done("DestroyConnection", connection(&call, third.connection_id())).await;
    third.expect_ended(SOON).await.unwrap();
    assert_eq!(third.state(), "disconnected");
    let left = states(one).await.iter().filter(|s| *s == "connected").count();
    assert_eq!(left, 5, "the other five talk on");
}

#[tokio::test]
async fn the_next_agent_takes_all_parties_over() {
    let scene = Scene::start(|o| o.multi_party = true).await;
    let (one, two) = (&scene.one, &scene.two);
    let call = scene.talking().await;
    let billing = scene.billing(&call).await;
    billing.answer().unwrap();
    scene.add(&call, scene.endpoint("Agent Two").await).await;
    let other = scene.sim.expect_transferred("agent.two", SOON).await.unwrap();
    two.done("AcceptContact", contact(&other)).await;
    let early = two.call("CreateAdditionalConnection", with_endpoint(&other, number("+12025550181"))).await;
    assert_eq!(early.kind(), "InvalidStateException", "the first agent still leads");
    one.done("DestroyConnection", connection(&call, call.agent_connection_id())).await;
    assert_eq!(states(two).await, ["connected"; 3], "agent two has the customer and the third party");
    two.done("CreateAdditionalConnection", with_endpoint(&other, number("+12025550181"))).await;
    assert_eq!(states(two).await, ["connected", "hold", "hold", "connecting"], "and can add more");
    let newest = other.expect_third_party(SOON).await.unwrap();
    newest.answer().unwrap();
    two.done("DestroyConnection", connection(&other, other.agent_connection_id())).await;
    assert_eq!([call.customer().state(), billing.state(), newest.state()], ["connected"; 3], "without any agent");
    billing.hang_up().unwrap();
    assert_eq!(newest.state(), "connected", "two are enough");
    call.customer_hangs_up().await.unwrap();
    newest.expect_ended(SOON).await.unwrap();
}

#[tokio::test]
async fn bad_endpoints_and_moments_are_refused() {
    let scene = Scene::start(|_| {}).await;
    let one = &scene.one;
    let call = scene.sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
    let early = one.call("CreateAdditionalConnection", with_endpoint(&call, number(BILLING))).await;
    assert_eq!(early.kind(), "InvalidStateException", "not while it rings");
    one.done("AcceptContact", contact(&call)).await;
    let unknown = json!({ "type": "phone_number", "endpointARN": "arn:aws:connect:nowhere" });
    for endpoint in [number("12-34"), json!({ "type": "agent", "agentLogin": "agent.two" }), unknown] {
        let refused = one.call("CreateAdditionalConnection", with_endpoint(&call, endpoint)).await;
        assert_error(&refused, "error.bad-endpoint.json");
    }
    assert_eq!(states(one).await, ["connected", "connected"], "and the customer was not put on hold");
    for (operation, body) in [
        ("ToggleActiveConnections", connection(&call, "nobody")),
        ("HoldConnection", connection(&call, "nobody")),
        ("DestroyConnection", connection(&call, "nobody")),
    ] {
        assert_eq!(one.call(operation, body).await.kind(), "InvalidStateException", "{operation}");
    }
}

#[tokio::test]
async fn outbound_calls_are_answered_busy_or_refused() {
    let scene = Scene::start(|o| {
        let mut two = AgentOptions::two();
        two.may_call_out = false;
        o.agents[1] = two;
    })
    .await;
    let one = &scene.one;
    scene.sim.set_outbound(rings());
    let mut dial = fixture("create-outbound-contact.request.json");
    dial.as_object_mut().unwrap().remove("authentication");
    assert_error(&scene.two.call("CreateOutboundContact", dial.clone()).await, "error.access-denied.json");
    let permissions = scene.two.done("GetAgentPermissions", json!({})).await;
    assert!(!permissions.to_string().contains("outboundCall"), "and the client is told before");
    let profile = one.done("GetAgentConfiguration", json!({})).await;
    let profile = &profile["configuration"]["routingProfile"]["routingProfileARN"];
    let queues = one.done("GetRoutingProfileQueues", json!({ "routingProfileARN": profile })).await;
    dial["queueARN"] = queues["queues"][1]["queueARN"].clone();
    one.done("CreateOutboundContact", dial.clone()).await;
    let call = scene.sim.expect_dialled("agent.one", SOON).await.unwrap();
    let ringing = assert_snapshot(one, "snapshot.voice-outbound-dialing.json").await;
    assert_eq!(ringing["snapshot"]["contacts"][0]["queue"]["name"], "Support", "the queue that was asked for");
    let second = one.call("CreateOutboundContact", dial.clone()).await;
    assert_eq!(second.kind(), "InvalidStateException", "one call at a time");
    call.answer().unwrap();
    assert_snapshot(one, "snapshot.voice-outbound-connected.json").await;
    assert!(call.busy().is_err() && call.no_answer().is_err(), "answered is answered");
    let billing = scene.billing(&call).await;
    billing.answer().unwrap();
    assert_eq!(states(one).await, ["connected", "hold", "connected"], "outbound calls have third parties too");
    one.done("DestroyConnection", connection(&call, billing.connection_id())).await;
    one.done("DestroyConnection", connection(&call, call.agent_connection_id())).await;
    one.done("ClearContact", contact(&call)).await;

    dial["queueARN"] = queues["queues"][0]["queueARN"].clone();
    for (busy, state) in [(true, "LineEngagedCustomer"), (false, "FailedConnectCustomer")] {
        one.done("CreateOutboundContact", dial.clone()).await;
        let call = scene.sim.expect_dialled("agent.one", SOON).await.unwrap();
        assert_values(one, "snapshot.voice-outbound-dialing.json").await;
        if busy {
            call.busy().unwrap()
        } else {
            call.no_answer().unwrap()
        }
        assert_eq!(scene.state("agent.one").await, state);
        let mut wanted = fixture("snapshot.voice-outbound-failed.json");
        wanted["snapshot"]["state"]["name"] = json!(state);
        let failed = one.snapshot().await;
        assert_eq!(crate::wire::story(&failed), crate::wire::story(&wanted), "the contact is in error");
        one.done("ClearContact", contact(&call)).await;
    }
    one.done("CreateOutboundContact", dial.clone()).await;
    let call = scene.sim.expect_dialled("agent.one", SOON).await.unwrap();
    call.answer().unwrap();
    assert_values(one, "snapshot.voice-outbound-connected.json").await;
    one.done("DestroyConnection", connection(&call, call.agent_connection_id())).await;
    one.done("ClearContact", contact(&call)).await;
    dial["queueARN"] = json!("arn:aws:connect:nowhere");
    let refused = one.call("CreateOutboundContact", dial).await;
    assert_eq!(refused.kind(), "InvalidConfigurationException", "an unknown queue");
}

#[tokio::test]
async fn an_outbound_call_is_answered_after_a_second_without_any_script() {
    let options = SimOptions { turn: TurnKind::Unreachable, ..SimOptions::default() };
    let sim = AmazonConnectSim::start(options).await.unwrap();
    let cti = Cti { base: sim.base_url(), token: sim.token("agent.one") };
    cti.done("CreateOutboundContact", json!({ "endpoint": number("+12025550199") })).await;
    let call = sim.expect_dialled("agent.one", SOON).await.unwrap();
    let dialled = call.customer().facts().dialled.unwrap();
    let answered = call.customer().expect_connected(SOON).await.unwrap();
    let rang = answered.since(dialled);
    assert!(rang >= Duration::from_millis(950) && rang < Duration::from_secs(3), "it rang for {rang:?}");
}

#[tokio::test]
async fn a_large_directory_comes_in_pages_of_which_one_may_fail() {
    let scene = Scene::start(|o| o.directory = QuickConnect::branches(1_234)).await;
    let ask = |token: Value| json!({ "queueARNs": [], "maxResults": 500, "nextToken": token });
    let first = scene.one.done("GetEndpoints", ask(Value::Null)).await;
    assert_form("page", &fixture("get-endpoints.page1.response.json")["endpoints"][0], &first["endpoints"][0]);
    assert_eq!(first["endpoints"].as_array().unwrap().len(), 500);
    scene.sim.fail_endpoint_page(1, Fault::Status(500));
    let failed = scene.one.call("GetEndpoints", ask(first["nextToken"].clone())).await;
    assert_eq!(failed.status, 500, "the second page fails");
    let second = scene.one.done("GetEndpoints", ask(first["nextToken"].clone())).await;
    let third = scene.one.done("GetEndpoints", ask(second["nextToken"].clone())).await;
    assert_eq!(third["endpoints"].as_array().unwrap().len(), 234);
    assert_eq!(third["nextToken"], Value::Null, "and that is all");
    assert_error(&scene.one.call("GetEndpoints", ask(json!("other"))).await, "error.pagination.json");

    scene.sim.set_directory(directory());
    let mut short = fixture("get-endpoints.request.json");
    short.as_object_mut().unwrap().remove("authentication");
    short["maxResults"] = json!(2);
    let page = scene.one.done("GetEndpoints", short).await;
    let mut wanted = fixture("get-endpoints.page1.response.json");
    wanted["endpoints"][0]["agentLogin"] = json!("agent.two");
    wanted["endpoints"][0]["name"] = json!("Agent Two");
    wanted["endpoints"][1]["queue"]["queueARN"] = page["endpoints"][1]["queue"]["queueARN"].clone();
    assert_eq!(page["endpoints"], wanted["endpoints"], "as recorded");
    let rest = json!({ "queueARNs": [], "maxResults": 2, "nextToken": page["nextToken"] });
    let rest = scene.one.done("GetEndpoints", rest).await;
    assert_eq!(rest, fixture("get-endpoints.page2.response.json"), "and the last page to the letter");
}

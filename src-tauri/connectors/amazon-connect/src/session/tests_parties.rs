//! Outbound calls, further parties and the directory, against a platform played by hand.
#![allow(clippy::unwrap_used, clippy::expect_used)]
use rstest::rstest;
use serde_json::{Value, json};
use trunkline_connector::{CommandCode, Target};
use trunkline_model::{ConnectionAction, ConnectionId, ConnectionState, ContactAction, EndpointId, Outcome, QueueId};

use super::tests::{Bench, CONTACT, exception, fixture_body, response};
use super::*;
use std::time::Duration;
use trunkline_connector::ports::HttpFailure;
use trunkline_connector::{Command, EndpointList};

const THIRD: &str = "91d7e6c2-6b1c-49a4-9a2e-2f3e5d6c7b8a";
const CUSTOMER: &str = "3a54c9be-1d0f-47a2-8f68-90bd1f0a7c21";
const BRUNO: &str = "arn:aws:connect:eu-central-1:111122223333:instance/0a1b2c3d-1111-4222-8333-444455556666/transfer-destination/aa000001-0000-4000-8000-000000000001";

fn contact() -> ContactId {
    ContactId::from(CONTACT)
}

fn dial(number: &str, queue: Option<&str>) -> Command {
    Command::Dial { number: number.to_owned(), queue: queue.map(QueueId::from), related: None }
}

fn add_number(number: &str) -> Command {
    Command::AddParty { contact: contact(), target: Target::Number { number: number.to_owned() }, note: String::new() }
}

fn add_entry(id: &str) -> Command {
    Command::AddParty { contact: contact(), target: Target::Endpoint { id: EndpointId::from(id) }, note: String::new() }
}

fn empty() -> trunkline_connector::ports::HttpResponse {
    response(200, &json!({}))
}

fn look_up(bench: &mut Bench, id: u64, contact: Option<ContactId>) {
    let deadline = bench.start + bench.at + Duration::from_secs(10);
    bench.give(Input::Lookup { id: LookupId(id), deadline, contact });
}

fn found(bench: &Bench, id: u64) -> Option<Result<EndpointList, CommandCode>> {
    let answer = bench.answers.iter().find(|(lookup, _)| lookup.0 == id)?;
    Some(answer.1.clone().map_err(|error| error.code))
}

fn page(bench: &mut Bench, name: &str) -> Value {
    bench.answer("GetEndpoints", response(200, &fixture_body(&format!("get-endpoints.{name}.response"))))
}

fn told(bench: &Bench) -> Vec<(String, String)> {
    let mut shown: Vec<(String, String, String)> = Vec::new();
    for event in &bench.events {
        match event {
            Event::Notice(notice) => {
                shown.retain(|(id, ..)| *id != notice.id);
                let party = notice.params.get("party").cloned().unwrap_or_default();
                shown.push((notice.id.clone(), notice.message_key.clone(), party));
            }
            Event::NoticeGone(gone) => shown.retain(|(id, ..)| id != gone),
            _ => {}
        }
    }
    shown.into_iter().map(|(_, key, party)| (key, party)).collect()
}

/// A recorded snapshot with one change.
fn changed(bench: &mut Bench, name: &str, change: impl Fn(&mut Value)) {
    let mut body = fixture_body(&format!("snapshot.{name}"));
    change(&mut body["snapshot"]);
    if bench.waiting("GetAgentSnapshot") == 0 {
        bench.wait(100);
    }
    bench.answer("GetAgentSnapshot", response(200, &body));
}

#[test]
fn an_outbound_call_has_the_recorded_form_and_counts_for_the_default_queue() {
    let mut bench = Bench::online();
    bench.command("dial", dial("+12025550123", None));
    let body = bench.answer("CreateOutboundContact", empty());
    assert_eq!(body, fixture_body("create-outbound-contact.request"), "number and default queue");
    assert_eq!(bench.reply("dial"), Some(Ok(())), "taken");
    bench.snapshot("voice-outbound-dialing");
    let call = bench.contact().unwrap();
    assert_eq!(call.direction, trunkline_model::Direction::Outbound, "it comes as a contact of ours");
    assert_eq!(call.customer.address.as_deref(), Some("+12025550123"), "with the number");
    assert_eq!(bench.other.last().unwrap(), "open leg 1", "and its media is built while it dials");
}

#[test]
fn a_call_for_another_queue_names_it_and_a_strange_queue_is_refused() {
    let mut bench = Bench::online();
    let queue = "arn:aws:connect:eu-central-1:111122223333:instance/0a1b2c3d-1111-4222-8333-444455556666/queue/b1b1b1b1-0002-4002-8002-000000000002";
    bench.command("strange", dial("+12025550123", Some("arn:of:nobody")));
    assert_eq!(bench.reply("strange"), Some(Err(CommandCode::Invalid)), "not one of the agent's");
    let agent = bench.events.iter().rev().find_map(|event| match event {
        Event::Agent(agent) => Some(agent.clone()),
        _ => None,
    });
    let queues = agent.unwrap().dial_queues;
    if queues.iter().any(|known| known.id.as_str() == queue) {
        bench.command("support", dial("+12025550123", Some(queue)));
        assert_eq!(bench.take("CreateOutboundContact").1["queueARN"], queue, "as chosen");
    } else {
        panic!("the fixture's second queue is one an outbound call may count for: {queues:?}");
    }
}

#[rstest]
#[case("030 123456")]
#[case("+49301")]
#[case("+0301234567")]
#[case("+493012345678901234")]
#[case("+4930 CALL ME")]
#[case("")]
fn what_is_no_number_is_not_sent(#[case] number: &str) {
    let mut bench = Bench::online();
    bench.snapshot("voice-connected");
    bench.command("dial", dial(number, None));
    bench.command("add", add_number(number));
    assert_eq!(bench.reply("dial"), Some(Err(CommandCode::Invalid)), "{number:?}");
    assert_eq!(bench.reply("add"), Some(Err(CommandCode::Invalid)), "{number:?}");
    assert_eq!(bench.waiting("CreateOutboundContact") + bench.waiting("CreateAdditionalConnection"), 0, "nothing sent");
}

#[rstest]
#[case(&[], true, "", false)]
#[case(&["outboundCall"], true, "", true)]
#[case(&["outboundCall"], false, "+12025550199", true)]
#[case(&["outboundCall"], false, "", false)]
fn dialling_needs_the_right_and_something_to_call_with(
    #[case] rights: &[&str],
    #[case] softphone: bool,
    #[case] extension: &str,
    #[case] can: bool,
) {
    let mut bench = Bench::online();
    bench.wait(30_000);
    let mut base = fixture_body("get-agent-configuration.response");
    base["configuration"]["softphoneEnabled"] = json!(softphone);
    base["configuration"]["extension"] = json!(extension);
    bench.answer("GetAgentConfiguration", response(200, &base));
    bench.answer("GetAgentPermissions", response(200, &json!({"permissions": rights})));
    bench.answer("GetAgentStates", response(200, &fixture_body("get-agent-states.response")));
    bench.answer("GetDialableCountryCodes", response(200, &fixture_body("get-dialable-country-codes.response")));
    bench.answer("GetRoutingProfileQueues", response(200, &fixture_body("get-routing-profile-queues.page2.response")));
    let agent = bench.events.iter().rev().find_map(|event| match event {
        Event::Agent(agent) => Some(agent.clone()),
        _ => None,
    });
    assert_eq!(agent.unwrap().can_dial, can, "shown to the panel");
    bench.command("dial", dial("+12025550123", None));
    let expected = if can { None } else { Some(Err(CommandCode::NotAllowed)) };
    assert_eq!(bench.reply("dial"), expected, "and what is not allowed is told before it is sent");
}

#[rstest]
#[case("LineEngagedCustomer", Outcome::Busy)]
#[case("MissedCallCustomer", Outcome::NoAnswer)]
#[case("BadAddressCustomer", Outcome::BadAddress)]
#[case("FailedConnectCustomer", Outcome::Failed)]
#[case("SomethingNew", Outcome::Failed)]
fn why_nobody_was_reached_is_told(#[case] state: &str, #[case] outcome: Outcome, #[values(false, true)] late: bool) {
    let mut bench = Bench::online();
    bench.snapshot("voice-outbound-dialing");
    if late {
        changed(&mut bench, "voice-outbound-failed", |snapshot| snapshot["state"]["name"] = json!("CallingCustomer"));
        assert_eq!(bench.contact().unwrap().outcome, Some(Outcome::Failed), "all that is known so far");
    }
    changed(&mut bench, "voice-outbound-failed", |snapshot| snapshot["state"]["name"] = json!(state));
    let call = bench.contact().unwrap();
    assert_eq!(call.outcome, Some(outcome), "{state}");
    assert_eq!(call.state, trunkline_model::ContactState::Failed, "{state}: shown as not come about");
    changed(&mut bench, "voice-outbound-failed", |snapshot| {
        snapshot["state"]["name"] = json!("LineEngagedCustomer");
        snapshot["state"]["startTimestamp"] = json!(1_786_200_175.0);
    });
    assert_eq!(bench.contact().unwrap().outcome, Some(outcome), "a later call's fate is not this one's");
}

#[test]
fn giving_up_while_it_dials_is_the_agents_own_end() {
    let mut bench = Bench::online();
    bench.snapshot("voice-outbound-dialing");
    bench.command("end", Command::Disconnect { contact: contact(), connection: None });
    bench.answer("DestroyConnection", empty());
    bench.snapshot("voice-outbound-failed");
    assert_eq!(bench.contact().unwrap().outcome, Some(Outcome::EndedByAgent), "not a failure");
}

#[rstest]
#[case(HttpFailure::Timeout, CommandCode::Timeout)]
#[case(HttpFailure::Broken, CommandCode::Timeout)]
#[case(HttpFailure::Connect, CommandCode::Unavailable)]
fn a_call_without_a_clear_answer_is_told_and_not_made_again(#[case] failure: HttpFailure, #[case] code: CommandCode) {
    let mut bench = Bench::online();
    bench.command("dial", dial("+12025550123", None));
    bench.fail("CreateOutboundContact", failure);
    assert_eq!(bench.reply("dial"), Some(Err(code)), "uncertain, or certain that nothing was sent");
    bench.wait(5_000);
    assert_eq!(bench.waiting("CreateOutboundContact"), 0, "nobody is called twice");
}

#[rstest]
#[case(HttpFailure::Timeout)]
#[case(HttpFailure::Broken)]
fn an_uncertain_party_is_told_is_looked_for_and_is_not_called_twice(#[case] failure: HttpFailure) {
    let mut bench = Bench::online();
    bench.snapshot("voice-connected");
    bench.wait(100);
    bench.command("add", add_number("+12025550177"));
    bench.fail("CreateAdditionalConnection", failure);
    assert_eq!(bench.reply("add"), Some(Err(CommandCode::Timeout)), "it may have been carried out");
    assert_eq!(bench.waiting("CreateAdditionalConnection"), 0, "it is not sent again");
    bench.wait(0);
    let (_, poll) = bench.take("GetAgentSnapshot");
    assert!(poll.get("nextToken").is_none(), "the truth is fetched at once");
    bench.command("again", add_number("+12025550177"));
    assert_eq!(bench.reply("again"), Some(Err(CommandCode::NotPossible)), "pressed again it is not called twice");
    bench.wait(15_001);
    bench.command("later", add_number("+12025550177"));
    assert_eq!(bench.waiting("CreateAdditionalConnection"), 1, "once it would have shown, the agent may try again");
}

#[test]
fn a_server_failure_is_uncertain_too() {
    let mut bench = Bench::online();
    bench.snapshot("voice-hold-third-party");
    bench.command("swap", Command::Swap { contact: contact() });
    bench.answer("ToggleActiveConnections", exception(500, "InternalServiceError"));
    assert_eq!(bench.reply("swap"), Some(Err(CommandCode::Timeout)), "a second change-over would undo the first");
    bench.command("together", Command::Conference { contact: contact() });
    bench.answer("ConferenceConnections", exception(500, "InternalServiceError"));
    assert_eq!(bench.reply("together"), Some(Err(CommandCode::Unavailable)), "twice together is together");
}

#[test]
fn a_refused_token_in_the_middle_of_adding_calls_once() {
    let mut bench = Bench::new();
    bench.give(Input::Start(Stored { token: Some("EXAMPLE-AUTH-TOKEN".to_owned().into()), ..Stored::default() }));
    bench.answer("/auth/authorize", response(200, &fixture_body("authorize.response")));
    bench.configure();
    bench.snapshot("voice-connected");
    bench.command("add", add_number("+12025550177"));
    bench.answer("CreateAdditionalConnection", exception(401, "UnauthorizedException"));
    assert_eq!(bench.reply("add"), None, "not answered: the token is renewed first");
    bench.answer("/auth/authorize", response(200, &fixture_body("authorize.response")));
    assert_eq!(bench.waiting("CreateAdditionalConnection"), 1, "then sent once more");
    let body = bench.answer("CreateAdditionalConnection", empty());
    assert_eq!(body["authentication"]["authToken"], "EXAMPLE-AUTH-TOKEN-2", "with the new token");
    assert_eq!(bench.reply("add"), Some(Ok(())), "taken");
    assert_eq!(bench.waiting("CreateAdditionalConnection"), 0, "and never a third time");
}

#[rstest]
#[case(exception(400, "BadEndpointException"), CommandCode::BadTarget)]
#[case(exception(403, "AccessDeniedException"), CommandCode::NotAllowed)]
#[case(exception(400, "QuotaExceededException"), CommandCode::LimitReached)]
#[case(exception(400, "InvalidStateException"), CommandCode::NotPossible)]
#[case(exception(429, "ThrottlingException"), CommandCode::Unavailable)]
fn a_refused_party_may_be_tried_again_at_once(
    #[case] answer: trunkline_connector::ports::HttpResponse,
    #[case] code: CommandCode,
) {
    let mut bench = Bench::online();
    bench.snapshot("voice-connected");
    bench.command("add", add_number("+12025550177"));
    let body = bench.answer("CreateAdditionalConnection", answer);
    assert_eq!(body, fixture_body("create-additional-connection.phone.request"), "the recorded form");
    assert_eq!(bench.reply("add"), Some(Err(code)), "in the agent's terms");
    bench.command("again", add_number("+12025550178"));
    assert_eq!(bench.waiting("CreateAdditionalConnection"), 1, "nobody is being called: the next may go out");
}

#[test]
fn consulting_changing_over_bringing_together_and_leaving() {
    let mut bench = Bench::online();
    bench.snapshot("voice-connected");
    let may = |bench: &Bench, action| bench.contact().unwrap().allowed.contains(&action);
    assert!(may(&bench, ContactAction::AddParty), "a two-party call can be widened");
    for (id, command) in
        [("swap", Command::Swap { contact: contact() }), ("conf", Command::Conference { contact: contact() })]
    {
        bench.command(id, command);
        assert_eq!(bench.reply(id), Some(Err(CommandCode::NotPossible)), "{id}: there is nobody to do it with");
    }
    bench.command("add", add_number("+12025550177"));
    bench.answer("CreateAdditionalConnection", empty());
    bench.snapshot("voice-third-party-dialing");
    for action in [ContactAction::AddParty, ContactAction::Conference, ContactAction::Swap, ContactAction::SendDigits] {
        assert!(!may(&bench, action), "not while one is being called: {action:?}");
    }
    assert!(may(&bench, ContactAction::End), "a blind transfer: the agent may leave at once");
    bench.command("second", add_number("+12025550178"));
    assert_eq!(bench.reply("second"), Some(Err(CommandCode::NotPossible)), "nor is a second one called");
    bench.snapshot("voice-hold-third-party");
    assert!(may(&bench, ContactAction::Swap) && may(&bench, ContactAction::Conference), "now they can");
    assert!(!may(&bench, ContactAction::AddParty), "three is all this contact may have");
    assert!(may(&bench, ContactAction::SendDigits), "tones go to whom the agent talks to");
    bench.command("tones", Command::SendDigits { contact: contact(), connection: None, digits: "1".to_owned() });
    assert_eq!(bench.answer("SendDigits", empty())["connectionId"], THIRD, "who is not the customer on hold");
    bench.command("swapped", Command::Swap { contact: contact() });
    let body = bench.answer("ToggleActiveConnections", empty());
    assert_eq!(
        (&body["contactId"], &body["connectionId"]),
        (&json!(CONTACT), &json!(CUSTOMER)),
        "the one on hold is named"
    );
    bench.command("together", Command::Conference { contact: contact() });
    let body = bench.answer("ConferenceConnections", empty());
    assert_eq!(body["contactId"], CONTACT, "all of the contact");
    bench.snapshot("voice-conference");
    let call = bench.contact().unwrap();
    assert!(!may(&bench, ContactAction::Conference) && !may(&bench, ContactAction::Swap), "they are together");
    assert!(may(&bench, ContactAction::AddParty), "this contact may have more parties");
    let own = call.agent_connection().unwrap();
    assert!(own.allowed.contains(&ConnectionAction::Hold), "the agent may step out for a moment");
    bench.command("drop", Command::Disconnect { contact: contact(), connection: Some(ConnectionId::from(THIRD)) });
    assert_eq!(bench.answer("DestroyConnection", empty())["connectionId"], THIRD, "one party can be dropped");
    bench.command("leave", Command::Disconnect { contact: contact(), connection: None });
    let body = bench.answer("DestroyConnection", empty());
    assert_eq!(body["connectionId"], "b7a1f2d4-3c58-4d3b-8a21-5f1f6d0e9c77", "the agent's own leg");
    bench.snapshot("voice-acw");
    assert_eq!(bench.contact().unwrap().outcome, Some(Outcome::Transferred), "left to the others, not ended");
    assert!(told(&bench).is_empty(), "and nothing to complain of: {:?}", told(&bench));
}

#[test]
fn hanging_up_on_the_customer_alone_is_the_end() {
    let mut bench = Bench::online();
    bench.snapshot("voice-conference");
    bench.snapshot("voice-connected");
    bench.command("end", Command::Disconnect { contact: contact(), connection: None });
    bench.answer("DestroyConnection", empty());
    bench.snapshot("voice-acw");
    assert_eq!(bench.contact().unwrap().outcome, Some(Outcome::EndedByAgent), "the third party had left before");
}

#[test]
fn once_the_customer_has_left_hold_means_who_is_still_there() {
    let mut bench = Bench::online();
    changed(&mut bench, "voice-hold-third-party", |snapshot| {
        snapshot["contacts"][0]["connections"][1]["state"]["type"] = json!("disconnected");
    });
    let call = bench.contact().unwrap();
    assert!(call.allowed.contains(&ContactAction::Hold) && !call.on_hold, "the third party can be put on hold");
    bench.command("hold", Command::Hold { contact: contact(), connection: None });
    assert_eq!(bench.answer("HoldConnection", empty())["connectionId"], THIRD, "without being named");
}

#[rstest]
#[case("LineEngagedCustomer", "notice_party_busy")]
#[case("MissedCallCustomer", "notice_party_no_answer")]
#[case("BadAddressCustomer", "notice_party_bad_address")]
#[case("Busy", "notice_party_not_reached")]
fn a_party_that_was_not_reached_is_told(
    #[case] state: &str,
    #[case] key: &str,
    #[values("gone", "disconnected", "rejected")] how: &str,
) {
    let mut bench = Bench::online();
    bench.snapshot("voice-third-party-dialing");
    changed(&mut bench, "voice-third-party-dialing", |snapshot| {
        snapshot["state"]["name"] = json!(state);
        let legs = snapshot["contacts"][0]["connections"].as_array_mut().unwrap();
        if how == "gone" {
            legs.remove(2);
        } else {
            legs[2]["state"]["type"] = json!(how);
        }
    });
    assert_eq!(told(&bench), [(key.to_owned(), "Billing desk".to_owned())], "who, and why as far as it is known");
    assert!(bench.contact().unwrap().allowed.contains(&ContactAction::AddParty), "and somebody else can be called");
    bench.snapshot("voice-third-party-dialing");
    bench.snapshot("voice-hold-third-party");
    assert!(told(&bench).is_empty(), "the next one that is reached ends the message");
}

#[test]
fn a_party_that_the_agent_dropped_or_that_left_with_the_call_is_no_news() {
    let mut bench = Bench::online();
    bench.snapshot("voice-third-party-dialing");
    bench.command("drop", Command::Disconnect { contact: contact(), connection: Some(ConnectionId::from(THIRD)) });
    bench.answer("DestroyConnection", empty());
    bench.snapshot("voice-customer-on-hold");
    assert!(told(&bench).is_empty(), "the agent knows: {:?}", told(&bench));
    bench.snapshot("voice-third-party-dialing");
    bench.snapshot("voice-acw");
    assert!(told(&bench).is_empty(), "the whole call is over: {:?}", told(&bench));
    bench.snapshot("idle");
    bench.snapshot("voice-hold-third-party");
    bench.snapshot("voice-connected");
    assert!(told(&bench).is_empty(), "who was there and left was reached: {:?}", told(&bench));
}

#[test]
fn a_refused_drop_does_not_hide_what_happens_next() {
    let mut bench = Bench::online();
    bench.snapshot("voice-third-party-dialing");
    bench.command("drop", Command::Disconnect { contact: contact(), connection: Some(ConnectionId::from(THIRD)) });
    bench.answer("DestroyConnection", exception(400, "InvalidStateException"));
    bench.snapshot("voice-customer-on-hold");
    assert_eq!(told(&bench).len(), 1, "it was not the agent who ended it");
}

#[test]
fn a_colleagues_leg_is_a_third_party() {
    let mut bench = Bench::online();
    changed(&mut bench, "voice-hold-third-party", |snapshot| {
        snapshot["contacts"][0]["connections"][2]["type"] = json!("agent");
    });
    let call = bench.contact().unwrap();
    assert_eq!(call.parties().count(), 2, "customer and colleague: {:?}", call.connections);
    assert_eq!(call.connections[2].state, ConnectionState::Connected, "as it stands");
    assert!(call.allowed.contains(&ContactAction::Conference), "and can be brought together with the customer");
}

#[test]
fn the_directory_is_read_over_all_pages_and_kept_for_a_minute() {
    let mut bench = Bench::online();
    look_up(&mut bench, 1, None);
    look_up(&mut bench, 2, None);
    assert_eq!(bench.waiting("GetEndpoints"), 1, "two questions, one reading");
    let body = page(&mut bench, "page1");
    assert!(body["queueARNs"].as_array().is_some_and(|queues| !queues.is_empty()), "the agent's queues: {body}");
    assert_eq!(body["maxResults"], 500, "in the largest pages");
    assert_eq!(found(&bench, 1), None, "not before the last page");
    let body = page(&mut bench, "page2");
    assert_eq!(body["nextToken"], "EXAMPLE-PAGE-2", "with the first one's token");
    let list = found(&bench, 1).unwrap().unwrap();
    assert_eq!(found(&bench, 2).unwrap().unwrap(), list, "both get it");
    assert!(list.complete, "all of it");
    let names: Vec<&str> = list.items.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["Bruno", "Support queue", "Billing desk"], "of both pages");
    assert_eq!(list.items[2].number.as_deref(), Some("+12025550177"), "a number where there is one");
    bench.wait(59_000);
    look_up(&mut bench, 3, None);
    assert_eq!(found(&bench, 3).unwrap().unwrap(), list, "kept");
    bench.wait(2_000);
    look_up(&mut bench, 4, None);
    assert_eq!(bench.waiting("GetEndpoints"), 1, "after a minute it is read anew");
    assert_eq!(found(&bench, 4), None, "and waited for");
}

#[test]
fn a_contact_has_the_directory_of_its_queue() {
    let mut bench = Bench::online();
    bench.snapshot("voice-connected");
    look_up(&mut bench, 1, Some(contact()));
    let (_, body) = bench.take("GetEndpoints");
    let queue = fixture_body("snapshot.voice-connected")["snapshot"]["contacts"][0]["queue"]["queueARN"].clone();
    assert_eq!(body["queueARNs"], json!([queue]), "section 4.3");
    look_up(&mut bench, 2, Some(ContactId::from("unknown")));
    assert_eq!(bench.waiting("GetEndpoints"), 1, "without a queue: all of the agent's");
}

#[test]
fn a_failing_page_gives_what_was_read_and_says_so() {
    let mut bench = Bench::online();
    look_up(&mut bench, 1, None);
    page(&mut bench, "page1");
    bench.answer("GetEndpoints", exception(500, "InternalServiceError"));
    let list = found(&bench, 1).unwrap().unwrap();
    assert_eq!((list.items.len(), list.complete), (2, false), "two entries, not all");
    bench.wait(4_000);
    look_up(&mut bench, 2, None);
    assert_eq!(bench.waiting("GetEndpoints"), 1, "and soon it is tried again");
    bench.fail("GetEndpoints", HttpFailure::Connect);
    assert_eq!(found(&bench, 2), Some(Err(CommandCode::Unavailable)), "with nothing read the reason is told");
    look_up(&mut bench, 3, None);
    assert_eq!(bench.waiting("GetEndpoints"), 1, "the next question asks anew");
    bench.answer("GetEndpoints", response(200, &json!({"endpoints": "none"})));
    assert_eq!(found(&bench, 3), Some(Err(CommandCode::Unavailable)), "an unreadable answer is no empty directory");
}

#[test]
fn a_slow_directory_is_answered_by_the_deadline() {
    let mut bench = Bench::online();
    look_up(&mut bench, 1, None);
    bench.wait(10_000);
    assert_eq!(found(&bench, 1), Some(Err(CommandCode::Timeout)), "nothing read");
    look_up(&mut bench, 2, None);
    assert_eq!(bench.waiting("GetEndpoints"), 1, "the same reading goes on");
    page(&mut bench, "page1");
    bench.wait(10_000);
    let list = found(&bench, 2).unwrap().unwrap();
    assert_eq!((list.items.len(), list.complete), (2, false), "the first page, and not all");
    page(&mut bench, "page2");
    look_up(&mut bench, 3, None);
    assert!(found(&bench, 3).unwrap().unwrap().complete, "what came late serves the next");
    assert_eq!(bench.answers.len(), 3, "one answer each");
}

#[test]
fn a_bad_page_token_begins_the_list_again_once() {
    let mut bench = Bench::online();
    look_up(&mut bench, 1, None);
    page(&mut bench, "page1");
    bench.answer("GetEndpoints", exception(400, "PaginationException"));
    let body = page(&mut bench, "page1");
    assert!(body.get("nextToken").is_none(), "from the beginning");
    bench.answer("GetEndpoints", exception(400, "PaginationException"));
    let list = found(&bench, 1).unwrap().unwrap();
    assert_eq!((list.items.len(), list.complete), (2, false), "the second time it ends, no entry stands twice");
}

#[test]
fn a_refused_token_in_the_middle_of_the_directory_is_renewed() {
    let mut bench = Bench::new();
    bench.give(Input::Start(Stored { token: Some("EXAMPLE-AUTH-TOKEN".to_owned().into()), ..Stored::default() }));
    bench.answer("/auth/authorize", response(200, &fixture_body("authorize.response")));
    bench.configure();
    bench.snapshot("idle");
    look_up(&mut bench, 1, None);
    page(&mut bench, "page1");
    bench.answer("GetEndpoints", exception(401, "UnauthorizedException"));
    assert_eq!(found(&bench, 1), None, "not answered yet");
    bench.answer("/auth/authorize", response(200, &fixture_body("authorize.response")));
    page(&mut bench, "page1");
    page(&mut bench, "page2");
    let list = found(&bench, 1).unwrap().unwrap();
    assert_eq!((list.items.len(), list.complete), (3, true), "whole, each entry once");
}

#[test]
fn signed_out_the_directory_says_so() {
    let mut bench = Bench::new();
    bench.give(Input::Start(Stored::default()));
    look_up(&mut bench, 1, None);
    assert_eq!(found(&bench, 1), Some(Err(CommandCode::NotSignedIn)), "at once");
    let mut bench = Bench::online();
    look_up(&mut bench, 1, None);
    bench.give(Input::Stop);
    assert_eq!(found(&bench, 1), Some(Err(CommandCode::Cancelled)), "and nobody is left waiting at the end");
}

#[test]
fn an_entry_is_called_in_the_form_it_was_read_in() {
    let mut bench = Bench::online();
    bench.snapshot("voice-connected");
    bench.command("unread", add_entry(BRUNO));
    assert_eq!(bench.reply("unread"), Some(Err(CommandCode::BadTarget)), "what was never read cannot be called");
    look_up(&mut bench, 1, None);
    page(&mut bench, "page1");
    page(&mut bench, "page2");
    bench.wait(120_000);
    bench.command("add", add_entry(BRUNO));
    let body = bench.answer("CreateAdditionalConnection", empty());
    assert_eq!(body, fixture_body("create-additional-connection.quick-connect.request"), "the recorded form");
    assert_eq!(bench.reply("add"), Some(Ok(())), "also when the list itself has grown old");
}

#[test]
fn a_desk_phone_call_goes_out_without_media_here() {
    let mut bench = Bench::online();
    let desk_phone = |snapshot: &mut Value| {
        snapshot["contacts"][0]["connections"][0]["softphoneMediaInfo"] = Value::Null;
    };
    bench.command("dial", dial("+12025550123", None));
    bench.answer("CreateOutboundContact", empty());
    changed(&mut bench, "voice-outbound-dialing", desk_phone);
    let call = bench.contact().unwrap();
    assert!(!call.softphone, "its speech runs through the telephone on the desk");
    assert!(call.allowed.contains(&ContactAction::End), "it can be given up");
    changed(&mut bench, "voice-outbound-connected", desk_phone);
    let allowed = bench.contact().unwrap().allowed;
    assert!(!allowed.contains(&ContactAction::Mute), "there is no microphone of ours in it");
    for action in [ContactAction::Hold, ContactAction::AddParty, ContactAction::SendDigits, ContactAction::End] {
        assert!(allowed.contains(&action), "all else works through the platform: {action:?}");
    }
    assert!(!bench.other.iter().any(|action| action.starts_with("open leg")), "no leg was built: {:?}", bench.other);
}

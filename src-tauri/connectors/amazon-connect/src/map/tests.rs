#![allow(clippy::unwrap_used, clippy::expect_used)]
use rstest::rstest;
use trunkline_model::ContactAction;

use super::*;
use crate::fixture;
use crate::wire::{SnapshotReply, decode};

fn snapshot(name: &str) -> wire::Snapshot {
    decode::<SnapshotReply>(&fixture::bytes("amazon-connect", &format!("snapshot.{name}.json"))).unwrap().snapshot
}

/// The contact of the last snapshot, after all of them in order.
fn after(names: &[&str]) -> Contact {
    after_with(names, Memory::default())
}

fn after_with(names: &[&str], mut memory: Memory) -> Contact {
    let mut last = None;
    for name in names {
        let snapshot = snapshot(name);
        let first = snapshot.contacts.first().expect("a contact").clone();
        remember(&mut memory, &first, &snapshot.state);
        last = Some(first);
    }
    contact(&last.unwrap(), &memory, Skew::default(), &AmazonConnectSettings::default())
}

#[rstest]
#[case("voice-incoming", ContactState::Offered, &[ContactAction::Accept, ContactAction::Reject])]
#[case("queue-callback-incoming", ContactState::Offered, &[ContactAction::Accept, ContactAction::Reject])]
#[case("queue-callback-connecting", ContactState::Connecting, &[ContactAction::End])]
#[case("voice-outbound-dialing", ContactState::Connecting, &[ContactAction::End])]
#[case("voice-connected", ContactState::Connected, &[ContactAction::End, ContactAction::Hold, ContactAction::Mute, ContactAction::SendDigits, ContactAction::AddParty])]
#[case("voice-customer-on-hold", ContactState::Connected, &[ContactAction::End, ContactAction::Resume, ContactAction::Mute, ContactAction::AddParty])]
#[case("voice-monitoring", ContactState::Connected, &[ContactAction::End, ContactAction::BargeIn])]
#[case("voice-monitoring-basic", ContactState::Connected, &[ContactAction::End])]
#[case("voice-barge", ContactState::Connected, &[ContactAction::End, ContactAction::Mute, ContactAction::Listen])]
#[case("voice-acw", ContactState::Ended, &[ContactAction::Clear])]
#[case("voice-missed", ContactState::Missed, &[ContactAction::Clear])]
#[case("voice-outbound-failed", ContactState::Failed, &[ContactAction::Clear])]
#[case("chat-incoming", ContactState::Offered, &[ContactAction::Accept, ContactAction::Reject])]
#[case("chat-connected", ContactState::Connected, &[ContactAction::End, ContactAction::Transfer])]
#[case(
    "task-connected",
    ContactState::Connected,
    &[ContactAction::End, ContactAction::Transfer, ContactAction::Pause, ContactAction::Edit]
)]
#[case("email-connected", ContactState::Connected, &[ContactAction::End, ContactAction::Transfer])]
#[case("chat-missed", ContactState::Missed, &[ContactAction::Clear])]
#[case("chat-rejected", ContactState::Rejected, &[ContactAction::Clear])]
#[case("task-paused", ContactState::Paused, &[ContactAction::End, ContactAction::Unpause, ContactAction::Edit])]
fn state_decides_what_is_allowed(#[case] name: &str, #[case] state: ContactState, #[case] allowed: &[ContactAction]) {
    let contact = after(&[name]);
    assert_eq!(contact.state, state, "{name}");
    assert_eq!(contact.allowed, allowed.iter().copied().collect(), "{name}");
}

#[test]
fn a_deskphone_call_has_no_mute_here() {
    let contact = after(&["voice-deskphone-incoming"]);
    assert!(!contact.softphone, "its speech runs elsewhere");
    assert_eq!(contact.state, ContactState::Offered, "but it can be accepted");
}

#[test]
fn an_unknown_state_is_visible_and_no_trap() {
    let contact = after(&["unknown-members-and-values"]);
    assert_eq!(contact.state, ContactState::Unknown("some_future_state".to_owned()), "the provider's text is kept");
    assert!(contact.allowed.contains(&ContactAction::End), "the agent can leave");
}

#[rstest]
#[case(&["voice-incoming", "voice-missed"], Memory::default(), Outcome::Missed)]
#[case(&["voice-incoming", "voice-missed"], Memory { declined: true, ..Memory::default() }, Outcome::Declined)]
#[case(&["voice-missed"], Memory::default(), Outcome::Missed)]
#[case(&["voice-incoming", "voice-connected", "voice-acw"], Memory::default(), Outcome::EndedByCustomer)]
#[case(&["voice-incoming", "voice-connected", "voice-acw"], Memory { ended_by_us: true, ..Memory::default() }, Outcome::EndedByAgent)]
#[case(&["voice-outbound-dialing", "voice-outbound-failed"], Memory::default(), Outcome::Failed)]
#[case(&["chat-incoming", "chat-missed"], Memory::default(), Outcome::Missed)]
#[case(&["chat-incoming", "chat-rejected"], Memory::default(), Outcome::Declined)]
fn how_it_ended_is_told(#[case] names: &[&str], #[case] memory: Memory, #[case] outcome: Outcome) {
    assert_eq!(after_with(names, memory).outcome, Some(outcome), "{names:?}");
}

#[rstest]
#[case(Memory { was_offered: true, ..Memory::default() }, Some(Outcome::Abandoned))]
#[case(Memory { was_offered: true, declined: true, ..Memory::default() }, Some(Outcome::Declined))]
#[case(Memory { was_offered: true, was_connected: true, ..Memory::default() }, Some(Outcome::Handled))]
#[case(Memory { was_connected: true, ended_by_us: true, ..Memory::default() }, Some(Outcome::EndedByAgent))]
#[case(Memory::default(), None)]
fn a_contact_that_vanishes_has_an_outcome(#[case] memory: Memory, #[case] outcome: Option<Outcome>) {
    assert_eq!(outcome_when_gone(&memory), outcome, "section 7.6, step 7");
}

#[test]
fn an_accepted_offer_rings_no_longer() {
    let memory = Memory { accepted: true, ..Memory::default() };
    assert_eq!(after_with(&["voice-incoming"], memory).state, ContactState::Connecting, "before the next snapshot");
}

#[test]
fn the_customer_is_named_from_the_flow_and_numbered_from_the_leg() {
    let contact = after(&["voice-incoming"]);
    assert_eq!(contact.customer.name.as_deref(), Some("Ana Example"), "attribute customerName");
    assert_eq!(contact.customer.address.as_deref(), Some("+12025550123"), "number");
    assert_eq!(contact.queue.unwrap().name.as_deref(), Some("Sales"), "queue");
    assert_eq!(contact.attributes.len(), 2, "all attributes");
    let chat = after(&["chat-incoming"]);
    assert_eq!(chat.customer.name.as_deref(), Some("Ana Example"), "the chat leg's name");
    let email = after(&["email-incoming"]);
    assert_eq!(email.customer.address.as_deref(), Some("ana@example.com"), "the customer's endpoint");
    assert_eq!(email.subject.as_deref(), Some("Where is my order?"), "subject");
}

#[test]
fn times_are_on_this_computers_clock() {
    let snapshot = snapshot("voice-incoming");
    let skew = Skew(3_600_000);
    let memory = Memory::default();
    let contact = contact(&snapshot.contacts[0], &memory, skew, &AmazonConnectSettings::default());
    assert_eq!(contact.state_since, UnixMillis(1_786_200_060_000 - 3_600_000), "the service is an hour ahead");
    assert_eq!(contact.offer_expires, Some(contact.state_since.shifted(20_000)), "assumed ring time");
    assert_eq!(agent_state(&snapshot.state, skew).since, Some(UnixMillis(1_786_200_060_000 - 3_600_000)), "agent");
    assert!((skew.service_seconds(UnixMillis(0)) - 3600.0).abs() < f64::EPSILON, "and back");
}

#[rstest]
#[case("idle", AgentStateKind::Routable, AgentActivity::Named)]
#[case("offline", AgentStateKind::Offline, AgentActivity::Named)]
#[case("voice-incoming", AgentStateKind::System, AgentActivity::Reserved)]
#[case("voice-connected", AgentStateKind::System, AgentActivity::Busy)]
#[case("voice-acw", AgentStateKind::System, AgentActivity::AfterContactWork)]
#[case("voice-missed", AgentStateKind::Error, AgentActivity::MissedByAgent)]
#[case("voice-outbound-dialing", AgentStateKind::System, AgentActivity::Calling)]
#[case("voice-outbound-failed", AgentStateKind::Error, AgentActivity::ConnectFailed)]
#[case("queue-callback-incoming", AgentStateKind::NotRoutable, AgentActivity::Reserved)]
fn agent_states_have_a_meaning(#[case] name: &str, #[case] kind: AgentStateKind, #[case] activity: AgentActivity) {
    let state = agent_state(&snapshot(name).state, Skew::default());
    assert_eq!((state.kind, state.activity), (kind, activity), "{name}");
}

#[rstest]
#[case("LineEngagedAgent", AgentActivity::LineEngaged)]
#[case("LineEngagedCustomer", AgentActivity::LineEngaged)]
#[case("BadAddressAgent", AgentActivity::BadAddress)]
#[case("BadAddressCustomer", AgentActivity::BadAddress)]
#[case("FailedConnectCustomer", AgentActivity::ConnectFailed)]
fn a_busy_line_is_not_taken_for_a_wrong_number(#[case] name: &str, #[case] meaning: AgentActivity) {
    assert_eq!(activity(&AgentStateType::Error, name), meaning, "{name}");
}

#[test]
fn every_error_state_has_a_meaning() {
    for name in crate::diff::AGENT_ERROR_STATES {
        assert_ne!(activity(&AgentStateType::Error, name), AgentActivity::Unknown, "{name} has words");
        assert_ne!(activity(&AgentStateType::Error, name), AgentActivity::Named, "{name} was not chosen");
    }
    let unknown = AgentStateType::Other("dreaming".to_owned());
    assert_eq!(activity(&unknown, "Daydream"), AgentActivity::Unknown, "shown with its name");
}

#[test]
fn every_recorded_contact_maps_as_before() {
    for name in fixture::names("amazon-connect", "snapshot.") {
        let name = name.trim_start_matches("snapshot.").trim_end_matches(".json").to_owned();
        let snapshot = snapshot(&name);
        let agent = agent(&snapshot, None, Skew::default(), &AmazonConnectSettings::default());
        let contacts: Vec<Contact> = snapshot
            .contacts
            .iter()
            .map(|wire| {
                let mut memory = Memory::default();
                remember(&mut memory, wire, &snapshot.state);
                contact(wire, &memory, Skew::default(), &AmazonConnectSettings::default())
            })
            .collect();
        // Another crate of the workspace makes JSON objects keep their order.
        insta::with_settings!({ sort_maps => true }, {
            insta::assert_json_snapshot!(
                name,
                serde_json::json!({"state": agent.state, "next": agent.next_state, "contacts": contacts})
            );
        });
    }
}

#[test]
fn a_forced_mute_is_told_and_nobody_but_a_supervisor_takes_it_back() {
    let show = |forced: bool| {
        let mut snapshot = snapshot("voice-conference");
        let mut contact = snapshot.contacts.remove(0);
        let own = contact.agent_connection().map(|leg| leg.connection_id.clone());
        for leg in contact.connections.iter_mut().filter(|leg| Some(&leg.connection_id) != own.as_ref()) {
            (leg.mute, leg.forced_mute) = (true, forced);
        }
        super::contact(&contact, &Memory::default(), Skew::default(), &AmazonConnectSettings::default())
    };
    let shown = show(true);
    let party = shown.parties().next().expect("another party");
    assert!(party.muted_by_platform && party.mute_forced, "muted, and by force");
    assert!(!party.allowed.contains(&ConnectionAction::Unmute), "so the agent cannot take it back");
    let shown = show(false);
    let party = shown.parties().next().expect("another party");
    assert!(party.muted_by_platform && !party.mute_forced, "muted by an agent");
    assert!(party.allowed.contains(&ConnectionAction::Unmute), "which an agent takes back");
}

#[test]
fn a_supervised_agent_mutes_nobody() {
    let shown = after(&["voice-under-supervision"]);
    assert!(shown.supervised, "a supervisor takes part");
    assert!(
        shown.connections.iter().all(|leg| !leg.allowed.contains(&ConnectionAction::Mute)),
        "under supervision only oneself can be muted"
    );
}

#[test]
fn a_customer_who_has_signed_in_is_told_with_where_and_as_whom() {
    let seen = after(&["chat-authenticated-customer"]).details.authentication.clone().expect("signed in");
    assert_eq!(seen.state, trunkline_model::AuthenticationState::Authenticated, "without doubt");
    assert_eq!(seen.customer.as_deref(), Some("cust-42"), "as whom");
    assert_eq!(seen.provider.as_deref(), Some("example-idp"), "where");
}

#[test]
fn a_number_written_as_a_sip_address_is_shown_without_it() {
    let mut call = snapshot("voice-incoming").contacts.remove(0);
    let customer = call.connections.iter_mut().find(|leg| leg.initial).expect("the customer's leg");
    customer.endpoint = Some(wire::Endpoint::number("sip:+12025550123@192.0.2.7"));
    call.customer_endpoint = None;
    let shown = contact(&call, &Memory::default(), Skew::default(), &AmazonConnectSettings::default());
    assert_eq!(shown.customer.address.as_deref(), Some("+12025550123"), "as it can be called again");
}

#[test]
fn what_groups_contacts_is_told_unless_it_is_the_contact_itself() {
    let mut email = snapshot("email-incoming").contacts.remove(0);
    let show = |email: &wire::Contact| {
        contact(email, &Memory::default(), Skew::default(), &AmazonConnectSettings::default()).details.association
    };
    assert_eq!(show(&email), None, "alone in its thread");
    email.contact_association_id = Some("thread-1".to_owned());
    assert_eq!(show(&email).as_deref(), Some("thread-1"), "the thread");
}

//! The seventeen events, each at its moment.

use serde_json::{Value, json};
use trunkline_connector::Event;
use trunkline_model::{
    AgentStateKind, Channel, Connection, ConnectionId, ConnectionKind, ConnectionState, Contact, ContactState,
    Direction, Outcome, Party,
};
use trunkline_rpc::schema::PluginPermission;
use trunkline_testkit::cast::{self, AGENT_ONE, CUSTOMER_ONE};

use crate::room::{Room, heard, names, plugin};

fn third(state: ConnectionState) -> Connection {
    let leg = CUSTOMER_ONE.voice_contact(ContactState::Connected).connections.remove(1);
    Connection {
        id: ConnectionId::from("leg-3"),
        kind: ConnectionKind::ThirdParty,
        state,
        party: Party { name: Some("Second line".to_owned()), address: Some("+12025550177".to_owned()) },
        ..leg
    }
}

/// Customer and third party in these states.
fn talking(customer: ConnectionState, other: Option<ConnectionState>) -> Contact {
    let mut contact = Room::call(ContactState::Connected);
    contact.on_hold = customer == ConnectionState::Hold;
    contact.connections[1].state = customer;
    contact.connections.extend(other.map(third));
    contact
}

#[test]
fn a_call_is_told_from_its_ring_to_the_end_of_its_wrap_up() {
    let mut room = Room::with_all_rights();
    let events = room.contact(Room::call(ContactState::Offered));
    assert_eq!(names(&events), ["incoming_call"], "it rings");
    let contact = &events[0].1["contact"];
    assert_eq!(contact["customer"]["phoneNumber"], CUSTOMER_ONE.number, "with the number of who calls");
    assert_eq!(contact["channel"], "VOICE", "as what it is");
    assert_eq!(names(&room.contact(Room::call(ContactState::Connecting))), [""; 0], "nothing while it connects");
    let events = room.contact(Room::call(ContactState::Connected));
    assert_eq!(names(&events), ["call_started"], "they talk");
    assert!(events[0].1["startedAt"].as_str().unwrap().ends_with('Z'), "since a time that can be read");
    let events = room.contact(talking(ConnectionState::Hold, None));
    assert_eq!(names(&events), ["on_hold"], "the customer waits");
    assert_eq!(events[0].1["connectionId"], format!("{}-customer", CUSTOMER_ONE.contact), "on that leg");
    assert_eq!(names(&room.contact(Room::call(ContactState::Connected))), ["off_hold"], "and not any more");
    let over = Contact { outcome: Some(Outcome::EndedByCustomer), ..Room::call(ContactState::Ended) };
    let events = room.contact(over);
    assert_eq!(names(&events), ["call_ended", "after_call_work"], "it is over, and there is work");
    assert_eq!(events[0].1["reason"], "customer", "who hung up");
    let gone = room.event(Event::ContactGone { contact: CUSTOMER_ONE.contact_id(), outcome: None });
    assert_eq!(names(&heard(&gone)), ["after_call_work_end"], "until it is cleared");
}

#[test]
fn calls_that_never_were_are_told_as_missed_or_declined() {
    for (state, event) in [
        (ContactState::Missed, "missed_call"),
        (ContactState::Rejected, "reject_call"),
        (ContactState::Failed, "missed_call"),
    ] {
        let mut room = Room::with_all_rights();
        room.contact(Room::call(ContactState::Offered));
        assert_eq!(names(&room.contact(Room::call(state.clone()))), [event], "{state:?}");
    }
    let mut room = Room::with_all_rights();
    room.contact(Room::call(ContactState::Offered));
    let gone = room.event(Event::ContactGone { contact: CUSTOMER_ONE.contact_id(), outcome: None });
    assert_eq!(names(&heard(&gone)), ["missed_call"], "one that went while it rang was not answered");
}

#[test]
fn a_dialled_call_is_an_outgoing_one() {
    let mut room = Room::with_all_rights();
    let dialled = Contact { direction: Direction::Outbound, ..Room::call(ContactState::Connecting) };
    let events = room.contact(dialled.clone());
    assert_eq!(names(&events), ["outgoing_call"], "we call");
    assert_eq!(events[0].1["number"], CUSTOMER_ONE.number, "that number");
    let events = room.contact(Contact { state: ContactState::Connected, ..dialled });
    assert_eq!(names(&events), ["call_started"], "they answer");
}

#[test]
fn further_parties_are_told_from_dialling_to_the_conference() {
    use ConnectionState::{Connected, Connecting, Disconnected, Hold};
    let mut room = Room::with_all_rights();
    room.contact(Room::call(ContactState::Connected));
    let events = room.contact(talking(Hold, Some(Connecting)));
    assert_eq!(names(&events), ["on_hold", "add_connection"], "the customer waits while another is called");
    let leg = &events[1].1["connection"];
    assert_eq!((&leg["name"], &leg["state"]), (&json!("Second line"), &json!("connecting")), "by name and state");
    assert_eq!(names(&room.contact(talking(Hold, Some(Connected)))), [""; 0], "that one answers");
    let events = room.contact(talking(Connected, Some(Hold)));
    assert_eq!(names(&events), ["off_hold", "toggle_connections"], "the agent changes over");
    assert_eq!(events[1].1["active"], CUSTOMER_ONE.name, "to the customer");
    let events = room.contact(talking(Connected, Some(Connected)));
    assert_eq!(names(&events), ["conference_connections"], "all together");
    assert_eq!(events[0].1["connections"].as_array().unwrap().len(), 2, "both of them");
    let events = room.contact(talking(Connected, Some(Disconnected)));
    assert_eq!(names(&events), ["end_connection"], "one leaves");
    assert_eq!(events[0].1["connectionName"], "Second line", "that one");
}

#[test]
fn leaving_the_others_behind_is_a_transfer() {
    use ConnectionState::Connected;
    let mut room = Room::with_all_rights();
    room.contact(talking(Connected, Some(Connected)));
    let over = Contact {
        state: ContactState::Ended,
        outcome: Some(Outcome::Transferred),
        ..talking(Connected, Some(Connected))
    };
    let events = room.contact(over);
    assert_eq!(names(&events), ["transfer_call", "call_ended", "after_call_work"], "handed over, over, and work");
    assert_eq!(events[0].1["destination"]["name"], "Second line", "to whom");
    assert_eq!(events[1].1["reason"], "transfer", "and so it ended");
}

#[test]
fn what_changes_of_a_contact_is_told_whoever_changed_it() {
    let mut room = Room::with_all_rights();
    let call = Room::call(ContactState::Connected);
    room.contact(call.clone());
    let attribute = trunkline_model::Attribute { name: "plan".to_owned(), value: "gold".to_owned() };
    let events = room.contact(Contact { attributes: vec![attribute], ..call.clone() });
    assert_eq!(names(&events), ["contact_updated"], "an attribute of the flow");
    assert_eq!(events[0].1["contact"]["attributes"], json!({"plan": "gold"}), "with it");
    let repeated = Contact { state_since: call.state_since, ..call };
    assert_eq!(names(&room.contact(repeated.clone())), ["contact_updated"], "also when it goes");
    assert_eq!(names(&room.contact(repeated)), [""; 0], "and nothing when nothing has changed");
}

#[test]
fn chats_tell_that_they_are_and_how_they_stand() {
    let mut room = Room::with_all_rights();
    let chat = |state| Contact { channel: Channel::Chat, ..Room::call(state) };
    for state in [ContactState::Offered, ContactState::Connected, ContactState::Ended] {
        let events = room.contact(chat(state.clone()));
        assert_eq!(names(&events), ["contact_updated"], "{state:?}: the SDK has no other event for a chat");
        assert_eq!(events[0].1["contact"]["channel"], "CHAT", "as what it is");
    }
    let gone = room.event(Event::ContactGone { contact: CUSTOMER_ONE.contact_id(), outcome: None });
    assert_eq!(heard(&gone)[0].1["contact"]["state"], "gone", "and that it has gone");
}

#[test]
fn the_next_status_is_told_when_it_is_picked() {
    let mut room = Room::with_all_rights();
    let lunch = cast::state("Lunch", AgentStateKind::NotRoutable);
    let mut agent = AGENT_ONE.agent();
    agent.next_state = Some(lunch);
    let orders = room.event(Event::Agent(Box::new(agent.clone())));
    let events = heard(&orders);
    let status = json!({"status": {"name": "Lunch", "type": "NOT_ROUTABLE"}});
    assert_eq!(events, [("next_status".to_owned(), status)], "which");
    assert_eq!(heard(&room.event(Event::Agent(Box::new(agent)))), [], "once");
}

#[test]
fn a_plugin_that_may_not_see_contacts_hears_of_none() {
    let blind: Vec<_> =
        PluginPermission::ALL.into_iter().filter(|right| *right != PluginPermission::Contacts).collect();
    let mut room = Room::with(plugin("default", &blind));
    assert_eq!(room.contact(Room::call(ContactState::Offered)), [], "not of its coming");
    let greeting = crate::room::answer(&room.send("init", json!({}))).unwrap();
    assert_eq!(greeting["contact"], Value::Null, "nor when it asks");
}

#[test]
fn every_event_of_the_reference_looks_as_there() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/smartagent");
    for name in trunkline_plugins::smartagent::EVENTS {
        let text = std::fs::read_to_string(folder.join(format!("event-{name}.json"))).unwrap();
        let fixture: Value = serde_json::from_str(&text).unwrap();
        let style = trunkline_plugins::smartagent::Style::default();
        assert_eq!(style.event(name, &fixture["payload"]), fixture["envelope"], "{name}: in the same envelope");
    }
}

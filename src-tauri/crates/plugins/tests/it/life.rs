//! A plugin's states.

use serde_json::json;
use trunkline_connector::Event;
use trunkline_model::{ContactState, EventSort, Party, PlatformEvent};
use trunkline_plugins::{FrameNews, Order, Plugin, Standing};
use trunkline_rpc::schema::{PluginPermission, PluginState};
use trunkline_testkit::cast::CUSTOMER_ONE;

use crate::room::{Room, answer, heard, id, names, plugin};

#[test]
fn nothing_is_loaded_before_the_agent_has_agreed() {
    let mut room = Room::empty();
    let one = plugin("default", &PluginPermission::ALL);
    let unasked = Plugin { standing: Standing { enabled: true, ..Standing::default() }, ..one.clone() };
    assert_eq!(room.broker.put(unasked, room.now), [], "nothing is loaded");
    assert_eq!(room.state(), PluginState::AwaitsConsent, "the agent is asked first");
    assert_eq!(room.broker.change(one.clone(), room.now), [Order::Open(id())], "then it is");
    let off = Plugin { standing: Standing { enabled: false, ..one.standing.clone() }, ..one };
    assert_eq!(room.broker.change(off, room.now), [Order::Close(id())], "and unloaded when it is switched off");
    assert_eq!(room.state(), PluginState::Off);
}

#[test]
fn one_that_waits_for_its_place_is_loaded_when_that_opens() {
    let mut room = Room::empty();
    assert_eq!(room.broker.put(plugin("nav", &[]), room.now), [], "nobody has chosen it yet");
    assert_eq!(room.state(), PluginState::Resting);
    assert_eq!(room.broker.open(&id(), room.now), [Order::Open(id())], "now somebody has");
    assert_eq!(room.broker.open(&id(), room.now), [], "once");
}

#[test]
fn a_page_that_says_nothing_is_told_and_left_alone() {
    let mut room = Room::with_all_rights();
    room.now = room.now.shifted(9_000);
    room.broker.tick(room.now);
    assert_eq!(room.state(), PluginState::Loading, "patience");
    room.now = room.now.shifted(2_000);
    assert_eq!(room.broker.tick(room.now), [], "nothing is done to it");
    assert_eq!(room.state(), PluginState::Silent, "but it is told");
    room.send("init", json!({}));
    assert_eq!(room.state(), PluginState::Running, "better late");
}

#[test]
fn a_page_that_hangs_or_ends_is_told_and_can_be_loaded_again() {
    let mut room = Room::with_all_rights();
    room.send("init", json!({}));
    room.frame(FrameNews::Frozen);
    assert_eq!(room.state(), PluginState::Frozen, "it computes");
    room.frame(FrameNews::Answers);
    assert_eq!(room.state(), PluginState::Running, "not for ever");
    assert_eq!(room.frame(FrameNews::Crashed("killed".to_owned())), [Order::Close(id())], "what is left goes");
    assert_eq!(room.state(), PluginState::Crashed { cause: "killed".to_owned() });
    assert_eq!(room.contact(Room::call(ContactState::Offered)), [], "it hears nothing");
    assert_eq!(room.broker.put(plugin("default", &[]), room.now), [], "and is not loaded by itself");
    let orders = room.broker.revive(&id(), room.now);
    assert!(orders.contains(&Order::Open(id())), "but when somebody says so: {orders:?}");
}

#[test]
fn a_page_that_loads_itself_again_begins_anew() {
    let mut room = Room::with_all_rights();
    room.contact(Room::call(ContactState::Connected));
    room.send("init", json!({}));
    room.post(&json!("{\"type\":\"updateContact\",\"payload\":{\"a\":\"b\"}}"));
    let wish = json!({"number": "1", "name": "x", "endpoint": {"type": "phone_number", "phoneNumber": "+12025550188"}});
    room.send("transfer_call", wish);
    assert_eq!(room.broker.asks().len(), 1, "a question is open");
    room.frame(FrameNews::Loaded);
    assert_eq!(room.state(), PluginState::Loading, "as if it had just come");
    assert_eq!(room.broker.asks(), [], "its question has nobody left to be answered");
}

#[test]
fn a_question_about_a_contact_that_has_gone_answers_itself() {
    let mut room = Room::with_all_rights();
    room.contact(Room::call(ContactState::Connected));
    let wish = json!({"number": "+12025550199", "name": "x", "endpoint": {"type": "phone_number"}});
    room.send("transfer_call", wish.clone());
    let orders = room.event(Event::ContactGone { contact: CUSTOMER_ONE.contact_id(), outcome: None });
    assert_eq!(answer(&orders), Err("no_contact".to_owned()), "there is nothing to hand over");
    assert_eq!(room.broker.asks(), [], "and nothing to ask");
    room.contact(Room::call(ContactState::Connected));
    room.send("transfer_call", wish);
    room.now = room.now.shifted(61_000);
    assert_eq!(answer(&room.broker.tick(room.now)), Err("user_declined".to_owned()), "silence is no");
}

#[test]
fn a_plugin_that_joins_late_gets_no_replay() {
    let mut room = Room::empty();
    room.contact(Room::call(ContactState::Connected));
    room.broker.put(plugin("default", &PluginPermission::ALL), room.now);
    room.frame(FrameNews::Loaded);
    let said = answer(&room.send("init", json!({}))).unwrap();
    assert_eq!(said["contact"]["contactId"], CUSTOMER_ONE.contact, "it asks, and learns what is");
    let events = room.contact(Room::call(ContactState::Ended));
    assert_eq!(names(&events), ["call_ended", "after_call_work"], "and hears what happens from then on");
}

#[test]
fn events_of_the_platforms_own_reach_those_who_may_see_them() {
    let event = |id: &str| {
        Event::PlatformEvent(Box::new(PlatformEvent {
            id: id.into(),
            kind: "ThirdParty".to_owned(),
            sort: EventSort::Other,
            at: trunkline_testkit::cast::NOW,
            customer: Party::default(),
            campaign: Some("Sales".to_owned()),
            channel: None,
            way: None,
            fields: vec![trunkline_model::Attribute { name: "order".to_owned(), value: "4711".to_owned() }],
        }))
    };
    let mut room = Room::with_all_rights();
    let told = heard(&room.event(event("e-1")));
    assert_eq!(names(&told), ["platform_event"], "it is told");
    assert_eq!((&told[0].1["type"], &told[0].1["fields"]["order"]), (&json!("ThirdParty"), &json!("4711")), "whole");
    assert_eq!(heard(&room.event(event("e-1"))), [], "once");
    let mut room = Room::with(plugin("default", &[PluginPermission::Contacts]));
    assert_eq!(heard(&room.event(event("e-1"))), [], "and not to those who may not");
}

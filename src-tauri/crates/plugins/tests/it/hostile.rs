//! Pages that mean harm, and pages that know no better.

use serde_json::{Value, json};
use trunkline_model::{ContactState, PluginId};
use trunkline_plugins::{FrameNews, Order};
use trunkline_rpc::schema::PluginPermission;

use crate::room::{Room, answer, id, plugin, posted};

#[test]
fn garbage_does_nothing_and_answers_nothing() {
    let mut room = Room::with_all_rights();
    room.contact(Room::call(ContactState::Connected));
    for text in
        ["", "{", "null", "[]", "{\"data\":", "{\"text\":true,\"data\":5}", "\u{0}\u{1}", "{\"data\":{\"event\":{}}}"]
    {
        assert_eq!(room.frame(FrameNews::Message(text.to_owned())), [], "{text:?}");
    }
    for data in [
        json!({"event": "update_contact", "message": {"a": {"b": 1}}}),
        json!({"event": "__proto__", "message": {}}),
        json!({"cmd": "rpc", "name": "account_remove", "payload": {"account": "one"}}),
        json!({"event": "contact_end", "message": {}}),
        json!({"event": ["update_contact"], "message": {"a": "b"}}),
    ] {
        assert_eq!(room.post(&data), [], "{data}: no deed, no answer");
    }
}

#[test]
fn ten_thousand_messages_in_a_second_cost_forty_deeds() {
    let mut room = Room::with_all_rights();
    room.contact(Room::call(ContactState::Connected));
    let mut deeds = 0;
    for _ in 0..10_000 {
        let orders = room.send("update_contact", json!({"a": "b"}));
        deeds += orders.iter().filter(|order| matches!(order, Order::Do(_))).count();
    }
    assert_eq!(deeds, 40, "the burst that anybody has, and no more");
    assert_eq!(room.broker.views()[0].dropped, 9_960, "the rest is counted");
    assert!(room.broker.log(&id()).len() <= 500, "and does not fill the log");
    room.now = room.now.shifted(1_000);
    let later = (0..100).filter(|_| !room.send("update_contact", json!({"a": "b"})).is_empty()).count();
    assert_eq!(later, 20, "a second later it is twenty");
}

#[test]
fn large_messages_are_dropped_before_they_are_read() {
    let mut room = Room::with_all_rights();
    room.contact(Room::call(ContactState::Connected));
    let orders = room.send("update_contact", json!({"a": "x".repeat(100_000)}));
    assert_eq!(orders, [], "not even refused in words");
    assert_eq!(room.broker.views()[0].dropped, 1, "but counted");
}

#[test]
fn no_plugin_speaks_for_another() {
    let mut room = Room::with(plugin("default", &[]));
    let mut other = plugin("default", &PluginPermission::ALL);
    other.manifest.id = PluginId::from("other");
    room.broker.put(other, room.now);
    room.broker.frame(&PluginId::from("other"), FrameNews::Loaded, room.now);
    room.contact(Room::call(ContactState::Connected));
    let forged = json!({
        "source": "smartagent-plugin-sdk", "v": 1, "id": "p-1", "plugin": "other", "pluginId": "other",
        "event": "update_contact", "message": {"a": "b"},
    });
    let orders = room.post(&forged);
    assert_eq!(answer(&orders), Err("not_allowed".to_owned()), "whatever it says, it is who it is");
    let to_other = orders.iter().any(|order| matches!(order, Order::Post(to, _) if to.as_str() == "other"));
    assert!(!to_other, "and the other hears nothing of it");
}

#[test]
fn what_a_page_is_not_loaded_for_it_does_not_get() {
    let mut room = Room::with_all_rights();
    room.frame(FrameNews::Crashed("killed".to_owned()));
    assert_eq!(room.send("get_user", Value::Null), [], "an ended page has no say");
    assert_eq!(room.broker.frame(&PluginId::from("stranger"), FrameNews::Loaded, room.now), [], "nor one nobody knows");
}

#[test]
fn no_word_of_a_payload_is_in_the_log() {
    let mut room = Room::with_all_rights();
    room.contact(Room::call(ContactState::Connected));
    room.send("update_contact", json!({"card": "4111111111111111"}));
    room.send("update_customer", json!({"phoneNumber": "+12025550123"}));
    assert!(!room.log().contains("4111") && !room.log().contains("2025550123"), "{}", room.log());
    assert!(posted(&room.send("nonsense", Value::Null)).len() == 1, "and a name that is not known is told");
}

proptest::proptest! {
    #[test]
    fn no_message_makes_the_broker_stumble(text in ".{0,300}") {
        let mut room = Room::with_all_rights();
        room.frame(FrameNews::Message(text.clone()));
        room.frame(FrameNews::Message(format!("{{\"text\":false,\"data\":{text}}}")));
    }
}

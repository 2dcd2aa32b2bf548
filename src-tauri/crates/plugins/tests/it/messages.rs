//! The messages of the SDK, each doing what it says.

use serde_json::{Value, json};
use trunkline_model::{Contact, ContactAction, ContactState};
use trunkline_plugins::{Order, Plugin, Standing};
use trunkline_rpc::schema::{PluginPermission, PopupLevel};
use trunkline_testkit::cast::{AGENT_ONE, CUSTOMER_ONE};

use crate::room::{Room, answer, deed, plugin};

fn trusted() -> Room {
    let one = plugin("default", &PluginPermission::ALL);
    let standing = Standing { trusted: true, ..one.standing.clone() };
    Room::with(Plugin { standing, ..one })
}

#[test]
fn init_tells_where_it_is_and_what_is_at_hand() {
    let mut room = Room::with_all_rights();
    let said = answer(&room.send("init", json!({"sdk": "smartagent-plugin-sdk"}))).unwrap();
    assert_eq!(
        (&said["hostVersion"], &said["pluginId"], &said["pluginType"]),
        (&json!("1.2.3"), &json!("card"), &json!("default"))
    );
    assert_eq!(said["contact"], Value::Null, "no contact, so none");
    assert_eq!(said["user"]["username"], AGENT_ONE.username, "the agent");
    room.contact(Room::call(ContactState::Connected));
    let said = answer(&room.send("init", json!({}))).unwrap();
    assert_eq!(said["contact"]["contactId"], CUSTOMER_ONE.contact, "asked again, the call at hand");
}

#[test]
fn attributes_and_customer_go_onto_the_contact_at_hand() {
    let mut room = Room::with_all_rights();
    assert_eq!(answer(&room.send("update_contact", json!({"a": "b"}))), Err("no_contact".to_owned()), "onto what?");
    room.contact(Room::call(ContactState::Connected));
    let orders = room.send("update_contact", json!({"a": "b"}));
    let done = deed(&orders);
    assert_eq!(done.command, "contact_annotate", "by the panel's own command");
    assert_eq!(done.request["attributes"], json!({"a": "b"}), "with what was said");
    assert_eq!(done.request["contact"]["contact"], CUSTOMER_ONE.contact, "onto that contact");
    assert_eq!(answer(&room.settle(&orders, Ok(json!({})))), Ok(Value::Null), "and answered when it is done");
    let orders = room.send("update_customer", json!({"ID": "c-1", "email": "one@example.com"}));
    assert_eq!(deed(&orders).request["customer"]["id"], "c-1", "the customer likewise");
    assert_eq!(answer(&room.settle(&orders, Err("error_too_long"))), Err("failed".to_owned()), "a failure is told");
}

#[test]
fn a_transfer_asks_the_agent_and_finds_its_destination() {
    let mut room = Room::with_all_rights();
    room.contact(Room::call(ContactState::Connected));
    let wish =
        json!({"number": "", "name": "Tier 2", "endpoint": {"endpointId": "e-9", "type": "queue", "name": "Tier 2"}});
    let page = |items: Value, next: Value| json!({"items": items, "next": next, "complete": true});
    let entry = |id: &str, name: &str| json!({"id": id, "name": name, "kind": "queue", "number": null});
    for allow in [false, true] {
        let orders = room.send("transfer_call", wish.clone());
        assert_eq!(deed(&orders).command, "endpoint_list", "the directory is looked through");
        let orders = room.settle(&orders, Ok(page(json!([entry("e-1", "Tier 1")]), json!("more"))));
        assert_eq!(deed(&orders).request["after"], "more", "page after page");
        let orders = room.settle(&orders, Ok(page(json!([entry("e-9", "Second tier")]), Value::Null)));
        assert_eq!(orders, [], "found by its id, and nothing is done yet");
        let asked = room.broker.asks();
        let (key, target) = (asked[0].message_key.as_str(), asked[0].target.as_str());
        assert_eq!((key, target), ("plugin_ask_transfer", "Second tier"), "the agent is asked by the directory's name");
        if !allow {
            let said = room.broker.answer(&asked[0].id, false, room.now);
            assert_eq!(answer(&said), Err("user_declined".to_owned()), "no is no");
        }
    }
    let asked = room.broker.asks();
    let orders = room.broker.answer(&asked[0].id, true, room.now);
    assert_eq!(deed(&orders).command, "contact_add_party", "yes is yes: it is called");
    assert_eq!(deed(&orders).request["target"], json!({"kind": "endpoint", "id": "e-9"}), "that one");
    assert_eq!(answer(&room.settle(&orders, Ok(json!({})))), Ok(Value::Null), "and answered at last");
}

#[test]
fn a_number_is_asked_about_by_the_number_itself() {
    let mut room = Room::with_all_rights();
    room.contact(Room::call(ContactState::Connected));
    let wish = json!({"number": "+12025550199", "name": "Head office", "endpoint": {"type": "phone_number"}});
    room.send("transfer_call", wish);
    assert_eq!(room.broker.asks()[0].target, "Head office, +12025550199", "whatever the page calls it");
}

#[test]
fn a_trusted_plugin_is_not_asked_about_and_a_missing_entry_is_told() {
    let mut room = trusted();
    room.contact(Room::call(ContactState::Connected));
    let orders = room.send("quick_connect", json!({"name": "tier 2", "message": "A refund"}));
    assert_eq!(deed(&orders).request["search"], "tier 2", "looked for by name");
    let nothing = json!({"items": [], "next": null, "complete": true});
    assert_eq!(answer(&room.settle(&orders, Ok(nothing))), Err("failed".to_owned()), "there is none");
    let chat = Contact { allowed: [ContactAction::Transfer].into(), ..Room::call(ContactState::Connected) };
    room.contact(chat);
    let number = json!({"number": "+12025550188", "name": "x", "endpoint": {"type": "phone_number"}});
    let orders = room.send("transfer_call", number);
    assert_eq!(deed(&orders).command, "contact_transfer", "what takes no further party is handed over whole");
    assert_eq!(deed(&orders).request["target"], json!({"kind": "number", "number": "+12025550188"}), "to that number");
}

#[test]
fn one_leg_of_a_conference_is_dropped_by_its_name() {
    let mut room = trusted();
    let mut contact = Room::call(ContactState::Connected);
    room.contact(contact.clone());
    let alone = room.send("end_conference_call", json!({"connectionName": CUSTOMER_ONE.name}));
    assert_eq!(answer(&alone), Err("failed".to_owned()), "with one party there is no conference");
    let mut leg = contact.connections[1].clone();
    leg.id = "leg-3".into();
    leg.party.name = Some("Second line".to_owned());
    contact.connections.push(leg);
    room.contact(contact);
    let orders = room.send("end_conference_call", json!({"connectionName": "Second line"}));
    assert_eq!(deed(&orders).command, "contact_end", "that leg ends");
    assert_eq!(deed(&orders).request["connection"], "leg-3", "and no other");
    let stranger = room.send("end_conference_call", json!({"connectionName": "Nobody"}));
    assert_eq!(answer(&stranger), Err("failed".to_owned()), "nobody of that name is there");
}

#[test]
fn notifications_and_messages_bear_the_plugins_name() {
    let mut room = Room::with_all_rights();
    let wish = json!({"type": "CREATE_NOTIFICATION", "header": "Callback", "text": "Due in 5 minutes"});
    let orders = room.send("show_notification", wish);
    let Order::Notice(notice) = &orders[0] else { panic!("a notification: {orders:?}") };
    assert_eq!((&*notice.params["plugin"], &*notice.params["header"]), ("Card", "Callback"), "who says it");
    let gone = room.send("show_notification", json!({"type": "CLEAR_NOTIFICATION", "header": "", "text": ""}));
    assert_eq!(gone[0], Order::NoticeGone(notice.id.clone()), "and it goes again");
    let orders = room.send("show_popup_message", json!({"type": "ERROR", "popupMessage": "Not saved"}));
    let Order::Popup(popup) = &orders[0] else { panic!("a message: {orders:?}") };
    assert_eq!((popup.name.as_str(), popup.level, popup.text.as_str()), ("Card", PopupLevel::Error, "Not saved"));
    let flood: Vec<_> =
        (0..20).map(|_| room.send("show_popup_message", json!({"type": "SUCCESS", "popupMessage": "x"}))).collect();
    let shown = flood.iter().flatten().filter(|order| matches!(order, Order::Popup(_))).count();
    assert!(shown < 5, "a flood is not shown: {shown}");
}

#[test]
fn showing_hiding_and_naming_change_the_view() {
    let mut room = Room::with_all_rights();
    for (name, shown) in [("show_plugin", true), ("hide_plugin", false)] {
        assert_eq!(answer(&room.send(name, Value::Null)), Ok(Value::Null), "{name} is done");
        assert_eq!(room.broker.views()[0].shown, shown, "{name} is seen");
    }
    room.send("set_title_tag", json!({"title": "Orders (2)"}));
    assert_eq!(room.broker.views()[0].title.as_deref(), Some("Orders (2)"), "by this name");
}

#[test]
fn what_was_not_allowed_is_refused_whatever_it_is() {
    let mut room = Room::with(plugin("default", &[]));
    room.contact(Room::call(ContactState::Connected));
    let wish = json!({"number": "1", "name": "x", "endpoint": {"type": "queue"}});
    for (name, payload) in [
        ("get_user", Value::Null),
        ("get_company_id", Value::Null),
        ("update_contact", json!({"a": "b"})),
        ("update_customer", json!({"name": "x"})),
        ("transfer_call", wish),
        ("quick_connect", json!({"name": "x"})),
        ("end_conference_call", json!({"connectionName": "x"})),
        ("show_notification", json!({"type": "CREATE_NOTIFICATION", "header": "h", "text": "t"})),
        ("show_popup_message", json!({"type": "ERROR", "popupMessage": "x"})),
    ] {
        assert_eq!(answer(&room.send(name, payload)), Err("not_allowed".to_owned()), "{name}");
    }
    assert_eq!(room.broker.asks(), [], "and the agent is not even asked");
}

#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use trunkline_desk::{ContactView, DeskSnapshot};
use trunkline_model::{
    AgentActivity, AgentStateKind, Channel, Connection, ContactAction, ContactState, Direction, MonitorMode,
    Monitoring, UnixMillis,
};

use super::super::testing::{INSTANCE, account, contact, desk, leg};
use super::*;

const ALL: Rights = Rights { agent: true, contacts: true };
const NOW: UnixMillis = UnixMillis(1_786_200_060_100);

fn picture(desk: &DeskSnapshot) -> Value {
    without_nulls(snapshot(desk, ALL, NOW))
}

/// Null and absent are the same to the vendor's client.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_nulls(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

fn one(view: ContactView) -> Value {
    let platform = "amazon-connect";
    picture(&desk(vec![account(view.key.account.as_str(), platform)], vec![view]))["contacts"][0].clone()
}

fn legs(all: Vec<Value>) -> Vec<Connection> {
    all.into_iter().map(|leg| serde_json::from_value(leg).unwrap()).collect()
}

#[test]
fn an_offered_call_of_amazon_connect_is_as_the_service_sends_it() {
    let mut view = contact("a1", "6f0c2b1e", "voice");
    let sales = format!("{INSTANCE}/queue/sales");
    view.contact.queue = serde_json::from_value(json!({"id": sales, "name": "Sales"})).unwrap();
    view.contact.queued_since = Some(UnixMillis(1_786_200_056_000));
    view.contact.details.initiation = Some(trunkline_model::Initiation::Inbound);
    view.contact.details.subtype = Some(trunkline_model::Subtype::Telephone);
    view.contact.details.features.several_parties = Some(false);
    view.contact.details.reached = serde_json::from_value(json!({"name": null, "address": "+18005550100"})).unwrap();
    let mut who = account("a1", "amazon-connect");
    if let Some(agent) = &mut who.agent {
        agent.state = serde_json::from_value(json!({"id": null, "kind": "system", "name": "PendingBusy",
            "activity": "reserved", "since": 1_786_200_060_000_i64}))
        .unwrap();
        agent.picked = serde_json::from_value(json!({"name": "Available", "since": 1_786_200_000_000_i64})).unwrap();
    }
    let number = |number: &str| json!({"type": "phone_number", "phoneNumber": number});
    let state = |kind: &str| json!({"type": kind, "timestamp": 1_786_200_060.0});
    let expected = json!({
        "state": {"type": "system", "name": "PendingBusy", "startTimestamp": 1_786_200_060.0},
        "agentAvailabilityState": {"state": "Available", "timeStamp": 1_786_200_000.0},
        "contacts": [{
            "contactId": "6f0c2b1e",
            "initialContactId": "6f0c2b1e",
            "contactAssociationId": "6f0c2b1e",
            "type": "voice",
            "state": state("connecting"),
            "queue": {"queueARN": sales, "name": "Sales"},
            "queueTimestamp": 1_786_200_056.0,
            "connections": [
                {
                    "connectionId": "agent", "contactId": "6f0c2b1e", "endpoint": {"type": "agent"},
                    "state": state("connecting"), "type": "agent", "initial": false,
                    "softphoneMediaInfo": {"callType": "audio_only", "autoAccept": false},
                    "mute": false, "forcedMute": false,
                },
                {
                    "connectionId": "customer", "contactId": "6f0c2b1e", "endpoint": number("+12025550123"),
                    "state": state("connected"), "type": "inbound", "initial": true,
                    "mute": false, "forcedMute": false,
                },
            ],
            "attributes": {"tier": {"name": "tier", "value": "gold"}},
            "contactDuration": "0",
            "initiationMethod": "inbound",
            "contactFeatures": {"multiPartyConferenceEnabled": false},
            "segmentAttributes": {"connect:Subtype": {"ValueString": "connect:Telephony"}},
            "customerEndpoint": number("+12025550123"),
            "connectSystemEndpoint": number("+18005550100"),
        }],
        "snapshotTimestamp": 1_786_200_060.1,
    });
    assert_eq!(picture(&desk(vec![who], vec![view])), expected, "member by member, tokens of media left out");
}

#[test]
fn states_of_contacts_are_the_vendors_for_their_medium() {
    let state = |channel: &str, state: ContactState| {
        let mut view = contact("a1", "c", channel);
        view.contact.state = state;
        one(view)["state"]["type"].as_str().unwrap().to_owned()
    };
    let all = [
        ("voice", ContactState::Offered, "connecting"),
        ("voice", ContactState::Connecting, "connecting"),
        ("voice", ContactState::Connected, "connected"),
        ("voice", ContactState::Ended, "ended"),
        ("voice", ContactState::Missed, "error"),
        ("voice", ContactState::Rejected, "error"),
        ("voice", ContactState::Failed, "error"),
        ("chat", ContactState::Missed, "missed"),
        ("chat", ContactState::Rejected, "rejected"),
        ("task", ContactState::Paused, "paused"),
        ("email", ContactState::Init, "init"),
    ];
    for (channel, ours, theirs) in all {
        assert_eq!(state(channel, ours.clone()), theirs, "{channel} {ours:?}");
    }
    let mut callback = contact("a1", "c", "voice");
    callback.contact.direction = Direction::Callback;
    let offered = one(callback);
    assert_eq!((&offered["type"], &offered["state"]["type"]), (&json!("queue_callback"), &json!("incoming")), "offer");
    let mut unknown = contact("a1", "c", "voice");
    unknown.contact.channel = Channel::Unknown("ticket".to_owned());
    assert_eq!(one(unknown)["type"], "task", "work without a medium of the vendor's");
}

#[test]
fn hold_conference_and_supervision_are_in_the_legs() {
    let mut view = contact("a1", "c", "voice");
    view.contact.state = ContactState::Connected;
    view.contact.connections = legs(vec![
        leg("own", "agent", "connected", None),
        leg("first", "initial", "hold", Some("+12025550123")),
        leg("third", "third_party", "barge", Some("+12025550177")),
    ]);
    view.contact.connections[2].party.name = Some("Billing desk".to_owned());
    view.contact.connections[1].muted_by_platform = true;
    let all = one(view)["connections"].clone();
    assert_eq!(all[1]["state"]["type"], "hold", "the customer waits");
    assert_eq!((&all[1]["mute"], &all[0]["mute"]), (&json!(true), &json!(false)), "muted at the platform");
    assert_eq!((&all[2]["type"], &all[2]["quickConnectName"]), (&json!("outbound"), &json!("Billing desk")), "third");
    assert_eq!(all[2]["monitorStatus"], "BARGE", "a supervisor takes part");

    let mut mine = contact("a1", "c", "voice");
    mine.contact.state = ContactState::Connected;
    mine.contact.connections = legs(vec![leg("c", "monitoring", "silent_monitor", None)]);
    mine.contact.monitoring =
        Some(Monitoring { mode: MonitorMode::Silent, agent: Some("Ben".to_owned()), since: Some(UnixMillis(7_000)) });
    mine.contact.allowed = [ContactAction::BargeIn].into();
    let all = one(mine)["connections"].clone();
    assert_eq!(all[0]["initial"], true, "the only leg is the first");
    assert_eq!(all[0]["monitorCapabilities"], json!(["SILENT_MONITOR", "BARGE"]), "what it is and can become");
    assert_eq!(all[0]["monitoringInfo"], json!({"agent": {"agentName": "Ben"}, "joinTimeStamp": 7.0}), "whose it is");
}

#[test]
fn other_platforms_contacts_have_names_and_legs_that_pages_count_on() {
    let mut chat = contact("a2", "dialog-7", "chat");
    chat.contact.connections.clear();
    let mut task = contact("a2", "work-1", "task");
    task.contact.connections.clear();
    task.contact.subject = Some("Call back".to_owned());
    let who = vec![account("a1", "amazon-connect"), account("a2", "twin24")];
    let all = picture(&desk(who, vec![chat, task]))["contacts"].clone();
    assert_eq!(all[0]["contactId"], "a2~dialog-7", "unique among all accounts");
    let legs = &all[0]["connections"];
    assert_eq!(
        (&legs[0]["connectionId"], &legs[0]["type"], &legs[0]["initial"]),
        (&json!("a2~dialog-7~agent"), &json!("agent"), &json!(false)),
        "the agent's leg, of which the platform does not tell"
    );
    assert_eq!(legs[1]["chatMediaInfo"], json!({"customerName": "Ana Example"}), "who writes");
    assert_eq!((&legs[1]["type"], &legs[1]["state"]["type"]), (&json!("inbound"), &json!("connected")), "is there");
    assert_eq!(all[1]["connections"].as_array().unwrap().len(), 1, "a task has nobody at the other end");
    assert_eq!((&all[1]["name"], &all[1]["connections"][0]["initial"]), (&json!("Call back"), &json!(true)), "task");
}

#[test]
fn of_several_accounts_the_first_at_work_leads() {
    let mut who = vec![account("a1", "amazon-connect"), account("a2", "twin24")];
    let state = |who: &[trunkline_desk::AccountView]| picture(&desk(who.to_vec(), vec![]))["state"].clone();
    let available = format!("{INSTANCE}/agent-state/Available");
    assert_eq!(state(&who)["agentStateARN"], json!(available), "the first in the panel's order");
    let lunch = |kind, name: &str, agent: &mut trunkline_model::Agent| {
        agent.state.kind = kind;
        agent.state.name = name.to_owned();
    };
    lunch(AgentStateKind::NotRoutable, "Lunch", who[0].agent.as_mut().unwrap());
    assert_eq!(state(&who)["name"], "Lunch", "a break does not hand the lead on");
    lunch(AgentStateKind::Offline, "Offline", who[0].agent.as_mut().unwrap());
    assert_eq!(state(&who)["agentStateARN"], "a2~agent-state-Available", "not at work: the next one leads");
    who[1].link.state = LinkState::SignedOut;
    assert_eq!(state(&who)["name"], "Offline", "only one is left");
    let second = who[1].agent.as_mut().unwrap();
    (second.state.id, second.state.kind) = (None, AgentStateKind::System);
    (second.state.name, second.state.activity) = ("pause_after".to_owned(), AgentActivity::AfterContactWork);
    who[1].link.state = LinkState::Online;
    assert_eq!(state(&who)["name"], "AfterCallWork", "by the vendor's name, so that pages hear of it");
}

#[test]
fn the_configuration_has_what_pages_read() {
    let with = |platform| without_nulls(configuration(&desk(vec![account("a1", platform)], vec![]), ALL));
    let amazon = with("amazon-connect");
    let sales = format!("{INSTANCE}/queue/sales");
    assert_eq!(amazon["routingProfile"]["defaultOutboundQueue"]["queueARN"], json!(sales), "default queue");
    assert_eq!(amazon["routingProfile"]["queues"].as_array().unwrap().len(), 2, "the own one too");
    assert_eq!(amazon["routingProfile"]["channelConcurrencyMap"], json!({"VOICE": 1, "CHAT": 3}), "concurrency");
    assert_eq!(
        amazon["routingProfile"]["routingProfileARN"],
        json!(format!("{INSTANCE}/routing-profile/unknown")),
        "the instance can be read out of it"
    );
    assert_eq!(amazon["dialableCountries"], json!(["de", "us"]), "lower case, as the service writes them");
    assert_eq!(amazon["agentStates"][2]["name"], "Lunch", "states");
    assert_eq!(amazon["agentPreferences"], json!({"LANGUAGE": "en_US"}), "language");
    let other = with("twin24");
    assert_eq!(other["routingProfile"]["queues"][0]["queueARN"], "a1~queue-sales", "behind the account");
    assert_eq!(other["permissions"], json!(["outboundCall"]), "calls can be made");
}

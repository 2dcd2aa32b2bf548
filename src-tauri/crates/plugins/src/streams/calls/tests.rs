#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use trunkline_desk::{ContactView, DeskSnapshot, MediaView, Sending};
use trunkline_model::MediaState;

use super::super::testing::{INSTANCE, account, contact, desk, leg};
use super::*;

fn params(value: Value) -> Params {
    value.as_object().cloned().unwrap()
}

/// A call of Amazon Connect with three parties, and a chat of another platform.
fn busy() -> DeskSnapshot {
    let mut call = contact("a1", "c-1", "voice");
    call.contact.state = ContactState::Connected;
    call.contact.connections = [
        leg("own", "agent", "connected", None),
        leg("first", "initial", "hold", Some("+12025550123")),
        leg("third", "third_party", "connected", Some("+12025550177")),
    ]
    .into_iter()
    .map(|leg| serde_json::from_value(leg).unwrap())
    .collect();
    let mut chat = contact("a2", "7", "chat");
    chat.contact.connections.clear();
    desk(vec![account("a1", "amazon-connect"), account("a2", "twin24")], vec![call, chat])
}

fn planned(desk: &DeskSnapshot, method: &str, given: Value) -> (PluginPermission, &'static str, Value) {
    match plan(method, &params(given), desk) {
        Ok((permission, Act::Command { command, request })) => (permission, command, request),
        other => panic!("{method} is no command: {other:?}"),
    }
}

fn refused(desk: &DeskSnapshot, method: &str, given: Value) -> &'static str {
    plan(method, &params(given), desk).unwrap_err().kind
}

#[test]
fn operations_on_a_contact_become_commands() {
    let desk = busy();
    let call = json!({"account": "a1", "contact": "c-1"});
    let cases = [
        ("acceptContact", "contact_accept"),
        ("rejectContact", "contact_reject"),
        ("clearContact", "contact_clear"),
        ("completeContact", "contact_clear"),
        ("pauseContact", "contact_pause"),
        ("resumeContact", "contact_unpause"),
        ("conferenceConnections", "contact_conference"),
        ("toggleActiveConnections", "contact_swap"),
    ];
    for (method, command) in cases {
        let (permission, to, request) = planned(&desk, method, json!({"contactId": "c-1"}));
        assert_eq!((permission, to), (PluginPermission::Calls, command), "{method}");
        assert_eq!(request, json!({"contact": call}), "{method}: the contact");
    }
    let (_, _, request) = planned(&desk, "acceptContact", json!({"contactId": "a2~7"}));
    assert_eq!(request, json!({"contact": {"account": "a2", "contact": "7"}}), "another platform's, by its name here");
    assert_eq!(refused(&desk, "acceptContact", json!({"contactId": "gone"})), "InvalidStateException", "gone");
    assert_eq!(refused(&desk, "acceptContact", json!({})), "ValidationException", "which?");
    let shown = planned(&desk, "viewContact", json!({"contactId": "c-1"}));
    assert_eq!(shown, (PluginPermission::Contacts, "contact_show", json!({"contact": call})), "brought into view");
}

#[test]
fn operations_on_legs_know_whose_they_are() {
    let mut desk = busy();
    let on = |leg: &str| json!({"contactId": "c-1", "connectionId": leg});
    let connection =
        |desk: &DeskSnapshot, method: &str, leg: &str| planned(desk, method, on(leg)).2["connection"].clone();
    assert_eq!(connection(&desk, "destroyConnection", "own"), Value::Null, "the agent leaves");
    assert_eq!(connection(&desk, "destroyConnection", "first"), "first", "the customer is dropped");
    assert_eq!(connection(&desk, "destroyConnection", "third"), "third", "the third party is dropped");
    assert_eq!(connection(&desk, "holdConnection", "first"), Value::Null, "absent: the customer");
    assert_eq!(connection(&desk, "resumeConnection", "third"), "third", "the third party");
    assert_eq!(connection(&desk, "holdConnection", "own"), "own", "the agent goes off the conference for a while");
    assert_eq!(
        planned(&desk, "muteParticipant", on("third")).2,
        json!({"contact": {"account": "a1", "contact": "c-1"}, "connection": "third", "muted": true}),
        "muted at the platform"
    );
    assert_eq!(planned(&desk, "muteParticipant", on("own")).1, "contact_mute", "the agent's own: the microphone");
    desk.contacts[0].contact.connections[0].muted_by_platform = true;
    assert_eq!(planned(&desk, "unmuteParticipant", on("own")).1, "contact_mute_party", "muted there: taken back there");
    let digits = |digits: &str| json!({"contactId": "c-1", "connectionId": "third", "digits": digits});
    assert_eq!(planned(&desk, "sendDigits", digits("12#")).2["digits"], "12#", "touch tones");
    assert_eq!(refused(&desk, "sendDigits", digits("12a")), "SendDataFailedException", "none of a telephone's");
    assert_eq!(refused(&desk, "holdConnection", on("gone")), "InvalidStateException", "no such leg");
    let end = json!({"contactId": "a2~7", "connectionId": "a2~7~agent"});
    assert_eq!(planned(&desk, "destroyConnection", end.clone()).1, "contact_reject", "while it is offered: declined");
    desk.contacts[1].contact.state = ContactState::Connected;
    assert_eq!(planned(&desk, "destroyConnection", end).1, "contact_end", "a leg the platform does not tell of");
}

#[test]
fn mute_is_meant_for_the_call_that_is_talked_in() {
    let mut desk = busy();
    assert_eq!(refused(&desk, "mute", json!({"mute": true})), "InvalidStateException", "no call with sound");
    let media = MediaView {
        state: MediaState::Live,
        mute_wanted: false,
        sending: Sending::Sound,
        stats: None,
        failure: None,
        failed_address: None,
        summary: None,
    };
    let mut second: ContactView = desk.contacts[0].clone();
    second.key.contact = "c-2".into();
    desk.contacts.push(second);
    for at in [0, 2] {
        desk.contacts[at].media = Some(media.clone());
    }
    desk.contacts[0].contact.on_hold = true;
    let (permission, command, request) = planned(&desk, "mute", json!({"mute": true}));
    assert_eq!((permission, command), (PluginPermission::Calls, "contact_mute"), "mute");
    assert_eq!(request, json!({"contact": {"account": "a1", "contact": "c-2"}, "muted": true}), "not the one on hold");
}

#[test]
fn further_parties_are_numbers_or_entries_of_the_contacts_own_directory() {
    let desk = busy();
    let to = |contact: &str, endpoint: Value| json!({"contactId": contact, "endpoint": endpoint});
    let number = json!({"type": "phone_number", "phoneNumber": "+12025550177", "endpointARN": null});
    let (permission, command, request) = planned(&desk, "createAdditionalConnection", to("c-1", number.clone()));
    assert_eq!((permission, command), (PluginPermission::Transfers, "contact_add_party"), "a further party");
    assert_eq!(request["target"], json!({"kind": "number", "number": "+12025550177"}), "a number");
    assert_eq!(planned(&desk, "addNewConnection", to("c-1", number)).1, "contact_add_party", "the newer form");
    let (_, command, request) = planned(&desk, "transferContact", to("a2~7", json!({"endpointARN": "a2~queue-9"})));
    assert_eq!(command, "contact_transfer", "handed over");
    assert_eq!(request["target"], json!({"kind": "endpoint", "id": "queue-9"}), "by the platform's own name");
    let foreign = to("a2~7", json!({"endpointARN": "arn:of:another"}));
    assert_eq!(refused(&desk, "transferContact", foreign), "BadEndpointException", "another account's entry");
    assert_eq!(refused(&desk, "transferContact", to("a2~7", json!({}))), "BadEndpointException", "nobody");
}

#[test]
fn calls_go_out_from_the_account_of_the_queue() {
    let mut desk = busy();
    let dial = |queue: Option<&str>| json!({"endpoint": {"phoneNumber": "+12025550123"}, "queueARN": queue});
    let (permission, command, request) = planned(&desk, "createOutboundContact", dial(None));
    assert_eq!((permission, command), (PluginPermission::Transfers, "agent_dial"), "called");
    assert_eq!((&request["account"], &request["queue"]), (&json!("a1"), &Value::Null), "the account that leads");
    let (_, _, request) = planned(&desk, "createOutboundContact", dial(Some("a2~queue-sales")));
    assert_eq!((&request["account"], &request["queue"]), (&json!("a2"), &json!("queue-sales")), "by its queue");
    assert_eq!(refused(&desk, "createOutboundContact", dial(Some("none"))), "ValidationException", "no such queue");
    let agent = json!({"endpoint": {"type": "agent", "endpointARN": "x"}});
    assert_eq!(refused(&desk, "createOutboundContact", agent), "BadEndpointException", "no number");
    desk.accounts[0].agent.as_mut().unwrap().can_dial = false;
    assert_eq!(planned(&desk, "createOutboundContact", dial(None)).2["account"], "a2", "the first that can");
}

#[test]
fn the_directory_is_read_by_pages_and_answered_in_the_services_shape() {
    let desk = busy();
    let all = params(json!({"queueARNs": ["a2~queue-sales"], "nextToken": null, "maxResults": 500}));
    let (_, command, request) = planned(&desk, "getEndpoints", Value::Object(all.clone()));
    assert_eq!(
        (command, &request["account"], &request["after"]),
        ("endpoint_list", &json!("a2"), &Value::Null),
        "first"
    );
    let page = json!({
        "items": [{"id": "9", "name": "Billing", "kind": "queue", "number": null}],
        "next": "p~2",
        "complete": true,
    });
    let told = answer("getEndpoints", &all, &desk, &page).unwrap();
    assert_eq!(
        told["endpoints"],
        json!([{"endpointARN": "a2~9", "type": "queue", "name": "Billing", "phoneNumber": null}]),
        "entries"
    );
    let (_, _, request) = planned(&desk, "getEndpoints", json!({"nextToken": told["nextToken"]}));
    assert_eq!((&request["account"], &request["after"]), (&json!("a2"), &json!("p~2")), "the token leads on");
    assert_eq!(refused(&desk, "getEndpoints", json!({"nextToken": "x"})), "PaginationException", "not ours");
    let usual = planned(&desk, "getEndpoints", json!({"queueARNs": [format!("{INSTANCE}/queue/sales")]}));
    assert_eq!(usual.2["account"], "a1", "by the queue");
    assert_eq!(answer("acceptContact", &all, &desk, &json!({})).unwrap(), json!({}), "the others answer nothing");
}

#[test]
fn states_are_set_where_they_belong() {
    let desk = busy();
    let set = |state: Value, later: bool| json!({"state": state, "enqueueNextState": later});
    let lunch = format!("{INSTANCE}/agent-state/Lunch");
    let (permission, command, request) =
        planned(&desk, "putAgentState", set(json!({"agentStateARN": lunch, "name": "Lunch"}), true));
    assert_eq!((permission, command), (PluginPermission::State, "agent_set_state"), "a state");
    assert_eq!(request, json!({"account": "a1", "state": lunch, "when_free": true}), "for later");
    let other = planned(&desk, "putAgentState", set(json!({"agentStateARN": "a2~agent-state-Lunch"}), false));
    assert_eq!(
        other.2,
        json!({"account": "a2", "state": "agent-state-Lunch", "when_free": false}),
        "of another account"
    );
    let named = planned(&desk, "putAgentState", set(json!({"name": "Offline"}), false));
    assert_eq!(named.2["state"], json!(format!("{INSTANCE}/agent-state/Offline")), "by its shown name");
    assert_eq!(refused(&desk, "putAgentState", set(json!({"name": "Busy"}), false)), "InvalidStateException", "system");
    let wanted = json!({"configuration": {"softphoneEnabled": false, "extension": "+12025550100",
        "agentPreferences": {"LANGUAGE": "en_US", "locale": "de_DE"}}});
    let (_, command, request) = planned(&desk, "updateAgentConfiguration", wanted);
    assert_eq!(command, "agent_preferences", "preferences");
    assert_eq!(
        request,
        json!({"account": "a1", "softphone": false, "extension": "+12025550100", "language": "de_DE"}),
        "desk phone and language"
    );
}

#[test]
fn reports_supervision_attributes_views_and_notices() {
    let desk = busy();
    let on = |more: Value| {
        let mut all = json!({"contactId": "c-1"});
        all.as_object_mut().unwrap().extend(params(more));
        all
    };
    let report = planned(&desk, "notifyContactIssue", on(json!({"issueCode": "noise", "description": "loud"})));
    assert_eq!((report.1, &report.2["text"]), ("contact_report", &json!("noise: loud")), "in the page's words");
    let barge = planned(&desk, "updateMonitorParticipantState", on(json!({"targetMonitorMode": "BARGE"})));
    assert_eq!((barge.1, &barge.2["mode"]), ("contact_monitor", &json!("barge")), "takes part");
    let given = json!({"attributes": {"case": "42", "tier": {"name": "tier", "value": "gold"}}});
    let (permission, command, request) = planned(&desk, "updateContactAttributes", on(given));
    assert_eq!((permission, command), (PluginPermission::Annotate, "contact_annotate"), "attributes");
    assert_eq!(request["attributes"], json!({"case": "42", "tier": "gold"}), "in both forms");
    assert_eq!(
        refused(&desk, "updateContactAttributes", on(json!({"attributes": {"case": 42}}))),
        "ValidationException",
        "texts only"
    );
    let pad =
        planned(&desk, "activateChannelWithViewType", json!({"viewType": "number_pad", "mediaType": "softphone"}));
    assert_eq!(pad.2, json!({"view": "number_pad", "number": null}), "the number pad");
    assert_eq!(
        plan("notify", &params(json!({"title": "Callback", "body": "soon"})), &desk).unwrap(),
        (PluginPermission::Notify, Act::Notice { title: "Callback".to_owned(), text: "soon".to_owned() }),
        "a notice"
    );
}

#[test]
fn what_cannot_be_had_says_why() {
    let desk = busy();
    for method in ["createTransport", "createTaskContact", "setDevice", "qrIntegrationExists", "destroyContact", ""] {
        assert_eq!(refused(&desk, method, json!({})), "NotImplementedException", "{method:?}");
    }
    let voice_id = plan("AgentAppService.VoiceId.describeSpeaker", &Params::new(), &desk).unwrap_err();
    assert!(voice_id.message.contains("Voice ID ended"), "its reason: {}", voice_id.message);
    let nobody = desk_without_anybody();
    assert_eq!(refused(&nobody, "getEndpoints", json!({})), "UnauthorizedException", "nobody is signed in");
}

fn desk_without_anybody() -> DeskSnapshot {
    desk(vec![], vec![])
}

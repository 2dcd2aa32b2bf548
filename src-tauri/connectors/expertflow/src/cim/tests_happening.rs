//! What happens beside messages: fixtures and their like.
#![allow(clippy::unwrap_used)]

use rstest::rstest;
use serde_json::{Value, json};
use trunkline_model::{Attribute, Author, AuthorRole, ConversationEvent, MessageId, Subtype, UnixMillis};

use super::{
    tests::{ANA, AT, BO, NOW, SUPERVISOR, arrived, author, fixture, line, me, system, told},
    *,
};

fn session() -> ChannelSession {
    ChannelSession::read(&fixture("socket-in/cimEvent.CHANNEL_SESSION_STARTED")["data"]).unwrap()
}

#[test]
fn a_channel_session_is_read_and_kept_whole() {
    let raw = fixture("socket-in/cimEvent.CHANNEL_SESSION_STARTED")["data"].clone();
    let wanted = ChannelSession {
        id: "68a100000000000000000c51".to_owned(),
        channel_type: "WEB".to_owned(),
        conversation: Some("68a100000000000000000c01".to_owned()),
        customer_identifier: Some("15550100".to_owned()),
        service_identifier: Some("9000".to_owned()),
        channel_data: raw["channelData"].clone(),
        media_domain: Some("6305de07166ba1099d11d8e6".to_owned()),
        interactive: Some(true),
        state: Some("STARTED".to_owned()),
        reason: Some("CUSTOMER".to_owned()),
        direction: Some("INBOUND".to_owned()),
        routing_mode: Some("PUSH".to_owned()),
        raw: raw.clone(),
    };
    assert_eq!(ChannelSession::read(&raw), Some(wanted));
    let bare = ChannelSession::read(&json!({ "id": 7, "topicId": "t", "state": "started" })).unwrap();
    assert_eq!((bare.id.as_str(), bare.state.as_deref()), ("7", Some("STARTED")), "a bare state, as of old");
    assert_eq!((bare.conversation.as_deref(), bare.kind()), (Some("t"), Subtype::Unknown(String::new())));
    assert_eq!(ChannelSession::read(&json!({ "state": {} })), None, "nothing can be done with one that has no id");
}

#[rstest]
#[case("web", Subtype::Chat, "Web", false)]
#[case("WHATSAPP", Subtype::Whatsapp, "WhatsApp", false)]
#[case("SMS", Subtype::Sms, "SMS", false)]
#[case("Email", Subtype::Email, "E-mail", false)]
#[case("CX_VOICE", Subtype::Telephone, "Voice", true)]
#[case("cisco_cc", Subtype::Telephone, "Voice", true)]
#[case("WEB_RTC", Subtype::WebCall, "WebRTC", false)]
#[case("FACEBOOK", Subtype::Unknown("Facebook".to_owned()), "Facebook", false)]
#[case("MY_OWN_THING", Subtype::Unknown("My own thing".to_owned()), "My own thing", false)]
#[case("YouTube", Subtype::Unknown("YouTube".to_owned()), "YouTube", false)]
fn a_channel_s_type_has_a_kind_and_a_name(
    #[case] kind: &str,
    #[case] wanted: Subtype,
    #[case] name: &str,
    #[case] voice: bool,
) {
    assert_eq!((subtype(kind), channel_name(kind).as_str(), is_voice(kind)), (wanted, name, voice));
}

#[test]
fn the_agent_answers_on_the_first_session_that_is_written() {
    let mut voice = session();
    voice.channel_type = "CX_VOICE".to_owned();
    let sessions = [voice.clone(), session()];
    assert_eq!(reply_channel(&sessions), Some(&sessions[1]));
    assert_eq!(reply_channel(&[voice]), None);
    let line = session().line();
    assert_eq!((line.kind, line.address.as_deref()), (Subtype::Chat, Some("15550100")));
}

#[test]
fn ways_to_the_customer_come_and_go() {
    let customer = author(AuthorRole::Customer, "Chris Sample");
    let told = arrived("CHANNEL_SESSION_STARTED");
    assert_eq!(told.what, Happening::LineOpened(Box::new(session())));
    assert_eq!(line(&told), Some((customer.clone(), ConversationEvent::LineOpened("Web".to_owned()))));
    let shown = told.line.unwrap();
    assert_eq!((shown.id, shown.at), (MessageId::new("9c0d1a2b-0000-40000-8000-000000000059"), AT));
    let told = arrived("CHANNEL_SESSION_ENDED");
    assert!(matches!(&told.what, Happening::LineClosed(ended) if ended.id == session().id));
    assert_eq!(line(&told), Some((customer, ConversationEvent::LineClosed("Web".to_owned()))));
    let mut event = fixture("socket-in/cimEvent.CHANNEL_SESSION_ENDED");
    for name in ["CHANNEL_SESSION_DATA_UPDATED", "channel_session_expired"] {
        event["name"] = json!(name);
        let told = super::tests::told(&event);
        assert!(matches!(&told.what, Happening::LineChanged(_)) && told.line.is_none(), "{told:?}");
    }
}

#[test]
fn agents_come_and_go() {
    let bo = author(AuthorRole::Agent, "Bo Demo");
    let told = arrived("AGENT_SUBSCRIBED");
    let Happening::AgentJoined(agent) = &told.what else { panic!("{told:?}") };
    assert_eq!((agent.user.as_str(), agent.role.as_str(), &agent.author), (BO, "PRIMARY", &bo));
    assert_eq!(agent.raw["id"], json!("a7f0e3a4-2f0d-4a3c-b8a7-6c1d1f0e9902"), "kept whole");
    assert_eq!(line(&told), Some((bo.clone(), ConversationEvent::Joined)));
    let told = arrived("AGENT_UNSUBSCRIBED");
    let Happening::AgentLeft { agent, reason } = &told.what else { panic!("{told:?}") };
    assert_eq!((agent.user.as_str(), reason.as_deref()), (BO, Some("UNSUBSCRIBED")));
    assert_eq!(line(&told), Some((bo, ConversationEvent::Left)));
}

#[rstest]
#[case("AGENT_SUBSCRIBED", "SILENT_MONITOR", None)]
#[case("AGENT_SUBSCRIBED", "ASSISTANT", Some(ConversationEvent::Joined))]
#[case("AGENT_UNSUBSCRIBED", "silent_monitor", None)]
#[case("AGENT_UNSUBSCRIBED", "WRAP_UP", None)]
#[case("AGENT_UNSUBSCRIBED", "WHISPER", Some(ConversationEvent::Left))]
#[case("PARTICIPANT_ROLE_CHANGED", "PRIMARY", Some(ConversationEvent::TookOver))]
#[case("PARTICIPANT_ROLE_CHANGED", "WHISPER", Some(ConversationEvent::Advises))]
#[case("PARTICIPANT_ROLE_CHANGED", "WRAP_UP", Some(ConversationEvent::Left))]
#[case("PARTICIPANT_ROLE_CHANGED", "SILENT_MONITOR", None)]
#[case("PARTICIPANT_ROLE_CHANGED", "NEW_ROLE", None)]
fn silent_listeners_and_after_contact_work_are_not_shown(
    #[case] name: &str,
    #[case] role: &str,
    #[case] wanted: Option<ConversationEvent>,
) {
    let mut event = fixture(&format!("socket-in/cimEvent.{name}"));
    for wrapper in ["agentParticipant", "conversationParticipant"] {
        if event["data"][wrapper].is_object() {
            event["data"][wrapper]["role"] = json!(role);
        }
    }
    assert_eq!(line(&told(&event)).map(|(_, event)| event), wanted);
}

#[test]
fn a_role_changes_and_of_my_own_after_contact_work_the_task_tells() {
    let told = arrived("PARTICIPANT_ROLE_CHANGED");
    let Happening::RoleChanged(agent) = &told.what else { panic!("{told:?}") };
    assert_eq!((agent.user.as_str(), agent.role.as_str()), (SUPERVISOR, "PRIMARY"));
    assert_eq!(agent.author.role, AuthorRole::Supervisor);
    assert_eq!(line(&told).unwrap().1, ConversationEvent::TookOver);
    let mut event = fixture("socket-in/cimEvent.PARTICIPANT_ROLE_CHANGED");
    event["data"]["conversationParticipant"]["role"] = json!("WRAP_UP");
    let read = read(&CimEvent::read(&event).unwrap(), &me(SUPERVISOR), NOW);
    assert!(matches!(&read.what, Happening::RoleChanged(agent) if agent.author.role == AuthorRole::Me));
    assert_eq!(read.line, None);
    event["data"]["conversationParticipant"]["type"] = json!("CUSTOMER");
    assert_eq!(super::tests::told(&event), read::just(Happening::Other), "not about an agent");
}

#[test]
fn an_agent_who_is_asked_for_is_told_with_whoever_asked() {
    let told = arrived("TASK_ENQUEUED");
    let Happening::TaskEnqueued { task, queue } = &told.what else { panic!("{told:?}") };
    assert_eq!(queue.as_deref(), Some("Web Care"));
    let media = TaskMedia {
        id: "0f6b7a52-0e5e-4b0e-8c55-2a1d0c9b7702".to_owned(),
        direction: "DIRECT_CONFERENCE".to_owned(),
        mode: "QUEUE".to_owned(),
        state: "QUEUED".to_owned(),
        reason: None,
        domain: Some("6305de07166ba1099d11d8e6".to_owned()),
        queue: Some("Web Care".to_owned()),
        requested_by: Some("a.demo".to_owned()),
    };
    assert_eq!(task.media, [media]);
    assert_eq!(line(&told), Some((author(AuthorRole::Me, "a.demo"), ConversationEvent::ConferenceRequested)));
    let mut event = fixture("socket-in/cimEvent.TASK_ENQUEUED");
    let kinds = [
        ("direct_transfer", Some(ConversationEvent::TransferRequested)),
        ("CONSULT", Some(ConversationEvent::ConsultRequested)),
        ("INBOUND", None),
    ];
    for (direction, wanted) in kinds {
        event["data"]["task"]["activeMedia"][0]["type"] =
            json!({ "direction": direction, "metadata": { "requestedBy": "z" } });
        let wanted = wanted.map(|event| (author(AuthorRole::Agent, "z"), event));
        assert_eq!(line(&super::tests::told(&event)), wanted);
    }
}

#[test]
fn a_task_goes_on() {
    let told = arrived("TASK_STATE_CHANGED.active");
    let Happening::TaskStateChanged { task, changed, media } = &told.what else { panic!("{told:?}") };
    assert_eq!((task.state.as_str(), task.agent.as_deref(), *changed), ("ACTIVE", Some(ANA), true));
    assert_eq!(media, &["0f6b7a52-0e5e-4b0e-8c55-2a1d0c9b7702"]);
    let offered = "0f6b7a52-0e5e-4b0e-8c55-2a1d0c9b7701:0f6b7a52-0e5e-4b0e-8c55-2a1d0c9b7702";
    assert_eq!(task.offered_as(&task.media[0]), offered);
    assert_eq!(told.line, None, "working on it needs no line");
    let told = arrived("TASK_STATE_CHANGED.rona");
    let Happening::TaskStateChanged { task, .. } = &told.what else { panic!("{told:?}") };
    assert_eq!((task.state.as_str(), task.reason.as_deref()), ("CLOSED", Some("RONA")));
    assert_eq!(line(&told), Some((author(AuthorRole::Me, "a.demo"), ConversationEvent::NotAnswered)));
}

/// A change of the fixture's task: its state and reason, its medium's direction, state and reason.
fn changed(task: (&str, Option<&str>), media: (&str, &str, Option<&str>), agent: Value) -> Value {
    let mut event = fixture("socket-in/cimEvent.TASK_STATE_CHANGED.active");
    event["data"]["task"]["state"] = json!({ "name": task.0, "reasonCode": task.1 });
    event["data"]["task"]["assignedTo"] = agent;
    event["data"]["task"]["activeMedia"][0]["type"]["direction"] = json!(media.0);
    event["data"]["task"]["activeMedia"][0]["state"] = json!({ "name": media.1, "reasonCode": media.2 });
    event
}

#[rstest]
#[case::wrap_up(("WRAP_UP", None), ("INBOUND", "CLOSED", None), ANA, Some(ConversationEvent::WrapUpBegan))]
#[case::wrap_up_of_another(("WRAP_UP", None), ("INBOUND", "CLOSED", None), BO, None)]
#[case::transferred(("CLOSED", Some("TRANSFERRED")), ("INBOUND", "CLOSED", None), BO, Some(ConversationEvent::Transferred))]
#[case::done(("CLOSED", Some("DONE")), ("INBOUND", "CLOSED", None), BO, None)]
#[case::asked(("ACTIVE", None), ("CONSULT", "RESERVED", None), BO, Some(ConversationEvent::Invited))]
#[case::asked_me(("ACTIVE", None), ("CONSULT", "RESERVED", None), ANA, None)]
#[case::offered_from_the_queue(("ACTIVE", None), ("INBOUND", "RESERVED", None), BO, None)]
#[case::conference_ended(
    ("ACTIVE", None), ("DIRECT_CONFERENCE", "CLOSED", Some("FORCE_CLOSED")), BO, Some(ConversationEvent::RequestCancelled)
)]
#[case::consult_ended(("ACTIVE", None), ("CONSULT", "CLOSED", Some("FORCE_CLOSED")), BO, None)]
#[case::called_off(("CLOSED", Some("CANCELLED")), ("DIRECT_TRANSFER", "CLOSED", None), BO, Some(ConversationEvent::RequestCancelled))]
#[case::customer_left(("CLOSED", Some("CANCELLED")), ("INBOUND", "CLOSED", None), BO, None)]
fn a_task_s_going_on_is_shown_where_it_matters(
    #[case] task: (&str, Option<&str>),
    #[case] media: (&str, &str, Option<&str>),
    #[case] agent: &str,
    #[case] wanted: Option<ConversationEvent>,
) {
    let event = changed(task, media, json!({ "id": agent, "name": "x" }));
    let role = if agent == ANA { AuthorRole::Me } else { AuthorRole::Agent };
    assert_eq!(line(&told(&event)), wanted.map(|event| (author(role, "x"), event)));
}

#[test]
fn a_medium_that_did_not_change_makes_no_line() {
    let mut event = changed(("ACTIVE", None), ("CONSULT", "RESERVED", None), json!({ "id": BO }));
    event["data"]["mediaStateChanges"] = json!(["another"]);
    assert_eq!(told(&event).line, None);
    let mut event = changed(("WRAP_UP", None), ("INBOUND", "CLOSED", None), json!({ "id": ANA }));
    event["data"]["taskStateChanged"] = json!(false);
    assert_eq!(told(&event).line, None);
}

#[test]
fn nobody_is_free_for_what_was_asked_for() {
    let told = arrived("NO_AGENT_AVAILABLE");
    let what = Happening::NobodyAvailable { direction: "DIRECT_TRANSFER".to_owned(), mode: "QUEUE".to_owned() };
    assert_eq!((told.what.clone(), line(&told)), (what, Some((system(), ConversationEvent::NobodyAvailable))));
    let mut event = fixture("socket-in/cimEvent.NO_AGENT_AVAILABLE");
    event["data"]["requestType"]["direction"] = json!("INBOUND");
    assert_eq!(super::tests::told(&event).line, None);
}

#[test]
fn data_and_customer_of_a_conversation_change() {
    let data = |name: &str, value: &str| Attribute { name: name.to_owned(), value: value.to_owned() };
    let wanted = vec![data("first_name", "Chris"), data("phone", "15550100")];
    assert_eq!(arrived("CONVERSATION_DATA_CHANGED"), read::just(Happening::DataChanged(wanted)));
    let told = arrived("ASSOCIATED_CUSTOMER_CHANGED");
    let raw = fixture("socket-in/cimEvent.ASSOCIATED_CUSTOMER_CHANGED")["data"].clone();
    assert_eq!(told.what, Happening::CustomerChanged(raw.clone()));
    assert_eq!(line(&told), Some((system(), ConversationEvent::CustomerChanged)));
    let wanted = Customer {
        id: Some("68a100000000000000000d01".to_owned()),
        name: Some("Chris Sample".to_owned()),
        numbers: vec!["15550100".to_owned()],
        anonymous: false,
    };
    assert_eq!(Customer::read(&raw), wanted);
    let odd =
        Customer::read(&json!({ "id": 5, "firstName": 7, "phoneNumber": "1", "isAnonymous": "TRUE", "web": null }));
    assert_eq!((odd.name.as_deref(), odd.numbers.len(), odd.anonymous), (Some("7"), 1, true));
}

#[test]
fn timers_run_and_stop() {
    let sla = Sla { total: Some(300), elapsed: Some(0), action: "START_TIMER".to_owned() };
    assert_eq!(arrived("AGENT_SLA_STARTED"), read::just(Happening::Sla(sla)));
    assert_eq!(arrived("AGENT_SLA_STOPPED"), read::just(Happening::SlaStopped));
    let mut event = fixture("socket-in/cimEvent.AGENT_SLA_STARTED");
    event["data"] = json!({ "totalDuration": "300", "action": "show_popup" });
    let told = super::tests::told(&event);
    let monitor = Author { role: AuthorRole::Bot, name: None };
    assert_eq!(line(&told), Some((monitor, ConversationEvent::AnswerDue)), "the platform wants the agent to be told");
    let told = arrived("CONVERSATION_PAUSED");
    let Happening::Paused(timer) = told.what else { panic!("{told:?}") };
    assert_eq!(timer, Timer { total: Some(300), since: Some(UnixMillis(1_788_084_300_000)) });
    assert_eq!(timer.ends(), Some(UnixMillis(1_788_084_600_000)));
    assert_eq!(line(&told), Some((system(), ConversationEvent::Paused)));
    let told = arrived("CONVERSATION_RESUMED");
    assert_eq!((told.what.clone(), line(&told)), (Happening::Resumed, Some((system(), ConversationEvent::Unpaused))));
    assert_eq!(Timer::read(&json!({ "totalDuration": null, "startTime": null })).ends(), None);
}

#[test]
fn an_agent_asks_for_help_and_does_not_any_more() {
    let mut raised = fixture("socket-out/publishCimEvent.hand_raised")["cimEvent"].take();
    let lowered = fixture("socket-out/publishCimEvent.hand_down")["cimEvent"].take();
    let ana = author(AuthorRole::Me, "Ana Demo");
    let got = told(&raised);
    assert_eq!(got.what, Happening::HandRaised { user: ANA.to_owned(), agent: ana.clone() });
    assert_eq!(line(&got), Some((ana.clone(), ConversationEvent::HandRaised)));
    let got = told(&lowered);
    assert_eq!(got.what, Happening::HandLowered { user: ANA.to_owned(), agent: ana.clone() });
    assert_eq!(line(&got), Some((ana, ConversationEvent::HandLowered)));
    raised["data"] = json!({ "agentId": BO, "userName": "b.demo" });
    let bo = author(AuthorRole::Agent, "b.demo");
    assert_eq!(line(&told(&raised)), Some((bo, ConversationEvent::HandRaised)), "told by another");
}

#[rstest]
#[case("CALL_LEG_STARTED", None, CallStep::Began, Some(ConversationEvent::CallBegan))]
#[case("CALL_LEG_ENDED", None, CallStep::Ended, Some(ConversationEvent::CallEnded))]
#[case("CALL_HOLD", None, CallStep::Held, Some(ConversationEvent::CallHeld))]
#[case("CALL_RESUME", None, CallStep::Resumed, Some(ConversationEvent::CallResumed))]
#[case("VOICE_ACTIVITY", Some("CALL_LEG_ENDED"), CallStep::Ended, Some(ConversationEvent::CallEnded))]
#[case("VOICE_ACTIVITY", None, CallStep::Other, Some(ConversationEvent::Other("Voice activity".to_owned())))]
fn a_call_s_steps_are_shown(
    #[case] name: &str,
    #[case] intent: Option<&str>,
    #[case] step: CallStep,
    #[case] wanted: Option<ConversationEvent>,
) {
    let mut event = fixture("socket-in/cimEvent.CUSTOMER_MESSAGE");
    event["name"] = json!(name);
    event["type"] = json!("ACTIVITY");
    event["data"]["header"]["intent"] = json!(intent);
    event["data"]["body"] =
        json!({ "type": "VOICE", "callId": "c-1", "leg": "1001:5678", "reasonCode": "DIALOG_ENDED", "dialog": {} });
    let told = told(&event);
    let Happening::Call(call) = &told.what else { panic!("{told:?}") };
    assert_eq!((call.step, call.call.as_deref(), call.leg.as_deref()), (step, Some("c-1"), Some("1001:5678")));
    assert_eq!(line(&told).map(|(_, event)| event), wanted);
}

#[rstest]
#[case("ROOM_CREATED", "NOTIFICATION", None)]
#[case("SOMETHING_NEW", "ACTIVITY", Some("Something new"))]
#[case("SOMETHING_NEW", "message", Some("Something new"))]
#[case("SOMETHING_NEW", "", None)]
#[case("", "ACTIVITY", None)]
#[case("CUSTOMER_MESSAGE", "MESSAGE", Some("Customer message"))]
fn what_is_unknown_is_named_where_it_is_meant_for_people(
    #[case] name: &str,
    #[case] kind: &str,
    #[case] wanted: Option<&str>,
) {
    let told = told(&json!({ "id": "e", "name": name, "type": kind, "data": { "x": 1 } }));
    assert_eq!(told.what, Happening::Other);
    let wanted = wanted.map(|name| ConversationEvent::Other(name.to_owned()));
    assert_eq!(line(&told).map(|(_, event)| event), wanted);
}

#[rstest]
#[case("THIRD_PARTY_ACTIVITY", "ACTIVITY")]
#[case("ADVISOR_MESSAGE", "MESSAGE")]
fn words_under_a_name_that_is_new_are_still_words(#[case] name: &str, #[case] kind: &str) {
    let mut event = fixture("socket-in/cimEvent.CUSTOMER_MESSAGE");
    event["name"] = json!(name);
    event["type"] = json!(kind);
    assert!(matches!(told(&event).what, Happening::Message(_)));
}

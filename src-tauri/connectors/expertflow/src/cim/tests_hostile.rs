//! Input that means harm or means nothing.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use trunkline_model::MessageBody;

use super::{
    tests::{ANA, NOW, fixture, me, told},
    *,
};

fn body_of(event: &Value) -> MessageBody {
    match told(event).what {
        Happening::Message(message) => message.body,
        other => panic!("{other:?}"),
    }
}

fn saying(body: Value) -> Value {
    let mut event = fixture("socket-in/cimEvent.CUSTOMER_MESSAGE");
    event["data"]["body"] = body;
    event
}

#[rstest]
#[case("<script>alert(1)</script>")]
#[case("<img src=x onerror=alert(1)>")]
#[case("&lt;b&gt; [x](javascript:alert(1)) \u{202e}txt.exe \0")]
fn marks_within_words_stay_words(#[case] text: &str) {
    let event = saying(json!({ "type": "PLAIN", "markdownText": text }));
    assert_eq!(body_of(&event), MessageBody::Text { text: text.to_owned() });
}

#[test]
fn broken_json_within_json_is_told_apart() {
    let error = CimEvent::read(&json!("{\"id\": \"secret")).unwrap_err();
    assert_eq!(error, Unreadable::NotJson { length: 14, line: 1, column: 14 });
    assert!(!error.to_string().contains("secret"), "the log must not have a customer's words");
    let frame = json!({ "cimEvent": "", "conversationId": "c" });
    assert!(matches!(CimEvent::read_frame(&frame), Err(Unreadable::NotJson { .. })));
    for (value, sort) in
        [(json!("[]"), "a list"), (json!(7), "a number"), (json!(null), "nothing"), (json!("\"{}\""), "text")]
    {
        assert_eq!(CimEvent::read(&value), Err(Unreadable::NotAnEvent(sort)));
    }
    let frame = json!({ "cimEvent": "{}", "topicId": "t", "roomInfo": { "id": "r" } });
    let event = CimEvent::read_frame(&frame).unwrap();
    assert_eq!((event.conversation.as_deref(), &*event.room_info), (Some("t"), &json!({ "id": "r" })));
    assert_eq!(read(&event, &me(ANA), NOW), read::just(Happening::Other));
}

#[test]
fn json_that_nests_too_deep_is_an_error_and_not_the_end() {
    let deep = "{\"data\":".repeat(100_000) + "1" + &"}".repeat(100_000);
    assert!(matches!(CimEvent::read(&json!(deep)), Err(Unreadable::NotJson { .. })));
    let mut nested = json!("end");
    for depth in 0..120 {
        nested =
            if depth % 2 == 0 { json!([nested]) } else { json!({ "title": "t", "data": nested, "elements": nested }) };
        if depth > 24 && depth % 2 == 1 {
            // Twice at each level would be more than any memory holds.
            nested["elements"] = Value::Null;
        }
    }
    for kind in ["CAROUSEL", "HOLOGRAM", "FORM_DATA", "TEMPLATE", "CONTACT"] {
        body_of(&saying(
            json!({ "type": kind, "data": nested, "elements": nested, "components": nested, "contacts": nested }),
        ));
    }
}

#[test]
fn long_texts_and_lists_are_cut() {
    let long = "ä".repeat(5 * 1024 * 1024);
    let MessageBody::Text { text } = body_of(&saying(json!({ "type": "PLAIN", "markdownText": long }))) else {
        panic!()
    };
    assert!(text.len() <= LONGEST + 3 && text.ends_with("ä…"), "{} bytes", text.len());
    let mut event = saying(json!({ "type": "PLAIN", "markdownText": text::encode(&long) }));
    event["data"]["header"]["additionalData"] = json!({ "isEncoded": "true" });
    assert_eq!(body_of(&event), MessageBody::Text { text }, "encoded ones as well");
    let buttons: Vec<Value> = (0..5_000).map(|number| json!({ "title": number.to_string() })).collect();
    let event = saying(json!({ "type": "BUTTON", "buttons": buttons, "attachments": [] }));
    let MessageBody::Interactive { choices, .. } = body_of(&event) else { panic!() };
    assert_eq!(choices.len(), 200);
    let files: Vec<Value> = (0..5_000).map(|number| json!({ "mediaUrl": format!("/{number}") })).collect();
    let event = saying(json!({ "type": "FILE", "attachment": files }));
    let MessageBody::Attachments { files, .. } = body_of(&event) else { panic!() };
    assert_eq!(files.len(), 200);
    let codes: Vec<Value> = (0..300).map(|_| json!({ "value": vec!["x"; 300] })).collect();
    let MessageBody::WrapUp { codes, .. } = body_of(&saying(json!({ "type": "WRAPUP", "wrapups": codes }))) else {
        panic!()
    };
    assert_eq!(codes.len(), 200);
    let long = json!({ "type": "HOLOGRAM", "a": vec!["x".repeat(LONGEST); 150] });
    let MessageBody::Unknown { text, .. } = body_of(&saying(long)) else { panic!() };
    assert!(text.len() <= LONGEST + 3);
}

/// Names that the readers look for, so that chance reaches them.
const NAMES: &str = "id name type timestamp conversationId eventEmitter channelSession data roomInfo header body sender \
    senderName additionalDetail participant keycloakUser firstName lastName customer channelData markdownText \
    attachment attachments mediaUrl size caption additionalDetails fileName location latitude longitude contacts phones \
    phone emails buttons title elements components parameters text formData attributes key value emailThreads htmlBody \
    from recipientsTo recipientsCc wrapups note messageId status notificationType agentParticipant \
    conversationParticipant role task activeMedia state reasonCode metadata requestedBy taskStateChanged \
    mediaStateChanges requestType direction totalDuration startTime holdTimerDetails suggestions messageBody \
    confidenceLevel requestedMessage originalMessageId intent additionalData isEncoded channel channelType \
    mediaRoutingDomain isInteractive postId itemType cimEvent";
/// Values that lead on.
const WORDS: &str = "PLAIN IMAGE VIDEO AUDIO FILE STICKER LOCATION CONTACT URL BUTTON CAROUSEL TEMPLATE FORM_DATA EMAIL \
    COMMENT WRAPUP VOICE DELIVERYNOTIFICATION DELETEDNOTIFICATION NOTIFICATION MESSAGE SUGGESTION ACTIVITY CALL \
    CUSTOMER_MESSAGE AGENT_MESSAGE WHISPER_MESSAGE BOT_SUGGESTION TYPING_STARTED READ FAILED UPDATE REPLY_TO \
    CHANNEL_SESSION_STARTED AGENT_SUBSCRIBED AGENT_UNSUBSCRIBED PARTICIPANT_ROLE_CHANGED TASK_ENQUEUED \
    TASK_STATE_CHANGED NO_AGENT_AVAILABLE CONVERSATION_DATA_CHANGED ASSOCIATED_CUSTOMER_CHANGED AGENT_SLA_STARTED \
    CONVERSATION_PAUSED HAND_RAISED HAND_DOWN AGENT CUSTOMER CONNECTOR SILENT_MONITOR WRAP_UP RONA CLOSED QUEUED";

fn one_of(words: &'static str) -> impl Strategy<Value = String> {
    let words: Vec<&str> = words.split_whitespace().collect();
    prop::sample::select(words).prop_map(str::to_owned)
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        one_of(WORDS).prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        r#"[<>&;/"'{}\[\]:,=@. a0-9é…]{0,20}"#.prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 80, 10, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(one_of(NAMES), inner, 0..10)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn read_all(value: &Value) {
    if let Ok(event) = CimEvent::read(value) {
        let told = read(&event, &me(ANA), NOW);
        if let Happening::Message(message) = &told.what {
            assert!(excerpt(&message.body).chars().count() <= 140);
        }
        assert_eq!(told, read(&event, &me(ANA), NOW), "the same each time");
    }
    let _ = CimEvent::read_frame(value);
    let _ = ChannelSession::read(value).map(|session| session.line());
    let _ = Customer::read(value);
    let _ = Task::read(value);
    let _ = Timer::read(value).ends();
    let _ = time(value);
}

/// Puts a value in the place of one of a fixture's.
fn replace(value: &mut Value, mut place: usize, with: &Value) -> bool {
    fn walk(value: &mut Value, place: &mut usize, with: &Value) -> bool {
        if *place == 0 {
            *value = with.clone();
            return true;
        }
        *place -= 1;
        match value {
            Value::Array(entries) => entries.iter_mut().any(|entry| walk(entry, place, with)),
            Value::Object(members) => members.iter_mut().any(|(_, member)| walk(member, place, with)),
            _ => false,
        }
    }
    walk(value, &mut place, with)
}

proptest! {
    #[test]
    fn any_json_is_read_without_harm(value in any_json()) {
        read_all(&value);
        read_all(&json!({ "cimEvent": value.to_string() }));
        read_all(&Value::from(value.to_string()));
    }

    #[test]
    fn any_event_of_a_known_name_is_read_without_harm(
        name in one_of(WORDS), kind in one_of(WORDS), data in any_json(), body in any_json(), session in any_json()
    ) {
        read_all(&json!({ "name": name, "type": "MESSAGE", "data": data, "channelSession": session }));
        let mut body = body;
        if body.is_object() {
            body["type"] = json!(kind);
        }
        read_all(&json!({ "name": name, "type": kind, "data": { "header": data, "body": body } }));
    }

    #[test]
    fn a_fixture_with_anything_in_any_place_is_read_without_harm(
        name in prop::sample::select(vec![
            "CUSTOMER_MESSAGE", "BOT_SUGGESTION", "MESSAGE_DELIVERY_NOTIFICATION", "CHANNEL_SESSION_STARTED",
            "AGENT_SUBSCRIBED", "PARTICIPANT_ROLE_CHANGED", "TASK_ENQUEUED", "TASK_STATE_CHANGED.rona",
            "NO_AGENT_AVAILABLE", "CONVERSATION_PAUSED", "ASSOCIATED_CUSTOMER_CHANGED", "WHISPER_MESSAGE_encoded",
        ]),
        place in 0_usize..400,
        with in any_json(),
    ) {
        let mut event = fixture(&format!("socket-in/cimEvent.{name}"));
        replace(&mut event, place, &with);
        read_all(&event);
    }
}

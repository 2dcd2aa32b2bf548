#![allow(clippy::unwrap_used, clippy::expect_used)]
use std::time::Duration;

use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::time::Instant;
use trunkline_model::{
    Attachment, AttachmentState, Author, AuthorRole, ConversationEvent, Delivery, Message, MessageBody, MessageId,
    UnixMillis,
};

use super::items::{self, Meaning};
use super::receipts::Receipts;
use super::timeline::Timeline;
use super::{Chat, ChatAction, ChatSettings, Facts};
use crate::fixture;
use crate::session::Now;
use crate::wire::{Item, Private};

const ME: &str = "4c7b1d90-2e6f-4a38-9b05-7d1c3f5e9a22";
const CONTACT: &str = "9e1f7a24-5d3c-4b80-a6c9-0f2e4d6b8a11";

fn recorded(name: &str) -> Item {
    let frame = fixture::json("amazon-connect-chat", &format!("{name}.json"));
    Item::read_text(frame["content"].as_str().unwrap()).unwrap()
}

fn message(item: &Item) -> Message {
    match items::read(item, ME, UnixMillis(7)) {
        Meaning::Message { message, .. } => *message,
        other => panic!("no message: {other:?}"),
    }
}

fn body(content_type: &str, content: &str) -> MessageBody {
    let value = json!({"Id": "x", "Type": "MESSAGE", "ContentType": content_type, "Content": content});
    message(&Item::read(value).unwrap()).body
}

const INTERACTIVE: &str = "application/vnd.amazonaws.connect.message.interactive";

#[test]
fn recorded_items_mean_what_they_say() {
    let customer = message(&recorded("ws-chat-message.customer"));
    assert_eq!(customer.body, MessageBody::Text { text: "My parcel is late".to_owned() }, "text");
    let named = Author { role: AuthorRole::Customer, name: Some("Customer".to_owned()) };
    assert_eq!((customer.author, customer.delivery), (named, None), "theirs has no delivery");
    assert_eq!(customer.at, UnixMillis(1_795_227_004_000), "by the platform's clock");
    let ours = message(&recorded("ws-chat-message.agent-echo"));
    assert_eq!((ours.author.role, ours.delivery), (AuthorRole::Me, Some(Delivery::Sent)), "ours by participant id");
    let file = message(&recorded("ws-chat-attachment"));
    let attachment = Attachment {
        id: "att-0002".to_owned(),
        name: "photo.pdf".to_owned(),
        content_type: "application/pdf".to_owned(),
        size: None,
        state: AttachmentState::Ready,
    };
    assert_eq!(file.body, MessageBody::Attachments { files: vec![attachment], caption: None }, "a file");
    for (name, delivery) in
        [("ws-chat-receipt-read", Delivery::Read), ("ws-chat-receipt-delivered", Delivery::Delivered)]
    {
        let expected = Meaning::Receipt { id: MessageId::from("msg-0001"), delivery };
        assert_eq!(items::read(&recorded(name), ME, UnixMillis(0)), expected, "{name}");
        let customers = "d05a6c31-8f2b-4e97-b1d4-3a6c9e0f7b33";
        assert_eq!(items::read(&recorded(name), customers, UnixMillis(0)), Meaning::Nothing, "{name}: our own act");
    }
    assert_eq!(items::read(&recorded("ws-chat-typing"), ME, UnixMillis(0)), Meaning::Typing, "typing");
}

#[rstest]
#[case("participant.joined", ConversationEvent::Joined)]
#[case("participant.left", ConversationEvent::Left)]
#[case("participant.invited", ConversationEvent::Invited)]
#[case("participant.displayname.updated", ConversationEvent::Renamed)]
#[case("participant.idle", ConversationEvent::Idle)]
#[case("participant.returned", ConversationEvent::Returned)]
#[case("participant.autodisconnection", ConversationEvent::AutoDisconnected)]
#[case("transfer.succeeded", ConversationEvent::Transferred)]
#[case("transfer.failed", ConversationEvent::TransferFailed)]
#[case("chat.ended", ConversationEvent::Ended)]
#[case("chat.rehydrated", ConversationEvent::Resumed)]
#[case("authentication.initiated", ConversationEvent::AuthenticationStarted)]
#[case("authentication.succeeded", ConversationEvent::AuthenticationSucceeded)]
#[case("authentication.failed", ConversationEvent::AuthenticationFailed("failed".to_owned()))]
#[case("authentication.timeout", ConversationEvent::AuthenticationFailed("timeout".to_owned()))]
#[case("authentication.expired", ConversationEvent::AuthenticationFailed("expired".to_owned()))]
#[case("authentication.cancelled", ConversationEvent::AuthenticationFailed("cancelled".to_owned()))]
fn events_become_lines(#[case] suffix: &str, #[case] event: ConversationEvent) {
    let content_type = format!("application/vnd.amazonaws.connect.event.{suffix}");
    assert_eq!(body(&content_type, ""), MessageBody::Event { event }, "section 6");
}

#[rstest]
#[case("PARTICIPANT_JOINED", ConversationEvent::Joined)]
#[case("CHAT_ENDED", ConversationEvent::Ended)]
#[case("TRANSFER_FAILED", ConversationEvent::TransferFailed)]
fn the_types_of_the_api_serve_where_no_content_type_does(#[case] kind: &str, #[case] event: ConversationEvent) {
    let item = Item::read(json!({"Id": "x", "Type": kind})).unwrap();
    assert_eq!(message(&item).body, MessageBody::Event { event }, "section 6");
}

#[rstest]
#[case("connection.acknowledged")]
#[case("participant.active")]
#[case("participant.inactive")]
fn what_nobody_needs_is_left_out(#[case] suffix: &str) {
    let content_type = format!("application/vnd.amazonaws.connect.event.{suffix}");
    let item = Item::read(json!({"Id": "x", "Type": "EVENT", "ContentType": content_type})).unwrap();
    assert_eq!(items::read(&item, ME, UnixMillis(0)), Meaning::Nothing, "no line for it");
}

#[test]
fn unknown_kinds_stay_readable() {
    let unknown = body("application/vnd.amazonaws.connect.event.workflow.cancelled", "");
    assert!(matches!(unknown, MessageBody::Unknown { text, .. } if text == "workflow cancelled"), "by its name");
    let json = body("application/json", r#"{"a":1}"#);
    assert!(matches!(json, MessageBody::Unknown { text, .. } if text == r#"{"a":1}"#), "by its content");
    let broken = body(INTERACTIVE, "{");
    assert!(matches!(broken, MessageBody::Unknown { text, .. } if text == "{"), "a broken template too");
    let html = "<b onclick=\"x()\">&amp;</b>";
    assert_eq!(body("text/plain; charset=utf-8", html), MessageBody::Text { text: html.to_owned() }, "verbatim");
    assert_eq!(body("text/markdown", "**x**"), MessageBody::Markdown { text: "**x**".to_owned() }, "marks included");
}

fn titles(template: &Value) -> (String, Option<String>, Vec<String>) {
    match body(INTERACTIVE, &template.to_string()) {
        MessageBody::Interactive { title, subtitle, choices } => {
            let choices = choices.into_iter().map(|choice| match choice.subtitle {
                Some(subtitle) => format!("{} ({subtitle})", choice.title),
                None => choice.title,
            });
            (title, subtitle, choices.collect())
        }
        other => panic!("not interactive: {other:?}"),
    }
}

#[rstest]
#[case(json!({"templateType": "ListPicker", "data": {"content": {"title": "What?", "subtitle": "Pick", "elements": [{"title": "A", "subtitle": "first"}, {"title": "B"}]}}}), ("What?", Some("Pick"), vec!["A (first)", "B"]))]
#[case(json!({"templateType": "TimePicker", "data": {"content": {"title": "When?", "timeslots": [{"date": "2026-11-21T10:00+00:00", "duration": 60}]}}}), ("When?", None, vec!["2026-11-21T10:00+00:00 (60 min)"]))]
#[case(json!({"templateType": "Panel", "data": {"content": {"title": "How?", "elements": [{"title": "Chat"}]}}}), ("How?", None, vec!["Chat"]))]
#[case(json!({"templateType": "QuickReply", "data": {"content": {"title": "Good?", "elements": ["Yes", "No"]}}}), ("Good?", None, vec!["Yes", "No"]))]
#[case(json!({"templateType": "Carousel", "data": {"content": {"title": "Where to?", "elements": [{"templateType": "Panel", "data": {"content": {"title": "Rome", "elements": [{"title": "Book"}]}}}]}}}), ("Where to?", None, vec!["Rome", "Book"]))]
#[case(json!({"templateType": "ViewResource", "data": {"content": {"viewToken": "secret"}}}), ("ViewResource", None, vec![]))]
fn templates_become_title_and_choices(#[case] template: Value, #[case] expected: (&str, Option<&str>, Vec<&str>)) {
    let (title, subtitle, choices) = titles(&template);
    assert_eq!((title.as_str(), subtitle.as_deref()), (expected.0, expected.1), "heading");
    assert_eq!(choices, expected.2, "choices");
}

#[test]
fn what_was_chosen_is_told_in_words() {
    let response = format!("{INTERACTIVE}.response");
    let chosen =
        json!({"templateType": "ListPicker", "data": {"content": {"title": "What?", "elements": ["Delivery"]}}});
    assert!(
        matches!(body(&response, &chosen.to_string()), MessageBody::Answer { text, .. } if text == "Delivery"),
        "choice"
    );
    let form = json!({"templateType": "ViewResource", "data": {"content": {"action": "Submit", "viewData": {"name": "Kim", "age": 7}}}});
    match body(&response, &form.to_string()) {
        MessageBody::Answer { text, fields } => {
            assert_eq!(text, "Submit", "the button");
            let fields: Vec<_> = fields.iter().map(|field| (field.name.as_str(), field.value.as_str())).collect();
            assert!(
                fields.contains(&("viewData.name", "Kim")) && fields.contains(&("viewData.age", "7")),
                "{fields:?}"
            );
        }
        other => panic!("not an answer: {other:?}"),
    }
    assert!(matches!(body(&response, "plain"), MessageBody::Answer { text, .. } if text == "plain"), "not a template");
}

#[test]
fn a_read_that_fails_for_a_while_is_told_thrice_at_most() {
    let (settings, start) = (ChatSettings::default(), Instant::now());
    let mut receipts = Receipts::default();
    let first = json!({"Id": "m", "Type": "MESSAGE", "ContentType": "text/plain", "Content": "one"});
    let place = Timeline::default().place(&message(&Item::read(first).unwrap()));
    receipts.seen(place);
    let mut now = start;
    let mut tokens = Vec::new();
    for _ in 0..5 {
        for sending in receipts.burst(now, &settings) {
            tokens.push(sending.client_token.clone());
            receipts.failed(sending, now);
        }
        now += Duration::from_secs(5);
    }
    assert_eq!(tokens.len(), 3, "then it is enough");
    assert!(tokens.iter().all(|token| *token == tokens[0]), "always the same receipt");
}

fn facts() -> Facts {
    Facts {
        contact_id: CONTACT.to_owned(),
        initial_contact_id: CONTACT.to_owned(),
        participant_id: ME.to_owned(),
        participant_token: Some(Private::new("EXAMPLE-PARTICIPANT-TOKEN")),
        attachments: true,
        markdown: true,
        silent: false,
        others: Vec::new(),
    }
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("MESSAGE")),
        Just(json!("ATTACHMENT")),
        Just(json!(ME)),
        Just(json!(INTERACTIVE)),
        Just(json!(r#"{"data":{"content":{"elements":[[],{},1]}}}"#)),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let name = prop_oneof![
            Just("Id"),
            Just("Type"),
            Just("ContentType"),
            Just("Content"),
            Just("AbsoluteTime"),
            Just("ParticipantId"),
            Just("ParticipantRole"),
            Just("Attachments"),
            Just("MessageMetadata"),
            Just("ChunkNumber"),
            Just("MessageCompleted"),
            Just("Receipts"),
            Just("AttachmentId"),
            Just("elements"),
            Just("data"),
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(name.prop_map(str::to_owned), inner, 0..10)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Whatever comes, the chat lives and each message is told with its own id.
    #[test]
    fn no_item_ends_a_chat(values in proptest::collection::vec(anything(), 1..8)) {
        let now = Now { at: Instant::now(), wall: UnixMillis(1_000_000) };
        let mut chat = Chat::new(facts(), ChatSettings::default(), now);
        for value in values {
            if let Some(item) = Item::read(value) {
                chat.item(&item, now);
            }
        }
        for action in chat.take_actions() {
            if let ChatAction::Tell(message) = action {
                prop_assert!(!message.id.as_str().is_empty(), "a message has an id");
            }
        }
    }

    /// Duplicates and any order give the same messages.
    #[test]
    fn order_and_repetition_change_nothing(order in proptest::collection::vec(0_usize..6, 6..40)) {
        let now = Now { at: Instant::now(), wall: UnixMillis(1_000_000) };
        let mut chat = Chat::new(facts(), ChatSettings::default(), now);
        let mut told = Vec::new();
        for n in &order {
            let item = json!({
                "Id": format!("m-{n}"), "Type": "MESSAGE", "ContentType": "text/plain", "Content": n.to_string(),
                "AbsoluteTime": 1_786_200_000 + n, "InitialContactId": CONTACT, "ParticipantRole": "CUSTOMER",
            });
            chat.item(&Item::read(item).unwrap(), now);
            told.extend(chat.take_actions().into_iter().filter_map(|action| match action {
                ChatAction::Tell(message) => Some(message.id.as_str().to_owned()),
                _ => None,
            }));
        }
        let mut once = told.clone();
        once.sort();
        once.dedup();
        prop_assert_eq!(once.len(), told.len(), "each is told once");
        let different: std::collections::BTreeSet<usize> = order.into_iter().collect();
        prop_assert_eq!(told.len(), different.len(), "and none is missing");
    }
}

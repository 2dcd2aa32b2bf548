//! Fixtures of the platform through the reader, exactly.
#![allow(clippy::unwrap_used)]

use rstest::rstest;
use serde_json::{Value, json};
use trunkline_model::{
    Author, AuthorRole, ConversationEvent, Delivery, Message, MessageBody, MessageId, Quote, Subtype, Suggestion,
    UnixMillis,
};

use super::*;

pub(super) const NOW: UnixMillis = UnixMillis(1_900_000_000_000);
pub(super) const AT: UnixMillis = UnixMillis(1_788_100_000_000);
pub(super) const ANA: &str = "5b0c2f1e-7d34-4a92-9a51-0c6f8a2e1101";
pub(super) const BO: &str = "5b0c2f1e-7d34-4a92-9a51-0c6f8a2e1102";
pub(super) const SUPERVISOR: &str = "5b0c2f1e-7d34-4a92-9a51-0c6f8a2e1200";

pub(super) fn fixture(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/expertflow/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn supervisors(user: &str) -> Option<AuthorRole> {
    (user == SUPERVISOR).then_some(AuthorRole::Supervisor)
}

pub(super) fn me(id: &str) -> Me<'_> {
    Me { id, username: if id == ANA { "a.demo" } else { "" }, role_of: &supervisors }
}

pub(super) fn told(event: &Value) -> Told {
    read(&CimEvent::read(event).unwrap(), &me(ANA), NOW)
}

/// An event of a fixture.
pub(super) fn arrived(name: &str) -> Told {
    told(&fixture(&format!("socket-in/cimEvent.{name}")))
}

pub(super) fn author(role: AuthorRole, name: &str) -> Author {
    Author { role, name: Some(name.to_owned()) }
}

pub(super) fn system() -> Author {
    Author { role: AuthorRole::System, name: None }
}

pub(super) fn plain(id: &str, author: Author, text: &str) -> Message {
    Message {
        id: MessageId::new(id),
        token: None,
        at: AT,
        order: 0,
        author,
        body: MessageBody::Text { text: text.to_owned() },
        delivery: None,
        partial: false,
        internal: false,
        edited: false,
        reply_to: None,
        line: Some(Subtype::Chat),
        suggestions: Vec::new(),
    }
}

/// The line of a fixture's event: who, and what.
pub(super) fn line(told: &Told) -> Option<(Author, ConversationEvent)> {
    let line = told.line.as_deref()?;
    let MessageBody::Event { event } = &line.body else { panic!("a line is an event: {line:?}") };
    Some((line.author.clone(), event.clone()))
}

fn message(told: Told) -> Message {
    match told.what {
        Happening::Message(message) => *message,
        other => panic!("{other:?}"),
    }
}

fn said(what: Message) -> Told {
    Told { what: Happening::Message(Box::new(what)), line: None, encoded: false }
}

#[test]
fn a_customer_s_words_come_in_the_customer_s_name() {
    let wanted =
        plain("9c0d1a2b-0000-41000-8000-000000000047", author(AuthorRole::Customer, "Chris Sample"), "Are you there?");
    assert_eq!(arrived("CUSTOMER_MESSAGE"), said(wanted.clone()));
    let frame = fixture("socket-in/onCimEvent");
    let event = CimEvent::read_frame(&frame).unwrap();
    assert_eq!(read(&event, &me(ANA), NOW), said(wanted), "as text within JSON, too");
    assert_eq!(event.conversation.as_deref(), Some("68a100000000000000000c01"));
    assert_eq!(event.channel_session["id"], json!("68a100000000000000000c51"), "kept whole");
}

#[test]
fn the_agent_s_own_words_come_back_as_sent() {
    let mut wanted =
        plain("9c0d1a2b-0000-41000-8000-000000000049", author(AuthorRole::Me, "Ana Demo"), "Hello, how can I help?");
    wanted.delivery = Some(Delivery::Sent);
    assert_eq!(arrived("AGENT_MESSAGE"), said(wanted.clone()));
    let raw = fixture("socket-in/cimEvent.AGENT_MESSAGE");
    let event = CimEvent::read(&raw).unwrap();
    wanted.author.role = AuthorRole::Agent;
    wanted.delivery = None;
    assert_eq!(read(&event, &me(BO), NOW), said(wanted), "to somebody else they are an agent's");
}

#[test]
fn a_whisper_is_decoded_and_for_agents_alone() {
    let mut wanted = plain("9c0d1a2b-0000-41000-8000-000000000051", author(AuthorRole::Agent, "Bo Demo"), "hello");
    wanted.internal = true;
    wanted.line = None;
    assert_eq!(arrived("WHISPER_MESSAGE_encoded"), Told { encoded: true, ..said(wanted) });
}

#[test]
fn a_user_whom_the_caller_knows_to_be_a_supervisor_is_one() {
    let mut event = fixture("socket-in/cimEvent.AGENT_MESSAGE");
    event["data"]["header"]["sender"]["id"] = json!(SUPERVISOR);
    assert_eq!(message(told(&event)).author.role, AuthorRole::Supervisor);
}

#[rstest]
#[case::bot(json!({ "id": "b", "type": "BOT", "senderName": "Rasa" }), author(AuthorRole::Bot, "Rasa"))]
#[case::program(json!({ "type": "bot", "senderName": "CONVERSATION_MONITOR" }), Author { role: AuthorRole::Bot, name: None })]
#[case::app(json!({ "type": "APP", "senderName": "Campaigns" }), author(AuthorRole::System, "Campaigns"))]
#[case::system(json!({ "type": "SYSTEM", "senderName": "ROUTING_ENGINE" }), system())]
#[case::customer(json!({ "type": "CUSTOMER", "senderName": "x" }), author(AuthorRole::Customer, "Chris Sample"))]
#[case::user_name(json!({ "id": "z", "type": "AGENT", "senderName": "z.demo", "additionalDetail": null }), author(AuthorRole::Agent, "z.demo"))]
#[case::unknown(json!({ "type": "ROBOT" }), system())]
#[case::no_type(json!({}), author(AuthorRole::Customer, "Chris Sample"))]
#[case::no_sender(json!(7), author(AuthorRole::Customer, "Chris Sample"))]
#[case::participant(
    json!({ "type": "AGENT", "participant": { "keycloakUser": { "id": ANA, "firstName": "Ana", "lastName": "" } } }),
    author(AuthorRole::Me, "Ana")
)]
fn an_author_is_known_by_the_sender(#[case] sender: Value, #[case] wanted: Author) {
    let mut event = fixture("socket-in/cimEvent.CUSTOMER_MESSAGE");
    event["data"]["header"]["sender"] = sender;
    assert_eq!(message(told(&event)).author, wanted);
}

#[test]
fn a_customer_s_name_is_taken_from_where_it_is() {
    let mut event = fixture("socket-in/cimEvent.CUSTOMER_MESSAGE");
    event["data"]["header"]["customer"] = json!({ "firstName": " Kim ", "lastName": "Lee" });
    assert_eq!(message(told(&event)).author.name.as_deref(), Some("Kim Lee"));
    event["data"]["header"]["customer"] = Value::Null;
    event["channelSession"]["customer"] = Value::Null;
    event["eventEmitter"] = Value::Null;
    event["data"]["header"]["channelData"]["customerFirstName"] = json!("Data");
    assert_eq!(message(told(&event)).author.name.as_deref(), Some("Data Sample"));
    event["data"]["header"]["channelData"] = Value::Null;
    event["channelSession"] = Value::Null;
    let got = message(told(&event));
    assert_eq!((got.author.name, got.line), (None, None), "a connector's name is no customer's");
}

#[test]
fn a_reply_names_what_it_answers_and_a_correction_what_it_replaces() {
    let mut event = fixture("socket-in/cimEvent.CUSTOMER_MESSAGE");
    event["data"]["header"]["originalMessageId"] = json!("m-1");
    assert_eq!(message(told(&event)).reply_to, None, "without the intent it is no reply");
    event["data"]["header"]["intent"] = json!("Reply_To");
    let quote = Quote { message: MessageId::new("m-1"), author: None, text: None };
    assert_eq!(message(told(&event)).reply_to, Some(quote));
    event["data"]["header"]["intent"] = json!("UPDATE");
    let edited = Happening::Edited {
        message: MessageId::new("m-1"),
        body: Box::new(MessageBody::Text { text: "Are you there?".to_owned() }),
        by: author(AuthorRole::Customer, "Chris Sample"),
    };
    assert_eq!(told(&event).what, edited);
    event["data"]["header"]["originalMessageId"] = Value::Null;
    assert!(
        matches!(told(&event).what, Happening::Message(_)),
        "words are not lost when nobody says what they replace"
    );
}

#[test]
fn a_receipt_tells_how_far_messages_got() {
    let wanted = |status, reason: Option<&str>, by| Happening::Delivery {
        up_to: MessageId::new("9c0d1a2b-0000-41000-8000-000000000033"),
        status,
        reason: reason.map(str::to_owned),
        by,
    };
    let customer = || author(AuthorRole::Customer, "Chris Sample");
    assert_eq!(arrived("MESSAGE_DELIVERY_NOTIFICATION"), read::just(wanted(Delivery::Read, None, customer())));
    let mut event = fixture("socket-in/cimEvent.MESSAGE_DELIVERY_NOTIFICATION");
    event["type"] = json!("ACTIVITY");
    event["data"]["body"]["status"] = json!("delivered");
    assert_eq!(told(&event), read::just(wanted(Delivery::Delivered, None, customer())), "as of old");
    event["data"]["body"]["status"] = json!("FAILED");
    event["data"]["body"]["reasonCode"] = json!(404);
    event["data"]["header"]["sender"] = json!({ "type": "SYSTEM", "senderName": "CCM" });
    let by = author(AuthorRole::System, "CCM");
    assert_eq!(told(&event).what, wanted(Delivery::Failed, Some("404"), by));
    event["data"]["body"]["status"] = json!("LOST");
    assert_eq!(told(&event).what, Happening::Other);
}

#[test]
fn typing_is_told_with_who_types() {
    let author = author(AuthorRole::Customer, "Chris Sample");
    assert_eq!(arrived("TYPING_INDICATOR"), read::just(Happening::Typing { author: author.clone(), on: true }));
    let mut event = fixture("socket-in/cimEvent.TYPING_INDICATOR");
    event["data"]["body"]["notificationType"] = json!("TYPING_STOPPED");
    assert_eq!(told(&event).what, Happening::Typing { author, on: false });
    event["data"]["body"]["notificationType"] = json!("DANCING");
    assert_eq!(told(&event).what, Happening::Other);
}

#[test]
fn suggestions_belong_to_the_message_that_they_answer() {
    let wanted = Happening::Suggestions {
        message: Some(MessageId::new("9c0d1a2b-0000-41000-8000-000000000047")),
        suggestions: vec![Suggestion { text: "Suggest: explain invoice".to_owned(), confidence: Some(81) }],
    };
    assert_eq!(arrived("BOT_SUGGESTION"), read::just(wanted));
    let mut event = fixture("socket-in/cimEvent.BOT_SUGGESTION");
    event["name"] = json!("OTHER_SUGGESTION");
    event["data"]["suggestions"] = json!([
        { "messageBody": { "type": "URL", "mediaUrl": "https://x.invalid" }, "confidenceLevel": "93" },
        { "messageBody": { "type": "PLAIN", "markdownText": "a" } }, { "messageBody": null }, 7,
        { "messageBody": "bare", "confidenceLevel": -1e300 },
    ]);
    event["data"]["requestedMessage"] = Value::Null;
    let suggestion = |text: &str, confidence| Suggestion { text: text.to_owned(), confidence };
    let suggestions =
        vec![suggestion("https://x.invalid", Some(93)), suggestion("a", None), suggestion("bare", Some(0))];
    assert_eq!(told(&event).what, Happening::Suggestions { message: None, suggestions });
}

#[rstest]
#[case("socket-in/onTopicData", "/topicData/topicEvents")]
#[case("rest/past_activities", "/docs")]
fn the_history_of_a_conversation_is_read_like_live_events(#[case] name: &str, #[case] events: &str) {
    let fixture = fixture(name);
    let told: Vec<Told> = fixture.pointer(events).unwrap().as_array().unwrap().iter().map(told).collect();
    let at = UnixMillis(1_788_084_001_619);
    let [bot, opened, welcome, help] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(bot, &read::just(Happening::Other), "a bot's coming is not shown");
    let customer = author(AuthorRole::Customer, "Chris Sample");
    assert_eq!(line(opened), Some((customer.clone(), ConversationEvent::LineOpened("Web".to_owned()))));
    assert_eq!(opened.line.as_ref().unwrap().at, at);
    let bot = Author { role: AuthorRole::Bot, name: None };
    let welcomed = Message { at, ..plain("9c0d1a2b-0000-41000-8000-000000000043", bot, "Welcome") };
    assert_eq!(welcome, &said(welcomed));
    let asked = Message { at, ..plain("9c0d1a2b-0000-41000-8000-000000000045", customer, "I need help") };
    assert_eq!(help, &said(asked));
}

#[rstest]
#[case::number(json!(1_788_100_000_000_i64), Some(1_788_100_000_000))]
#[case::fraction(json!(1_788_100_000_000.7), Some(1_788_100_000_000))]
#[case::digits(json!(" 1788100000000 "), Some(1_788_100_000_000))]
#[case::zone(json!("2026-08-30T10:00:01.619+00:00"), Some(1_788_084_001_619))]
#[case::other_zone(json!("2026-08-30T12:00:01.619+02:00"), Some(1_788_084_001_619))]
#[case::bare_zone(json!("2026-08-30T12:00:01.619+0200"), Some(1_788_084_001_619))]
#[case::zulu(json!("2026-08-30T10:00:01.619Z"), Some(1_788_084_001_619))]
#[case::no_zone(json!("2026-08-30 10:00:01.619"), Some(1_788_084_001_619))]
#[case::empty(json!(""), None)]
#[case::blank(json!("  "), None)]
#[case::words(json!("yesterday"), None)]
#[case::zero(json!(0), None)]
#[case::before(json!(-5), None)]
#[case::huge(json!(1e300), None)]
#[case::huge_digits(json!("99999999999999999999999999"), None)]
#[case::null(json!(null), None)]
#[case::list(json!([1]), None)]
fn times_are_read_in_all_forms(#[case] value: Value, #[case] wanted: Option<i64>) {
    assert_eq!(time(&value), wanted.map(UnixMillis));
}

#[test]
fn an_event_without_a_time_has_its_message_s_or_the_present() {
    let mut event = fixture("socket-in/cimEvent.CUSTOMER_MESSAGE");
    event["timestamp"] = json!("");
    event["data"]["header"]["timestamp"] = json!("2026-08-30T10:00:00Z");
    assert_eq!(message(told(&event)).at, UnixMillis(1_788_084_000_000));
    event["data"]["header"]["timestamp"] = json!("");
    assert_eq!(message(told(&event)).at, NOW);
}

#[test]
fn a_message_without_an_id_has_the_same_one_every_time() {
    let mut event = fixture("socket-in/cimEvent.CUSTOMER_MESSAGE");
    event["data"]["id"] = Value::Null;
    assert_eq!(message(told(&event)).id, MessageId::new("9c0d1a2b-0000-40000-8000-000000000048"), "the event's");
    event["id"] = json!("");
    let first = message(told(&event)).id;
    assert_eq!(first, message(told(&event)).id);
    event["data"]["body"]["markdownText"] = json!("other");
    assert_ne!(first, message(told(&event)).id);
}

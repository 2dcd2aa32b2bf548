//! What is published, against what the platform's own desk publishes.
#![allow(clippy::unwrap_used)]

use rstest::rstest;
use serde_json::{Value, json};
use trunkline_model::{Attribute, ContactCard, Place, UnixMillis, WrapUpCode};

use super::*;
use crate::cim::tests::{ANA, fixture};

const ANA_DEMO: Writer<'static> = Writer { id: ANA, username: "a.demo", first_name: "Ana", last_name: "Demo" };

/// Builds with what a fixture has for ids, time, session, customer and room.
fn built(fixture: &Value, what: Outgoing<'_>) -> Value {
    let event = &fixture["cimEvent"];
    let started = crate::cim::tests::fixture("socket-in/cimEvent.CUSTOMER_MESSAGE");
    let to = To {
        conversation: fixture["conversationId"].as_str().unwrap(),
        room_info: &fixture["roomInfo"],
        channel_session: &started["channelSession"],
        customer: &started["data"]["header"]["customer"],
    };
    let id = event["data"]["id"].as_str().unwrap_or("unused");
    let time = UnixMillis(event["timestamp"].as_i64().unwrap());
    publish(build(what, &ANA_DEMO, &to, id, event["id"].as_str().unwrap(), time), &ANA_DEMO, &to)
}

fn text(words: &str) -> Saying<'_> {
    Saying::plain(Words::Text(words))
}

fn place() -> Place {
    Place {
        latitude: "48.2082".to_owned(),
        longitude: "16.3738".to_owned(),
        name: Some("Office".to_owned()),
        address: Some("Example street 1".to_owned()),
    }
}

fn card() -> ContactCard {
    ContactCard {
        name: "Pat Sample".to_owned(),
        phones: vec!["+15550199".to_owned()],
        more: vec![Attribute { name: "E-mail".to_owned(), value: "pat@example.invalid".to_owned() }],
    }
}

fn file<'a>(url: &'a str, content_type: &'a str, size: u64, name: &'a str) -> Saying<'a> {
    Saying::plain(Words::File { url, content_type, size, name, caption: "" })
}

const ENGINE: &str = "https://cx.example.invalid/file-engine/api/downloadFileStream?filename=";

#[test]
fn a_message_is_built_as_the_desk_builds_it() {
    let (place, cards) = (place(), [card()]);
    let (picture, terms) = (format!("{ENGINE}shot.png"), format!("{ENGINE}terms.pdf"));
    let codes = [WrapUpCode { category: "Billing".to_owned(), value: "Refund issued".to_owned() }];
    let comment =
        Words::Comment { post: "post-1", text: "Thanks for your comment", provider_message: Some("comment-1") };
    let said = [
        ("plain", text("Hello, how can I help?")),
        ("plain_encoded", Saying { encode: true, ..text("Hello") }),
        ("whisper", Saying { whisper: true, ..text("Offer the discount") }),
        ("reply", Saying { answers: Some("9c0d1a2b-0000-41000-8000-000000000006"), ..text("Answer to that message") }),
        ("edit", Saying { corrects: Some("9c0d1a2b-0000-41000-8000-000000000009"), ..text("Corrected text") }),
        ("image", file(&picture, "image/png", 41_047, "shot.png")),
        ("file", file(&terms, "application/pdf", 81_234, "terms.pdf")),
        ("location", Saying::plain(Words::Location(&place))),
        ("contact", Saying::plain(Words::Contacts(&cards))),
        ("url", Saying::plain(Words::Link { address: "https://example.invalid/page", text: "Open this page" })),
        ("comment_reply", Saying { answers: Some("9c0d1a2b-0000-41000-8000-000000000024"), ..Saying::plain(comment) }),
        ("wrapup", Saying::plain(Words::WrapUp { codes: &codes, note: "Customer satisfied" })),
    ];
    for (name, saying) in said {
        let fixture = fixture(&format!("socket-out/publishCimEvent.{name}"));
        assert_eq!(built(&fixture, Outgoing::Message(saying)), fixture, "{name}");
    }
}

#[rstest]
#[case("read_receipt", Outgoing::Read("9c0d1a2b-0000-41000-8000-000000000033"))]
#[case("typing", Outgoing::Typing(true))]
#[case("hand_raised", Outgoing::HandRaised)]
#[case("hand_down", Outgoing::HandLowered)]
#[case("reset_agent_sla", Outgoing::ResetSla)]
fn what_is_no_message_is_built_as_the_desk_builds_it(#[case] name: &str, #[case] what: Outgoing<'_>) {
    let fixture = fixture(&format!("socket-out/publishCimEvent.{name}"));
    assert_eq!(built(&fixture, what), fixture);
}

#[test]
fn after_contact_work_is_closed_with_codes_or_without() {
    let wanted = fixture("socket-out/closeWrapup");
    let codes = [WrapUpCode { category: "Support".to_owned(), value: "Solved".to_owned() }];
    let said = Saying::plain(Words::WrapUp { codes: &codes, note: "" });
    let event = built(&wanted, Outgoing::Message(said))["cimEvent"].take();
    let to = To {
        conversation: wanted["conversationId"].as_str().unwrap(),
        room_info: &wanted["roomInfo"],
        channel_session: &Value::Null,
        customer: &Value::Null,
    };
    assert_eq!(close_wrap_up(Some(event), &ANA_DEMO, &to), wanted);
    assert_eq!(close_wrap_up(None, &ANA_DEMO, &to), fixture("socket-out/closeWrapup.skip"));
}

#[rstest]
#[case("image/jpeg", "IMAGE", "a")]
#[case("VIDEO/mp4", "VIDEO", "a")]
#[case("audio/mpeg; codecs=x", "AUDIO", "a")]
#[case("text/plain", "FILE", "")]
#[case("", "FILE", "")]
fn a_file_goes_as_what_it_is(#[case] content_type: &str, #[case] kind: &str, #[case] caption: &str) {
    let body = body(Words::File { url: "u", content_type, size: 1, name: "a", caption: "" });
    assert_eq!((&body["type"], &body["caption"]), (&json!(kind), &json!(caption)));
    let body = super::body(Words::File { url: "u", content_type, size: 1, name: "a", caption: "look" });
    assert_eq!(body["caption"], json!("look"));
}

#[test]
fn only_words_are_encoded() {
    let fixture = fixture("socket-out/publishCimEvent.image");
    let url = format!("{ENGINE}shot.png");
    let saying = Saying { encode: true, ..file(&url, "image/png", 41_047, "shot.png") };
    assert_eq!(built(&fixture, Outgoing::Message(saying)), fixture, "there are none");
}

#[test]
fn what_is_published_can_be_read_again() {
    let card = card();
    let body = body(Words::Contacts(std::slice::from_ref(&card)));
    let read = crate::cim::body::read(&body, false).body;
    assert_eq!(read, trunkline_model::MessageBody::Contacts { cards: vec![card] });
    let odd = Place { latitude: "NaN".to_owned(), longitude: "16° 22'".to_owned(), ..Place::default() };
    let body = super::body(Words::Location(&odd));
    assert_eq!(body["location"], json!({ "latitude": "NaN", "longitude": "16° 22'" }), "what is no number stays text");
}

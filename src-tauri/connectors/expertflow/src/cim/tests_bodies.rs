//! Each kind of a message's body.
#![allow(clippy::unwrap_used)]

use rstest::rstest;
use serde_json::{Value, json};
use trunkline_model::{
    Attachment, AttachmentState, Attribute, Choice, ContactCard, EmailHead, MessageBody, Party, Place, WrapUpCode,
};

use super::{tests::fixture, *};

fn read_body(value: &Value) -> MessageBody {
    super::body::read(value, false).body
}

fn attribute(name: &str, value: &str) -> Attribute {
    Attribute { name: name.to_owned(), value: value.to_owned() }
}

fn file(id: &str, name: &str, content_type: &str, size: Option<u64>) -> Attachment {
    let (id, name, content_type) = (id.to_owned(), name.to_owned(), content_type.to_owned());
    Attachment { id, name, content_type, size, state: AttachmentState::Ready }
}

fn choice(title: &str, subtitle: Option<&str>) -> Choice {
    Choice { title: title.to_owned(), subtitle: subtitle.map(str::to_owned) }
}

/// What another desk published.
fn published(name: &str) -> MessageBody {
    let fixture = fixture(&format!("socket-out/publishCimEvent.{name}"));
    read_body(&fixture["cimEvent"]["data"]["body"])
}

#[test]
fn files_have_the_name_that_is_told_and_no_caption_that_repeats_it() {
    let base = "https://cx.example.invalid/file-engine/api/downloadFileStream?filename=";
    let picture = file(&format!("{base}shot.png"), "shot.png", "image/png", Some(41_047));
    assert_eq!(published("image"), MessageBody::Attachments { files: vec![picture], caption: None });
    let terms = file(&format!("{base}terms.pdf"), "terms.pdf", "application/pdf", Some(81_234));
    assert_eq!(published("file"), MessageBody::Attachments { files: vec![terms], caption: None });
    let body = json!({
        "type": "VIDEO", "caption": "See the noise it makes.",
        "attachment": { "mediaUrl": "/media/a%20b+c.mp4?x=1", "size": "123" },
    });
    let film = file("/media/a%20b+c.mp4?x=1", "a b+c.mp4", "video/*", Some(123));
    let caption = Some("See the noise it makes.".to_owned());
    assert_eq!(read_body(&body), MessageBody::Attachments { files: vec![film], caption });
}

#[rstest]
#[case::told(json!({ "fileName": "a.pdf" }), json!({ "mediaName": "b.pdf", "mediaLabel": "c.pdf" }), "d.pdf", "a.pdf")]
#[case::media_name(json!({}), json!({ "mediaName": "b.pdf", "mediaLabel": "c.pdf" }), "d.pdf", "b.pdf")]
#[case::media_label(json!(null), json!({ "mediaLabel": "c.pdf" }), "d.pdf", "c.pdf")]
#[case::caption(json!(null), json!({}), "d.pdf", "d.pdf")]
#[case::query(json!(null), json!({}), "Is this right?", "f g.pdf")]
fn the_name_of_a_file_is_looked_for_in_order(
    #[case] details: Value,
    #[case] mut attachment: Value,
    #[case] caption: &str,
    #[case] wanted: &str,
) {
    attachment["mediaUrl"] = json!("https://x.invalid/e.pdf?filename=f%20g.pdf");
    let body = json!({ "type": "FILE", "caption": caption, "additionalDetails": details, "attachment": attachment });
    let MessageBody::Attachments { files, .. } = read_body(&body) else { panic!() };
    assert_eq!(files[0].name, wanted);
}

#[rstest]
#[case("https://x.invalid/", "sticker", None)]
#[case("data:image/png;base64,AAAA", "sticker", None)]
#[case("not a url at all", "not a url at all", Some("1.2 KB"))]
fn a_file_with_an_odd_address_is_still_shown(#[case] url: &str, #[case] name: &str, #[case] size: Option<&str>) {
    let body = json!({ "type": "STICKER", "attachment": { "mediaUrl": url, "size": size } });
    let files = vec![file(url, name, "image/*", None)];
    assert_eq!(read_body(&body), MessageBody::Attachments { files, caption: None });
}

#[test]
fn a_file_without_an_address_is_told_in_words() {
    let body =
        json!({ "type": "IMAGE", "caption": "look", "attachment": { "mimeType": "image/png", "mediaUrl": null } });
    let MessageBody::Unknown { content_type, text } = read_body(&body) else { panic!("no form for it") };
    assert_eq!(content_type, "IMAGE");
    // Members stand in the order of the message or by name, as the JSON library is built.
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["Attachment / Mime type: image/png", "Caption: look"]);
}

#[test]
fn places_people_and_addresses_are_read() {
    let place = Place {
        latitude: "48.2082".to_owned(),
        longitude: "16.3738".to_owned(),
        name: Some("Office".to_owned()),
        address: Some("Example street 1".to_owned()),
    };
    assert_eq!(published("location"), MessageBody::Location { place });
    let card = ContactCard {
        name: "Pat Sample".to_owned(),
        phones: vec!["+15550199".to_owned()],
        more: vec![attribute("E-mail", "pat@example.invalid")],
    };
    assert_eq!(published("contact"), MessageBody::Contacts { cards: vec![card] });
    let link = MessageBody::Link {
        address: "https://example.invalid/page".to_owned(),
        text: Some("Open this page".to_owned()),
    };
    assert_eq!(published("url"), link);
    let body = json!({ "type": "url", "mediaURL": "https://a.invalid", "markdownText": "https://a.invalid" });
    assert_eq!(read_body(&body), MessageBody::Link { address: "https://a.invalid".to_owned(), text: None });
    let body = json!({ "type": "CONTACT", "contacts": [
        { "phones": ["1"], "additionalContactDetails": { "org": { "company": "Acme" }, "urls": ["a", "b"] } }, 5, {},
        { "name": { "additionalNameDetails": { "first_name": "Kim", "last_name": "Lee" } } },
    ] });
    let MessageBody::Contacts { cards } = read_body(&body) else { panic!() };
    let names: Vec<&str> = cards.iter().map(|card| card.name.as_str()).collect();
    assert_eq!(names, ["1", "Kim Lee"]);
    assert_eq!(cards[0].more, [attribute("Org / Company", "Acme"), attribute("Urls", "a, b")]);
}

#[test]
fn things_to_choose_from_have_their_titles() {
    let wanted = MessageBody::Interactive {
        title: "Pick one".to_owned(),
        subtitle: Some("Choose".to_owned()),
        choices: vec![choice("Billing", None)],
    };
    assert_eq!(published("button"), wanted);
    let body = json!({
        "type": "BUTTON", "buttonMessageType": "QUICK_REPLIES", "additionalDetails": {},
        "buttons": [{ "title": "Yes", "additionalButtonDetails": { "description": "Go on" } }, { "payload": "x" }, "No"],
    });
    let choices = vec![choice("Yes", Some("Go on")), choice("No", None)];
    assert_eq!(read_body(&body), MessageBody::Interactive { title: String::new(), subtitle: None, choices });
    let body = json!({ "type": "CAROUSEL", "markdownText": "Rooms", "elements": [
        { "title": "Small", "subtitle": "One bed", "buttons": [{ "title": "Book" }] },
        { "data": [{ "title": "Inner" }] }, 7, null,
    ] });
    let choices =
        vec![choice("Small", Some("One bed")), choice("Book", None), choice("Inner", None), choice("7", None)];
    assert_eq!(read_body(&body), MessageBody::Interactive { title: "Rooms".to_owned(), subtitle: None, choices });
    let body = json!({
        "type": "TEMPLATE", "namespace": "n", "name": "order_ready", "language": { "code": "en" },
        "components": [
            { "type": "body", "parameters": [{ "type": "text", "text": "Kim" }, { "type": "text", "text": "A-17" }] },
            { "type": "buttons", "buttons": [{ "text": "Track" }] },
        ],
    });
    let wanted = MessageBody::Interactive {
        title: "order_ready".to_owned(),
        subtitle: Some("Kim\nA-17".to_owned()),
        choices: vec![choice("Track", None)],
    };
    assert_eq!(read_body(&body), wanted);
    let body = json!({ "type": "BUTTON", "buttons": [] });
    assert_eq!(read_body(&body), MessageBody::Unknown { content_type: "BUTTON".to_owned(), text: String::new() });
}

#[test]
fn a_form_is_an_answer_with_its_fields() {
    let body = json!({ "type": "FORM_DATA", "formData": { "formId": "f", "attributes": [
        { "key": "first_name", "type": "string", "value": "Chris" }, { "key": "agree", "value": true },
        { "key": "topics", "value": ["a", "b"] },
    ] } });
    let fields = vec![attribute("First name", "Chris"), attribute("Agree", "true"), attribute("Topics", "a, b")];
    assert_eq!(read_body(&body), MessageBody::Answer { text: String::new(), fields });
    let body = json!({ "type": "FORM_DATA", "markdownText": "Sent", "stars": 5 });
    assert_eq!(
        read_body(&body),
        MessageBody::Answer { text: "Sent".to_owned(), fields: vec![attribute("Stars", "5")] }
    );
}

#[rstest]
#[case("ACTIVITY", "Title: x\nDeep value / Inner: 1\nDeep value / Inner: 2")]
#[case("RECEIPT", "Title: x\nDeep value / Inner: 1\nDeep value / Inner: 2")]
#[case("HOLOGRAM", "Title: x\nDeep value / Inner: 1\nDeep value / Inner: 2")]
fn a_kind_without_a_form_is_told_in_readable_lines(#[case] kind: &str, #[case] wanted: &str) {
    let body = json!({ "type": kind.to_lowercase(), "title": "x", "deepValue": [{ "inner": 1 }, { "inner": 2 }] });
    let MessageBody::Unknown { content_type, text } = read_body(&body) else { panic!() };
    let mut got: Vec<&str> = text.lines().collect();
    let mut wanted: Vec<&str> = wanted.lines().collect();
    got.sort_unstable();
    wanted.sort_unstable();
    assert_eq!((content_type.as_str(), got), (kind, wanted));
    let MessageBody::Unknown { text, .. } = read_body(&json!({ "type": kind, "markdownText": "words" })) else {
        panic!()
    };
    assert_eq!(text, "words");
}

#[test]
fn an_email_is_its_words_without_marks_and_the_number_of_mails_below() {
    let body = json!({
        "type": "EMAIL", "subject": "Broken lamp", "from": "\"Sample, Pat\" <pat@x.invalid>", "replyTo": ["r@x.invalid"],
        "receivingDate": 1_788_100_000_000_i64,
        "htmlBody": "<html><head><style>p{}</style></head><body><p>Hi,</p><p>it is <b>broken</b>.<script>x()</script></p>",
        "markdownText": "not used",
        "recipientsTo": ["help@y.invalid", { "name": "Care", "email": "care@y.invalid" }],
        "recipientsCc": "\"A, B\" <ab@x.invalid>; c@x.invalid", "recipientsBcc": ["hidden@x.invalid"],
        "emailThreads": [{ "htmlBody": "old" }, {}],
        "attachments": [{ "mediaUrl": "https://x.invalid/lamp.jpg", "mimeType": "image/jpeg", "size": 9 }],
    });
    let party =
        |name: Option<&str>, address: &str| Party { name: name.map(str::to_owned), address: Some(address.to_owned()) };
    let head = EmailHead {
        from: Some(party(Some("Sample, Pat"), "pat@x.invalid")),
        to: vec![party(None, "help@y.invalid"), party(Some("Care"), "care@y.invalid")],
        cc: vec![party(Some("A, B"), "ab@x.invalid"), party(None, "c@x.invalid")],
    };
    let wanted = MessageBody::Email {
        head: Box::new(head),
        subject: "Broken lamp".to_owned(),
        text: "Hi,\n\nit is broken.\n\n[+2]".to_owned(),
        files: vec![file("https://x.invalid/lamp.jpg", "lamp.jpg", "image/jpeg", Some(9))],
    };
    assert_eq!(read_body(&body), wanted);
    let MessageBody::Email { text, subject, .. } = read_body(&json!({ "type": "EMAIL", "markdownText": "plain" }))
    else {
        panic!()
    };
    assert_eq!((text.as_str(), subject.as_str()), ("plain", ""));
}

#[test]
fn a_comment_is_an_act_below_a_post_and_answers_another_one() {
    let wanted = MessageBody::Comment {
        act: "TEXT".to_owned(),
        text: Some("Thanks for your comment".to_owned()),
        post: Some("post-1".to_owned()),
        files: Vec::new(),
    };
    assert_eq!(published("comment_reply"), wanted);
    let mut event = fixture("socket-in/cimEvent.CUSTOMER_MESSAGE");
    event["data"]["header"]["originalMessageId"] = json!("m-1");
    event["data"]["body"] = json!({
        "type": "COMMENT", "itemType": "like", "postId": 5, "attachment": { "mediaUrl": "https://x.invalid/a.png" },
    });
    let Happening::Message(message) = super::tests::told(&event).what else { panic!() };
    assert_eq!(message.reply_to.unwrap().message.as_str(), "m-1", "what was liked");
    let files = vec![file("https://x.invalid/a.png", "a.png", "application/octet-stream", None)];
    let liked = MessageBody::Comment { act: "LIKE".to_owned(), text: None, post: Some("5".to_owned()), files };
    assert_eq!(message.body, liked);
}

#[test]
fn what_a_conversation_was_about_is_read() {
    let code = |category: &str, value: &str| WrapUpCode { category: category.to_owned(), value: value.to_owned() };
    let wanted = MessageBody::WrapUp {
        codes: vec![code("Billing", "Refund issued")],
        note: Some("Customer satisfied".to_owned()),
    };
    assert_eq!(published("wrapup"), wanted);
    let body =
        json!({ "type": "WRAPUP", "wrapups": [{ "categoryName": "A", "value": ["x", "y"] }, { "value": "z" }, 3] });
    let codes = vec![code("A", "x"), code("A", "y"), code("", "z")];
    assert_eq!(read_body(&body), MessageBody::WrapUp { codes, note: None });
    let event = fixture("socket-out/publishCimEvent.wrapup")["cimEvent"].take();
    let Happening::Message(message) = super::tests::told(&event).what else { panic!() };
    assert!(message.internal && message.line.is_none(), "the customer never sees it");
    let body = json!({ "type": "WRAPUP", "wrapups": [], "note": "" });
    assert!(matches!(read_body(&body), MessageBody::Unknown { .. }));
}

#[test]
fn a_message_taken_back_and_one_that_types_are_no_messages() {
    let mut event = fixture("socket-in/cimEvent.CUSTOMER_MESSAGE");
    event["data"]["body"] = json!({ "type": "DELETEDNOTIFICATION", "messageId": "m-9", "timestamp": 1 });
    let Happening::Deleted { message, .. } = super::tests::told(&event).what else { panic!() };
    assert_eq!(message.as_str(), "m-9");
    event["data"]["body"] = json!({ "type": "NOTIFICATION", "notificationType": "TYPING_STARTED" });
    assert!(matches!(super::tests::told(&event).what, Happening::Typing { on: true, .. }));
}

#[rstest]
#[case::good("aGVsbG8=", Some("hello"))]
#[case::no_padding("aGVsbG8", Some("hello"))]
#[case::broken_lines("aGVs\nbG8=", Some("hello"))]
#[case::letters("w7zDtsOkIPCfmIA=", Some("üöä 😀"))]
#[case::empty("", Some(""))]
#[case::no_code("Hello, you!", None)]
#[case::no_utf8("//79", None)]
fn words_in_base64_are_decoded_and_all_others_kept(#[case] written: &str, #[case] wanted: Option<&str>) {
    let value = json!({ "type": "PLAIN", "markdownText": written });
    let read = super::body::read(&value, true);
    let text = wanted.unwrap_or(written).to_owned();
    assert_eq!((read.body, read.encoded), (MessageBody::Text { text }, wanted.is_some()));
    let read = super::body::read(&value, false);
    assert_eq!((read.body, read.encoded), (MessageBody::Text { text: written.to_owned() }, false), "only when told so");
}

#[rstest]
#[case(json!({ "type": "PLAIN", "markdownText": "one\n two   three" }), "one two three")]
#[case(json!({ "type": "PLAIN", "markdownText": "ä".repeat(141) }), &("ä".repeat(139) + "…"))]
#[case(json!({ "type": "PLAIN", "markdownText": "ä".repeat(140) }), &"ä".repeat(140))]
#[case(json!({ "type": "PLAIN", "markdownText": "ä".repeat(140) + " b" }), &("ä".repeat(139) + "…"))]
#[case(json!({ "type": "PLAIN", "markdownText": "ä".repeat(138) + " bc" }), &("ä".repeat(138) + "…"))]
#[case(json!({ "type": "IMAGE", "attachment": { "mediaUrl": "https://x.invalid/a.png" } }), "a.png")]
#[case(json!({ "type": "LOCATION", "location": { "latitude": 1, "longitude": "2" } }), "1, 2")]
#[case(json!({ "type": "URL", "mediaUrl": "https://x.invalid/" }), "https://x.invalid/")]
#[case(json!({ "type": "EMAIL", "htmlBody": "<p>only words</p>" }), "only words")]
#[case(json!({ "type": "COMMENT", "itemType": "HIDE" }), "HIDE")]
#[case(json!({ "type": "WRAPUP", "wrapups": [{ "value": "a" }, { "value": "b" }] }), "a, b")]
#[case(json!({ "type": "BUTTON", "buttons": ["x", "y"] }), "x, y")]
#[case(json!({ "type": "FORM_DATA", "a": "x", "b": "y" }), "x, y")]
fn an_excerpt_is_one_short_line(#[case] value: Value, #[case] wanted: &str) {
    let line = excerpt(&read_body(&value));
    assert_eq!(line, wanted);
    assert!(line.chars().count() <= 140);
}

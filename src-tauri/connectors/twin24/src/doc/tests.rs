#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

fn fixture(text: &str) -> Value {
    let whole: Value = serde_json::from_str(text).unwrap();
    whole["response"]["body"].clone()
}

fn settings() -> Twin24Settings {
    Twin24Settings::default()
}

fn session() -> SessionDoc {
    SessionDoc::read(&fixture(include_str!("../../tests/fixtures/twin24/http-session.json"))).unwrap()
}

#[test]
fn a_session_is_read_with_whose_it_is() {
    let session = session();
    assert!(session.is_of("42") && !session.is_of("43"));
    assert!(!session.is_over(&settings()) && !session.wants_help(&settings()));
    assert_eq!(session.kind(), Subtype::Unknown("Telegram".to_owned()));
    assert_eq!(session.client_online(), Some(true));
    assert_eq!(session.answer_due(), None, "the operator wrote last");
}

#[test]
fn help_is_what_has_neither_operator_nor_bot() {
    let list = fixture(include_str!("../../tests/fixtures/twin24/http-sessions.json"));
    let read: Vec<_> = entries(&list).unwrap().iter().filter_map(SessionDoc::read).collect();
    assert_eq!(read.iter().map(|one| one.wants_help(&settings())).collect::<Vec<_>>(), [false, true]);
    let with_bot = SessionDoc { bot_status: Some("active".to_owned()), ..read[1].clone() };
    assert!(!with_bot.wants_help(&settings()));
    let over = SessionDoc { status: Some("Closed".to_owned()), ..read[1].clone() };
    assert!(over.is_over(&settings()) && !over.wants_help(&settings()));
}

#[test]
fn time_to_answer_runs_from_the_first_word_that_waits() {
    let waiting = SessionDoc { waiting_since: Some(UnixMillis(1_000_000)), ..session() };
    assert_eq!(waiting.answer_due(), Some(UnixMillis(1_120_000)), "the next answers' seconds");
    let first = SessionDoc { last_operator_at: None, ..waiting };
    assert_eq!(first.answer_due(), Some(UnixMillis(1_060_000)), "the first answer's");
    let never = SessionDoc { first_answer_s: None, ..first };
    assert_eq!(never.answer_due(), None);
}

#[test]
fn messages_are_read_with_author_file_quote_and_read_mark() {
    let list = fixture(include_str!("../../tests/fixtures/twin24/http-session-messages.json"));
    let read: Vec<_> =
        entries(&list).unwrap().iter().filter_map(|one| MessageDoc::read(one, "42", &settings())).collect();
    assert_eq!(read[0].message.author.role, AuthorRole::Customer);
    assert!(read[0].of_client && !read[0].message.edited);
    let mine = &read[1].message;
    assert_eq!((mine.author.role, mine.delivery), (AuthorRole::Me, Some(Delivery::Read)));
    assert_eq!(mine.reply_to.as_ref().unwrap().text.as_deref(), Some("Здравствуйте"));
    let MessageBody::Attachments { files, caption } = &mine.body else { panic!("{:?}", mine.body) };
    assert_eq!((files[0].name.as_str(), caption.as_deref()), ("bill.pdf", Some("Добрый день")));
    let theirs = MessageDoc::read(&entries(&list).unwrap()[1], "43", &settings()).unwrap();
    assert_eq!((theirs.message.author.role, theirs.message.delivery), (AuthorRole::Agent, None), "a colleague's");
}

#[test]
fn that_it_was_read_is_no_edit_but_a_later_change_is() {
    let doc = |updated: &str| {
        json!({ "id": 1, "authorType": "OPERATOR", "authorId": 42, "body": "x", "createdAt": "2026-11-21T08:00:00Z",
                "readAt": "2026-11-21T08:00:09Z", "updatedAt": updated })
    };
    let edited = |updated: &str| MessageDoc::read(&doc(updated), "42", &settings()).unwrap().message.edited;
    assert!(!edited("2026-11-21T08:00:00Z") && !edited("2026-11-21T08:00:09Z") && edited("2026-11-21T08:01:00Z"));
}

#[test]
fn buttons_unknown_kinds_and_nonsense_are_shown_as_what_they_are() {
    let read = |value: Value| MessageDoc::read(&value, "42", &settings());
    let buttons =
        read(json!({ "id": 1, "body": "Choose", "keyboard": [[{ "text": "A" }, { "text": "B" }]], "answers": ["C"] }));
    let MessageBody::Interactive { choices, .. } = buttons.unwrap().message.body else { panic!() };
    assert_eq!(choices.iter().map(|one| one.title.as_str()).collect::<Vec<_>>(), ["C", "A", "B"]);
    let odd = read(json!({ "id": 2, "type": "hologram" })).unwrap().message;
    assert_eq!(odd.body, MessageBody::Unknown { content_type: "hologram".to_owned(), text: String::new() });
    for nonsense in [json!(null), json!([]), json!({ "id": [] }), json!("x"), json!({ "id": {} })] {
        assert_eq!(read(nonsense), None);
    }
    assert!(SessionDoc::read(&json!({ "id": 1, "operators": [null, 7, {}], "startedAt": {}, "tags": [] })).is_some());
}

#[test]
fn a_file_without_an_address_is_shown_and_cannot_be_had() {
    let value =
        json!({ "id": 1, "attachments": [{ "id": "f", "name": "lost.pdf" }, { "url": "https://x.example/a" }, 7] });
    let MessageBody::Attachments { files, .. } = MessageDoc::read(&value, "42", &settings()).unwrap().message.body
    else {
        panic!()
    };
    let read: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.state)).collect();
    assert_eq!(read, [("lost.pdf", AttachmentState::Refused), ("https://x.example/a", AttachmentState::Ready)]);
}

#[test]
fn directory_and_operator_are_read() {
    let people = fixture(include_str!("../../tests/fixtures/twin24/http-operators.json"));
    let names: Vec<_> =
        operators(&people, "42").unwrap().into_iter().map(|one| (one.id.to_string(), one.name)).collect();
    assert_eq!(names, [("operator:43".to_owned(), "Boris".to_owned())], "without oneself");
    let groups = groups(&fixture(include_str!("../../tests/fixtures/twin24/http-groups.json"))).unwrap();
    assert_eq!((groups[0].id.as_str(), groups[0].kind.clone()), ("group:3", EndpointKind::Queue));
    assert_eq!(operators(&json!({ "error": "x" }), "42"), None);
    let me = Me::read(&fixture(include_str!("../../tests/fixtures/twin24/http-users-me.json")), &settings()).unwrap();
    assert_eq!((me.id.as_str(), me.name.as_str(), me.state.as_deref()), ("42", "Anna Petrova", Some("online")));
    let iam = Me::read(&fixture(include_str!("../../tests/fixtures/twin24/http-users-me-iam.json")), &settings());
    assert!(iam.is_some_and(|me| me.state.is_none()));
}

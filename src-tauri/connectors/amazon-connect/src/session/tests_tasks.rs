#![allow(clippy::unwrap_used, clippy::expect_used)]
use rstest::rstest;
use serde_json::{Value, json};
use trunkline_connector::{CommandCode, TaskRequest};
use trunkline_model::{
    Channel, ContactAction, ContactState, EndpointId, Outcome, Party, Reference, ReferenceKind, TaskToken,
};

use super::tests::{Bench, CONTACT, exception, fixture_body, response};
use super::tests_chats::EVENT;
use super::*;
use std::time::Duration;
use trunkline_connector::Command;
use trunkline_connector::ports::HttpFailure;
use trunkline_model::UnixMillis;

fn link(name: &str, value: &str) -> Reference {
    Reference { name: name.to_owned(), kind: ReferenceKind::Url, value: value.to_owned() }
}

/// The task of the fixture, to the entry of the directory that it goes to.
pub(super) fn request() -> TaskRequest {
    let recorded = fixture_body("create-task-contact.request");
    TaskRequest {
        token: TaskToken::from(recorded["idempotencyToken"].as_str().unwrap()),
        name: "Call Ana back".to_owned(),
        description: Some("She asked about invoice 1001".to_owned()),
        endpoint: Some(EndpointId::from(recorded["endpoint"]["endpointARN"].as_str().unwrap())),
        references: vec![link("Invoice", "https://crm.example.com/invoice/1001")],
        template: None,
        fields: Vec::new(),
        scheduled_for: Some(UnixMillis(1_786_207_200_000)),
        previous: Some(ContactId::from(CONTACT)),
        related: None,
    }
}

/// Online, with a directory of a queue (that of the fixture) and a number.
pub(super) fn with_directory() -> Bench {
    reading_the_directory(Bench::online())
}

pub(super) fn reading_the_directory(mut bench: Bench) -> Bench {
    let deadline = bench.start + bench.at + Duration::from_secs(5);
    bench.give(Input::Lookup { id: LookupId(9), deadline, contact: None });
    let queue = fixture_body("create-task-contact.request")["endpoint"].clone();
    let number = json!({"endpointARN": "arn-of-a-number", "type": "phone_number", "phoneNumber": "+12025550188"});
    bench.answer("GetEndpoints", response(200, &json!({"endpoints": [queue, number]})));
    bench
}

fn event(bench: &mut Bench, contact: &str, kind: &str) {
    let content = json!({"ContentType": format!("{EVENT}{kind}"), "Id": "t-1", "ContactId": contact, "Type": "EVENT"});
    let frame = json!({"topic": "aws/task", "content": content.to_string()});
    bench.give(Input::SocketFrame(SocketId(1), frame.to_string()));
}

fn notice(bench: &Bench) -> Option<(String, NoticeLevel)> {
    match bench.events.last() {
        Some(Event::Notice(notice)) => Some((notice.message_key.clone(), notice.level)),
        _ => None,
    }
}

#[test]
fn a_task_is_shown_with_all_it_brings() {
    let mut bench = Bench::online();
    let mut body = fixture_body("snapshot.task-templated");
    let recorded = &mut body["snapshot"]["contacts"][0];
    recorded["references"]["Amount"] = json!({"type": "NUMBER", "value": 12.5});
    recorded["references"]["Script"] = json!({"type": "STRING", "value": "<script>alert(1)</script>"});
    recorded["references"]["Empty"] = json!({"type": "URL", "value": null});
    recorded["references"]["Photo"] = json!({"type": "ATTACHMENT", "value": "photo.png", "status": "APPROVED"});
    recorded["references"]["Odd"] = json!({"type": "HOLOGRAM", "value": "x"});
    bench.wait(100);
    bench.answer("GetAgentSnapshot", response(200, &body));
    let task = bench.contact().unwrap();
    assert_eq!(task.channel, Channel::Task, "its medium");
    assert_eq!(task.subject.as_deref(), Some("Call Ana back"), "its name");
    assert_eq!(task.description.as_deref(), Some("She asked about invoice 1001"), "its text");
    assert_eq!(task.template.as_deref(), Some("ba6db758-d31e-4c6c-bd51-14d8b4686ece"), "its template");
    let put_off_to = task.state_since.shifted(-(1_786_200_064_000 - 1_786_186_400_000));
    assert_eq!(task.scheduled_for, Some(put_off_to), "the time it was put off to, by this computer's clock");
    let of = |name: &str, kind, value: &str| Reference { name: name.to_owned(), kind, value: value.to_owned() };
    let expected = [
        of("Amount", ReferenceKind::Number, "12.5"),
        of("Invoice", ReferenceKind::Url, "https://crm.example.com/invoice/1001"),
        of("Odd", ReferenceKind::Unknown("HOLOGRAM".to_owned()), "x"),
        of("Photo", ReferenceKind::Attachment, "photo.png"),
        of("Script", ReferenceKind::Text, "<script>alert(1)</script>"),
    ];
    assert_eq!(task.references, expected, "one that has no value is no reference; one bad one spoils no other");
    let allowed = [ContactAction::End, ContactAction::Transfer, ContactAction::Pause, ContactAction::Edit];
    assert_eq!(task.allowed, allowed.into(), "no media");
}

#[rstest]
#[case("task-incoming", ContactState::Offered, None)]
#[case("task-paused", ContactState::Paused, None)]
#[case("task-ended", ContactState::Ended, Some(Outcome::Handled))]
fn states_of_a_task(#[case] name: &str, #[case] state: ContactState, #[case] outcome: Option<Outcome>) {
    let mut bench = Bench::online();
    bench.snapshot("task-connected");
    bench.snapshot(name);
    let task = bench.contact().unwrap();
    assert_eq!((task.state, task.outcome), (state, outcome), "{name}");
}

#[test]
fn a_task_is_made_in_the_recorded_form() {
    let mut bench = with_directory();
    bench.command("t-1", Command::CreateTask(Box::new(request())));
    let reply = response(200, &fixture_body("create-task-contact.response"));
    let body = bench.answer("CreateTaskContact", reply);
    assert_eq!(body, fixture_body("create-task-contact.request"), "no authentication member, time in seconds");
    assert_eq!(bench.reply("t-1"), Some(Ok(())), "taken");
}

#[test]
fn a_repetition_brings_the_same_token() {
    let mut bench = with_directory();
    bench.command("t-1", Command::CreateTask(Box::new(request())));
    bench.fail("CreateTaskContact", HttpFailure::Broken);
    let error = bench.replies.last().unwrap().1.clone().unwrap_err();
    assert!(error.is_transient(), "it may be repeated: {error}");
    bench.command("t-2", Command::CreateTask(Box::new(request())));
    let body = bench.answer("CreateTaskContact", response(200, &json!({"contactId": "t-1"})));
    assert_eq!(body["idempotencyToken"], "3f8a2c1e-0000-4000-8000-000000000001", "the platform makes one task");
    assert_eq!(bench.reply("t-2"), Some(Ok(())), "taken");
}

#[test]
fn a_related_contact_stands_instead_of_the_previous_one() {
    let mut bench = with_directory();
    let related = Some(ContactId::from("another"));
    let task = TaskRequest { related, references: Vec::new(), scheduled_for: None, description: None, ..request() };
    bench.command("t-1", Command::CreateTask(Box::new(task)));
    let (_, body) = bench.take("CreateTaskContact");
    assert_eq!(body["relatedContactId"], "another", "the one it is about");
    for member in ["previousContactId", "references", "scheduledTime", "description", "authentication"] {
        assert_eq!(body.get(member), None, "{member} is left out (3.4)");
    }
}

#[rstest]
#[case(TaskRequest { name: "  ".to_owned(), ..request() }, CommandCode::Invalid, "no name")]
#[case(TaskRequest { name: "x".repeat(513), ..request() }, CommandCode::Invalid, "a name too long")]
#[case(TaskRequest { description: Some("x".repeat(4097)), ..request() }, CommandCode::Invalid, "a text too long")]
#[case(TaskRequest { token: TaskToken::from("one"), ..request() }, CommandCode::Invalid, "a token that is no UUID")]
#[case(TaskRequest { scheduled_for: Some(UnixMillis(0)), ..request() }, CommandCode::Invalid, "a time that is over")]
#[case(TaskRequest { scheduled_for: Some(UnixMillis(1_786_900_000_000)), ..request() }, CommandCode::Invalid, "too far")]
#[case(TaskRequest { references: vec![link("a", "javascript:alert(1)")], ..request() }, CommandCode::Invalid, "a script")]
#[case(TaskRequest { references: vec![link("", "https://x.example")], ..request() }, CommandCode::Invalid, "no name")]
#[case(
    TaskRequest { references: vec![link("a", "https://x.example"), link("a", "https://y.example")], ..request() },
    CommandCode::Invalid, "one name twice"
)]
#[case(
    TaskRequest { references: vec![Reference { kind: ReferenceKind::Text, ..link("a", "b") }], ..request() },
    CommandCode::Invalid, "text without a template"
)]
#[case(TaskRequest { endpoint: Some("arn-of-a-number".into()), ..request() }, CommandCode::BadTarget, "a telephone")]
#[case(TaskRequest { endpoint: Some("nobody".into()), ..request() }, CommandCode::BadTarget, "nobody known")]
#[case(TaskRequest { endpoint: None, ..request() }, CommandCode::Invalid, "nobody at all")]
fn what_is_not_in_order_is_not_sent(#[case] task: TaskRequest, #[case] code: CommandCode, #[case] what: &str) {
    let mut bench = with_directory();
    bench.command("t-1", Command::CreateTask(Box::new(task)));
    assert_eq!(bench.reply("t-1"), Some(Err(code)), "{what}");
    assert_eq!(bench.waiting("CreateTaskContact"), 0, "the platform is not asked");
}

#[rstest]
#[case("AccessDeniedException", 403, CommandCode::NotAllowed)]
#[case("QuotaExceededException", 400, CommandCode::LimitReached)]
#[case("BadEndpointException", 400, CommandCode::BadTarget)]
#[case("ThrottlingException", 429, CommandCode::Unavailable)]
fn what_the_platform_refuses_is_told_as_what_it_is(#[case] name: &str, #[case] status: u16, #[case] code: CommandCode) {
    let mut bench = with_directory();
    bench.command("t-1", Command::CreateTask(Box::new(request())));
    bench.answer("CreateTaskContact", exception(status, name));
    assert_eq!(bench.reply("t-1"), Some(Err(code)), "{name}");
}

#[test]
fn what_happens_to_a_task_is_told() {
    let mut bench = Bench::online();
    bench.snapshot("task-connected");
    let contact = bench.contact().unwrap().id.as_str().to_owned();
    let steps = [
        ("expire.warning", "notice_task_expiring", NoticeLevel::Warning),
        ("expire.complete", "notice_task_expired", NoticeLevel::Warning),
        ("transfer.initiated", "notice_task_transfer_begun", NoticeLevel::Info),
        ("transfer.failed", "notice_transfer_failed", NoticeLevel::Error),
    ];
    for (kind, key, level) in steps {
        event(&mut bench, &contact, kind);
        assert_eq!(notice(&bench), Some((key.to_owned(), level)), "{kind}");
    }
    event(&mut bench, &contact, "transfer.succeeded");
    let id = format!("task:{contact}");
    assert_eq!(bench.events.last(), Some(&Event::NoticeGone(id)), "the outcome says it better");
    bench.snapshot("task-ended");
    assert_eq!(bench.contact().unwrap().outcome, Some(Outcome::Transferred), "handed over by somebody's hand");
    let before = bench.events.len();
    event(&mut bench, "somebody-else", "expire.warning");
    assert_eq!(bench.events.len(), before, "of other contacts nothing is told");
}

#[test]
fn an_email_is_shown_with_its_addresses() {
    let mut bench = Bench::online();
    bench.snapshot("email-incoming");
    let email = bench.contact().unwrap();
    assert_eq!((&email.channel, &email.state), (&Channel::Email, &ContactState::Offered), "it is offered");
    assert_eq!(email.subject.as_deref(), Some("Where is my order?"), "its subject");
    let party = |name: &str, address: &str| Party { name: Some(name.to_owned()), address: Some(address.to_owned()) };
    let head = email.email.unwrap();
    assert_eq!(head.from, Some(party("Ana Example", "ana@example.com")), "sender");
    assert_eq!(head.to, [party("Support", "support@example.net")], "recipient");
    assert_eq!(head.cc, [], "nobody else");
    assert_eq!(email.customer, party("Ana Example", "ana@example.com"), "the customer is the sender");
    bench.snapshot("email-connected");
    let email = bench.contact().unwrap();
    assert_eq!(email.allowed, [ContactAction::End, ContactAction::Transfer].into(), "what can be done from here");
    let mut body: Value = fixture_body("snapshot.email-connected");
    let cc = json!([{"address": "boss@example.com", "displayName": null}, {"address": "", "displayName": ""}, 7]);
    body["snapshot"]["contacts"][0]["emailRecipients"]["ccList"] = cc;
    bench.wait(100);
    bench.answer("GetAgentSnapshot", response(200, &body));
    assert!(bench.contact().unwrap().email.unwrap().cc.len() <= 1, "what names nobody is left out");
}

#[rstest]
#[case("voice-incoming")]
#[case("chat-incoming")]
#[case("task-incoming")]
#[case("email-incoming")]
fn what_the_platform_accepts_by_itself_says_so(#[case] name: &str) {
    let shown = |change: &dyn Fn(&mut Value)| {
        let mut bench = Bench::online();
        let mut body = fixture_body(&format!("snapshot.{name}"));
        change(&mut body["snapshot"]["contacts"][0]);
        bench.wait(100);
        bench.answer("GetAgentSnapshot", response(200, &body));
        bench.contact().unwrap().auto_accept
    };
    assert!(!shown(&|_| {}), "{name} as recorded waits for the agent");
    let on = json!({"autoAccept": true});
    assert!(shown(&|contact| contact["agentContactHandlingConfig"] = on.clone()), "{name}: the newer member");
    let older = |contact: &mut Value| {
        for leg in contact["connections"].as_array_mut().unwrap() {
            for (media, member) in [("softphoneMediaInfo", "autoAccept"), ("chatMediaInfo", "chatAutoAccept")] {
                if leg[media].is_object() {
                    leg[media][member] = json!(true);
                }
            }
        }
    };
    let has_older = name.starts_with("voice") || name.starts_with("chat");
    assert_eq!(shown(&older), has_older, "{name}: the older member, of calls and chats only");
    let off = |contact: &mut Value| {
        older(contact);
        contact["agentContactHandlingConfig"] = json!({"autoAccept": false});
    };
    assert!(!shown(&off), "{name}: the newer member stands over the older");
}

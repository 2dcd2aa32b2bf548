#![allow(clippy::unwrap_used, clippy::expect_used)]
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use trunkline_connector::ports::HttpFailure;
use trunkline_connector::{Command, CommandCode, TaskRequest, TaskUpdate};
use trunkline_model::{FieldValue, TaskTemplateId};

use super::tests::{Bench, exception, fixture_body, response, stored};
use super::tests_tasks::{reading_the_directory, request, with_directory};
use super::*;

const BASE: &str = "/task-templates/api/ccp";
const TEMPLATE: &str = "ba6db758-d31e-4c6c-bd51-14d8b4686ece";

fn list_path() -> String {
    format!("{BASE}/proxy/instance/0a1b2c3d-1111-4222-8333-444455556666/task/template")
}

fn template_path() -> String {
    format!("{}/{TEMPLATE}", list_path())
}

fn soon(bench: &Bench) -> Instant {
    bench.start + bench.at + Duration::from_secs(10)
}

fn ask(bench: &mut Bench, id: u64) {
    let deadline = soon(bench);
    bench.give(Input::ListTemplates { id: LookupId(id), deadline });
}

fn read(bench: &mut Bench, id: u64) {
    let deadline = soon(bench);
    bench.give(Input::ReadTemplate { id: LookupId(id), deadline, template: TaskTemplateId::from(TEMPLATE) });
}

/// Signed in, with the authorize call of the start answered.
fn renewed() -> Bench {
    let mut bench = Bench::new();
    bench.give(Input::Start(stored()));
    bench.answer("/auth/authorize", response(200, &fixture_body("authorize.response")));
    bench.configure();
    bench.snapshot("idle");
    bench
}

/// The template is known.
fn with_template() -> Bench {
    reading_a_template(with_directory())
}

fn reading_a_template(mut bench: Bench) -> Bench {
    read(&mut bench, 1);
    bench.answer(&template_path(), response(200, &fixture_body("get-task-template.response")));
    assert!(bench.templates.last().unwrap().1.is_ok(), "it is read");
    bench
}

fn value(name: &str, value: &str) -> FieldValue {
    FieldValue { name: name.to_owned(), value: value.to_owned() }
}

fn templated() -> TaskRequest {
    TaskRequest {
        name: " Refund ".to_owned(),
        description: Some("The parcel came open".to_owned()),
        references: Vec::new(),
        template: Some(TaskTemplateId::from(TEMPLATE)),
        fields: vec![value("Order number", "2041-77"), value("Reason", "Damaged"), value("Amount", "1000")],
        ..request()
    }
}

fn create(bench: &mut Bench, id: &str, request: TaskRequest) {
    bench.command(id, Command::CreateTask(Box::new(request)));
}

fn refusal(bench: &Bench, id: &str) -> CommandError {
    let reply = bench.replies.iter().find(|(command, _)| command.as_str() == id);
    reply.and_then(|(_, reply)| reply.clone().err()).unwrap_or_else(|| panic!("{id} was not refused"))
}

fn create_path() -> String {
    format!("{BASE}/createTemplatedTask")
}

#[test]
fn the_list_is_asked_for_with_cookies_alone() {
    let mut bench = Bench::online();
    ask(&mut bench, 1);
    let (_, headers, body) = bench.requests.last().unwrap().clone();
    assert_eq!(headers["x-csrf-token"], "csrf", "as the vendor's client does");
    assert_eq!(headers["accept"], "application/json", "JSON wanted");
    assert!(!headers.contains_key("x-amz-bearer"), "no bearer");
    assert!(body.is_empty(), "nothing to send");
    bench.answer(&list_path(), response(200, &fixture_body("list-task-templates.response")));
    let names: Vec<String> = bench.lists[0].1.clone().unwrap().into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["Address change", "Return of goods"], "by name");
}

#[test]
fn further_pages_are_read_and_a_bad_one_is_told() {
    let mut bench = Bench::online();
    ask(&mut bench, 1);
    let page = json!({"TaskTemplates": [{"Id": "a", "Name": "A"}], "NextToken": "more"});
    bench.answer(&list_path(), response(200, &page));
    bench.answer(&list_path(), response(200, &json!({"TaskTemplates": [{"Id": "b", "Name": "B"}]})));
    assert_eq!(bench.lists[0].1.as_ref().unwrap().len(), 2, "both pages");
    ask(&mut bench, 2);
    bench.answer(&list_path(), response(200, &page));
    bench.answer(&list_path(), response(200, &json!("<html>")));
    let error = bench.lists[1].1.clone().unwrap_err();
    assert_eq!(error.code, CommandCode::Unavailable, "a part of the list is not the list");
}

#[rstest]
#[case(403, CommandCode::NotAllowed)]
#[case(404, CommandCode::NotPossible)]
#[case(429, CommandCode::Unavailable)]
#[case(500, CommandCode::Unavailable)]
#[case(302, CommandCode::Unavailable)]
fn a_refused_list_is_told_and_says_nothing_of_the_way(#[case] status: u16, #[case] code: CommandCode) {
    let mut bench = Bench::online();
    for round in 0..4 {
        ask(&mut bench, round);
        bench.answer(&list_path(), response(status, &Value::Null));
    }
    let codes: Vec<CommandCode> = bench.lists.iter().map(|(_, answer)| answer.as_ref().unwrap_err().code).collect();
    assert_eq!(codes, [code; 4], "each is answered, and the next asks anew");
    assert!(!bench.other.iter().any(|act| act.starts_with("park")), "the other way is not taken for that");
    assert_eq!(bench.link().state, trunkline_model::LinkState::Online, "the account works on");
}

#[test]
fn a_refused_session_is_renewed_and_asked_once_more() {
    let mut bench = renewed();
    ask(&mut bench, 1);
    bench.answer(&list_path(), response(401, &Value::Null));
    assert_eq!(bench.waiting(&list_path()), 0, "not before there are new cookies");
    let fresh = json!({"accessToken": "EXAMPLE-NEW", "expiration": "2026-08-08T16:40:00.000Z"});
    bench.answer("/auth/authorize", response(200, &fresh));
    bench.answer(&list_path(), response(401, &Value::Null));
    let error = bench.lists[0].1.clone().unwrap_err();
    assert_eq!(error.code, CommandCode::NotSignedIn, "a second refusal is the answer");
}

#[test]
fn nobody_waits_for_ever() {
    let mut bench = Bench::online();
    ask(&mut bench, 1);
    read(&mut bench, 2);
    bench.wait(10_000);
    assert_eq!(bench.lists[0].1.clone().unwrap_err().code, CommandCode::Timeout, "the list");
    assert_eq!(bench.templates[0].1.clone().unwrap_err().code, CommandCode::Timeout, "the template");
    ask(&mut bench, 3);
    bench.give(Input::Stop);
    assert_eq!(bench.lists[1].1.clone().unwrap_err().code, CommandCode::Cancelled, "nor when it all ends");
    let mut bench = Bench::new();
    bench.give(Input::Start(Stored::default()));
    ask(&mut bench, 1);
    assert_eq!(bench.lists[0].1.clone().unwrap_err().code, CommandCode::NotSignedIn, "signed out");
}

#[test]
fn a_task_is_made_from_a_template() {
    let mut bench = with_template();
    create(&mut bench, "t-1", templated());
    let mut sent = bench.answer(&create_path(), response(200, &json!({"ContactId": "t-1"})));
    let arn = request().endpoint.unwrap();
    assert_eq!(sent["QuickConnectId"], arn.as_str().rsplit('/').next().unwrap(), "the last part of its ARN");
    sent["QuickConnectId"] = json!("QUICK-CONNECT");
    assert_eq!(sent, fixture_body("create-templated-task.request"), "capitalised, typed, with what is fixed");
    assert_eq!(bench.reply("t-1"), Some(Ok(())), "taken");
}

#[test]
fn what_is_not_in_order_is_not_sent() {
    let mut bench = with_template();
    let wrong = TaskRequest { fields: vec![value("Order number", "1"), value("Reason", "None")], ..templated() };
    create(&mut bench, "t-1", wrong);
    let error = refusal(&bench, "t-1");
    assert_eq!((error.code, error.field.as_deref()), (CommandCode::Invalid, Some("Reason")), "told at its field");
    create(&mut bench, "t-2", TaskRequest { name: " ".to_owned(), ..templated() });
    assert_eq!(refusal(&bench, "t-2").field.as_deref(), Some("name"), "the title");
    create(&mut bench, "t-3", TaskRequest { template: Some("unknown".into()), ..templated() });
    let error = refusal(&bench, "t-3");
    assert_eq!(error.field.as_deref(), Some("template"), "a template that was never read");
    assert!(error.is_transient(), "reading it makes it possible");
    create(&mut bench, "t-4", TaskRequest { endpoint: Some("arn-of-a-number".into()), ..templated() });
    assert_eq!(refusal(&bench, "t-4").field.as_deref(), Some("endpoint"), "a telephone");
    assert_eq!(bench.waiting(&create_path()), 0, "the service saw none of it");
}

#[test]
fn a_refusal_of_the_service_is_laid_at_its_field() {
    let mut bench = with_template();
    create(&mut bench, "t-1", templated());
    let answer = json!({
        "__type": "PropertyValidationException", "Message": "Not valid",
        "PropertyList": [{"PropertyPath": "References.Order number", "Reason": "INVALID_FORMAT", "Message": "no"}],
    });
    bench.answer(&create_path(), response(400, &answer));
    let error = refusal(&bench, "t-1");
    assert_eq!((error.code, error.detail.as_str()), (CommandCode::Invalid, "Not valid"), "its words");
    assert_eq!(error.field.as_deref(), Some("Order number"), "where the service says");
    create(&mut bench, "t-2", templated());
    bench.answer(&create_path(), exception(400, "InvalidRequestException"));
    assert_eq!(refusal(&bench, "t-2").field, None, "it need not say where");
}

#[rstest]
#[case(HttpFailure::Broken, CommandCode::Timeout)]
#[case(HttpFailure::Timeout, CommandCode::Timeout)]
#[case(HttpFailure::Connect, CommandCode::Unavailable)]
fn a_lost_answer_is_told_as_uncertain(#[case] failure: HttpFailure, #[case] code: CommandCode) {
    let mut bench = with_template();
    create(&mut bench, "t-1", templated());
    bench.fail(&create_path(), failure);
    assert_eq!(refusal(&bench, "t-1").code, code, "it may have been made, or surely was not");
    assert_eq!(bench.waiting(&create_path()), 0, "and is not sent again by itself");
}

#[test]
fn a_refused_session_repeats_the_task_once() {
    let mut bench = reading_a_template(reading_the_directory(renewed()));
    create(&mut bench, "t-1", templated());
    bench.answer(&create_path(), response(401, &Value::Null));
    let fresh = json!({"accessToken": "EXAMPLE-NEW", "expiration": "2026-08-08T16:40:00.000Z"});
    bench.answer("/auth/authorize", response(200, &fresh));
    bench.answer(&create_path(), response(200, &json!({})));
    assert_eq!(bench.reply("t-1"), Some(Ok(())), "refused for sure, so sent again");
}

fn update(bench: &Bench) -> TaskUpdate {
    TaskUpdate {
        contact: bench.contact().unwrap().id,
        name: Some(" Call Ana back today ".to_owned()),
        description: Some(" ".to_owned()),
        references: vec![
            value("Invoice", "https://crm.example.com/invoice/1002"),
            value("Order", "https://shop.example/orders/1"),
        ],
    }
}

#[test]
fn a_task_is_changed() {
    let mut bench = Bench::online();
    bench.snapshot("task-templated");
    let change = update(&bench);
    bench.command("u-1", Command::UpdateTask(Box::new(change.clone())));
    let path = format!("{BASE}/updateContact");
    let mut sent = bench.answer(&path, response(200, &json!({})));
    assert_eq!(sent["ContactId"], change.contact.as_str(), "this contact");
    sent["ContactId"] = json!("CONTACT");
    assert_eq!(sent, fixture_body("update-contact.request"), "what there is keeps its kind, what is new is a link");
    assert_eq!(bench.reply("u-1"), Some(Ok(())), "taken");
}

#[test]
fn a_change_that_is_not_in_order_is_not_sent() {
    let mut bench = Bench::online();
    let mut body = fixture_body("snapshot.task-templated");
    body["snapshot"]["contacts"][0]["references"]["Photo"] = json!({"type": "ATTACHMENT", "value": "photo.png"});
    bench.wait(100);
    bench.answer("GetAgentSnapshot", response(200, &body));
    let good = update(&bench);
    let cases = [
        (TaskUpdate { name: Some(" ".to_owned()), ..good.clone() }, Some("name"), "no title"),
        (TaskUpdate { description: Some("x".repeat(4097)), ..good.clone() }, Some("description"), "a long text"),
        (TaskUpdate { references: vec![value("Invoice", "no")], ..good.clone() }, Some("Invoice"), "no address"),
        (TaskUpdate { references: vec![value("Photo", "x.png")], ..good.clone() }, Some("Photo"), "a file"),
        (TaskUpdate { name: None, description: None, references: Vec::new(), ..good.clone() }, None, "nothing at all"),
    ];
    for (at, (change, field, why)) in cases.into_iter().enumerate() {
        let id = format!("u-{at}");
        bench.command(&id, Command::UpdateTask(Box::new(change)));
        let error = refusal(&bench, &id);
        assert_eq!((error.code, error.field.as_deref()), (CommandCode::Invalid, field), "{why}");
    }
    bench.snapshot("task-ended");
    bench.command("u-late", Command::UpdateTask(Box::new(good)));
    assert_eq!(refusal(&bench, "u-late").code, CommandCode::NotPossible, "it is over");
}

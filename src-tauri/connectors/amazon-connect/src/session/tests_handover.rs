#![allow(clippy::unwrap_used, clippy::expect_used)]
use rstest::rstest;
use serde_json::{Value, json};
use trunkline_connector::{CommandCode, Target};
use trunkline_model::{EndpointId, Outcome};

use super::tests::{Bench, fixture_body, response};
use super::tests_chats::{CHAT, EVENT, chat};
use super::*;
use std::time::Duration;
use trunkline_connector::Command;

fn endpoint(kind: &str) -> Value {
    let kind_of = fixture_body("transfer-contact.request")["endpoint"].clone();
    let mut endpoint = kind_of;
    endpoint["type"] = json!(kind);
    endpoint["phoneNumber"] = json!(null);
    endpoint
}

fn with_directory(bench: &mut Bench, kind: &str) -> Target {
    let deadline = bench.start + bench.at + Duration::from_secs(5);
    bench.give(Input::Lookup { id: LookupId(9), deadline, contact: None });
    let entry = endpoint(kind);
    bench.answer("GetEndpoints", response(200, &json!({"endpoints": [entry]})));
    Target::Endpoint { id: EndpointId::new(entry["endpointARN"].as_str().unwrap()) }
}

#[rstest]
#[case("chat-connected", CHAT, "CreateAdditionalConnection")]
#[case("email-connected", "", "TransferContact")]
#[case("task-connected", "", "CreateAdditionalConnection")]
fn chats_tasks_and_emails_are_handed_over(#[case] name: &str, #[case] id: &str, #[case] operation: &str) {
    let mut bench = Bench::online();
    bench.snapshot(name);
    let contact = bench.contact().unwrap().id;
    assert!(id.is_empty() || contact.as_str() == id, "the fixture's contact");
    let target = with_directory(&mut bench, "queue");
    bench.command("x-1", Command::Transfer { contact: contact.clone(), target, note: String::new() });
    let body = bench.answer(operation, response(200, &json!({})));
    assert_eq!(body["contactId"], contact.as_str(), "which");
    assert_eq!(body["endpoint"]["type"], "queue", "where to");
    assert_eq!(bench.reply("x-1"), Some(Ok(())), "taken");
    bench.snapshot("idle");
    let gone = bench.events.iter().rev().find_map(|event| match event {
        Event::ContactGone { outcome, .. } => Some(*outcome),
        _ => None,
    });
    assert_eq!(gone, Some(Some(Outcome::Transferred)), "and that is how it ended");
}

#[test]
fn chats_do_not_go_to_numbers() {
    let mut bench = Bench::chatting();
    let number = Target::Number { number: "+12025550123".to_owned() };
    bench.command("x-1", Command::Transfer { contact: chat(), target: number, note: String::new() });
    assert_eq!(bench.reply("x-1"), Some(Err(CommandCode::BadTarget)), "agents and queues only");
    let target = with_directory(&mut bench, "phone_number");
    bench.command("x-2", Command::Transfer { contact: chat(), target, note: String::new() });
    assert_eq!(bench.reply("x-2"), Some(Err(CommandCode::BadTarget)), "nor to a quick connect that is one");
}

#[test]
fn tasks_are_laid_aside_and_taken_up() {
    let mut bench = Bench::online();
    bench.snapshot("task-connected");
    let contact = bench.contact().unwrap().id;
    bench.command("p-1", Command::Unpause { contact: contact.clone() });
    assert_eq!(bench.reply("p-1"), Some(Err(CommandCode::NotPossible)), "it is not laid aside");
    bench.command("p-2", Command::Pause { contact: contact.clone() });
    let body = bench.answer("PauseContact", response(200, &json!({})));
    assert_eq!(body, json!({"contactId": contact.as_str()}), "without an authentication member");
    bench.snapshot("task-paused");
    bench.command("p-3", Command::Unpause { contact: bench.contact().unwrap().id });
    bench.answer("ResumeContact", response(200, &json!({})));
    assert_eq!(bench.reply("p-3"), Some(Ok(())), "taken up");
}

#[test]
fn a_task_that_is_about_to_expire_is_told() {
    let mut bench = Bench::online();
    bench.snapshot("task-connected");
    let contact = bench.contact().unwrap().id;
    let content = json!({"ContentType": format!("{EVENT}expire.warning"), "Id": "t-1", "ContactId": contact.as_str(), "Type": "EVENT"});
    let frame = json!({"topic": "aws/task", "content": content.to_string()});
    bench.give(Input::SocketFrame(SocketId(1), frame.to_string()));
    assert!(
        matches!(bench.events.last(), Some(Event::Notice(notice)) if notice.message_key == "notice_task_expiring"),
        "section 9"
    );
}

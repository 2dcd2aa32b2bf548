#![allow(clippy::unwrap_used, clippy::expect_used)]
use rstest::rstest;
use serde_json::{Value, json};
use trunkline_connector::{CommandCode, OutgoingContent};
use trunkline_model::{MessageBody, MessageToken};

use super::tests::{Bench, exception, response};
use super::tests_chats::{chat, item, send};
use super::*;
use crate::fixture;
use bytes::Bytes;
use std::time::Duration;
use trunkline_connector::ports::Progress;

const SEND: &str = "/participant/message";

fn file(name: &str, size: usize) -> (OutgoingContent, tokio::sync::watch::Receiver<u64>) {
    let (progress, watched) = Progress::new();
    let content_type = "application/pdf".to_owned();
    (
        OutgoingContent::File { name: name.to_owned(), content_type, bytes: Bytes::from(vec![7; size]), progress },
        watched,
    )
}

fn file_item(id: &str, role: &str, status: &str) -> Value {
    let mut item = item(id, 20, role, "");
    item["Type"] = json!("ATTACHMENT");
    item.as_object_mut().unwrap().remove("Content");
    let file = json!({"AttachmentId": "att-0001", "AttachmentName": "label.pdf", "ContentType": "application/pdf", "Status": status});
    item["Attachments"] = json!([file]);
    item
}

#[test]
fn a_file_is_announced_uploaded_completed_and_named_by_its_item() {
    let mut bench = Bench::chatting();
    bench.command("c-1", send("t-1", file("C:\\secret\\..\\label.pdf", 48_213).0));
    let reply = fixture::json("amazon-connect-chat", "participant-start-upload.response.json");
    let body = bench.answer("/participant/start-attachment-upload", response(200, &reply));
    assert_eq!(body["AttachmentName"], "label.pdf", "no path leaves this computer");
    assert_eq!((&body["AttachmentSizeInBytes"], &body["ClientToken"]), (&json!(48_213), &json!("t-1")), "form");
    bench.answer("/att-0001", response(200, &json!("")));
    let (_, headers, bytes) = bench.requests.iter().find(|(name, ..)| name == "/att-0001").unwrap();
    assert!(headers.get("x-amz-bearer").is_none(), "the store of files gets no token");
    assert_eq!(headers["content-disposition"], "attachment; filename=\"label.pdf\"", "headers of the signature");
    assert_eq!(bytes.len(), 48_213, "raw");
    bench.socket_item(&file_item("m-20", "AGENT", "IN_PROGRESS"));
    assert!(bench.messages().is_empty(), "held back until it is ours for sure");
    bench.answer("/participant/complete-attachment-upload", response(200, &json!({})));
    let told = bench.messages().pop().unwrap();
    assert_eq!((told.id.as_str(), told.token), ("m-20", Some(MessageToken::from("t-1"))), "named by its item");
    assert_eq!(bench.reply("c-1"), Some(Ok(())), "sent");
    bench.socket_item(&file_item("m-20", "AGENT", "APPROVED"));
    let checked = bench.messages().pop().unwrap();
    assert!(
        matches!(&checked.body, MessageBody::Attachments { files, .. } if files[0].state == trunkline_model::AttachmentState::Ready),
        "checked"
    );
    assert_eq!(checked.token, Some(MessageToken::from("t-1")), "still ours");
}

#[test]
fn a_file_that_does_not_show_is_looked_for_in_the_transcript() {
    let mut bench = Bench::chatting();
    bench.command("c-1", send("t-1", file("label.pdf", 3).0));
    let reply = fixture::json("amazon-connect-chat", "participant-start-upload.response.json");
    bench.answer("/participant/start-attachment-upload", response(200, &reply));
    bench.answer("/att-0001", response(200, &json!("")));
    bench.answer("/participant/complete-attachment-upload", exception(409, "ConflictException"));
    assert_eq!(bench.reply("c-1"), None, "it is there, but unnamed");
    bench.wait(3_000);
    bench.transcript(&[file_item("m-20", "AGENT", "APPROVED")], None);
    assert_eq!(bench.reply("c-1"), Some(Ok(())), "found");
}

#[rstest]
#[case("empty.pdf", 0, CommandCode::Invalid)]
#[case("large.pdf", (20 << 20) + 1, CommandCode::Invalid)]
#[case("program.exe", 5, CommandCode::Invalid)]
#[case("no-ending", 5, CommandCode::Invalid)]
#[case("/", 5, CommandCode::Invalid)]
fn files_that_are_not_taken_are_refused_before_the_upload(
    #[case] name: &str,
    #[case] size: usize,
    #[case] code: CommandCode,
) {
    let mut bench = Bench::chatting();
    bench.command("c-1", send("t-1", file(name, size).0));
    assert_eq!(bench.reply("c-1"), Some(Err(code)), "{name}");
    assert!(bench.requests.iter().all(|(path, ..)| !path.contains("upload")), "nothing is announced");
}

#[test]
fn a_file_nobody_waits_for_is_stopped() {
    let mut bench = Bench::chatting();
    bench.command("c-1", send("t-1", file("label.pdf", 3).0));
    let reply = fixture::json("amazon-connect-chat", "participant-start-upload.response.json");
    bench.answer("/participant/start-attachment-upload", response(200, &reply));
    assert_eq!(bench.waiting("/att-0001"), 1, "on its way");
    bench.give(Input::Abandoned(CommandId::from("c-1")));
    assert_eq!(bench.waiting("/att-0001"), 0, "stopped");
    bench.say("c-2", "t-2", "next");
    assert_eq!(bench.waiting(SEND), 1, "and the next may go");
    bench.give(Input::Abandoned(CommandId::from("c-2")));
    assert_eq!(bench.waiting(SEND), 1, "words are not stopped: they may have arrived");
}

#[test]
fn a_file_is_fetched_without_a_bearer() {
    let mut bench = Bench::chatting();
    let mut theirs = file_item("m-20", "CUSTOMER", "APPROVED");
    theirs["Attachments"][0]["AttachmentName"] = json!("../../etc/passwd");
    bench.socket_item(&theirs);
    let (progress, _watched) = Progress::new();
    let deadline = bench.start + bench.at + Duration::from_secs(60);
    let id = LookupId(1);
    bench.give(Input::FetchFile {
        id,
        deadline,
        contact: chat(),
        attachment: "att-0001".to_owned(),
        progress: progress.clone(),
    });
    let reply = fixture::json("amazon-connect-chat", "participant-get-attachment.response.json");
    let body = bench.answer("/participant/attachment", response(200, &reply));
    assert_eq!(body, fixture::json("amazon-connect-chat", "participant-get-attachment.request.json")["body"], "form");
    bench.answer("/att-0001", response(200, &json!("content")));
    let (_, headers, _) = bench.requests.iter().find(|(name, ..)| name == "/att-0001").unwrap();
    assert!(headers.is_empty(), "no bearer, no cookies of ours");
    let (_, answer) = bench.files.pop().unwrap();
    let fetched = answer.unwrap();
    assert_eq!(
        (fetched.name.as_str(), &fetched.bytes[..]),
        ("../../etc/passwd", &b"\"content\""[..]),
        "as it was given"
    );
    let id = LookupId(2);
    bench.give(Input::FetchFile { id, deadline, contact: chat(), attachment: "att-0001".to_owned(), progress });
    bench.give(Input::FileDropped(id));
    assert_eq!(bench.waiting("/participant/attachment"), 0, "nobody waits: stopped");
}

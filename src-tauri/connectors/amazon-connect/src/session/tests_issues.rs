#![allow(clippy::unwrap_used, clippy::expect_used)]
use serde_json::json;
use trunkline_connector::CommandCode;
use trunkline_model::{ContactId, IssueKind};

use super::tests::{Bench, exception, response};
use trunkline_connector::Command;

const WORDS: &str = "she heard nothing\nat all";

fn report(bench: &Bench, kind: IssueKind) -> Command {
    Command::ReportIssue { contact: bench.contact().unwrap().id, kind, text: WORDS.to_owned() }
}

#[test]
fn a_problem_is_told_with_its_code_and_the_agents_words() {
    let mut bench = Bench::online();
    bench.snapshot("voice-connected");
    let sound = report(&bench, IssueKind::Sound);
    bench.command("r-1", sound);
    let body = bench.answer("NotifyContactIssue", response(200, &json!({})));
    let contact = bench.contact().unwrap().id;
    assert_eq!(body["contactId"], contact.as_str());
    assert_eq!((&body["issueCode"], &body["description"]), (&json!("AUDIO_ISSUE"), &json!(WORDS)), "the recorded form");
    assert!(body["authentication"]["authToken"].is_string(), "section 4.1: with authentication");
    assert_eq!(bench.reply("r-1"), Some(Ok(())), "taken");
}

#[test]
fn a_refused_report_is_told_and_is_not_sent_again_by_itself() {
    let mut bench = Bench::online();
    bench.snapshot("voice-connected");
    let other = report(&bench, IssueKind::Other);
    bench.command("r-1", other.clone());
    bench.answer("NotifyContactIssue", exception(500, "InternalServiceException"));
    let reply = bench.reply("r-1").expect("the agent hears of it");
    assert!(reply.is_err(), "{reply:?}");
    bench.command("r-2", other);
    bench.answer("NotifyContactIssue", response(200, &json!({})));
    assert_eq!(bench.reply("r-2"), Some(Ok(())), "the agent's next try is a report of its own");
    let gone = Command::ReportIssue { contact: ContactId::new("gone"), kind: IssueKind::Other, text: String::new() };
    bench.command("r-3", gone);
    assert_eq!(bench.reply("r-3"), Some(Err(CommandCode::NotPossible)), "of a contact that is there");
}

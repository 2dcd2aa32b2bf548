#![allow(clippy::unwrap_used)]
use serde_json::json;
use trunkline_connector::{Command, CommandCode};
use trunkline_model::{ConversationEvent, MessageBody};

use super::tests::{Bench, exception};
use super::tests_chats::{EVENT, chat, item};

const TRANSCRIPT: &str = "/participant/transcript";

fn brought_back(bench: &mut Bench) {
    let mut event = item("e-1", 50, "SYSTEM", "");
    event["Type"] = json!("EVENT");
    event["ContentType"] = json!(format!("{EVENT}chat.rehydrated"));
    bench.socket_item(&event);
}

#[test]
fn a_chat_that_is_brought_back_says_so_and_its_earlier_messages_can_be_read() {
    let mut bench = Bench::chatting();
    bench.socket_item(&item("m-20", 20, "CUSTOMER", "hello again"));
    let known = bench.ids().len();
    brought_back(&mut bench);
    let line = MessageBody::Event { event: ConversationEvent::Resumed };
    assert_eq!(bench.messages().last().unwrap().body, line, "told as what it is, and not as a message");
    assert!(bench.frame().has_older, "there is more now");
    bench.command("c-1", Command::LoadOlder { contact: chat() });
    bench.answer(TRANSCRIPT, exception(500, "InternalServerException"));
    assert_eq!(bench.reply("c-1"), Some(Err(CommandCode::Unavailable)), "a failure is told");
    assert!(bench.frame().has_older, "and loses nothing");
    bench.command("c-2", Command::LoadOlder { contact: chat() });
    let body = bench.transcript(&[item("p-1", 1, "CUSTOMER", "last week")], Some("older-1"));
    assert!(body["StartPosition"]["Id"].is_string(), "before the oldest that is known");
    assert_eq!(bench.reply("c-2"), Some(Ok(())), "read");
    assert_eq!(bench.ids().len(), known + 2, "the line and the earlier message");
    bench.command("c-3", Command::LoadOlder { contact: chat() });
    bench.transcript(&[item("p-0", 0, "CUSTOMER", "before that")], None);
    assert!(!bench.frame().has_older, "page by page to the end");
}

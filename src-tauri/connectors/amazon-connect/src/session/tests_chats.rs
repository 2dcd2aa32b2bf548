#![allow(clippy::unwrap_used, clippy::expect_used)]
use rstest::rstest;
use serde_json::{Value, json};
use trunkline_connector::{CommandCode, OutgoingContent};
use trunkline_model::{
    AuthorRole, Conversation, ConversationState, Delivery, Message, MessageBody, MessageId, MessageToken,
};

use super::tests::{Bench, exception, fixture_body, response};
use super::*;
use crate::fixture;
use trunkline_connector::Command;
use trunkline_connector::ports::{HttpFailure, HttpResponse};

pub(super) const CHAT: &str = "2de777aa-2141-450e-8de0-5761ecdf952f";
const ME: &str = "0bb74291-f9b5-43c0-8921-2d8a2ff7bb4d";
const CUSTOMER: &str = "3022e174-ca20-4a54-919f-2257ddf68b9b";
pub(super) const EVENT: &str = "application/vnd.amazonaws.connect.event.";
const TRANSCRIPT: &str = "/participant/transcript";
const SEND: &str = "/participant/message";
const TELL: &str = "/participant/event";

/// A time of the platform: seconds after noon.
fn at(second: u64) -> String {
    format!("2026-08-08T12:{:02}:{:02}.000Z", second / 60, second % 60)
}

pub(super) fn item(id: &str, second: u64, role: &str, text: &str) -> Value {
    let participant = if role == "AGENT" { ME } else { CUSTOMER };
    json!({
        "AbsoluteTime": at(second), "ContentType": "text/plain", "Id": id, "Type": "MESSAGE",
        "InitialContactId": CHAT, "ContactId": CHAT, "ParticipantId": participant, "DisplayName": role,
        "ParticipantRole": role, "Content": text,
    })
}

fn event(id: &str, second: u64, kind: &str) -> Value {
    json!({
        "AbsoluteTime": at(second), "ContentType": format!("{EVENT}{kind}"), "Id": id, "Type": "EVENT",
        "InitialContactId": CHAT, "ContactId": CHAT, "ParticipantId": CUSTOMER, "DisplayName": "Ana",
        "ParticipantRole": "CUSTOMER",
    })
}

fn receipt(id: &str, recipient: &str, read: bool) -> Value {
    let mut receipt = json!({"RecipientParticipantId": recipient, "DeliveredTimestamp": at(50)});
    if read {
        receipt["ReadTimestamp"] = json!(at(51));
    }
    json!({"Type": "MESSAGEMETADATA", "MessageMetadata": {"MessageId": id, "Receipts": [receipt]}})
}

impl Bench {
    pub(super) fn socket_item(&mut self, item: &Value) {
        let frame = json!({"topic": "aws/chat", "contentType": "application/json", "content": item.to_string()});
        self.give(Input::SocketFrame(SocketId(1), frame.to_string()));
    }

    pub(super) fn transcript(&mut self, items: &[Value], next: Option<&str>) -> Value {
        let mut body = json!({"InitialContactId": CHAT, "Transcript": items});
        if let Some(next) = next {
            body["NextToken"] = json!(next);
        }
        self.answer(TRANSCRIPT, response(200, &body))
    }

    /// The connection token, good for that long by the platform's clock.
    pub(super) fn chat_token(&mut self, token: &str, life_seconds: i64, skew_seconds: i64) -> Value {
        let expiry = (self.wall.0 / 1000 + life_seconds + skew_seconds) as f64;
        let body = json!({"chatTokenTransport": {"participantToken": token, "expiry": expiry}});
        self.answer("CreateTransport", response(200, &body))
    }

    /// Online, with a chat that is open.
    pub(super) fn chatting() -> Self {
        Self::online().join()
    }

    pub(super) fn join(mut self) -> Self {
        self.snapshot("chat-connected");
        self.chat_token("CONNECTION-TOKEN", 86_400, 0);
        self.answer("/participant/connection", response(200, &json!({})));
        self.transcript(&[item("m-1", 1, "CUSTOMER", "Hello")], None);
        assert_eq!(self.frame().state, ConversationState::Open, "joined");
        self.wait(10_000);
        if self.waiting(TELL) > 0 {
            self.answer(TELL, response(200, &json!({})));
        }
        self.wait(10_000);
        self.events.clear();
        self.requests.clear();
        self
    }

    pub(super) fn frame(&self) -> Conversation {
        let frames = self.events.iter().rev();
        let frame = frames.filter_map(|event| match event {
            Event::Conversation { conversation, .. } => Some((**conversation).clone()),
            _ => None,
        });
        frame.into_iter().next().expect("a frame was told")
    }

    pub(super) fn messages(&self) -> Vec<Message> {
        let told = self.events.iter().filter_map(|event| match event {
            Event::Message { message, .. } => Some((**message).clone()),
            _ => None,
        });
        told.collect()
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.messages().iter().map(|message| message.id.as_str().to_owned()).collect()
    }

    pub(super) fn say(&mut self, command: &str, token: &str, text: &str) {
        let content = OutgoingContent::Text { text: text.to_owned(), markdown: false, reply_to: None, internal: false };
        self.command(command, send(token, content));
    }

    pub(super) fn bearers(&self, path: &str) -> Vec<String> {
        let of_path = self.requests.iter().filter(|(name, ..)| name == path);
        of_path.map(|(_, headers, _)| headers["x-amz-bearer"].to_str().unwrap().to_owned()).collect()
    }

    pub(super) fn receipts_sent(&self) -> Vec<(String, String)> {
        let sent = self.requests.iter().filter(|(name, ..)| name == TELL).map(|(_, _, body)| {
            let body: Value = serde_json::from_slice(body).unwrap();
            let kind = body["ContentType"].as_str().unwrap().rsplit('.').next().unwrap().to_owned();
            let content: Value = serde_json::from_str(body["Content"].as_str().unwrap_or("{}")).unwrap();
            (kind, content["messageId"].as_str().unwrap_or_default().to_owned())
        });
        sent.collect()
    }
}

pub(super) fn chat() -> ContactId {
    ContactId::from(CHAT)
}

pub(super) fn send(token: &str, content: OutgoingContent) -> Command {
    Command::SendMessage { contact: chat(), token: MessageToken::from(token), content }
}

pub(super) fn sent(id: &str, second: u64) -> HttpResponse {
    response(200, &json!({"Id": id, "AbsoluteTime": at(second)}))
}

#[test]
fn a_chat_is_joined_when_the_agents_leg_is_active() {
    let mut bench = Bench::online();
    bench.snapshot("chat-incoming");
    assert_eq!(bench.waiting("CreateTransport"), 0, "not while it rings");
    bench.snapshot("chat-connected");
    assert_eq!(bench.frame().state, ConversationState::Joining, "being joined");
    let order = |event: &Event| matches!(event, Event::Contact(_) | Event::Conversation { .. });
    let last: Vec<_> = bench.events.iter().filter(|event| order(event)).collect();
    assert!(matches!(last[..], [.., Event::Contact(_), Event::Conversation { .. }]), "its contact comes first");
    let asked = bench.chat_token("CONNECTION-TOKEN", 86_400, 0);
    assert_eq!(asked["participantId"], ME, "main document 4.4");
    assert_eq!(asked["contactId"], CHAT, "main document 4.4");
    let body = bench.answer("/participant/connection", response(200, &json!({})));
    assert_eq!(body, fixture::json("amazon-connect-chat", "participant-connection.ack.request.json")["body"], "ack");
    assert_eq!(bench.bearers("/participant/connection"), ["EXAMPLE-PARTICIPANT-TOKEN"], "with the participant token");
    let items = [event("e-1", 0, "participant.joined"), item("m-1", 1, "CUSTOMER", "Hello")];
    let body = bench.transcript(&items, Some("older"));
    assert_eq!(
        body,
        fixture::json("amazon-connect-chat", "participant-transcript.request.json")["body"],
        "as recorded"
    );
    assert_eq!(bench.bearers(TRANSCRIPT), ["CONNECTION-TOKEN"], "with the connection token");
    assert_eq!(bench.ids(), ["e-1", "m-1"], "what was there already");
    assert!(matches!(bench.events.last(), Some(Event::Conversation { .. })), "then it opens");
    let frame = bench.frame();
    assert_eq!((frame.state, frame.has_older, frame.attachments), (ConversationState::Open, true, true), "the frame");
    assert_eq!(frame.participants.len(), 1, "the customer");
}

#[test]
fn what_is_sent_is_shown_once_though_its_echo_comes_first() {
    let mut bench = Bench::chatting();
    bench.say("c-1", "t-1", "Hi <b>there</b>");
    bench.socket_item(&item("m-9", 9, "AGENT", "Hi <b>there</b>"));
    assert!(bench.messages().is_empty(), "the echo is held back: it has no token yet");
    bench.socket_item(&item("m-8", 8, "CUSTOMER", "others are not held back"));
    assert_eq!(bench.ids(), ["m-8"], "theirs");
    let body = bench.answer(SEND, sent("m-9", 9));
    assert_eq!(body["ClientToken"], "t-1", "the platform knows the token");
    assert_eq!(body["Content"], "Hi <b>there</b>", "verbatim");
    let told = bench.messages().pop().unwrap();
    assert_eq!((told.id.as_str(), told.token), ("m-9", Some(MessageToken::from("t-1"))), "with its token");
    assert_eq!(told.author.role, AuthorRole::Me, "ours");
    assert_eq!(told.delivery, Some(Delivery::Sent), "the platform has it");
    assert_eq!(bench.reply("c-1"), Some(Ok(())), "and answered");
    bench.events.clear();
    bench.socket_item(&item("m-9", 9, "AGENT", "Hi <b>there</b>"));
    assert!(bench.messages().is_empty(), "a duplicate is nothing");
}

#[test]
fn an_echo_after_the_answer_keeps_the_token() {
    let mut bench = Bench::chatting();
    bench.say("c-1", "t-1", "Hi");
    bench.answer(SEND, sent("m-9", 9));
    assert_eq!(bench.ids(), ["m-9"], "told from the answer");
    bench.socket_item(&item("m-9", 9, "AGENT", "Hi"));
    let named = bench.messages().pop().unwrap();
    assert_eq!(named.token, Some(MessageToken::from("t-1")), "the same message");
    bench.socket_item(&item("m-9", 9, "AGENT", "Hi"));
    assert!(bench.messages().len() <= 2, "a duplicate is nothing");
}

#[test]
fn a_lost_answer_is_repeated_by_the_outbox_with_the_same_token() {
    let mut bench = Bench::chatting();
    bench.say("c-1", "t-1", "Hi");
    bench.socket_item(&item("m-9", 9, "AGENT", "Hi"));
    bench.fail(SEND, HttpFailure::Broken);
    assert_eq!(bench.reply("c-1"), Some(Err(CommandCode::Unavailable)), "it may have arrived");
    assert_eq!(bench.messages().last().unwrap().token, None, "the held one is shown");
    bench.say("c-2", "t-1", "Hi");
    let body = bench.answer(SEND, sent("m-9", 9));
    assert_eq!(body["ClientToken"], "t-1", "the same token");
    let told = bench.messages().pop().unwrap();
    assert_eq!((told.id.as_str(), told.token.is_some()), ("m-9", true), "the same message now has its token");
}

#[rstest]
#[case(exception(500, "InternalServerException"), CommandCode::Unavailable)]
#[case(exception(429, "ThrottlingException"), CommandCode::Unavailable)]
#[case(exception(400, "ValidationException"), CommandCode::Invalid)]
#[case(exception(402, "ServiceQuotaExceededException"), CommandCode::LimitReached)]
#[case(exception(409, "ConflictException"), CommandCode::NotPossible)]
#[case(response(200, &json!({"Id": 7})), CommandCode::Unavailable)]
fn refusals_are_told_in_classes(#[case] answer: HttpResponse, #[case] code: CommandCode) {
    let mut bench = Bench::chatting();
    bench.say("c-1", "t-1", "Hi");
    bench.answer(SEND, answer);
    assert_eq!(bench.reply("c-1"), Some(Err(code)), "section 5");
    assert_eq!(bench.waiting(SEND), 0, "the outbox repeats, not the connector");
}

#[test]
fn nothing_overtakes_a_message_that_may_not_have_arrived() {
    let mut bench = Bench::chatting();
    bench.say("c-1", "t-1", "one");
    bench.say("c-2", "t-2", "two");
    assert_eq!(bench.waiting(SEND), 1, "one at a time");
    bench.answer(SEND, exception(500, "InternalServerException"));
    assert_eq!(bench.reply("c-1"), Some(Err(CommandCode::Unavailable)), "the first failed");
    assert_eq!(bench.reply("c-2"), Some(Err(CommandCode::Unavailable)), "the second does not go before it");
    assert_eq!(bench.waiting(SEND), 0, "nothing is sent");
    bench.say("c-3", "t-1", "one");
    bench.say("c-4", "t-2", "two");
    assert_eq!(bench.answer(SEND, sent("m-2", 2))["Content"], "one", "in order");
    assert_eq!(bench.answer(SEND, sent("m-3", 3))["Content"], "two", "in order");
}

#[test]
fn a_deadline_stops_the_attempt() {
    let mut bench = Bench::chatting();
    bench.say("c-1", "t-1", "one");
    bench.wait(10_000);
    assert_eq!(bench.reply("c-1"), Some(Err(CommandCode::Timeout)), "answered in time");
    assert_eq!(bench.waiting(SEND), 0, "and given up");
    bench.say("c-2", "t-1", "one");
    assert_eq!(bench.waiting(SEND), 1, "the repetition goes out");
}

#[rstest]
#[case("", CommandCode::Invalid)]
#[case(&"x".repeat(1025), CommandCode::Invalid)]
#[case(&"ü".repeat(513), CommandCode::Invalid)]
fn impossible_texts_are_refused_before_they_are_sent(#[case] text: &str, #[case] code: CommandCode) {
    let mut bench = Bench::chatting();
    bench.say("c-1", "t-1", text);
    assert_eq!(bench.reply("c-1"), Some(Err(code)), "{} bytes", text.len());
    assert_eq!(bench.waiting(SEND), 0, "not sent");
}

#[test]
fn a_refused_connection_token_is_renewed_and_the_message_goes_out_once_more() {
    let mut bench = Bench::chatting();
    bench.say("c-1", "t-1", "Hi");
    bench.answer(SEND, exception(403, "AccessDeniedException"));
    assert_eq!(bench.reply("c-1"), None, "not the agent's business");
    bench.chat_token("SECOND-TOKEN", 86_400, 0);
    let body = bench.answer(SEND, exception(403, "AccessDeniedException"));
    assert_eq!(body["ClientToken"], "t-1", "the same message");
    assert_eq!(bench.bearers(SEND), ["CONNECTION-TOKEN", "SECOND-TOKEN"], "with the new token");
    assert_eq!(bench.reply("c-1"), Some(Err(CommandCode::NotPossible)), "a second refusal means: it is over");
}

#[rstest]
#[case(0)]
#[case(7_200)]
#[case(-7_200)]
fn the_token_is_renewed_a_minute_before_its_end_by_the_platforms_clock(#[case] skew: i64) {
    let mut bench = Bench::online();
    let mut body = fixture_body("snapshot.chat-connected");
    body["snapshot"]["snapshotTimestamp"] = json!(bench.wall.0 / 1000 + skew);
    bench.wait(100);
    bench.answer("GetAgentSnapshot", response(200, &body));
    bench.chat_token("FIRST", 300, skew);
    bench.answer("/participant/connection", response(200, &json!({})));
    bench.transcript(&[], None);
    for _ in 0..23 {
        bench.wait(10_000);
        bench.fail_configuration();
    }
    assert_eq!(bench.waiting("CreateTransport"), 0, "skew {skew}: not at 230 s of 300");
    bench.wait(10_100);
    assert_eq!(bench.waiting("CreateTransport"), 1, "skew {skew}: at 240 s");
    bench.chat_token("SECOND", 300, skew);
    bench.say("c-1", "t-1", "Hi");
    assert_eq!(bench.bearers(SEND), ["SECOND"], "the new one is used");
}

impl Bench {
    /// The configuration round of a long test is of no interest.
    fn fail_configuration(&mut self) {
        if self.waiting("GetAgentConfiguration") > 0 {
            self.configure();
        }
    }
}

#[test]
fn without_create_transport_the_participant_token_gives_a_connection() {
    let mut bench = Bench::online();
    bench.snapshot("chat-connected");
    bench.answer("CreateTransport", exception(500, "InternalServiceError"));
    let reply = fixture::json("amazon-connect-chat", "participant-connection.full.response.json");
    let body = bench.answer("/participant/connection", response(200, &reply));
    assert_eq!(body, fixture::json("amazon-connect-chat", "participant-connection.full.request.json")["body"], "form");
    bench.transcript(&[], None);
    assert_eq!(bench.bearers(TRANSCRIPT), ["EXAMPLE-CONNECTION-TOKEN"], "its credentials serve");
    assert_eq!(bench.frame().state, ConversationState::Open, "open");
    assert_eq!(bench.waiting("/participant/connection"), 0, "it was the acknowledgement too");
}

#[test]
fn a_chat_that_cannot_be_joined_is_shown_broken_and_tried_again() {
    let mut bench = Bench::online();
    bench.snapshot("chat-connected");
    for pause in [1_000, 2_000, 5_000] {
        bench.fail("CreateTransport", HttpFailure::Connect);
        bench.wait(pause);
    }
    assert_eq!(bench.frame().state, ConversationState::Broken, "three failures in a row");
    bench.say("c-1", "t-1", "Hi");
    assert_eq!(bench.reply("c-1"), Some(Err(CommandCode::Unavailable)), "the outbox keeps it");
    bench.chat_token("LATE", 86_400, 0);
    bench.transcript(&[], None);
    assert_eq!(bench.frame().state, ConversationState::Open, "mended by itself");
}

#[test]
fn a_lost_socket_leaves_no_gap() {
    let mut bench = Bench::chatting();
    bench.socket_item(&item("m-2", 2, "CUSTOMER", "two"));
    bench.give(Input::SocketLost(SocketId(1)));
    bench.answer("CreateTransport", response(200, &fixture_body("create-transport.web-socket.response")));
    let id = SocketId(2);
    bench.give(Input::SocketOpened(id));
    let topics = fixture::text("amazon-connect-chat", "ws-subscribe.success.json");
    bench.give(Input::SocketFrame(id, topics));
    bench.events.clear();
    let body = bench.transcript(&[item("m-5", 5, "CUSTOMER", "five")], Some("page-2"));
    assert_eq!(body["MaxResults"], 100, "section 3.3");
    let body =
        bench.transcript(&[item("m-2", 2, "CUSTOMER", "two"), item("m-3", 3, "CUSTOMER", "three")], Some("page-3"));
    assert_eq!(body["NextToken"], "page-2", "backwards, page by page");
    assert_eq!(bench.waiting(TRANSCRIPT), 0, "until a known one comes");
    assert_eq!(bench.ids(), ["m-5", "m-3"], "each missed one once");
    assert_eq!(bench.frame_count(), 0, "the chat was open all the time");
}

/// The ids that were told, as a list by time and order shows them.
fn in_order(bench: &Bench) -> Vec<String> {
    let mut told = bench.messages();
    told.sort_by_key(|message| (message.at, message.order));
    told.iter().map(|message| message.id.as_str().to_owned()).collect()
}

#[test]
fn messages_of_one_moment_keep_the_platforms_order_whatever_page_brings_them() {
    let words = |id: &str| item(id, 9, "CUSTOMER", id);
    let mut bench = Bench::online();
    bench.snapshot("chat-connected");
    bench.chat_token("T", 86_400, 0);
    bench.transcript(&[words("e"), words("f")], Some("older-1"));
    bench.socket_item(&words("g"));
    bench.command("c-1", Command::LoadOlder { contact: chat() });
    bench.transcript(&[words("c"), words("d")], Some("older-2"));
    bench.command("c-2", Command::LoadOlder { contact: chat() });
    bench.transcript(&[words("a"), words("b")], None);
    assert_eq!(in_order(&bench), ["a", "b", "c", "d", "e", "f", "g"], "older pages stand before");
    bench.give(Input::SocketLost(SocketId(1)));
    bench.answer("CreateTransport", response(200, &fixture_body("create-transport.web-socket.response")));
    let id = SocketId(2);
    bench.give(Input::SocketOpened(id));
    bench.give(Input::SocketFrame(id, fixture::text("amazon-connect-chat", "ws-subscribe.success.json")));
    let live = json!({"topic": "aws/chat", "contentType": "application/json", "content": words("l").to_string()});
    bench.give(Input::SocketFrame(id, live.to_string()));
    bench.transcript(&[words("j"), words("k"), words("l")], Some("page-2"));
    bench.transcript(&[words("g"), words("h"), words("i")], None);
    let all = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    assert_eq!(in_order(&bench), all, "what closes a gap stands between what was before and what came since");
}

#[test]
fn one_of_ours_stands_where_its_echo_comes_although_its_answer_came_first() {
    let mut bench = Bench::chatting();
    bench.say("c-1", "t-1", "ours");
    bench.answer(SEND, sent("m-ours", 9));
    bench.socket_item(&item("m-theirs", 9, "CUSTOMER", "theirs"));
    bench.socket_item(&item("m-ours", 9, "AGENT", "ours"));
    let last = |id: &str| bench.messages().into_iter().rfind(|message| message.id.as_str() == id).unwrap();
    let (ours, theirs) = (last("m-ours"), last("m-theirs"));
    assert_eq!(ours.at, theirs.at, "both at the same moment");
    assert!(theirs.order < ours.order, "the platform had theirs first");
    assert!(ours.token.is_some(), "and ours is still known by its token");
}

impl Bench {
    fn frame_count(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::Conversation { .. })).count()
    }
}

#[test]
fn older_messages_come_page_by_page() {
    let mut bench = Bench::online();
    bench.snapshot("chat-connected");
    bench.chat_token("T", 86_400, 0);
    bench.transcript(&[item("m-9", 9, "CUSTOMER", "nine")], Some("older-1"));
    let older = || Command::LoadOlder { contact: chat() };
    bench.command("c-1", older());
    let body = bench.transcript(&[item("m-8", 8, "CUSTOMER", "eight")], Some("older-2"));
    assert_eq!(body["NextToken"], "older-1", "from where the first page began");
    assert_eq!(bench.reply("c-1"), Some(Ok(())), "after the messages");
    bench.command("c-2", older());
    bench.answer(TRANSCRIPT, exception(400, "ValidationException"));
    let body = bench.transcript(&[item("m-7", 7, "CUSTOMER", "seven"), item("m-8", 8, "CUSTOMER", "eight")], None);
    assert_eq!(body["StartPosition"]["Id"], "m-8", "a stale page token: on from the oldest that is known");
    assert_eq!(bench.ids(), ["m-9", "m-8", "m-7"], "each once");
    assert!(!bench.frame().has_older, "and that was all");
    bench.command("c-3", older());
    assert_eq!(bench.reply("c-3"), Some(Ok(())), "nothing more to read");
    assert_eq!(bench.waiting(TRANSCRIPT), 0, "and nothing asked");
}

#[test]
fn receipts_show_how_far_ours_got() {
    let mut bench = Bench::chatting();
    bench.socket_item(&receipt("m-9", CUSTOMER, false));
    bench.say("c-1", "t-1", "one");
    bench.answer(SEND, sent("m-9", 9));
    bench.say("c-2", "t-2", "two");
    bench.answer(SEND, sent("m-10", 10));
    let delivery = |bench: &Bench, id: &str| {
        bench.messages().into_iter().rev().find(|message| message.id.as_str() == id).unwrap().delivery
    };
    bench.events.clear();
    bench.socket_item(&receipt("m-10", ME, true));
    assert!(bench.messages().is_empty(), "what we did is not what they did");
    bench.socket_item(&receipt("m-10", CUSTOMER, true));
    assert_eq!(delivery(&bench, "m-10"), Some(Delivery::Read), "seen");
    assert_eq!(delivery(&bench, "m-9"), Some(Delivery::Read), "and so were the earlier ones");
    bench.events.clear();
    bench.socket_item(&receipt("m-10", CUSTOMER, false));
    assert!(bench.messages().is_empty(), "a late one does not set it back");
}

#[test]
fn typing_is_told_seldom_and_shown_for_a_while() {
    let mut bench = Bench::chatting();
    for n in 0..5 {
        bench.command(&format!("t-{n}"), Command::Typing { contact: chat() });
        assert_eq!(bench.reply(&format!("t-{n}")), Some(Ok(())), "answered at once");
        bench.wait(1_000);
    }
    assert_eq!(bench.receipts_sent(), [("typing".to_owned(), String::new())], "one event in ten seconds");
    bench.wait(5_000);
    bench.command("t-9", Command::Typing { contact: chat() });
    assert_eq!(bench.receipts_sent().len(), 2, "then another");
    bench.socket_item(&event("e-1", 3, "typing"));
    assert_eq!(bench.frame().typing.len(), 1, "the customer types");
    bench.wait(11_999);
    assert_eq!(bench.frame().typing.len(), 1, "still");
    bench.wait(1);
    assert!(bench.frame().typing.is_empty(), "not for ever");
    bench.socket_item(&event("e-2", 4, "typing"));
    bench.socket_item(&item("m-4", 4, "CUSTOMER", "done"));
    assert!(bench.frame().typing.is_empty(), "who has written types no more");
}

#[test]
fn receipts_are_sent_as_rarely_as_the_vendors_client_does() {
    let mut bench = Bench::chatting();
    bench.socket_item(&item("m-2", 2, "CUSTOMER", "two"));
    bench.wait(299);
    assert!(bench.receipts_sent().is_empty(), "delivered waits 300 ms");
    bench.wait(1);
    assert_eq!(bench.receipts_sent(), [("delivered".to_owned(), "m-2".to_owned())], "then it goes out");
    for (n, second) in [("m-3", 3), ("m-4", 4)] {
        bench.socket_item(&item(n, second, "CUSTOMER", "more"));
    }
    bench.command("r-1", Command::MarkRead { contact: chat(), message: MessageId::from("m-4") });
    assert_eq!(bench.receipts_sent().len(), 1, "not within five seconds");
    bench.wait(5_000);
    assert_eq!(bench.receipts_sent()[1..], [("read".to_owned(), "m-4".to_owned())], "the latest read alone");
    bench.answer(TELL, exception(409, "ConflictException"));
    bench.wait(20_000);
    assert_eq!(bench.receipts_sent().len(), 2, "a conflict is swallowed, and nothing is told twice");
    bench.command("r-2", Command::MarkRead { contact: chat(), message: MessageId::from("m-3") });
    bench.wait(10_000);
    assert_eq!(bench.receipts_sent().len(), 2, "an earlier one is settled");
}

#[test]
fn after_the_end_nothing_is_told_or_sent() {
    let mut bench = Bench::chatting();
    bench.socket_item(&item("m-2", 2, "CUSTOMER", "two"));
    bench.socket_item(&event("e-9", 3, "chat.ended"));
    assert_eq!(bench.frame().state, ConversationState::Ended, "over");
    bench.command("r-1", Command::MarkRead { contact: chat(), message: MessageId::from("m-2") });
    bench.command("t-1", Command::Typing { contact: chat() });
    bench.say("c-1", "t-1", "too late");
    bench.wait(20_000);
    assert!(bench.receipts_sent().is_empty(), "no receipt, no typing");
    assert_eq!(bench.reply("c-1"), Some(Err(CommandCode::NotPossible)), "no message");
    assert_eq!(bench.waiting(SEND), 0, "not even tried");
}

#[test]
fn receipts_can_be_switched_off() {
    let settings = json!({"address": "https://example.my.connect.aws", "chat_receipts": false});
    let mut bench = Bench::with(&settings).go_online().join();
    bench.socket_item(&item("m-2", 2, "CUSTOMER", "two"));
    bench.command("r-1", Command::MarkRead { contact: chat(), message: MessageId::from("m-2") });
    bench.wait(20_000);
    assert!(bench.receipts_sent().is_empty(), "none");
}

#[test]
fn the_end_of_an_earlier_contact_is_not_ours() {
    let mut bench = Bench::online();
    bench.snapshot("chat-connected");
    bench.chat_token("T", 86_400, 0);
    let mut handed_over = event("e-1", 1, "transfer.succeeded");
    handed_over["ContactId"] = json!("the-first-agents-contact");
    bench.transcript(&[handed_over.clone()], None);
    assert_eq!(bench.frame().state, ConversationState::Open, "it came to us by a transfer");
    bench.socket_item(&handed_over);
    assert_eq!(bench.frame().state, ConversationState::Open, "however often it is told");
    bench.socket_item(&event("e-2", 2, "transfer.succeeded"));
    assert_eq!(bench.frame().state, ConversationState::Ended, "ours ends it");
}

#[test]
fn two_chats_do_not_mix() {
    let mut bench = Bench::online();
    let mut body = fixture_body("snapshot.chat-connected");
    let mut second = body["snapshot"]["contacts"][0].clone();
    second["contactId"] = json!("second");
    second["connections"][0]["connectionId"] = json!("second-me");
    second["connections"][1]["connectionId"] = json!("second-customer");
    body["snapshot"]["contacts"].as_array_mut().unwrap().push(second);
    bench.wait(100);
    bench.answer("GetAgentSnapshot", response(200, &body));
    for _ in 0..2 {
        bench.chat_token("T", 86_400, 0);
        bench.transcript(&[], None);
    }
    bench.events.clear();
    let mut other = item("s-1", 1, "CUSTOMER", "for the second");
    other["InitialContactId"] = json!("second");
    other["ContactId"] = json!("second");
    bench.socket_item(&other);
    bench.socket_item(&item("m-1", 1, "CUSTOMER", "for the first"));
    let mut foreign = other.clone();
    foreign["InitialContactId"] = json!("nobody's");
    foreign["ContactId"] = json!("nobody's");
    bench.socket_item(&foreign);
    let told = bench.events.iter().filter_map(|event| match event {
        Event::Message { contact, message } => Some((contact.as_str(), message.id.as_str())),
        _ => None,
    });
    let told: Vec<_> = told.collect();
    assert_eq!(told, [("second", "s-1"), (CHAT, "m-1")], "each where it belongs, and a stranger's nowhere");
    let content =
        |text: &str| OutgoingContent::Text { text: text.to_owned(), markdown: true, reply_to: None, internal: false };
    bench.command("c-1", send("t-1", content("one")));
    let to_second = Command::SendMessage {
        contact: ContactId::from("second"),
        token: MessageToken::from("t-2"),
        content: content("two"),
    };
    bench.command("c-2", to_second);
    assert_eq!(bench.waiting(SEND), 2, "side by side");
    assert_eq!(bench.answer(SEND, sent("m-2", 2))["ContentType"], "text/markdown", "marks are sent as such");
    bench.answer(SEND, sent("s-2", 2));
    bench.events.clear();
    bench.socket_item(&receipt("s-2", "second-customer", true));
    assert!(
        matches!(&bench.events[..], [Event::Message { contact, .. }] if contact.as_str() == "second"),
        "a receipt without a contact finds its message: {:?}",
        bench.events
    );
}

#[test]
fn streamed_text_grows_and_is_replaced_by_the_whole() {
    let mut bench = Bench::chatting();
    let piece = |number: Option<u64>, text: &str, second: u64| {
        let mut piece = item("b-1", second, "SYSTEM", text);
        piece["ParticipantId"] = json!("bot");
        piece["MessageMetadata"] =
            json!({"MessageId": "b-1", "MessageCompleted": number.is_none(), "ChunkNumber": number});
        piece
    };
    let steps = [
        (Some(1), "Your par", 2),
        (Some(1), "Your par", 2),
        (Some(3), "left", 3),
        (Some(2), "cel ", 4),
        (None, "Your parcel left", 9),
    ];
    for (number, text, second) in steps {
        bench.socket_item(&piece(number, text, second));
    }
    bench.socket_item(&piece(Some(3), "late", 10));
    let told: Vec<_> = bench
        .messages()
        .into_iter()
        .map(|message| match message.body {
            MessageBody::Text { text } => (text, message.partial, message.at),
            other => panic!("not text: {other:?}"),
        })
        .collect();
    let texts: Vec<_> = told.iter().map(|(text, partial, _)| (text.as_str(), *partial)).collect();
    assert_eq!(texts, [("Your par", true), ("Your parcel ", true), ("Your parcel left", false)], "in order, each once");
    assert!(told.iter().all(|(_, _, at)| *at == told[0].2), "with the first piece's time");
    assert_eq!(bench.messages()[0].author.role, AuthorRole::Bot, "a bot writes so");
}

#[test]
fn a_supervisor_who_listens_in_is_not_noticed() {
    let mut bench = Bench::online();
    let mut body = fixture_body("snapshot.chat-connected");
    body["snapshot"]["contacts"][0]["connections"][0]["type"] = json!("monitoring");
    body["snapshot"]["contacts"][0]["connections"][0]["state"]["type"] = json!("silent_monitor");
    bench.wait(100);
    bench.answer("GetAgentSnapshot", response(200, &body));
    bench.chat_token("T", 86_400, 0);
    bench.transcript(&[item("m-1", 1, "CUSTOMER", "Hello")], None);
    assert!(bench.frame().silent, "told");
    bench.requests.clear();
    bench.command("r-1", Command::MarkRead { contact: chat(), message: MessageId::from("m-1") });
    bench.command("t-1", Command::Typing { contact: chat() });
    bench.wait(20_000);
    assert!(bench.receipts_sent().is_empty(), "no trace");
    bench.say("c-1", "t-1", "Hi");
    assert_eq!(bench.reply("c-1"), Some(Err(CommandCode::NotPossible)), "and no word");
}

#[test]
fn the_chat_goes_with_its_contact() {
    let mut bench = Bench::chatting();
    bench.say("c-1", "t-1", "Hi");
    bench.snapshot("chat-ended");
    assert_eq!(bench.frame().state, ConversationState::Ended, "the agent's leg is over");
    bench.snapshot("idle");
    assert_eq!(bench.reply("c-1"), Some(Err(CommandCode::NotPossible)), "nobody is left waiting");
    assert_eq!(bench.waiting(SEND), 0, "and nothing is under way");
    bench.say("c-2", "t-2", "Hi");
    assert_eq!(bench.reply("c-2"), Some(Err(CommandCode::NotPossible)), "there is no such chat");
}

#[test]
fn a_hostile_item_ends_nothing() {
    let mut bench = Bench::chatting();
    let hostile = [
        json!(null),
        json!([]),
        json!("text"),
        json!({}),
        json!({"InitialContactId": CHAT}),
        json!({"InitialContactId": CHAT, "Id": "", "Type": "MESSAGE", "ContentType": "text/plain", "Content": "x"}),
        json!({"InitialContactId": CHAT, "Id": {"a": 1}, "Type": 7, "ContentType": [], "AbsoluteTime": "yesterday"}),
        json!({"InitialContactId": CHAT, "Id": "h-1", "Type": "ATTACHMENT", "Attachments": "none"}),
        json!({"InitialContactId": CHAT, "Id": "h-2", "Type": "MESSAGE", "ContentType": "application/vnd.amazonaws.connect.message.interactive", "Content": "{"}),
        json!({"InitialContactId": CHAT, "Type": "MESSAGEMETADATA", "MessageMetadata": {"Receipts": [{}]}}),
        json!({"InitialContactId": CHAT, "Id": "h-3", "Type": "MESSAGE", "ContentType": "text/plain", "Content": "x", "AbsoluteTime": 1e300}),
    ];
    for item in &hostile {
        bench.socket_item(item);
    }
    bench.give(Input::SocketFrame(SocketId(1), r#"{"topic":"aws/chat"}"#.to_owned()));
    let script = "<script>alert(1)</script><img src=x onerror=alert(1)>";
    bench.socket_item(&item("m-3", 3, "CUSTOMER", script));
    let told = bench.messages().pop().unwrap();
    assert_eq!(told.body, MessageBody::Text { text: script.to_owned() }, "text stays text, verbatim");
    bench.transcript_gap(&hostile);
    assert_eq!(bench.frame_count(), 0, "and the chat is as it was");
}

impl Bench {
    fn transcript_gap(&mut self, items: &[Value]) {
        self.give(Input::SocketLost(SocketId(1)));
        self.answer("CreateTransport", response(200, &fixture_body("create-transport.web-socket.response")));
        self.give(Input::SocketOpened(SocketId(2)));
        let topics = fixture::text("amazon-connect-chat", "ws-subscribe.success.json");
        self.give(Input::SocketFrame(SocketId(2), topics));
        self.transcript(items, None);
    }
}

#[test]
fn what_was_said_last_is_read_though_no_socket_brought_it() {
    let mut bench = Bench::chatting();
    bench.give(Input::SocketLost(SocketId(1)));
    bench.snapshot("chat-ended");
    bench.transcript(&[item("m-1", 1, "CUSTOMER", "Hello"), item("m-2", 2, "CUSTOMER", "Bye")], Some("more"));
    assert_eq!(bench.ids(), ["m-2"], "the last words");
    assert_eq!(bench.waiting(TRANSCRIPT), 0, "and that is all: it is over");
    assert_eq!(bench.frame().state, ConversationState::Ended, "over");
}

#[test]
fn the_region_is_read_from_an_arn() {
    let arn = "arn:aws:connect:eu-central-1:111122223333:instance/0a1b/queue/b1b1";
    assert_eq!(super::chats::region(arn), Some("eu-central-1"), "fourth part");
    for strange in ["", "arn:aws:connect", "arn:aws:connect::1:x", "arn:aws:connect:evil.example/:1:x"] {
        assert_eq!(super::chats::region(strange), None, "no host is made of {strange:?}");
    }
}

//! What a platform, a network and a slow desk can do wrong.

use std::time::Duration;

use serde_json::{Value, json};
use trunkline_connector::ports::Progress;
use trunkline_connector::testing::{LogLines, Picture, Seated, run};
use trunkline_connector::{Command, CommandCode, OutgoingContent};
use trunkline_model::{ContactId, ContactState, ConversationState, LinkState};
use trunkline_simulators::expertflow::ExpertflowOptions;

use crate::support::{Fixture, SOON, customer, options, text};

fn has_notice(key: &'static str) -> impl Fn(&Picture) -> bool {
    move |picture| picture.notices.values().any(|notice| notice.message_key == key)
}

/// Words go both ways.
async fn goes_on(fixture: &Fixture, seated: &mut Seated, contact: &ContactId, token: &str) {
    let chat = fixture.chat(contact);
    let words = format!("still here, {token}");
    chat.customer_writes(&words).unwrap();
    let said = |picture: &Picture| picture.words(contact).into_iter().any(|message| text(message) == words);
    seated.until("the customer's words", said).await;
    seated.say(contact, token, token).await.expect("sent");
    assert_eq!(chat.expect_message(token, SOON).await.unwrap().times, 1);
}

fn wrong_values() -> Vec<Value> {
    let long = "x".repeat(100_000);
    let mut deep = json!(0);
    for _ in 0..60 {
        deep = json!([deep]);
    }
    vec![json!(null), json!(true), json!(-1), json!(1.0e300), json!(""), json!(long), json!([]), json!({}), deep]
}

async fn still_online(fixture: &Fixture, seated: &Seated) {
    assert_eq!(seated.picture.link.state, LinkState::Online);
    assert_eq!(fixture.sim.sockets_of("adams"), 1, "on the first connection");
}

#[test]
fn an_event_that_is_no_json_is_told_and_left_out() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        for broken in ["{\"name\":", "", "not json at all", "[1,2"] {
            let frame = json!({ "cimEvent": broken, "conversationId": contact, "roomInfo": null });
            fixture.sim.raw_event("adams", "onCimEvent", frame).unwrap();
        }
        seated.until("the notice", has_notice("notice_conversation_event_unreadable")).await;
        goes_on(&fixture, &mut seated, &contact, "token-1").await;
        assert_eq!(seated.picture.notices.len(), 1, "once for a conversation");
        still_online(&fixture, &seated).await;
        seated.leave().await;
    });
}

#[test]
fn a_conversation_without_its_content_is_given_back() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        let empty = json!({ "conversationId": "68a1000000000000000000ff", "roomInfo": null, "taskId": "t:m" });
        fixture.sim.raw_event("adams", "onTopicData", empty).unwrap();
        seated.until("the notice", has_notice("notice_conversation_lost")).await;
        let given_back = fixture.sim.expect_heard("adams", "topicUnsubscription", SOON).await.unwrap();
        assert_eq!(given_back["conversationId"], "68a1000000000000000000ff");
        // One that is at work is better kept as it is known.
        let empty = json!({ "conversationId": contact, "roomInfo": null, "taskId": "t:m" });
        fixture.sim.raw_event("adams", "onTopicData", empty).unwrap();
        goes_on(&fixture, &mut seated, &contact, "token-1").await;
        let left = fixture.sim.heard().iter().filter(|heard| heard.name == "topicUnsubscription").count();
        assert_eq!(left, 1, "the customer is not left");
        seated.leave().await;
    });
}

#[test]
fn wrong_types_everywhere_do_no_harm() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        let members = [
            "cimEvent",
            "topicData",
            "roomInfo",
            "taskId",
            "taskState",
            "taskDirection",
            "channelSession",
            "queue",
            "duration",
            "reason",
            "agentPresence",
            "requestAction",
            "task",
            "msg",
            "topicId",
        ];
        let other = "68a1000000000000000000ee";
        let names = ["taskRequest", "revokeTask", "onTopicData", "wrapupTimerStarted", "topicClosed", "onCimEvent"];
        for name in names.iter().chain(&["agentPresence", "errors", "agentAssistanceRequestPlaced", "onChannelTypes"]) {
            for value in wrong_values() {
                fixture.sim.raw_event("adams", name, value.clone()).unwrap();
                for member in members {
                    fixture.sim.raw_event("adams", name, json!({ "conversationId": other, member: value })).unwrap();
                }
            }
        }
        let cim = [
            "CUSTOMER_MESSAGE",
            "AGENT_SUBSCRIBED",
            "PARTICIPANT_ROLE_CHANGED",
            "TASK_STATE_CHANGED",
            "CONVERSATION_DATA_CHANGED",
            "AGENT_SLA_STARTED",
            "BOT_SUGGESTION",
            "TYPING_INDICATOR",
            "MESSAGE_DELIVERY_NOTIFICATION",
            "NO_AGENT_AVAILABLE",
        ];
        for name in cim {
            for value in wrong_values() {
                for inner in
                    [json!({ "data": value }), json!({ "data": { "body": value, "header": value, "id": value } })]
                {
                    let mut event = inner;
                    event["name"] = json!(name);
                    let frame = json!({ "cimEvent": event.to_string(), "conversationId": contact });
                    fixture.sim.raw_event("adams", "onCimEvent", frame).unwrap();
                }
            }
        }
        goes_on(&fixture, &mut seated, &contact, "token-1").await;
        still_online(&fixture, &seated).await;
        // Even the own conversation told wrongly is right after the next connection.
        for member in ["participants", "topicEvents", "channelSession", "topicParticipant", "state", "customer"] {
            for value in wrong_values() {
                let frame = json!({ "conversationId": contact, "topicData": { member: value } });
                fixture.sim.raw_event("adams", "onTopicData", frame).unwrap();
            }
        }
        fixture.sim.expect_online("adams", SOON).await.unwrap();
        let before = fixture.sim.sockets_of("adams");
        fixture.sim.drop_sockets();
        fixture.sim.expect_back("adams", before, SOON).await.unwrap();
        seated.until("the picture to be whole", |picture| picture.resyncs == 2).await;
        seated.until_contact(&contact, ContactState::Connected).await;
        seated.until_conversation(&contact, ConversationState::Open).await;
        goes_on(&fixture, &mut seated, &contact, "token-2").await;
        seated.leave().await;
    });
}

#[test]
fn a_conversation_that_is_told_again_for_want_of_an_answer_stands_there_once() {
    run(async |log| {
        let options =
            ExpertflowOptions { repeat_unacknowledged: true, ack_timeout: Duration::from_millis(200), ..options() };
        let fixture = Fixture::with(options).await;
        fixture.sim.lose_acks(true);
        let (mut seated, contact) = fixture.chatting_with(customer().saying("Hello?"), &log).await;
        let twice = |facts: &trunkline_simulators::expertflow::ChatFacts| (facts.topics.len() == 2).then_some(());
        fixture.chat(&contact).expect("the conversation again", SOON, twice).await.unwrap();
        goes_on(&fixture, &mut seated, &contact, "token-1").await;
        let words: Vec<_> = seated.picture.words(&contact).into_iter().map(text).collect();
        assert_eq!(words, ["Hello?", "still here, token-1", "token-1"]);
        seated.leave().await;
    });
}

#[test]
fn a_conversation_that_was_taken_in_is_acknowledged() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (seated, contact) = fixture.chatting(&log).await;
        let taken_in = |facts: &trunkline_simulators::expertflow::ChatFacts| {
            facts.topics.first().and_then(|topic| topic.acknowledged.clone())
        };
        let answer = fixture.chat(&contact).expect("an answer", SOON, taken_in).await.unwrap();
        assert!(fixture.chat(&contact).facts().topics[0].ok, "as the platform's own desk does: {answer}");
        seated.leave().await;
    });
}

#[test]
fn ten_megabytes_in_one_frame_are_taken() {
    run(async |log| {
        let fixture = Fixture::with(options()).await.set("longest_message", Value::Null);
        let (mut seated, contact) = fixture.chatting(&log).await;
        fixture.sim.big_frame("adams", 10 << 20).unwrap();
        goes_on(&fixture, &mut seated, &contact, "token-1").await;
        still_online(&fixture, &seated).await;
        seated.leave().await;
    });
}

#[test]
fn frames_beyond_the_limit_are_told_when_it_was_no_accident() {
    run(async |log| {
        let fixture = Fixture::with(options()).await.set("longest_message", 1 << 20);
        let (mut seated, contact) = fixture.chatting(&log).await;
        let told = has_notice("notice_expertflow_too_large");
        for time in 1..=2 {
            assert!(!told(&seated.picture), "not at the first");
            fixture.sim.big_frame("adams", 2 << 20).unwrap();
            seated.until("the picture anew", |picture| picture.resyncs == time + 1).await;
            seated.until_link(LinkState::Online).await;
            seated.until_conversation(&contact, ConversationState::Open).await;
        }
        assert!(told(&seated.picture));
        goes_on(&fixture, &mut seated, &contact, "token-1").await;
        seated.leave().await;
    });
}

fn file(bytes: usize) -> OutgoingContent {
    OutgoingContent::File {
        name: "letter.txt".to_owned(),
        content_type: "text/plain".to_owned(),
        bytes: vec![b'x'; bytes].into(),
        progress: Progress::new().0,
    }
}

async fn uploads_again(log: &LogLines, code: CommandCode, spoil: impl Fn(&Fixture)) {
    let fixture = Fixture::with(options()).await;
    let (mut seated, contact) = fixture.chatting(log).await;
    spoil(&fixture);
    let error = seated.send(&contact, "token-1", file(200_000)).await.unwrap_err();
    assert_eq!(error.code, code, "{error}");
    assert!(fixture.chat(&contact).messages().is_empty(), "nothing is said of a file that is not there");
    seated.send(&contact, "token-1", file(200_000)).await.expect("the second time");
    let sent = fixture.chat(&contact).messages();
    assert_eq!((sent.len(), sent[0].id.as_str(), sent[0].times), (1, "token-1", 1));
    assert_eq!(fixture.sim.files().len(), 1);
    assert_eq!(seated.picture.words(&contact).len(), 1);
    seated.leave().await;
}

#[test]
fn a_file_that_broke_off_half_way_is_sent_once_more_as_one_message() {
    run(async |log| uploads_again(&log, CommandCode::Unavailable, |fixture| fixture.sim.break_uploads(1)).await);
}

#[test]
fn a_file_that_the_platform_could_not_take_is_sent_once_more() {
    run(async |log| uploads_again(&log, CommandCode::Unavailable, |fixture| fixture.sim.fail_uploads(503, 1)).await);
}

#[test]
fn a_file_that_the_platform_does_not_take_is_not_sent_by_itself_again() {
    run(async |log| uploads_again(&log, CommandCode::Invalid, |fixture| fixture.sim.fail_uploads(413, 1)).await);
}

#[test]
fn a_file_on_its_way_outlives_the_loss_of_the_socket() {
    run(async |log| {
        let fixture = Fixture::with(options()).await.set("longest_message", 1 << 20).set("first_wait_ms", 50);
        let (mut seated, contact) = fixture.chatting(&log).await;
        // The file takes its time; a frame beyond the limit ends the socket alone.
        fixture.sim.slow_down(Duration::from_millis(1_000));
        let loss = async {
            tokio::time::sleep(Duration::from_millis(60)).await;
            fixture.sim.slow_down(Duration::ZERO);
            fixture.sim.big_frame("adams", 2 << 20).unwrap();
        };
        let (sent, ()) = tokio::join!(seated.send(&contact, "token-1", file(50_000)), loss);
        sent.expect("said on the next socket");
        assert_eq!(fixture.sim.sockets_of("adams"), 2);
        assert_eq!((fixture.chat(&contact).messages().len(), fixture.sim.files().len()), (1, 1), "sent once");
        seated.leave().await;
    });
}

#[test]
fn a_desk_that_does_not_listen_costs_no_connection() {
    const MESSAGES: usize = 600;
    run(async |log| {
        let options = ExpertflowOptions {
            ping_interval: Duration::from_millis(300),
            ping_timeout: Duration::from_millis(900),
            ..options()
        };
        let fixture = Fixture::with(options).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        let chat = fixture.chat(&contact);
        for number in 0..MESSAGES {
            chat.customer_writes(&format!("message {number}")).unwrap();
            // Everything runs on this thread: the connector has to get its turn.
            tokio::task::yield_now().await;
        }
        // More than the desk's channel holds, and longer than a pong may take.
        tokio::time::sleep(Duration::from_millis(1_600)).await;
        let all = |picture: &Picture| picture.words(&contact).len() == MESSAGES;
        seated.until("every message", all).await;
        seated.command(Command::Typing { contact: contact.clone() }).await.expect("taken");
        still_online(&fixture, &seated).await;
        assert_eq!(seated.picture.resyncs, 1);
        seated.leave().await;
    });
}

#[test]
fn a_seat_on_its_own_is_left_alone_by_events_of_others() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        let stale = json!({ "conversationId": "68a1000000000000000000dd" });
        for name in ["revokeTask", "topicUnsubscription", "topicClosed", "wrapupTimerStarted"] {
            fixture.sim.raw_event("adams", name, stale.clone()).unwrap();
        }
        // An offer of what is at work is none.
        fixture.sim.raw_event("adams", "revokeTask", json!({ "conversationId": contact })).unwrap();
        goes_on(&fixture, &mut seated, &contact, "token-1").await;
        assert_eq!(seated.picture.state(&contact), Some(&ContactState::Connected));
        seated.leave().await;
    });
}

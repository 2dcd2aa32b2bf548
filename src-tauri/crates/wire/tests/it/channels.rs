//! The tables of the socket and of a channel, row by row.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use trunkline_wire::phoenix::{ChannelState, Client, DecodeError, Event, LostBy, Output, Payload, PushError, Timing};

use crate::rig::Rig;

const TOPIC: &str = "agents:52";

fn topic() -> String {
    TOPIC.to_owned()
}

fn answered(reference: &str, join_ref: &str, status: &str) -> Value {
    json!([join_ref, reference, TOPIC, "phx_reply", { "status": status, "response": {} }])
}

#[test]
fn a_join_waits_for_the_socket_and_names_itself() {
    let mut rig = Rig::new();
    rig.client.join(TOPIC, json!({ "a": 1 }), rig.now);
    rig.client.connect();
    rig.drain();
    assert!(rig.sent.is_empty(), "nothing can be sent yet");
    rig.pass(Duration::from_secs(60));
    assert!(rig.events.is_empty(), "and waiting for the socket is no time-out");
    rig.open();
    assert_eq!(rig.sent, [json!(["1", "1", TOPIC, "phx_join", { "a": 1 }])], "join_ref is the join's own number");
    rig.answer_join(TOPIC, "ok", &json!({ "username": "adams" }));
    let response = Payload::Json(json!({ "username": "adams" }));
    assert_eq!(
        rig.take_events(),
        [Event::Opened, Event::Joined { topic: topic(), response }],
        "joined, with the answer"
    );
    assert_eq!(rig.client.channel(TOPIC), Some(ChannelState::Joined), "and it is");
}

#[test]
fn heartbeats_go_out_every_thirty_seconds_after_each_answer() {
    let mut rig = Rig::joined(TOPIC);
    for beat in 0..5 {
        assert_eq!(rig.next_timer(), Duration::from_secs(30), "heartbeat {beat} after 30 s");
        let heartbeat = rig.last_sent().clone();
        let reference = heartbeat[1].clone();
        assert_eq!(heartbeat, json!([null, reference, "phoenix", "heartbeat", {}]), "of the heartbeat's form");
        rig.receive(&json!([null, reference, "phoenix", "phx_reply", { "status": "ok", "response": {} }]));
    }
    assert!(rig.take_events().is_empty(), "nobody hears of it");
}

#[test]
fn a_heartbeat_without_an_answer_ends_the_connection() {
    let mut rig = Rig::joined(TOPIC);
    rig.pass(Duration::from_secs(30));
    assert_eq!(rig.next_timer(), Duration::from_secs(30), "the answer may take 30 s");
    assert_eq!(rig.closes, [1000], "then the connection is closed");
    let lost = Event::Lost { by: LostBy::Heartbeat, retry: Duration::from_millis(10) };
    assert_eq!(rig.take_events(), [lost], "told once");
    assert_eq!(rig.client.channel(TOPIC), Some(ChannelState::Errored), "its channels are in error");
    rig.close(1000);
    assert!(rig.take_events().is_empty(), "the close that follows is not a second loss");
    assert_eq!(rig.next_timer(), Duration::from_millis(10), "and it reconnects by the table");
    assert_eq!(rig.opens.len(), 2, "with a second attempt");
}

#[test]
fn a_connection_that_is_behind_is_not_dead() {
    let mut rig = Rig::joined(TOPIC);
    rig.pass(Duration::from_secs(30));
    let first = rig.last_sent()[1].clone();
    for _ in 0..3 {
        rig.receive(&json!([null, null, TOPIC, "x", {}]));
        rig.sent.clear();
        rig.pass(Duration::from_secs(30));
        assert!(rig.closes.is_empty(), "what it brings shows that it lives");
        assert_eq!(rig.last_sent()[3], "heartbeat", "and the server is shown that we do");
    }
    rig.receive(&json!([null, first, "phoenix", "phx_reply", { "status": "ok", "response": {} }]));
    assert_eq!(rig.next_timer(), Duration::from_secs(30), "the answer to any of them will do");
    rig.pass(Duration::from_secs(30));
    assert_eq!(rig.closes, [1000], "with nothing at all it is dead as ever");
}

#[test]
fn a_refused_join_is_repeated_by_the_table() {
    let mut rig = Rig::new();
    rig.client.connect();
    rig.client.join(TOPIC, json!({}), rig.now);
    rig.drain();
    rig.open();
    let reason = json!({ "reason": "unauthorized" });
    for (tries, seconds) in [1, 2, 5, 10, 10].into_iter().enumerate() {
        rig.answer_join(TOPIC, "error", &reason);
        let refused = Event::Refused { topic: topic(), response: Payload::Json(reason.clone()) };
        assert_eq!(rig.take_events().pop(), Some(refused), "the reason is told");
        assert_eq!(rig.client.channel(TOPIC), Some(ChannelState::Errored), "in error meanwhile");
        assert_eq!(rig.next_timer(), Duration::from_secs(seconds), "wait {tries} by the table");
        assert_eq!(rig.last_sent()[3], "phx_join", "then it joins again");
    }
    rig.answer_join(TOPIC, "ok", &json!({}));
    rig.receive(&json!([rig.client.join_ref(TOPIC), null, TOPIC, "phx_error", {}]));
    assert_eq!(rig.next_timer(), Duration::from_secs(1), "a join that succeeded begins the table anew");
}

#[test]
fn an_unmatched_topic_is_known_by_the_number_alone() {
    let mut rig = Rig::new();
    rig.client.connect();
    rig.client.join("wrong:topic", json!({}), rig.now);
    rig.drain();
    rig.open();
    let response = json!({ "reason": "unmatched topic" });
    rig.receive(&json!([null, "1", "wrong:topic", "phx_reply", { "status": "error", "response": response }]));
    let refused = Event::Refused { topic: "wrong:topic".to_owned(), response: Payload::Json(response) };
    assert_eq!(rig.take_events().pop(), Some(refused), "its join_ref is null");
}

#[test]
fn a_join_without_an_answer_leaves_and_joins_again() {
    let mut rig = Rig::new();
    rig.client.connect();
    rig.client.join(TOPIC, json!({}), rig.now);
    rig.drain();
    rig.open();
    assert_eq!(rig.next_timer(), Duration::from_secs(10), "the answer may take 10 s");
    assert_eq!(rig.last_sent(), &json!(["1", "2", TOPIC, "phx_leave", {}]), "the server is told to forget the join");
    assert_eq!(rig.take_events().pop(), Some(Event::JoinTimedOut { topic: topic() }), "told");
    rig.receive(&answered("1", "1", "ok"));
    assert_eq!(
        rig.client.channel(TOPIC),
        Some(ChannelState::Errored),
        "an answer that comes too late is of an old join"
    );
    assert_eq!(rig.next_timer(), Duration::from_secs(1), "and it joins again by the table");
    assert_eq!(rig.last_sent(), &json!(["3", "3", TOPIC, "phx_join", {}]), "under a new number");
    rig.answer_join(TOPIC, "ok", &json!({}));
    assert_eq!(rig.client.channel(TOPIC), Some(ChannelState::Joined), "which may succeed");
}

#[test]
fn a_crashed_channel_is_joined_again_and_a_closed_one_is_not() {
    for payload in [json!({}), json!({ "reason": "channel_crash" })] {
        let mut rig = Rig::joined(TOPIC);
        rig.receive(&json!(["1", "1", TOPIC, "phx_error", payload]));
        assert_eq!(rig.take_events(), [Event::Errored { topic: topic() }], "told");
        assert_eq!(rig.next_timer(), Duration::from_secs(1), "joined again after a second");
        assert_eq!(rig.last_sent()[3], "phx_join", "with a join");
    }
    let mut rig = Rig::joined(TOPIC);
    rig.receive(&json!(["1", "1", TOPIC, "phx_close", {}]));
    assert_eq!(rig.take_events(), [Event::Closed { topic: topic() }], "told");
    assert_eq!(rig.client.channel(TOPIC), None, "gone");
    rig.pass(Duration::from_secs(29));
    assert!(rig.sent.is_empty(), "and not joined again");
}

#[test]
fn messages_of_an_old_join_are_dropped() {
    let mut rig = Rig::joined(TOPIC);
    for stale in ["0", "7", ""] {
        rig.receive(&json!([stale, null, TOPIC, "x", {}]));
        rig.receive(&json!([stale, "1", TOPIC, "phx_error", {}]));
        rig.receive(&json!([stale, "1", TOPIC, "phx_close", {}]));
    }
    assert!(rig.take_events().is_empty(), "nothing of another join is told");
    assert_eq!(rig.client.channel(TOPIC), Some(ChannelState::Joined), "nor acted on");
    rig.receive(&json!(["1", null, TOPIC, "x", { "n": 1 }]));
    rig.receive(&json!([null, null, TOPIC, "y", [2]]));
    rig.receive(&json!([null, null, "other:topic", "y", {}]));
    let message = |event: &str, payload: Value| Event::Message {
        topic: topic(),
        join_ref: "1".to_owned(),
        event: event.to_owned(),
        payload: Payload::Json(payload),
    };
    let wanted = [message("x", json!({ "n": 1 })), message("y", json!([2]))];
    assert_eq!(rig.take_events(), wanted, "pushes of this join and broadcasts are, those of other topics not");
}

#[test]
fn pushes_are_answered_time_out_and_wait_for_the_join() {
    let mut rig = Rig::joined(TOPIC);
    let id = rig.client.push(TOPIC, "x", Payload::Json(json!({ "a": 1 })), rig.now).expect("taken");
    rig.drain();
    assert_eq!(rig.last_sent(), &json!(["1", "2", TOPIC, "x", { "a": 1 }]), "with the channel's join_ref");
    rig.receive(&answered("2", "0", "ok"));
    assert!(rig.take_events().is_empty(), "an answer to an old join is none");
    rig.receive(&answered("2", "1", "fine"));
    let replied = Event::Replied { push: id, status: "fine".to_owned(), response: Payload::Json(json!({})) };
    assert_eq!(rig.take_events(), [replied], "any status is an answer");
    rig.receive(&answered("2", "1", "fine"));
    assert!(rig.take_events().is_empty(), "once");

    let id = rig.client.push(TOPIC, "x", Payload::Json(json!({})), rig.now).expect("taken");
    rig.drain();
    assert_eq!(rig.next_timer(), Duration::from_secs(10), "the answer may take 10 s");
    assert_eq!(rig.take_events(), [Event::PushTimedOut { push: id }], "then it has timed out");

    rig.close(1006);
    rig.take_events();
    let id = rig.client.push(TOPIC, "later", Payload::Json(json!({})), rig.now).expect("kept");
    rig.sent.clear();
    rig.pass(Duration::from_millis(10));
    rig.open();
    rig.answer_join(TOPIC, "ok", &json!({}));
    assert_eq!(rig.last_sent()[3], "later", "what waited goes out after the join");
    let reference = rig.last_sent()[1].as_str().unwrap().to_owned();
    let join_ref = rig.client.join_ref(TOPIC).unwrap().to_owned();
    rig.take_events();
    rig.receive(&answered(&reference, &join_ref, "ok"));
    assert!(matches!(rig.take_events().as_slice(), [Event::Replied { push, .. }] if *push == id), "and is answered");
}

#[test]
fn pushes_are_refused_without_a_channel_and_beyond_the_limit() {
    let mut rig = Rig::with(Timing { waiting_pushes: 2, ..Timing::default() });
    let nothing = || Payload::Json(json!({}));
    assert_eq!(rig.client.push(TOPIC, "x", nothing(), rig.now), Err(PushError::NotJoined), "before the first join");
    rig.client.join(TOPIC, json!({}), rig.now);
    let first = rig.client.push(TOPIC, "x", nothing(), rig.now).expect("kept");
    rig.client.push(TOPIC, "x", nothing(), rig.now).expect("kept");
    assert_eq!(rig.client.push(TOPIC, "x", nothing(), rig.now), Err(PushError::Full), "memory has a limit");
    rig.pass(Duration::from_secs(10));
    assert_eq!(rig.events.first(), Some(&Event::PushTimedOut { push: first }), "what waits too long times out");
    assert!(rig.client.push(TOPIC, "x", nothing(), rig.now).is_ok(), "and makes room");
    let long = "e".repeat(256);
    let bytes = Payload::Bytes(Bytes::from_static(b"x"));
    assert_eq!(rig.client.push(TOPIC, &long, bytes, rig.now), Err(PushError::TooLong), "binary names have 255 bytes");
}

#[test]
fn leaving_is_over_with_the_answer_the_close_the_time_out_or_the_socket() {
    let over = Event::Left { topic: topic() };
    let mut rig = Rig::joined(TOPIC);
    rig.client.leave(TOPIC, rig.now);
    rig.drain();
    assert_eq!(rig.last_sent(), &json!(["1", "2", TOPIC, "phx_leave", {}]), "said");
    assert_eq!(rig.client.channel(TOPIC), Some(ChannelState::Leaving), "until it is answered");
    rig.receive(&answered("2", "1", "ok"));
    rig.receive(&json!(["1", "1", TOPIC, "phx_close", {}]));
    assert_eq!(rig.take_events(), std::slice::from_ref(&over), "once, although a close follows the answer");

    let mut rig = Rig::joined(TOPIC);
    rig.client.leave(TOPIC, rig.now);
    rig.receive(&json!(["1", "1", TOPIC, "phx_close", {}]));
    assert_eq!(rig.take_events(), std::slice::from_ref(&over), "by the close");

    let mut rig = Rig::joined(TOPIC);
    rig.client.leave(TOPIC, rig.now);
    rig.receive(&json!(["1", "1", TOPIC, "phx_error", {}]));
    assert_eq!(rig.next_timer(), Duration::from_secs(10), "a crash while leaving starts no join");
    assert_eq!(rig.take_events(), std::slice::from_ref(&over), "by the time-out");

    let mut rig = Rig::joined(TOPIC);
    rig.client.leave(TOPIC, rig.now);
    rig.close(1006);
    assert_eq!(rig.take_events().first(), Some(&over), "by the loss of the socket");
    rig.pass(Duration::from_millis(10));
    rig.sent.clear();
    rig.open();
    assert!(rig.sent.is_empty(), "and it is not joined again");

    let mut rig = Rig::joined(TOPIC);
    rig.close(1006);
    rig.take_events();
    rig.client.leave(TOPIC, rig.now);
    rig.drain();
    assert_eq!(rig.take_events(), [over], "at once without a socket");
}

#[test]
fn joining_a_topic_again_leaves_it_first() {
    let mut rig = Rig::joined(TOPIC);
    rig.client.join(TOPIC, json!({ "again": true }), rig.now);
    rig.drain();
    let wanted = [json!(["1", "2", TOPIC, "phx_leave", {}]), json!(["3", "3", TOPIC, "phx_join", { "again": true }])];
    assert_eq!(rig.sent, wanted, "one channel a topic");
    rig.receive(&json!(["1", "2", TOPIC, "phx_reply", { "status": "ok", "response": {} }]));
    rig.receive(&json!(["1", "1", TOPIC, "phx_close", {}]));
    assert_eq!(
        rig.client.channel(TOPIC),
        Some(ChannelState::Joining),
        "the end of the first is not that of the second"
    );
    rig.answer_join(TOPIC, "ok", &json!({}));
    rig.client.set_params(TOPIC, json!({ "since": 7 }));
    rig.client.rejoin(TOPIC, rig.now);
    rig.drain();
    assert_eq!(rig.last_sent(), &json!(["4", "4", TOPIC, "phx_join", { "since": 7 }]), "parameters are those of now");
}

#[test]
fn a_push_that_waits_for_a_join_which_is_replaced_is_told_of() {
    let mut rig = Rig::new();
    rig.client.join("t", json!({}), rig.now);
    let push = rig.client.push("t", "say", Payload::Json(json!({})), rig.now).unwrap();
    rig.client.join("t", json!({}), rig.now);
    rig.drain();
    assert_eq!(rig.take_events(), [Event::PushTimedOut { push }], "nobody waits for it in vain");
    assert_eq!(rig.client.deadline(), None, "nor is it kept");
}

#[test]
fn disconnecting_closes_and_stays_closed() {
    let mut rig = Rig::joined(TOPIC);
    rig.client.disconnect();
    rig.drain();
    assert_eq!(rig.closes, [1000], "closed on purpose");
    rig.close(1000);
    rig.pass(Duration::from_secs(3600));
    assert_eq!(rig.opens.len(), 1, "no attempt in an hour");
    assert_eq!(rig.client.deadline(), None, "no timer runs");
    rig.client.connect();
    rig.drain();
    rig.open();
    assert_eq!(rig.last_sent()[3], "phx_join", "connecting again joins again");
}

#[test]
fn what_an_earlier_connection_still_brings_is_not_heard() {
    let mut rig = Rig::joined(TOPIC);
    let old = rig.attempt;
    rig.close(1006);
    rig.pass(Duration::from_millis(10));
    rig.open();
    rig.take_events();
    rig.client.text(old, &json!([null, null, TOPIC, "x", {}]).to_string(), rig.now);
    rig.client.closed(old, 1006, rig.now);
    rig.client.failed(old, rig.now);
    rig.client.opened(old, rig.now);
    rig.drain();
    assert!(rig.take_events().is_empty(), "nothing of it is told");
    assert!(rig.client.is_open(), "and the new connection stays");
}

#[test]
fn nonsense_is_told_and_survived() {
    let mut rig = Rig::joined(TOPIC);
    let frames = ["", "{", "null", "[]", "[1,2,3,4,5,6]", "[null,null,7,\"x\",{}]", "[{},null,\"a\",\"b\",{}]"];
    for frame in frames {
        rig.client.text(rig.attempt, frame, rig.now);
    }
    rig.client.binary(rig.attempt, &Bytes::from_static(&[9, 9]), rig.now);
    rig.drain();
    let events = rig.take_events();
    assert_eq!(events.len(), frames.len() + 1, "each is told");
    assert_eq!(events.last(), Some(&Event::Undecodable(DecodeError::Kind(9))), "with its reason");
    for odd in [json!(["1", "1", TOPIC, "phx_reply", null]), json!(["1", null, TOPIC, "phx_reply", { "status": 3 }])] {
        rig.receive(&odd);
    }
    assert!(rig.take_events().is_empty(), "a reply without a status answers nothing");
    assert_eq!(rig.client.channel(TOPIC), Some(ChannelState::Joined), "and the channel goes on");
}

#[test]
fn binary_messages_go_both_ways() {
    let mut rig = Rig::joined("room:1");
    for _ in 0..3 {
        rig.client.push("room:1", "x", Payload::Json(json!({})), rig.now).expect("taken");
    }
    rig.sent.clear();
    let bytes = Payload::Bytes(Bytes::from_static(b"hello"));
    let id = rig.client.push("room:1", "upload", bytes, rig.now).expect("taken");
    let mut frame = None;
    while let Some(output) = rig.client.poll() {
        frame = Some(output);
    }
    let wanted = b"\x00\x01\x01\x06\x0615room:1uploadhello";
    assert_eq!(
        frame,
        Some(Output::Send(trunkline_wire::phoenix::Encoded::Binary(Bytes::from_static(wanted)))),
        "as phoenix.js writes it"
    );
    rig.client.binary(rig.attempt, &Bytes::from_static(b"\x01\x01\x01\x06\x0215room:1okpong"), rig.now);
    rig.client.binary(rig.attempt, &Bytes::from_static(b"\x00\x01\x06\x031room:1evtdata"), rig.now);
    rig.drain();
    let response = Payload::Bytes(Bytes::from_static(b"pong"));
    let events = rig.take_events();
    assert_eq!(events[0], Event::Replied { push: id, status: "ok".to_owned(), response }, "the answer");
    assert!(
        matches!(&events[1], Event::Message { event, payload: Payload::Bytes(data), .. } if event == "evt" && data == "data"),
        "the message: {events:?}"
    );
}

#[test]
fn a_fleet_does_not_come_back_in_lock_step() {
    let mut waits = Vec::new();
    for share in [0.0, 0.5, 1.0] {
        let mut client = Client::new(Timing::default(), move || share);
        let mut now = std::time::Instant::now();
        client.connect();
        let mut last = Duration::ZERO;
        for _ in 0..5 {
            let mut attempt = 0;
            while let Some(output) = client.poll() {
                if let Output::Open { attempt: number } = output {
                    attempt = number;
                }
            }
            client.failed(attempt, now);
            let at = client.deadline().expect("it waits");
            last = at - now;
            now = at;
            client.tick(now);
        }
        waits.push(last);
    }
    assert_eq!(waits, [160, 200, 240].map(Duration::from_millis), "a fifth more or less from the third try on");
}

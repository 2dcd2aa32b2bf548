//! The client of Socket.IO on virtual time, frame by frame.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value, json};
use trunkline_wire::socketio::{
    CallId, Client, DecodeError, EmitError, Event, LostBy, NoAnswer, Output, Timing, decode, encode,
};

const OPEN: &str = "0{\"sid\":\"a\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":100}";

struct Rig {
    client: Client,
    now: Instant,
    attempt: u64,
    sent: Vec<String>,
    events: Vec<Event>,
    closes: Vec<u16>,
}

impl Rig {
    fn new() -> Self {
        let client = Client::new(Timing { spread: 0.0, ..Timing::default() }, "/", || 0.5);
        let (sent, events, closes) = (Vec::new(), Vec::new(), Vec::new());
        let mut rig = Self { client, now: Instant::now(), attempt: 0, sent, events, closes };
        rig.client.connect();
        rig.drain();
        rig
    }

    fn ready() -> Self {
        let mut rig = Self::new();
        rig.open();
        rig.text("40{\"sid\":\"b\"}");
        rig.sent.clear();
        rig.events.clear();
        rig
    }

    fn drain(&mut self) {
        while let Some(output) = self.client.poll() {
            match output {
                Output::Open { attempt } => self.attempt = attempt,
                Output::Send(frame) => self.sent.push(frame),
                Output::Close(code) => self.closes.push(code),
                Output::Event(event) => self.events.push(event),
            }
        }
    }

    /// Dialled, with the engine's handshake.
    fn open(&mut self) {
        self.client.opened(self.attempt, json!({ "agent": "a-1" }), self.now);
        self.text(OPEN);
    }

    fn text(&mut self, frame: &str) {
        self.client.text(self.attempt, frame, self.now);
        self.drain();
    }

    /// Goes on to the next timer; gives the time it took.
    fn next_timer(&mut self) -> Duration {
        let at = self.client.deadline().expect("a timer runs");
        let waited = at.saturating_duration_since(self.now);
        self.now = at;
        self.client.tick(self.now);
        self.drain();
        waited
    }

    fn told(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    fn sent(&mut self) -> Vec<String> {
        std::mem::take(&mut self.sent)
    }
}

fn received(name: &str, args: &[Value]) -> Event {
    Event::Received { name: name.to_owned(), args: args.to_vec(), ack: None, attachments: 0 }
}

#[test]
fn it_signs_in_and_sends_nothing_before_it_is_accepted() {
    let mut rig = Rig::new();
    assert_eq!(rig.client.emit("e", Vec::new()), Err(EmitError::NotReady), "nothing waits for a connection");
    rig.client.opened(rig.attempt, json!({ "agent": "a-1" }), rig.now);
    rig.drain();
    assert_eq!(rig.sent(), Vec::<String>::new(), "the engine speaks first");
    rig.text(OPEN);
    assert_eq!(rig.sent(), ["40{\"agent\":\"a-1\"}"]);
    assert_eq!(rig.client.emit("e", Vec::new()), Err(EmitError::NotReady), "a server closes on what comes too early");
    rig.text("42[\"early\",1]");
    assert!(rig.told().is_empty(), "nor is anything told before");
    rig.text("40{\"sid\":\"b\"}");
    let ready = Event::Ready { sid: "b".to_owned(), recovered: false };
    assert_eq!(rig.told(), [ready, received("early", &[json!(1)])], "then in order");
    rig.client.emit("state", vec![json!({ "x": 1 }), Value::Null]).unwrap();
    rig.drain();
    assert_eq!(rig.sent(), ["42[\"state\",{\"x\":1},null]"]);
    assert_eq!(rig.client.emit("disconnect", Vec::new()), Err(EmitError::Reserved), "names of the protocol's own");
    let long = "x".repeat(100);
    assert_eq!(rig.client.emit("e", vec![json!(long)]), Err(EmitError::TooLarge(110)), "a server closes on more");
    assert!(rig.client.is_ready(), "the connection stands");
}

#[test]
fn answers_go_both_ways_each_once() {
    let mut rig = Rig::ready();
    let limit = Duration::from_secs(3);
    let first = rig.client.call("ask", Vec::new(), limit, rig.now).unwrap();
    let second = rig.client.call("ask", vec![json!(2)], limit, rig.now).unwrap();
    rig.drain();
    assert_eq!(rig.sent(), ["420[\"ask\"]", "421[\"ask\",2]"]);
    rig.text("431[{\"ok\":1}]");
    assert_eq!(rig.told(), [Event::Answered { call: second, args: vec![json!({ "ok": 1 })] }], "out of order, too");
    rig.text("431[{\"ok\":2}]");
    assert!(rig.told().is_empty(), "an answer counts once");
    assert_eq!(rig.next_timer(), limit);
    assert_eq!(rig.told(), [Event::Unanswered { call: first, why: NoAnswer::TimedOut }]);
    rig.text("430[]");
    assert!(rig.told().is_empty(), "too late");

    rig.text("427[\"onTopicData\",{\"c\":1}]");
    let [Event::Received { ack: Some(ack), .. }] = rig.told()[..] else { panic!("the server wants an answer") };
    assert!(rig.client.answer(ack, vec![json!({ "status": "ok" })]), "it gets one");
    assert!(!rig.client.answer(ack, Vec::new()), "one");
    rig.drain();
    assert_eq!(rig.sent(), ["437[{\"status\":\"ok\"}]"]);
    rig.text("428[\"onTopicData\"]");
    let [Event::Received { ack: Some(ack), .. }] = rig.told()[..] else { panic!("another one") };
    rig.client.closed(rig.attempt, 1006, rig.now);
    rig.drain();
    rig.next_timer();
    rig.open();
    rig.text("40{\"sid\":\"c\"}");
    assert!(!rig.client.answer(ack, Vec::new()), "an answer to an earlier connection goes nowhere");
}

#[test]
fn an_event_in_a_long_frame_is_told_as_it_stands_there() {
    let mut rig = Rig::ready();
    let long = |rig: &mut Rig, frame: &str| {
        rig.client.long_text(rig.attempt, frame.to_owned(), rig.now);
        rig.drain();
        rig.told()
    };
    let list = "[\"onTopicData\",{\"c\":\"\\ud83d\"}]";
    let told = long(&mut rig, &format!("427{list}"));
    let [Event::Unread { name, list: unread, ack }] = &told[..] else { panic!("{told:?}") };
    assert_eq!((name.as_str(), unread.as_str()), ("onTopicData", list));
    assert!(rig.client.answer(*ack, vec![json!({ "status": "ok" })]), "it is answered as others are");
    rig.drain();
    assert_eq!(rig.sent(), ["437[{\"status\":\"ok\"}]"]);
    assert_eq!(long(&mut rig, "42[\"e\",1]"), [received("e", &[json!(1)])], "others are read as ever");
    assert!(long(&mut rig, "427[\"connect\",1]").is_empty(), "names of the protocol's own are nobody's");
    assert!(long(&mut rig, "42/admin,7[\"e\",1]").is_empty(), "nor are other namespaces'");
    long(&mut rig, "2");
    assert_eq!(rig.sent(), ["3"]);
    rig.client.long_text(rig.attempt + 1, format!("427{list}"), rig.now);
    rig.drain();
    assert!(rig.told().is_empty(), "of another connection");
    let told = long(&mut rig, "428[\"onTopicData\",{");
    let [Event::Unread { ack, .. }] = told[..] else { panic!("{told:?}") };
    rig.client.unreadable(ack, rig.now);
    rig.drain();
    let malformed = LostBy::Malformed(DecodeError::Payload);
    assert!(matches!(rig.told()[..], [Event::Lost { by, .. }] if by == malformed), "one that is no JSON ends it");
    rig.client.unreadable(ack, rig.now);
    rig.drain();
    assert!(rig.told().is_empty(), "once");
    rig.next_timer();
    rig.open();
    let told = long(&mut rig, "429[\"early\",1]");
    assert!(told.is_empty(), "before the server's word it waits like others: {told:?}");
    rig.text("40{\"sid\":\"c\"}");
    assert!(matches!(&rig.told()[..], [_, Event::Received { name, .. }] if name == "early"));
}

#[test]
fn pings_are_answered_and_their_absence_is_noticed() {
    let mut rig = Rig::ready();
    rig.now += Duration::from_secs(40);
    rig.text("2");
    assert_eq!(rig.sent(), ["3"]);
    rig.text("2probe");
    assert_eq!(rig.sent(), ["3probe"], "with what it carried");
    rig.text("3");
    rig.text("6");
    assert!(rig.told().is_empty() && rig.closes.is_empty(), "what is of other transports is nothing");
    assert_eq!(rig.next_timer(), Duration::from_secs(45), "counted from the last ping");
    let lost = Event::Lost { by: LostBy::PingTimeout, retry: Duration::from_millis(300) };
    assert_eq!((rig.told(), rig.closes.as_slice()), (vec![lost], &[1000][..]));
}

#[test]
fn a_loss_fails_what_is_awaited_and_comes_back_by_the_table() {
    let mut rig = Rig::ready();
    let call = rig.client.call("ask", Vec::new(), Duration::from_secs(60), rig.now).unwrap();
    rig.client.closed(rig.attempt, 1006, rig.now);
    rig.drain();
    let lost = Event::Lost { by: LostBy::Closed(1006), retry: Duration::from_millis(300) };
    assert_eq!(rig.told(), [Event::Unanswered { call, why: NoAnswer::Lost }, lost]);
    for wait in [300, 600, 1_200, 2_400, 4_800, 5_000, 5_000] {
        assert_eq!(rig.next_timer(), Duration::from_millis(wait));
        rig.client.failed(rig.attempt, rig.now);
        rig.drain();
        assert!(matches!(rig.told()[..], [Event::NotOpened { by: LostBy::Dial, .. }]), "told as an attempt");
    }
    rig.next_timer();
    rig.open();
    rig.client.closed(rig.attempt, 1001, rig.now);
    rig.drain();
    let again = Event::NotOpened { by: LostBy::Closed(1001), retry: Duration::from_secs(5) };
    assert_eq!(rig.told(), [again], "a server that opens and closes is not hammered");
    rig.next_timer();
    rig.open();
    rig.text("40{\"sid\":\"c\"}");
    rig.client.closed(rig.attempt, 1001, rig.now);
    rig.drain();
    assert_eq!(rig.next_timer(), Duration::from_millis(300), "once it was ready, from the beginning");
}

#[test]
fn a_refusal_or_being_put_out_is_final_until_somebody_connects() {
    let mut rig = Rig::new();
    rig.open();
    rig.text("44{\"message\":\"login-failed\",\"data\":{\"why\":\"x\"}}");
    let refused = Event::Refused { message: "login-failed".to_owned(), data: json!({ "why": "x" }) };
    assert_eq!((rig.told(), rig.closes.as_slice()), (vec![refused], &[1000][..]));
    assert_eq!(rig.client.deadline(), None, "nothing is tried by itself");
    rig.client.connect();
    rig.drain();
    rig.open();
    rig.text("40{\"sid\":\"b\"}");
    rig.told();
    rig.text("41");
    assert_eq!((rig.told(), rig.client.deadline()), (vec![Event::Kicked], None));
    rig.client.connect();
    rig.drain();
    rig.open();
    rig.text("40{\"sid\":\"c\"}");
    rig.sent();
    rig.client.disconnect();
    rig.drain();
    assert_eq!((rig.sent(), rig.client.deadline()), (vec!["41".to_owned()], None), "nor after leaving");
}

#[test]
fn silence_at_each_step_has_its_limit() {
    let mut rig = Rig::new();
    rig.client.opened(rig.attempt, json!({}), rig.now);
    assert_eq!(rig.next_timer(), Duration::from_secs(5), "for the handshake");
    assert!(matches!(rig.told()[..], [Event::NotOpened { by: LostBy::Silence, .. }]));
    rig.next_timer();
    rig.open();
    assert_eq!(rig.next_timer(), Duration::from_secs(10), "for the server's word");
    assert!(matches!(rig.told()[..], [Event::NotOpened { by: LostBy::Silence, .. }]));
}

#[test]
fn malformed_frames_end_the_connection_and_what_is_not_ours_does_not() {
    for (frame, error) in [
        ("", DecodeError::Engine),
        ("42{}", DecodeError::Payload),
        ("4", DecodeError::Packet),
        ("4599-[\"e\"]", DecodeError::Attachments),
    ] {
        let mut rig = Rig::ready();
        rig.text(frame);
        let lost = Event::Lost { by: LostBy::Malformed(error), retry: Duration::from_millis(300) };
        assert_eq!(rig.told(), [lost], "{frame:?}");
    }
    let mut rig = Rig::ready();
    for frame in ["42/other,[\"e\"]", "41/other,", "42[\"connect\"]", "430[]", "40{\"sid\":\"z\"}", OPEN] {
        rig.text(frame);
    }
    assert!(rig.told().is_empty() && rig.client.is_ready(), "namespaces, names and answers of nobody's");
    rig.client.text(rig.attempt - 1, "42[\"old\"]", rig.now);
    rig.drain();
    assert!(rig.told().is_empty(), "nor what an earlier connection brings");
    let mut rig = Rig::new();
    rig.open();
    rig.text("40{}");
    assert!(matches!(rig.told()[..], [Event::NotOpened { by: LostBy::Malformed(_), .. }]), "no id, no socket");
}

#[test]
fn bytes_are_waited_for_and_left_out() {
    let mut rig = Rig::ready();
    rig.text("452-[\"file\",{\"a\":{\"_placeholder\":true,\"num\":0}},{\"_placeholder\":true,\"num\":1}]");
    rig.client.binary(rig.attempt, rig.now);
    rig.text("2");
    assert!(rig.told().is_empty(), "one of two");
    assert_eq!(rig.sent(), ["3"], "a ping in between is the engine's");
    rig.client.binary(rig.attempt, rig.now);
    rig.drain();
    let args = vec![json!({ "a": null }), Value::Null];
    assert_eq!(
        rig.told(),
        [Event::Received { name: "file".to_owned(), args, ack: None, attachments: 2 }],
        "what is not bytes arrives, with their number"
    );
    rig.client.binary(rig.attempt, rig.now);
    rig.drain();
    assert!(matches!(rig.told()[..], [Event::Lost { by: LostBy::Malformed(_), .. }]), "bytes of nothing");
    let mut rig = Rig::ready();
    rig.text("451-[\"file\",{\"_placeholder\":true,\"num\":0}]");
    rig.text("42[\"e\"]");
    assert!(matches!(rig.told()[..], [Event::Lost { by: LostBy::Malformed(_), .. }]), "words instead of bytes");
}

#[test]
fn with_recovery_what_was_missed_comes_first_and_the_place_is_no_argument() {
    let mut rig = Rig::new();
    rig.open();
    rig.text("40{\"sid\":\"b\",\"pid\":\"p-1\"}");
    rig.told();
    rig.text("42[\"e\",1,\"place-1\"]");
    rig.text("425[\"asked\",\"word\"]");
    let told = rig.told();
    assert_eq!(told[0], received("e", &[json!(1)]));
    assert!(
        matches!(&told[1], Event::Received { args, .. } if *args == [json!("word")]),
        "with a wish for an answer it is"
    );
    rig.client.closed(rig.attempt, 1006, rig.now);
    rig.drain();
    rig.told();
    rig.next_timer();
    rig.sent();
    rig.open();
    let [asked] = &rig.sent()[..] else { panic!("one packet") };
    let asked: Value = serde_json::from_str(asked.trim_start_matches("40")).unwrap();
    assert_eq!(asked, json!({ "agent": "a-1", "pid": "p-1", "offset": "place-1" }));
    rig.text("42[\"missed\",2,\"place-2\"]");
    rig.text("40{\"sid\":\"b\",\"pid\":\"p-1\"}");
    let ready = Event::Ready { sid: "b".to_owned(), recovered: true };
    assert_eq!(rig.told(), [ready, received("missed", &[json!(2)])]);
    rig.client.closed(rig.attempt, 1006, rig.now);
    rig.drain();
    rig.told();
    rig.next_timer();
    rig.open();
    rig.text("40{\"sid\":\"c\",\"pid\":\"p-2\"}");
    assert_eq!(rig.told(), [Event::Ready { sid: "c".to_owned(), recovered: false }], "another one is not the same");
}

#[test]
fn what_came_early_and_was_not_told_comes_again() {
    let mut rig = Rig::new();
    rig.open();
    rig.text("40{\"sid\":\"b\",\"pid\":\"p-1\"}");
    rig.text("42[\"e\",1,\"place-1\"]");
    let asked = |rig: &mut Rig| {
        rig.client.closed(rig.attempt, 1006, rig.now);
        rig.drain();
        rig.next_timer();
        rig.told();
        rig.sent();
        rig.open();
        let asked: Value = serde_json::from_str(rig.sent()[0].trim_start_matches("40")).unwrap();
        asked["offset"].as_str().unwrap().to_owned()
    };
    assert_eq!(asked(&mut rig), "place-1");
    rig.text("42[\"e\",2,\"place-2\"]");
    assert_eq!(asked(&mut rig), "place-1", "the connection went before the server's word: 2 was not told");
    rig.text("42[\"e\",2,\"place-2\"]");
    rig.text("42[\"e\",3,\"place-3\"]");
    rig.text("40{\"sid\":\"b\",\"pid\":\"p-1\"}");
    let ready = Event::Ready { sid: "b".to_owned(), recovered: true };
    assert_eq!(rig.told(), [ready, received("e", &[json!(2)]), received("e", &[json!(3)])], "each once");
    assert_eq!(asked(&mut rig), "place-3");
    for number in 0..10_001 {
        rig.text(&format!("42[\"e\",{number},\"place\"]"));
    }
    rig.text("40{\"sid\":\"b\",\"pid\":\"p-1\"}");
    let told = rig.told();
    assert_eq!(told.len(), 10_001, "ten thousand and the word");
    assert!(matches!(told[0], Event::Ready { recovered: false, .. }), "what is missing is not called recovered");
}

#[test]
fn a_namespace_of_its_own_is_named_in_every_packet() {
    let mut client = Client::new(Timing::default(), "/admin", || 0.5);
    let now = Instant::now();
    client.connect();
    client.opened(1, json!({}), now);
    client.text(1, OPEN, now);
    client.text(1, "40{\"sid\":\"root\"}", now);
    assert!(!client.is_ready(), "the root is another one");
    client.text(1, "40/admin,{\"sid\":\"b\"}", now);
    client.call("e", Vec::new(), Duration::from_secs(1), now).unwrap();
    let sent: Vec<Output> =
        std::iter::from_fn(|| client.poll()).filter(|output| matches!(output, Output::Send(_))).collect();
    assert_eq!(sent, ["40/admin,", "42/admin,0[\"e\"]"].map(|frame| Output::Send(frame.to_owned())));
}

proptest! {
    #[test]
    fn any_frame_is_read_or_refused_and_what_is_read_is_written_back(frame in "[0-9]{0,3}(/[a-z]{0,3},)?[0-9]{0,3}.{0,40}") {
        if let Ok(trunkline_wire::socketio::EnginePacket::Message(packet)) = decode(&frame) {
            let text = encode(&packet);
            if !matches!(&packet.body, trunkline_wire::socketio::Body::Event { attachments: 1.., .. } | trunkline_wire::socketio::Body::Ack { attachments: 1.., .. }) {
                prop_assert_eq!(decode(&text), Ok(trunkline_wire::socketio::EnginePacket::Message(packet)));
            }
        }
    }

    #[test]
    fn any_frames_leave_a_client_alive(frames in prop::collection::vec("[0-6]{1,2}.{0,20}", 0..30)) {
        let mut rig = Rig::ready();
        for frame in &frames {
            rig.text(frame);
            rig.client.binary(rig.attempt, rig.now);
            rig.drain();
        }
        for _ in 0..20 {
            if rig.client.is_ready() || rig.client.deadline().is_none() {
                break;
            }
            rig.next_timer();
            rig.open();
            rig.text("40{\"sid\":\"again\"}");
        }
        let stands = rig.client.is_ready();
        let put_out = rig.events.contains(&Event::Kicked);
        prop_assert!(stands || put_out, "it comes back unless it was put out: {:?}", rig.client);
    }
}

#[test]
fn numbers_of_answers_never_come_twice() {
    let mut rig = Rig::ready();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..50 {
        let CallId(id) = rig.client.call("e", Vec::new(), Duration::from_secs(60), rig.now).unwrap();
        assert!(seen.insert(id), "not after a reconnect either");
        rig.client.closed(rig.attempt, 1006, rig.now);
        rig.drain();
        rig.next_timer();
        rig.open();
        rig.text("40{\"sid\":\"c\"}");
    }
}

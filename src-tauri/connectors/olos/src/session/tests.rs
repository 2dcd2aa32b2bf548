#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;

use trunkline_model::{EventSort, PlatformEvent, RosterEntry};

use super::*;

const BEGAN: i64 = 1_700_000_000_000;
const TOPIC: &str = "agents:52";
const ADMIN: &str = "admin:acme";

/// A session on virtual time, with a server that does what the test says.
struct Bench {
    session: Session,
    began: Instant,
    now: Now,
    attempt: Option<u64>,
    dials: Vec<Instant>,
    sent: Vec<Value>,
    events: Vec<Event>,
    ended: Option<Ended>,
    /// What the vault has.
    token: Option<String>,
    /// What the source answers instead.
    trouble: Option<TokenTrouble>,
    fetched: usize,
}

fn part(value: &Value) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string())
}

fn token(roles: &Value) -> String {
    let header = part(&json!({ "alg": "RS256" }));
    let expires = BEGAN / 1000 + 36_000;
    let claims = part(&json!({ "sub": "52", "tid": "acme", "exp": expires, "username": "adams", "roles": roles }));
    format!("{header}.{claims}.c2lnbmF0dXJl")
}

impl Bench {
    fn with(settings: &Value) -> Self {
        let mut given = json!({ "address": "https://hub.example", "spread": 0.0 });
        given.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        let settings = OlosSettings::read(given.as_object().unwrap()).unwrap();
        let began = Instant::now();
        Self {
            session: Session::new(settings, || 0.5).unwrap(),
            began,
            now: Now { at: began, wall: UnixMillis(BEGAN) },
            attempt: None,
            dials: Vec::new(),
            sent: Vec::new(),
            events: Vec::new(),
            ended: None,
            token: Some(token(&json!(["agent", "admin"]))),
            trouble: None,
            fetched: 0,
        }
    }

    fn new() -> Self {
        Self::with(&json!({}))
    }

    /// Joined on both topics.
    fn online() -> Self {
        let mut bench = Self::new();
        bench.apply(Input::Begin);
        bench.open();
        bench.answer(TOPIC);
        bench.answer(ADMIN);
        bench.events.clear();
        bench
    }

    fn apply(&mut self, input: Input) {
        self.session.apply(input, self.now);
        while let Some(action) = self.session.poll() {
            match action {
                Action::FetchToken(purpose, _) => {
                    self.fetched += 1;
                    let answer = match (self.trouble, &self.token) {
                        (Some(trouble), _) => Err(trouble),
                        (None, None) => Err(TokenTrouble::Missing),
                        (None, Some(token)) => Ok(Secret::from(token.clone())),
                    };
                    self.apply(Input::Token(purpose, answer));
                }
                Action::Dial { attempt, .. } => {
                    self.attempt = Some(attempt);
                    self.dials.push(self.now.at);
                }
                Action::Send(Encoded::Text(text)) => self.sent.push(serde_json::from_str(&text).unwrap()),
                Action::Send(Encoded::Binary(_)) => panic!("nothing binary is sent"),
                Action::Close(_) => self.attempt = None,
                Action::Emit(event) => self.events.push(*event),
                Action::Reply(..) | Action::Forget => {}
                Action::End(ended) => self.ended = Some(ended),
            }
        }
    }

    fn open(&mut self) {
        let attempt = self.attempt.expect("it dialled");
        self.apply(Input::Opened(attempt));
    }

    fn refuse(&mut self, status: u16) {
        let attempt = self.attempt.take().expect("it dialled");
        self.apply(Input::NotOpened(attempt, WebSocketFailure::Refused(status)));
    }

    fn close(&mut self, code: u16) {
        let attempt = self.attempt.take().expect("it is open");
        self.apply(Input::Closed(attempt, code));
    }

    fn frame(&mut self, frame: &Value) {
        let attempt = self.attempt.expect("it is open");
        self.apply(Input::Text(attempt, frame.to_string()));
    }

    fn join_ref(&self, topic: &str) -> String {
        let join = self.sent.iter().rfind(|frame| frame[2] == topic && frame[3] == "phx_join");
        join.expect("it joins")[0].as_str().unwrap().to_owned()
    }

    fn answer(&mut self, topic: &str) {
        let join_ref = self.join_ref(topic);
        self.frame(&json!([join_ref, join_ref, topic, "phx_reply", { "status": "ok", "response": {} }]));
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now.at + time;
        while let Some(at) = self.session.deadline().filter(|at| *at <= end) {
            self.set_time(self.now.at.max(at));
            self.apply(Input::Tick);
        }
        self.set_time(end);
    }

    fn set_time(&mut self, at: Instant) {
        let passed = i64::try_from((at - self.began).as_millis()).unwrap();
        self.now = Now { at, wall: UnixMillis(BEGAN + passed) };
    }

    fn event(&mut self, id: &str) {
        let payload =
            json!({ "eventId": id, "eventType": "Typing", "channelType": "Chat", "eventData": { "dialogId": "d" } });
        self.frame(&json!([null, null, TOPIC, "Typing", payload]));
    }

    fn links(&self) -> Vec<(LinkState, Option<String>)> {
        let links = self.events.iter().filter_map(|event| match event {
            Event::Link(link) => Some((link.state, link.reason.clone())),
            _ => None,
        });
        links.collect()
    }

    fn told(&self) -> Vec<&PlatformEvent> {
        let told = self.events.iter().filter_map(|event| match event {
            Event::PlatformEvent(event) => Some(event.as_ref()),
            _ => None,
        });
        told.collect()
    }

    fn rosters(&self) -> Vec<&Vec<RosterEntry>> {
        let told = self.events.iter().filter_map(|event| match event {
            Event::Roster(roster) => Some(roster),
            _ => None,
        });
        told.collect()
    }
}

fn reason(key: &str) -> Option<String> {
    Some(key.to_owned())
}

#[test]
fn the_described_conversation_goes_as_described() {
    let described: Value =
        serde_json::from_str(include_str!("../../tests/fixtures/olos-agenthub/conversation.json")).unwrap();
    let mut bench = Bench::new();
    bench.apply(Input::Begin);
    bench.open();
    for step in described["steps"].as_array().unwrap() {
        if let Some(frame) = step.get("c2s") {
            let wait = step["delay_ms"].as_u64().unwrap_or(0);
            bench.pass(Duration::from_millis(wait));
            assert!(bench.sent.contains(frame), "sent: {frame}; so far {:?}", bench.sent);
        } else if let Some(frame) = step.get("s2c") {
            bench.frame(frame);
        } else if let Some(close) = step.get("close") {
            bench.close(close["code"].as_u64().unwrap() as u16);
        } else if let Some(event) = step["client_event"].as_str() {
            bench.pass(Duration::from_millis(300));
            match event {
                "connected" => assert_eq!(bench.links().last(), Some(&(LinkState::Online, None))),
                "disconnected" => assert_eq!(bench.links().last().unwrap().0, LinkState::Offline),
                "onlineUsers" => assert_eq!(bench.rosters().last().map(|list| list.len()), Some(1)),
                "ScreenPopVoice" | "any" => assert_eq!(bench.told().last().unwrap().kind, "ScreenPopVoice"),
                other => panic!("what is {other}?"),
            }
        }
    }
    assert_eq!(bench.fetched, 2, "the token function was called again");
    assert_eq!(bench.dials.len(), 2, "and it reconnected");
}

#[test]
fn without_a_usable_token_nothing_is_tried() {
    for (token, key) in [
        (None, "link_reason_not_signed_in"),
        (Some("a.b"), "link_reason_token_wrong"),
        (Some(""), "link_reason_not_signed_in"),
    ] {
        let mut bench = Bench::new();
        bench.token = token.map(str::to_owned);
        bench.apply(Input::Begin);
        bench.pass(Duration::from_secs(3600));
        assert_eq!(bench.links().last(), Some(&(LinkState::NeedsSignIn, reason(key))), "{token:?}");
        assert!(bench.dials.is_empty(), "no attempt in an hour");
        bench.token = Some(super::tests::token(&json!([])));
        bench.apply(Input::Command(CommandId::new("c"), Command::SignIn));
        assert_eq!(bench.dials.len(), 1, "signing in tries at once");
    }
}

#[test]
fn a_server_that_never_answers_the_join_is_told_and_asked_again() {
    let mut bench = Bench::new();
    bench.apply(Input::Begin);
    bench.open();
    bench.pass(Duration::from_secs(9));
    assert_eq!(bench.links().last(), Some(&(LinkState::Connecting, None)), "it has ten seconds");
    bench.pass(Duration::from_secs(2));
    assert_eq!(bench.links().last(), Some(&(LinkState::Offline, reason("link_reason_join_silent"))));
    bench.pass(Duration::from_secs(9));
    let joins = bench.sent.iter().filter(|frame| frame[2] == TOPIC && frame[3] == "phx_join").count();
    assert_eq!(joins, 2, "joined again, a second later");
    let old = json!(["1", "1", TOPIC, "phx_reply", { "status": "ok", "response": {} }]);
    bench.frame(&old);
    assert_ne!(bench.links().last().unwrap().0, LinkState::Online, "an answer to the join that was given up is none");
    bench.answer(TOPIC);
    assert_eq!(bench.links().last(), Some(&(LinkState::Online, None)), "one to the present join is");
}

#[test]
fn events_of_an_old_join_are_not_told() {
    let mut bench = Bench::online();
    let old = bench.join_ref(TOPIC);
    bench.close(1006);
    bench.pass(Duration::from_millis(10));
    bench.open();
    bench.answer(TOPIC);
    bench.events.clear();
    let payload = json!({ "eventId": "1-0", "eventType": "Typing" });
    bench.frame(&json!([old, null, TOPIC, "Typing", payload]));
    bench.frame(&json!([old, old, TOPIC, "phx_close", {}]));
    bench.frame(&json!([old, old, TOPIC, "phx_error", {}]));
    assert!(bench.events.is_empty(), "nothing of it is told: {:?}", bench.events);
    bench.frame(&json!([bench.join_ref(TOPIC), null, TOPIC, "Typing", payload]));
    assert_eq!(bench.told().len(), 1, "of the present join it is");
}

#[test]
fn changes_of_the_roster_wait_for_its_state() {
    let mut bench = Bench::online();
    let join_ref = bench.join_ref(ADMIN);
    let meta = |reference: &str| json!({ "metas": [{ "phx_ref": reference, "username": reference }] });
    bench.frame(&json!([null, null, ADMIN, "presence_diff", { "joins": { "b": meta("B") }, "leaves": {} }]));
    bench.pass(Duration::from_secs(1));
    assert!(bench.rosters().is_empty(), "nobody is told of half a roster");
    bench.frame(&json!([join_ref, null, ADMIN, "presence_state", { "a": meta("A") }]));
    bench.pass(Duration::from_secs(1));
    let names: Vec<&str> = bench.rosters().last().unwrap().iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["A", "B"], "the state with what came before it");
    for number in 0..50 {
        bench.frame(&json!([null, null, ADMIN, "presence_diff", { "joins": { "c": meta(&format!("C{number}")) }, "leaves": {} }]));
    }
    let before = bench.rosters().len();
    bench.pass(Duration::from_secs(1));
    assert_eq!(bench.rosters().len(), before + 1, "many changes at once are told as one");
    bench.close(1006);
    assert_eq!(bench.rosters().last().map(|list| list.len()), Some(0), "lost: nobody, once");
    bench.pass(Duration::from_millis(10));
    bench.open();
    bench.answer(ADMIN);
    let join_ref = bench.join_ref(ADMIN);
    bench.frame(&json!([join_ref, null, ADMIN, "presence_state", { "a": meta("A") }]));
    bench.pass(Duration::from_secs(1));
    assert_eq!(bench.rosters().last().map(|list| list.len()), Some(1), "and the new state");
}

#[test]
fn a_hundred_thousand_events_are_told_once_each_and_nothing_piles_up() {
    let mut bench = Bench::online();
    let mut told = 0;
    for number in 0..100_000 {
        bench.event(&format!("{number}-0"));
        told += bench.told().len();
        bench.events.clear();
    }
    assert_eq!(told, 100_000, "each was told");
    let session = &bench.session;
    assert!(session.actions.is_empty(), "nothing waits within");
    assert_eq!(
        (session.seen.len(), session.seen_in_order.len()),
        (20_000, 20_000),
        "so many ids are remembered, no more"
    );
    for number in 90_000..100_000 {
        bench.event(&format!("{number}-0"));
    }
    assert!(bench.told().is_empty(), "the last ones are known still");
}

#[test]
fn events_repeated_after_a_reconnect_are_told_once_and_those_without_an_id_always() {
    let mut bench = Bench::online();
    bench.event("1-0");
    bench.close(1012);
    bench.pass(Duration::from_millis(10));
    bench.open();
    bench.answer(TOPIC);
    bench.event("1-0");
    bench.event("2-0");
    let ids: Vec<&str> = bench.told().iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids, ["1-0", "2-0"], "each once");
    for _ in 0..3 {
        bench.frame(&json!([null, null, TOPIC, "Passcode", { "eventData": { "code": 1184 } }]));
    }
    let ids: BTreeSet<&str> = bench.told().iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids.len(), 5, "what has no id is told each time, under one of ours");
}

#[test]
fn odd_messages_are_events_and_those_of_the_protocol_are_not() {
    let mut bench = Bench::online();
    for (name, payload) in [
        ("Passcode", json!({ "eventType": "Passcode", "eventData": "1184" })),
        ("Passcode", json!({ "eventType": "Passcode", "eventData": [1, 2] })),
        ("Hologram", json!(7)),
        ("Hologram", json!(null)),
        ("ThirdPartyEvent", json!({ "eventType": "ThirdPartyEvent", "eventData": { "data": "x".repeat(1_000_000) } })),
    ] {
        bench.frame(&json!([null, null, TOPIC, name, payload]));
    }
    assert_eq!(bench.told().len(), 5, "all of them");
    assert_eq!(bench.told()[4].field("data").map(str::len), Some(1_000_000), "a megabyte is whole");
    assert_eq!(bench.told()[4].sort, EventSort::ThirdParty);
    for name in ["phx_new", "presence_state", "presence_diff", "phx_reply"] {
        bench.frame(&json!([null, null, TOPIC, name, {}]));
    }
    bench.frame(&json!([null, null, ADMIN, "ScreenPopVoice", { "eventType": "ScreenPopVoice" }]));
    bench.frame(&json!([null, null, "agents:53", "ScreenPopVoice", { "eventType": "ScreenPopVoice" }]));
    assert_eq!(bench.told().len(), 5, "of the protocol, of other topics: none");
}

#[test]
fn ten_minutes_without_the_service_are_told_once_and_then_all_is_well() {
    let mut bench = Bench::online();
    bench.close(1012);
    let end = bench.now.at + Duration::from_secs(600);
    let mut tries = 0;
    while bench.now.at < end {
        bench.pass(Duration::from_millis(10));
        if bench.attempt.is_some() {
            tries += 1;
            bench.refuse(503);
        }
    }
    assert!((120..=135).contains(&tries), "nine quick tries, then one in five seconds: {tries}");
    let reasons: BTreeSet<_> =
        bench.links().into_iter().map(|(state, reason)| (format!("{state:?}"), reason)).collect();
    let wanted = ["link_reason_connection_broken", "link_reason_service_unavailable"];
    let wanted: BTreeSet<_> = wanted.iter().map(|key| ("Offline".to_owned(), reason(key))).collect();
    assert_eq!(reasons, wanted, "lost, then why; never asked to sign in");
    let fetched = bench.fetched;
    assert!(fetched > tries, "a token for each try");
    bench.pass(Duration::from_secs(5));
    bench.open();
    bench.answer(TOPIC);
    assert_eq!(bench.links().last(), Some(&(LinkState::Online, None)), "back");
    bench.event("after-0");
    assert_eq!(bench.told().len(), 1, "and events come");
}

#[test]
fn five_refusals_in_a_row_end_the_tries_and_others_between_them_do_not() {
    let mut bench = Bench::new();
    bench.apply(Input::Begin);
    for round in 0..30 {
        bench.refuse(if round % 5 == 4 { 502 } else { 403 });
        bench.pass(Duration::from_secs(6));
    }
    assert_ne!(bench.links().last().unwrap().0, LinkState::NeedsSignIn, "never five in a row");
    for _ in 0..5 {
        bench.refuse(401);
        bench.pass(Duration::from_secs(6));
    }
    assert_eq!(bench.links().last(), Some(&(LinkState::NeedsSignIn, reason("link_reason_token_refused"))));
    assert!(bench.attempt.is_none(), "and it stops");
}

#[test]
fn a_service_that_is_away_is_asked_by_the_table_and_a_spare_token_serves() {
    let mut bench = Bench::with(&json!({ "token_command": "company-token", "token_renew_before_ms": 35_000_000 }));
    bench.apply(Input::Begin);
    bench.open();
    bench.answer(TOPIC);
    bench.pass(Duration::from_secs(19_000));
    // Nobody answered the heartbeat, so the connection was lost, and dialled again.
    assert_eq!(bench.fetched, 3, "one for each connect, and one ahead at half its life");
    bench.trouble = Some(TokenTrouble::Unavailable);
    bench.refuse(503);
    bench.pass(Duration::from_millis(100));
    assert!(bench.attempt.is_some(), "the spare one is used");
    bench.refuse(503);
    bench.pass(Duration::from_secs(30));
    assert_eq!(bench.links().last().unwrap().1, reason("link_reason_token_service_unavailable"), "it was used once");
    bench.trouble = None;
    bench.pass(Duration::from_secs(6));
    assert!(bench.attempt.is_some(), "and a new one is asked for all the time");
}

#[test]
fn another_agents_token_is_another_agents_topic() {
    let mut bench = Bench::online();
    let header = part(&json!({ "alg": "RS256" }));
    let claims = part(&json!({ "sub": "99", "tid": "acme", "exp": BEGAN / 1000 + 36_000 }));
    bench.token = Some(format!("{header}.{claims}.c2ln"));
    bench.close(1006);
    bench.pass(Duration::from_millis(10));
    bench.sent.clear();
    bench.open();
    let joined: Vec<&Value> = bench.sent.iter().map(|frame| &frame[2]).collect();
    assert_eq!(joined, ["agents:99"], "the new one's alone; without the role no roster");
}

//! A conversation of thousands of messages: it opens with its newest page, and nothing
//! is lost or stands elsewhere for it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value, json};
use trunkline_connector::testing::{Picture, Seat, run};
use trunkline_connector::{AccountSettings, Command, Event};
use trunkline_expertflow::ExpertflowSettings;
use trunkline_expertflow::cim::{self, Repeated, Topic};
use trunkline_expertflow::customers::Schema;
use trunkline_expertflow::talk::{Around, Offer, Talk};
use trunkline_expertflow::user::User;
use trunkline_model::{Message, MessageId, UnixMillis};
use trunkline_wire::socketio::decode;

use crate::support::{Fixture, customer, options, take, text};

const MESSAGES: i64 = 5_000;
/// Messages that are told at once.
const PAGE: usize = 50;
const BEGAN: i64 = 1_788_100_000_000;

fn fixture(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/expertflow/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The list of `onTopicData` with these events before, as it stands in a frame.
fn list(events: &[Value]) -> String {
    let mut topic = fixture("socket-in/onTopicData");
    topic["topicData"]["topicEvents"] = json!(events);
    json!(["onTopicData", topic]).to_string()
}

/// That many messages of the customer's.
fn chatter(messages: i64) -> Vec<Value> {
    let message = fixture("socket-in/cimEvent.CUSTOMER_MESSAGE");
    let one = |number: i64| {
        let mut event = message.clone();
        event["id"] = json!(format!("event-{number}"));
        event["timestamp"] = json!(BEGAN + number);
        event["data"]["id"] = json!(format!("message-{number}"));
        event["data"]["body"]["markdownText"] = json!(format!("message {number}"));
        event
    };
    (0..messages).map(one).collect()
}

fn settings() -> ExpertflowSettings {
    let mut settings = AccountSettings::default();
    settings.insert("address".to_owned(), json!("https://cx.example"));
    settings.insert("username".to_owned(), json!("adams"));
    ExpertflowSettings::read(&settings).unwrap()
}

/// The agent, the settings, and the conversation as it is offered.
struct Rig {
    user: User,
    settings: ExpertflowSettings,
    schema: Schema,
    at: Instant,
    talk: Talk,
    /// What the panel was told, by ids.
    told: BTreeMap<MessageId, Message>,
    has_older: bool,
}

impl Rig {
    fn new() -> Self {
        let user = User::read(&fixture("rest/login_response")["data"]["keycloak_User"]).unwrap();
        let (settings, schema, at) = (settings(), Schema::default(), Instant::now());
        let offer = Offer::read(&fixture("socket-in/taskRequest.inbound")).unwrap();
        let talk = Talk::offered(&offer, &around(&user, &settings, &schema, at));
        Self { user, settings, schema, at, talk, told: BTreeMap::new(), has_older: false }
    }

    fn act(&mut self, act: impl FnOnce(&mut Talk, &Around<'_>) -> Vec<Event>) -> usize {
        let told = act(&mut self.talk, &around(&self.user, &self.settings, &self.schema, self.at));
        let mut messages = 0;
        for event in told {
            match event {
                Event::Message { message, .. } => {
                    messages += 1;
                    self.told.insert(message.id.clone(), *message);
                }
                Event::Conversation { conversation, .. } => self.has_older = conversation.has_older,
                _ => {}
            }
        }
        messages
    }

    fn fill(&mut self, events: &[Value]) -> usize {
        let topic = Topic::read(list(events)).unwrap();
        self.act(|talk, around| talk.filled(topic, around))
    }

    fn happens(&mut self, event: &Value) {
        let frame = json!({ "cimEvent": event, "conversationId": "68a100000000000000000c01" });
        self.act(|talk, around| talk.happened(&frame, around).unwrap().events);
    }

    /// Goes on to the next thing that time brings; false when there is none.
    fn tick(&mut self) -> bool {
        let Some(at) = self.talk.deadline() else { return false };
        self.at = self.at.max(at);
        self.act(Talk::tick);
        true
    }

    /// All of it in order, after the agent has gone to its beginning.
    fn words(mut self) -> Vec<Message> {
        while self.has_older {
            self.act(Talk::older);
        }
        let mut all: Vec<_> = self.told.into_values().collect();
        all.sort_by_key(|message| (message.at, message.order));
        // Of those of one time the order counts, not its numbers.
        all.into_iter().map(|message| Message { order: 0, ..message }).collect()
    }
}

fn around<'a>(user: &'a User, settings: &'a ExpertflowSettings, schema: &'a Schema, at: Instant) -> Around<'a> {
    Around { user, settings, schema, files: true, wrap_up: true, ahead: 0, wall: UnixMillis(BEGAN), at }
}

#[test]
fn the_newest_page_comes_at_once_and_the_rest_when_asked_for() {
    let mut rig = Rig::new();
    assert_eq!(rig.fill(&chatter(1_000)), PAGE, "a page");
    let newest: BTreeSet<_> = (950..1_000).map(|number| MessageId::new(format!("message-{number}"))).collect();
    assert_eq!(rig.told.keys().cloned().collect::<BTreeSet<_>>(), newest, "the newest");
    assert!(rig.has_older, "and that there are older ones");
    let read_on = rig.talk.deadline().expect("the rest is read later");
    assert!(read_on > rig.at, "when the page has been shown");
    rig.told.clear();
    while rig.tick() {}
    assert!(rig.told.is_empty(), "which changes nothing for the panel: {:?}", rig.told.keys());
    assert_eq!(rig.act(Talk::older), PAGE, "a page of older ones");
    assert_eq!(rig.words().len(), 950, "and so on to the first");
}

#[test]
fn an_old_message_that_came_again_at_the_head_of_the_page_hides_none_before_it() {
    let mut events = chatter(1_000);
    let mut again = events[700].clone();
    again["timestamp"] = events[950]["timestamp"].clone();
    events[950] = again;
    let mut rig = Rig::new();
    assert_eq!(rig.fill(&events), PAGE);
    assert!(rig.told.contains_key(&MessageId::new("message-700")), "it heads the page");
    let mut more = 0;
    while let Some(at) = rig.talk.deadline() {
        rig.at = rig.at.max(at);
        more += rig.act(Talk::tick);
    }
    assert_eq!(more, 1, "only that it is older than it seemed");
    let words: Vec<_> = rig.words().iter().map(text).collect();
    let wanted: Vec<_> = (0..1_000).filter(|number| *number != 950).map(|number| format!("message {number}")).collect();
    assert_eq!(words, wanted);
}

#[test]
fn a_long_past_with_few_words_still_makes_a_page() {
    let typing = fixture("socket-in/cimEvent.TYPING_INDICATOR");
    let mut events = chatter(150);
    events.extend(std::iter::repeat_n(typing, 1_000));
    let mut rig = Rig::new();
    assert_eq!(rig.fill(&events), PAGE);
}

#[test]
fn odd_events_among_many_are_read_or_left_out_alone() {
    let mut events = chatter(600);
    let written = json!(events[598].to_string());
    events[598] = written;
    events[597] = json!(7);
    events[596] = json!("{\"broken");
    events[595]["channelSession"] = json!("none");
    let cut = list(&events).replace("\"message 594\"", "\"message 594 \\ud83d\"");
    let mut rig = Rig::new();
    let topic = Topic::read(cut).unwrap();
    rig.act(|talk, around| talk.filled(topic, around));
    let words: Vec<_> = rig.words().iter().skip(592).map(text).collect();
    assert_eq!(
        words,
        ["message 592", "message 593", "message 594 \u{fffd}", "message 595", "message 598", "message 599"]
    );
    assert!(Topic::read("[\"onTopicData\",{\"topicData\":{\"topicEvents\":[{]}}]".to_owned()).is_none(), "no JSON");
    let odd = Topic::read("[\"onTopicData\",{\"topicData\":{\"topicEvents\":7}}]".to_owned()).unwrap();
    assert!(odd.earlier.is_empty() && odd.argument["topicData"].is_object(), "not as agreed");
}

/// What can happen to messages; each number is one of them.
#[derive(Clone, Debug)]
enum Deed {
    Says { mine: bool, answers: Option<usize>, at: i64 },
    Repeats(usize),
    Edits(usize),
    Removes(usize),
    Receives(usize, &'static str),
    Suggests(Option<usize>),
}

fn deed() -> impl Strategy<Value = Deed> {
    let number = || 0_usize..800;
    prop_oneof![
        12 => (any::<bool>(), proptest::option::weighted(0.2, number()), 0_i64..40)
            .prop_map(|(mine, answers, at)| Deed::Says { mine, answers, at }),
        1 => number().prop_map(Deed::Repeats),
        1 => number().prop_map(Deed::Edits),
        1 => number().prop_map(Deed::Removes),
        1 => (number(), prop_oneof![Just("DELIVERED"), Just("READ"), Just("FAILED")])
            .prop_map(|(number, status)| Deed::Receives(number, status)),
        1 => proptest::option::of(number()).prop_map(Deed::Suggests),
    ]
}

/// The event of a deed: the `number`th of all.
fn event_of(deed: &Deed, number: usize, before: &[Value], me: &str) -> Value {
    let id = |number: usize| format!("message-{number}");
    let by =
        |mine: bool| if mine { json!({ "type": "AGENT", "id": me }) } else { json!({ "type": "CUSTOMER", "id": "c" }) };
    let message = |kind: &str, mine: bool, header: Value, body: Value, at: i64| {
        let name = if mine { "AGENT_MESSAGE" } else { "CUSTOMER_MESSAGE" };
        let mut header = header;
        header["sender"] = by(mine);
        json!({ "id": format!("event-{number}"), "name": name, "type": kind, "timestamp": BEGAN + at,
            "data": { "id": id(number), "header": header, "body": body } })
    };
    let at = number as i64 * 10;
    let plain = json!({ "type": "PLAIN", "markdownText": format!("words {number}") });
    match deed {
        Deed::Says { mine, answers, at: late } => {
            let header = answers.map_or(json!({}), |to| json!({ "intent": "REPLY_TO", "originalMessageId": id(to) }));
            // Many at one time, and some that come late.
            message("MESSAGE", *mine, header, plain, (at - late * 50).max(1) / 100 * 100)
        }
        Deed::Repeats(of) => {
            let mut again = before.get(*of).cloned().unwrap_or_else(|| json!({ "name": "NOTHING" }));
            again["timestamp"] = json!(BEGAN + at);
            again
        }
        Deed::Edits(of) => {
            message("MESSAGE", true, json!({ "intent": "UPDATE", "originalMessageId": id(*of) }), plain, at)
        }
        Deed::Removes(of) => {
            let body = json!({ "type": "DELETEDNOTIFICATION", "messageId": id(*of) });
            message("NOTIFICATION", true, json!({}), body, at)
        }
        Deed::Receives(of, status) => {
            let body = json!({ "type": "DELIVERYNOTIFICATION", "messageId": id(*of), "status": status });
            message("NOTIFICATION", false, json!({}), body, at)
        }
        Deed::Suggests(of) => json!({ "id": format!("event-{number}"), "name": "BOT_SUGGESTION", "type": "SUGGESTION",
            "timestamp": BEGAN + at, "data": { "requestedMessage": of.map(|of| json!({ "id": id(of) })),
                "suggestions": [{ "messageBody": { "type": "PLAIN", "markdownText": format!("say {number}") } }] } }),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn in_pieces_it_reads_as_event_by_event(
        deeds in proptest::collection::vec(deed(), 401..800),
        past in 0.0..1.0_f64,
        again in proptest::option::of(0.0..1.0_f64),
        pace in 0..4_usize,
    ) {
        let me = Rig::new().user.id;
        let mut events = Vec::new();
        for (number, deed) in deeds.iter().enumerate() {
            events.push(event_of(deed, number, &events, &me));
        }
        let mut slow = Rig::new();
        slow.fill(&[]);

        // A part is told when it is joined, the rest happens while that is read, and
        // the connection may be lost and everything be told anew at any time.
        let share = |share: f64| (events.len() as f64 * share) as usize;
        let mut quick = Rig::new();
        let joined = share(past);
        quick.fill(&events[..joined]);
        events[..joined].iter().for_each(|event| slow.happens(event));
        let lost = again.map(share).filter(|lost| *lost >= joined);
        for (number, event) in events.iter().enumerate().skip(joined) {
            if lost == Some(number) {
                quick.fill(&events[..number]);
                events[..number].iter().for_each(|event| slow.happens(event));
            }
            quick.happens(event);
            slow.happens(event);
            if pace > 0 && number % (pace * 7) == 0 {
                quick.tick();
            }
        }
        while quick.tick() {}
        let (quick, slow) = (quick.words(), slow.words());
        for (quick, slow) in quick.iter().zip(&slow) {
            prop_assert_eq!(quick, slow);
        }
        prop_assert_eq!(quick.len(), slow.len());
    }
}

#[test]
fn words_of_a_long_past_that_come_again_are_found_in_it() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.ready(Seat::One, &log).await;
        let contact = fixture.chat_for(Seat::One, customer().saying("message 0")).await;
        let chat = fixture.chat(&contact);
        for number in 1..700 {
            chat.customer_writes(&format!("message {number}")).unwrap();
        }
        take(&mut seated, &contact).await;
        let last = |picture: &Picture| picture.words(&contact).last().is_some_and(|last| text(last) == "message 699");
        seated.until("the newest words", last).await;
        seated.say(&contact, "token-1", "Here I am.").await.expect("sent");
        while seated.picture.conversations[&contact].has_older {
            seated.command(Command::LoadOlder { contact: contact.clone() }).await.expect("older ones");
        }
        let mut words = seated.picture.words(&contact);
        words.sort_by_key(|message| (message.at, message.order));
        let words: Vec<_> = words.into_iter().map(text).collect();
        let wanted: Vec<_> =
            (0..700).map(|number| format!("message {number}")).chain(["Here I am.".to_owned()]).collect();
        assert_eq!(words, wanted);
        seated.leave().await;
    });
}

fn timed<T>(what: &str, act: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let done = act();
    println!("{what}: {:.1} ms", began.elapsed().as_secs_f64() * 1_000.0);
    done
}

#[test]
#[ignore = "a measurement: cargo test --release -p trunkline-expertflow -- --ignored --nocapture stage"]
fn what_each_stage_of_reading_costs() {
    let list = list(&chatter(MESSAGES));
    println!("{MESSAGES} messages, {} bytes", list.len());
    for _ in 0..3 {
        let copy = timed("UTF-8 and a copy", || std::str::from_utf8(list.as_bytes()).unwrap().to_owned());
        let frame = format!("421{list}");
        let packet = timed("everything at once: the packet", || decode(&frame)).unwrap();
        timed("    and letting it go", || drop(packet));
        let mut rig = Rig::new();
        let user = rig.user.clone();
        let topic = timed("the packet, its events left as text", || Topic::read(copy)).unwrap();
        let (earlier, mut known) = (topic.earlier.clone(), Repeated::default());
        timed("the newest page", || rig.act(|talk, around| talk.filled(topic, around)));
        timed("all events alone", || {
            let me = cim::Me { id: &user.id, username: &user.username, role_of: &|_| None };
            for number in 0..earlier.len() {
                earlier.read(number, &mut known, |event| {
                    std::hint::black_box(cim::read(&event.unwrap(), &me, UnixMillis(BEGAN)));
                });
            }
        });
        let mut longest = Duration::ZERO;
        timed("the rest, in pieces", || {
            loop {
                let began = Instant::now();
                if !rig.tick() {
                    break;
                }
                longest = longest.max(began.elapsed());
            }
        });
        println!("    the longest piece: {:.1} ms", longest.as_secs_f64() * 1_000.0);
        timed("letting the conversation go", || drop(rig));
    }
}

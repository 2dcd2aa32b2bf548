//! What is written in chats, both ways, and what is shown beside it.

use std::time::{Duration, Instant};

use serde_json::json;
use trunkline_connector::testing::{LogLines, Picture, Seat, Seated, run};
use trunkline_connector::{Command, CommandCode, OutgoingContent};
use trunkline_model::{
    AuthorRole, ContactId, ContactState, ConversationState, Delivery, Message, MessageBody, MessageId, Subtype,
};
use trunkline_simulators::expertflow::{CustomerOffer, ExpertflowOptions};

use crate::support::{Fixture, SOON, customer, options, take, text};

/// An empty chat at work.
async fn chatting(log: &LogLines) -> (Fixture, Seated, ContactId) {
    let fixture = Fixture::with(options()).await;
    let (seated, contact) = fixture.chatting(log).await;
    (fixture, seated, contact)
}

async fn until_said(seated: &mut Seated, contact: &ContactId, words: &str) -> Message {
    let found =
        |picture: &Picture| picture.words(contact).into_iter().find(|message| text(message).contains(words)).cloned();
    seated.until(words, |picture| found(picture).is_some()).await;
    found(&seated.picture).unwrap()
}

async fn until_delivery(seated: &mut Seated, contact: &ContactId, id: &str, delivery: Delivery) {
    let is = |message: &Message| message.id.as_str() == id && message.delivery == Some(delivery);
    let what = format!("{id} to be {delivery:?}");
    seated.until(&what, |picture| picture.words(contact).into_iter().any(is)).await;
}

fn plain(text: &str) -> OutgoingContent {
    OutgoingContent::Text { text: text.to_owned(), markdown: false, reply_to: None, internal: false }
}

fn whisper(text: &str) -> OutgoingContent {
    OutgoingContent::Text { text: text.to_owned(), markdown: false, reply_to: None, internal: true }
}

#[test]
fn what_was_written_before_stands_in_order_with_its_authors() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let offer = CustomerOffer { bot_words: Some("I am a program.".to_owned()), ..customer().saying("Hello?") };
        let (mut seated, contact) = fixture.chatting_with(offer, &log).await;
        let chat = fixture.chat(&contact);
        let told: Vec<_> = seated
            .picture
            .words(&contact)
            .into_iter()
            .map(|message| (message.author.role, text(message), message.author.name.clone()))
            .collect();
        let expected = [
            (AuthorRole::Customer, "Hello?".to_owned(), Some("Chris Sample".to_owned())),
            (AuthorRole::Bot, "I am a program.".to_owned(), Some("Rasa".to_owned())),
        ];
        assert_eq!(told, expected);
        chat.bot_writes("And still here.").unwrap();
        assert_eq!(until_said(&mut seated, &contact, "And still here.").await.author.role, AuthorRole::Bot);
        seated.leave().await;
    });
}

#[test]
fn messages_go_both_ways_once_even_if_everything_is_told_twice() {
    run(async |log| {
        let (fixture, mut seated, contact) = chatting(&log).await;
        fixture.sim.duplicate_events(true);
        let chat = fixture.chat(&contact);
        chat.customer_writes("Where is my parcel?").unwrap();
        until_said(&mut seated, &contact, "parcel").await;
        seated.say(&contact, "token-1", "On its way.").await.expect("sent");
        let sent = chat.expect_message("On its way.", SOON).await.unwrap();
        assert_eq!((sent.id.as_str(), sent.name.as_str(), sent.times), ("token-1", "AGENT_MESSAGE", 1));
        seated.watch(Duration::from_millis(150)).await;
        let words: Vec<_> = seated.picture.words(&contact).into_iter().map(text).collect();
        assert_eq!(words, ["Where is my parcel?", "On its way."]);
        let own = seated.picture.words(&contact)[1].clone();
        assert_eq!((own.author.role, own.delivery), (AuthorRole::Me, Some(Delivery::Sent)));
        assert_eq!(own.token.as_ref().map(|token| token.as_str()), Some("token-1"));
        let events = seated.picture.messages[&contact].len();
        let unlike: std::collections::BTreeSet<_> = seated.picture.messages[&contact].iter().map(|m| &m.id).collect();
        assert_eq!(unlike.len(), events, "lines stand there once as well");
        seated.leave().await;
    });
}

#[test]
fn words_in_base64_are_read_and_answered_alike() {
    for mirrored in [true, false] {
        run(async |log| {
            let fixture = Fixture::with(ExpertflowOptions { encode_messages: true, ..options() }).await;
            let fixture = if mirrored { fixture } else { fixture.set("encode_outgoing", "off") };
            let (mut seated, contact) = fixture.chatting_with(customer().saying("Grüße 🙂"), &log).await;
            assert_eq!(text(seated.picture.words(&contact)[0]), "Grüße 🙂");
            seated.say(&contact, "token-1", "Schöne Grüße zurück").await.expect("sent");
            let sent = fixture.chat(&contact).expect_message("Schöne Grüße zurück", SOON).await.unwrap();
            assert_eq!(sent.encoded, mirrored);
            assert_eq!(text(&until_said(&mut seated, &contact, "zurück").await), "Schöne Grüße zurück");
            seated.leave().await;
        });
    }
}

#[test]
fn an_answer_quotes_what_it_answers() {
    run(async |log| {
        let (fixture, mut seated, contact) = chatting(&log).await;
        let chat = fixture.chat(&contact);
        let asked = chat.customer_writes("The blue one or the red one?").unwrap();
        until_said(&mut seated, &contact, "blue").await;
        chat.customer_writes("And when?").unwrap();
        until_said(&mut seated, &contact, "when").await;
        let content = OutgoingContent::Text {
            text: "The red one.".to_owned(),
            markdown: false,
            reply_to: Some(MessageId::new(asked.as_str())),
            internal: false,
        };
        seated.send(&contact, "token-1", content).await.expect("sent");
        let sent = chat.expect_message("The red one.", SOON).await.unwrap();
        assert_eq!((sent.intent.as_deref(), sent.original.as_deref()), (Some("REPLY_TO"), Some(asked.as_str())));
        let quote = until_said(&mut seated, &contact, "The red one.").await.reply_to.expect("a quote");
        assert_eq!(quote.message.as_str(), asked);
        assert_eq!(quote.text.as_deref(), Some("The blue one or the red one?"));
        assert_eq!(quote.author.map(|author| author.role), Some(AuthorRole::Customer));
        seated.leave().await;
    });
}

#[test]
fn without_a_colleague_nothing_is_whispered() {
    run(async |log| {
        let (fixture, mut seated, contact) = chatting(&log).await;
        assert!(!seated.picture.conversations[&contact].whispers);
        let error = seated.send(&contact, "token-1", whisper("for whom?")).await.unwrap_err();
        assert_eq!(error.code, CommandCode::NotPossible);
        assert!(fixture.chat(&contact).messages().is_empty(), "least of all to the customer");
        seated.leave().await;
    });
}

#[test]
fn typing_is_shown_for_a_while_and_said_now_and_then() {
    run(async |log| {
        let fixture = Fixture::with(options()).await.set("typing_shown_ms", 300).set("typing_every_ms", 400);
        let (mut seated, contact) = fixture.chatting(&log).await;
        let chat = fixture.chat(&contact);
        let typing = |picture: &Picture| !picture.conversations[&contact].typing.is_empty();
        chat.customer_types();
        seated.until("typing", typing).await;
        seated.until("no typing", |picture| !typing(picture)).await;
        chat.customer_types();
        seated.until("typing", typing).await;
        chat.customer_writes("Done.").unwrap();
        seated.until("no typing once it is written", |picture| !typing(picture)).await;
        let typed = Instant::now();
        for _ in 0..5 {
            seated.command(Command::Typing { contact: contact.clone() }).await.expect("taken");
        }
        chat.expect("typing", SOON, |facts| (!facts.typed.is_empty()).then_some(())).await.unwrap();
        if typed.elapsed() < Duration::from_millis(400) {
            assert_eq!(chat.facts().typed.len(), 1, "one for many keys");
        }
        seated.watch(Duration::from_millis(410).saturating_sub(typed.elapsed())).await;
        seated.command(Command::Typing { contact: contact.clone() }).await.expect("taken");
        chat.expect("typing again", SOON, |facts| (facts.typed.len() == 2).then_some(())).await.unwrap();
        seated.leave().await;
    });
}

#[test]
fn a_message_is_said_to_be_read_once() {
    run(async |log| {
        let (fixture, mut seated, contact) = chatting(&log).await;
        let chat = fixture.chat(&contact);
        let first = chat.customer_writes("one").unwrap();
        until_said(&mut seated, &contact, "one").await;
        seated.say(&contact, "token-1", "mine").await.expect("sent");
        for id in [first.as_str(), first.as_str(), "token-1", "nobody's"] {
            let message = MessageId::new(id);
            seated.command(Command::MarkRead { contact: contact.clone(), message }).await.expect("taken");
        }
        let second = chat.customer_writes("two").unwrap();
        until_said(&mut seated, &contact, "two").await;
        let message = MessageId::new(second.as_str());
        seated.command(Command::MarkRead { contact: contact.clone(), message }).await.expect("taken");
        let both = |facts: &trunkline_simulators::expertflow::ChatFacts| (facts.read.len() > 1).then_some(());
        chat.expect("both to be read", SOON, both).await.unwrap();
        assert_eq!(chat.facts().read, [("adams".to_owned(), first), ("adams".to_owned(), second)]);
        seated.leave().await;
    });
}

#[test]
fn own_messages_are_read_by_the_customer_or_fail() {
    run(async |log| {
        let (fixture, mut seated, contact) = chatting(&log).await;
        let chat = fixture.chat(&contact);
        for token in ["token-1", "token-2"] {
            seated.say(&contact, token, token).await.expect("sent");
        }
        chat.receipt("token-1", "DELIVERED", "200");
        until_delivery(&mut seated, &contact, "token-1", Delivery::Delivered).await;
        chat.customer_reads();
        until_delivery(&mut seated, &contact, "token-2", Delivery::Read).await;
        until_delivery(&mut seated, &contact, "token-1", Delivery::Read).await;
        seated.say(&contact, "token-3", "token-3").await.expect("sent");
        chat.delivery_fails("token-3", "500");
        until_delivery(&mut seated, &contact, "token-3", Delivery::Failed).await;
        until_delivery(&mut seated, &contact, "token-2", Delivery::Read).await;
        seated.leave().await;
    });
}

#[test]
fn suggestions_stand_at_the_message_they_are_for() {
    run(async |log| {
        let (fixture, mut seated, contact) = chatting(&log).await;
        let chat = fixture.chat(&contact);
        let asked = chat.customer_writes("When do you open?").unwrap();
        chat.customer_writes("Please hurry.").unwrap();
        chat.bot_suggests(&asked, &["At nine.", "At ten on Sundays."]);
        let suggested =
            |picture: &Picture| picture.words(&contact).iter().any(|message| !message.suggestions.is_empty());
        seated.until("suggestions", suggested).await;
        let message = until_said(&mut seated, &contact, "When do you open?").await;
        let texts: Vec<_> = message.suggestions.iter().map(|suggestion| suggestion.text.as_str()).collect();
        assert_eq!(texts, ["At nine.", "At ten on Sundays."]);
        assert_eq!(message.suggestions[0].confidence, Some(81));
        seated.leave().await;
    });
}

#[test]
fn one_of_several_lines_is_chosen_and_falls_back_when_it_closes() {
    run(async |log| {
        let (fixture, mut seated, contact) = chatting(&log).await;
        let chat = fixture.chat(&contact);
        let first = seated.picture.conversations[&contact].line.clone().expect("a line");
        let second = chat.opens_channel("WHATSAPP").unwrap();
        let lines = |count: usize| {
            let contact = contact.clone();
            move |picture: &Picture| picture.conversations[&contact].lines.len() == count
        };
        seated.until("two lines", lines(2)).await;
        assert_eq!(seated.picture.conversations[&contact].lines[1].kind, Subtype::Whatsapp);
        let choose = |line: &str| Command::ChooseLine { contact: contact.clone(), line: line.to_owned() };
        seated.command(choose(&second)).await.expect("chosen");
        assert_eq!(seated.picture.conversations[&contact].line.as_deref(), Some(second.as_str()));
        seated.say(&contact, "token-1", "by the other way").await.expect("sent");
        assert_eq!(chat.expect_message("other way", SOON).await.unwrap().session.as_deref(), Some(second.as_str()));
        chat.closes_channel(&second);
        seated.until("one line", lines(1)).await;
        assert_eq!(seated.picture.conversations[&contact].line.as_ref(), Some(&first));
        seated.say(&contact, "token-2", "as before").await.expect("sent");
        assert_eq!(chat.expect_message("as before", SOON).await.unwrap().session.as_deref(), Some(first.as_str()));
        assert_eq!(seated.command(choose(&second)).await.unwrap_err().code, CommandCode::NotPossible);
        assert_eq!(seated.picture.state(&contact), Some(&ContactState::Connected), "one line is enough");
        seated.leave().await;
    });
}

#[test]
fn data_and_customer_follow_their_changes() {
    run(async |log| {
        let (fixture, mut seated, contact) = chatting(&log).await;
        let chat = fixture.chat(&contact);
        chat.data_changes("order", "4711");
        let has = |picture: &Picture| {
            let attributes = &picture.contacts[&contact].attributes;
            attributes.iter().any(|attribute| attribute.name == "order" && attribute.value == "4711")
        };
        seated.until("the value", has).await;
        let mut document = chat.customer();
        document["firstName"] = json!("Dana Other");
        chat.event("ASSOCIATED_CUSTOMER_CHANGED", "NOTIFICATION", document);
        let named = |picture: &Picture| picture.contacts[&contact].customer.name.as_deref() == Some("Dana Other");
        seated.until("the other name", named).await;
        seated.leave().await;
    });
}

#[test]
fn a_chat_is_laid_aside_and_taken_up_again() {
    run(async |log| {
        let fixture = Fixture::with(options()).await.set("pause_s", 120);
        let (mut seated, contact) = fixture.chatting(&log).await;
        seated.command(Command::Pause { contact: contact.clone() }).await.expect("laid aside");
        assert_eq!(seated.picture.state(&contact), Some(&ContactState::Paused));
        let now = { trunkline_connector::ports::WallClock::now(&trunkline_net::SystemClock) };
        let left = seated.picture.conversations[&contact].paused_until.expect("until then").since(now);
        assert!((110_000..=121_000).contains(&left), "two minutes: {left}");
        assert_eq!(fixture.chat(&contact).facts().pauses, [("adams".to_owned(), Some(120))]);
        seated.command(Command::Unpause { contact: contact.clone() }).await.expect("taken up");
        assert_eq!(seated.picture.state(&contact), Some(&ContactState::Connected));
        assert_eq!(seated.picture.conversations[&contact].paused_until, None);
        seated.leave().await;
    });
}

#[test]
fn a_pause_that_is_over_ends_by_itself() {
    run(async |log| {
        let fixture = Fixture::with(options()).await.set("pause_s", 1);
        let (mut seated, contact) = fixture.chatting(&log).await;
        seated.command(Command::Pause { contact: contact.clone() }).await.expect("laid aside");
        seated.until_contact(&contact, ContactState::Connected).await;
        seated.leave().await;
    });
}

#[test]
fn the_time_to_answer_is_told_while_it_runs() {
    run(async |log| {
        let (fixture, mut seated, contact) = chatting(&log).await;
        let chat = fixture.chat(&contact);
        let now = || trunkline_connector::ports::WallClock::now(&trunkline_net::SystemClock);
        let first = seated.picture.conversations[&contact].answer_by.expect("the platform told it").since(now());
        assert!((280_000..=301_000).contains(&first), "five minutes from the beginning: {first}");
        chat.service_level("CHANGE_COLOR", 50);
        let changed = |picture: &Picture| {
            let by = picture.conversations[&contact].answer_by;
            by.is_some_and(|by| by.since(now()) < 200_000)
        };
        seated.until("half of it", changed).await;
        let left = seated.picture.conversations[&contact].answer_by.unwrap().since(now());
        assert!((140_000..=151_000).contains(&left), "{left}");
        chat.event("AGENT_SLA_STOPPED", "NOTIFICATION", json!({ "id": contact }));
        seated.until("no time", |picture| picture.conversations[&contact].answer_by.is_none()).await;
        seated.leave().await;
    });
}

#[test]
fn what_has_no_form_of_its_own_is_shown_all_the_same() {
    run(async |log| {
        let (fixture, mut seated, contact) = chatting(&log).await;
        let chat = fixture.chat(&contact);
        chat.customer_sends(json!({ "type": "HOLOGRAM", "markdownText": "wave", "data": [1, { "a": null }] })).unwrap();
        chat.customer_sends(json!({ "type": "LOCATION", "markdownText": "",
            "location": { "latitude": 52.5, "longitude": 13.4 }, "additionalDetails": { "name": "Gate" } }))
            .unwrap();
        chat.event("TOTALLY_NEW", "NOTIFICATION", json!({ "anything": true }));
        chat.customer_writes("after all that").unwrap();
        until_said(&mut seated, &contact, "after all that").await;
        let words = seated.picture.words(&contact);
        assert_eq!(words.len(), 3);
        let MessageBody::Unknown { content_type, text } = &words[0].body else { panic!("not {:?}", words[0].body) };
        assert_eq!(content_type, "HOLOGRAM");
        assert!(text.contains("wave"), "{text}");
        assert!(matches!(&words[1].body, MessageBody::Location { place } if place.name.as_deref() == Some("Gate")));
        seated.leave().await;
    });
}

/// How long this thread has had a processor, where the system tells: everything here runs
/// on it, and a computer at work on other things says nothing of the connector.
fn busy() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// Without the log of [`run`]: it takes down every frame, and that is what would be measured.
#[tokio::test]
async fn five_thousand_messages_open_at_once_and_are_read_page_by_page() {
    const ALL: usize = 5_000;
    let fixture = Fixture::with(options()).await.set("longest_message", 64 << 20);
    let mut seated = fixture.ready(Seat::One, &LogLines::default()).await;
    let contact = fixture.chat_for(Seat::One, customer()).await;
    let chat = fixture.chat(&contact);
    for number in 0..ALL {
        chat.customer_writes(&format!("message {number}")).unwrap();
    }
    seated.until_contact(&contact, ContactState::Offered).await;
    let (began, ()) = tokio::join!(
        chat.expect("the conversation to be sent", SOON, |facts| facts
            .topics
            .first()
            .map(|_| (Instant::now(), busy()))),
        take(&mut seated, &contact)
    );
    let (began, busy_before) = began.unwrap();
    let took = busy().zip(busy_before).map_or(began.elapsed(), |(after, before)| after.saturating_sub(before));
    println!("a conversation of {ALL} messages: open after {took:?} of work, {:?} by the clock", began.elapsed());
    assert!(took < Duration::from_millis(1_500), "{took:?}");
    let known = |seated: &Seated| seated.picture.messages[&contact].len();
    assert_eq!(known(&seated), 50, "one page");
    assert_eq!(text(seated.picture.words(&contact).last().unwrap()), format!("message {}", ALL - 1));
    while seated.picture.conversations[&contact].has_older {
        let before = known(&seated);
        seated.command(Command::LoadOlder { contact: contact.clone() }).await.expect("read");
        let more = known(&seated) - before;
        let whole = more == 50 || (more > 0 && !seated.picture.conversations[&contact].has_older);
        assert!(whole, "pages do not overlap: {more}");
    }
    let mut told = seated.picture.words(&contact);
    told.sort_by_key(|message| (message.at, message.order));
    let told: Vec<_> = told.into_iter().map(text).collect();
    let sent: Vec<_> = (0..ALL).map(|number| format!("message {number}")).collect();
    let first = told.iter().zip(&sent).position(|(told, sent)| told != sent);
    assert_eq!((told.len(), first.map(|at| (at, told[at].clone()))), (ALL, None), "all of them, in order");
    let before = known(&seated);
    seated.command(Command::LoadOlder { contact: contact.clone() }).await.expect("nothing to read");
    assert_eq!(known(&seated), before);
    seated.leave().await;
}

#[test]
fn what_happens_before_the_pages_that_are_known_is_told_with_them() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.ready(Seat::One, &log).await;
        let contact = fixture.chat_for(Seat::One, customer()).await;
        let chat = fixture.chat(&contact);
        let first = chat.customer_writes("the first").unwrap();
        for number in 0..60 {
            chat.customer_writes(&format!("message {number}")).unwrap();
        }
        take(&mut seated, &contact).await;
        chat.bot_suggests(&first, &["late"]);
        chat.customer_writes("the last").unwrap();
        until_said(&mut seated, &contact, "the last").await;
        assert_eq!(seated.picture.messages[&contact].len(), 51, "the old one stays where it is");
        // A reconnect tells everything anew, and the panel only what it knows.
        let known = |seated: &Seated| seated.picture.words(&contact).into_iter().cloned().collect::<Vec<_>>();
        let before = known(&seated);
        fixture.sim.drop_sockets();
        seated.until_link(trunkline_model::LinkState::Offline).await;
        seated.until_link(trunkline_model::LinkState::Online).await;
        seated.until_conversation(&contact, ConversationState::Open).await;
        assert!(known(&seated) == before, "nothing of the older pages");
        seated.command(Command::LoadOlder { contact: contact.clone() }).await.expect("read");
        let old = until_said(&mut seated, &contact, "the first").await;
        assert_eq!(old.suggestions.len(), 1);
        seated.leave().await;
    });
}

#[test]
fn what_is_not_right_is_refused_before_it_is_sent() {
    run(async |log| {
        let fixture = Fixture::with(options()).await.set("longest_text", 100).set("largest_file", 1_000);
        let (mut seated, contact) = fixture.chatting(&log).await;
        let file = |name: &str, size: usize| OutgoingContent::File {
            name: name.to_owned(),
            content_type: "text/plain".to_owned(),
            bytes: vec![b'x'; size].into(),
            progress: trunkline_connector::ports::Progress::new().0,
        };
        let wrong = [plain("  "), plain(&"x".repeat(101)), file("a.txt", 0), file("a.txt", 1_001), file("a.exe", 10)];
        for (number, content) in wrong.into_iter().enumerate() {
            let error = seated.send(&contact, &format!("token-{number}"), content).await.unwrap_err();
            assert_eq!(error.code, CommandCode::Invalid, "{number}: {error}");
        }
        assert!(fixture.chat(&contact).messages().is_empty() && fixture.sim.files().is_empty());
        seated.leave().await;
    });
}

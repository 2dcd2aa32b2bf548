//! Conversations: order, what is unread, what is unsent, what is announced and
//! kept, and that a window with patches sees what a window with a snapshot sees.

use crate::cast::*;
use trunkline_connector::{Envelope, Event};
use trunkline_desk::{Change, DeskSnapshot, Effect, Input, Outgoing, OutgoingItem, OutgoingState};
use trunkline_model::*;

fn chat_contact() -> Contact {
    Contact { channel: Channel::Chat, softphone: false, ..call("c1", ContactState::Connected, START) }
}

fn frame(state: ConversationState) -> Conversation {
    Conversation {
        state,
        participants: vec![customer()],
        typing: Vec::new(),
        attachments: true,
        markdown: false,
        longest: 1024,
        largest_file: 1 << 20,
        file_types: Vec::new(),
        has_older: false,
        silent: false,
        replies: false,
        edits: false,
        removes: false,
        cards: false,
        whispers: false,
        only_whispers: false,
        lines: Vec::new(),
        line: None,
        paused_until: None,
        answer_by: None,
    }
}

fn customer() -> Author {
    Author { role: AuthorRole::Customer, name: Some("Customer One".to_owned()) }
}

fn words_of(id: &str, at: i64, role: AuthorRole, text: &str) -> Message {
    Message {
        id: id.into(),
        token: None,
        at: UnixMillis(START + at),
        order: 0,
        author: Author { role, name: None },
        body: MessageBody::Text { text: text.to_owned() },
        delivery: (role == AuthorRole::Me).then_some(Delivery::Sent),
        partial: false,
        internal: false,
        edited: false,
        reply_to: None,
        line: None,
        suggestions: Vec::new(),
    }
}

fn unsent(token: &str, text: &str) -> Outgoing {
    Outgoing {
        token: token.into(),
        item: OutgoingItem::Text { text: text.to_owned(), markdown: false, reply_to: None, internal: false },
        since: UnixMillis(START),
        state: OutgoingState::Waiting,
    }
}

/// A scene with a window that only ever gets patches.
struct Watched {
    scene: Scene,
    window: DeskSnapshot,
}

impl Watched {
    fn new() -> Self {
        let scene = Scene::new();
        let window = scene.desk.snapshot();
        let mut watched = Self { scene, window };
        watched.event(Event::Contact(Box::new(chat_contact())));
        watched
    }

    fn apply(&mut self, input: Input) -> Vec<String> {
        let from = self.scene.desk.revision();
        let outcome = self.scene.apply(input);
        let patch = self.scene.desk.patch(from, outcome.changes);
        if !patch.changes.is_empty() {
            self.window.apply(&patch).expect("patches join");
        }
        let told = self.scene.desk.snapshot();
        assert_eq!(self.window, told, "a window with patches sees what a new window sees");
        words(&outcome.effects)
    }

    fn event(&mut self, event: Event) -> Vec<String> {
        self.apply(Input::Connector(Envelope { account: one(), event }))
    }

    fn frame(&mut self, state: ConversationState) -> Vec<String> {
        let conversation = Box::new(frame(state));
        self.event(Event::Conversation { contact: "c1".into(), conversation })
    }

    fn message(&mut self, message: Message) -> Vec<String> {
        self.event(Event::Message { contact: "c1".into(), message: Box::new(message) })
    }

    fn outbox(&mut self, items: Vec<Outgoing>) -> Vec<String> {
        self.apply(Input::Outbox { contact: key("c1"), items })
    }

    fn shown(&self) -> Vec<&str> {
        self.window.messages.iter().map(|placed| placed.message.id.as_str()).collect()
    }

    fn unread(&self) -> u32 {
        self.window.conversations[0].unread
    }

    fn sending(&self) -> Vec<&str> {
        self.window.conversations[0].outgoing.iter().map(|item| item.token.as_str()).collect()
    }
}

#[test]
fn messages_of_one_moment_stand_by_their_order() {
    let mut chat = Watched::new();
    chat.frame(ConversationState::Open);
    let words = |id: &str, order: i32| Message { order, ..words_of(id, 10, AuthorRole::Customer, id) };
    for (id, order) in [("e", 5), ("f", 6), ("a", -4), ("b", -3), ("c", -3)] {
        chat.message(words(id, order));
    }
    assert_eq!(
        chat.shown(),
        ["a", "b", "c", "e", "f"],
        "an older page that comes later stands before, ties as they came"
    );
}

#[test]
fn messages_stand_in_the_order_of_their_times_however_they_come() {
    let mut chat = Watched::new();
    chat.frame(ConversationState::Open);
    for (id, at) in [("m3", 30), ("m1", 10), ("m2", 20), ("m3", 30), ("same-a", 40), ("same-b", 40), ("same-a", 40)] {
        chat.message(words_of(id, at, AuthorRole::Customer, id));
    }
    assert_eq!(chat.shown(), ["m1", "m2", "m3", "same-a", "same-b"], "by time, then by first coming, each once");
}

#[test]
fn a_message_changes_in_its_place() {
    let mut chat = Watched::new();
    chat.frame(ConversationState::Open);
    chat.message(words_of("m1", 10, AuthorRole::Me, "Hello"));
    chat.message(words_of("m2", 20, AuthorRole::Customer, "Hi"));
    let read = Message { delivery: Some(Delivery::Read), ..words_of("m1", 10, AuthorRole::Me, "Hello") };
    chat.message(read);
    assert_eq!(chat.window.messages[0].message.delivery, Some(Delivery::Read), "the mark is on it");
    chat.message(words_of("m1", 10, AuthorRole::Me, "Hello"));
    assert_eq!(chat.window.messages[0].message.delivery, Some(Delivery::Read), "a page read again takes no mark away");
    let partial = |text: &str, partial| Message { partial, ..words_of("bot", 30, AuthorRole::Bot, text) };
    for (text, more) in [("The", true), ("The whole text", false), ("The whole", true)] {
        chat.message(partial(text, more));
    }
    let whole = MessageBody::Text { text: "The whole text".to_owned() };
    assert_eq!(chat.window.messages[2].message.body, whole, "a late piece does not take the whole apart");
}

#[test]
fn others_words_are_unread_until_seen_and_announced_once() {
    let mut chat = Watched::new();
    chat.frame(ConversationState::Joining);
    assert_eq!(
        chat.message(words_of("m1", 10, AuthorRole::Bot, "earlier")),
        [""; 0],
        "what was there is not announced"
    );
    chat.frame(ConversationState::Open);
    assert_eq!(chat.message(words_of("m2", 20, AuthorRole::Customer, "new")), ["message c1 2"], "what comes is");
    assert_eq!(chat.message(words_of("m2", 20, AuthorRole::Customer, "new")), [""; 0], "once");
    assert_eq!(chat.message(words_of("mine", 30, AuthorRole::Me, "mine")), [""; 0], "own words are not news");
    let joined = Message {
        body: MessageBody::Event { event: ConversationEvent::Joined },
        ..words_of("e", 31, AuthorRole::Customer, "")
    };
    assert_eq!(chat.message(joined), [""; 0], "nor is what happens");
    assert_eq!(chat.unread(), 2, "two of others");
    let read = |message: &str| Input::ReadUpTo { contact: key("c1"), message: message.into() };
    assert_eq!(chat.apply(read("m2")), ["keep c1 \"\""], "what is seen is kept");
    assert_eq!(chat.unread(), 0, "all seen");
    assert_eq!(chat.apply(read("m1")), [""; 0], "a late word of an earlier one changes nothing");
    assert_eq!(chat.unread(), 0, "still all seen");
    assert_eq!(chat.message(words_of("m0", 1, AuthorRole::Customer, "old page")), [""; 0], "older ones are no news");
    assert_eq!(chat.unread(), 0, "and not unread");
}

#[test]
fn what_was_seen_and_begun_in_an_earlier_run_is_known_before_the_contact() {
    let mut scene = Scene::new();
    scene.apply(Input::Notes {
        contact: key("c1"),
        read: Some(("gone-from-the-page".into(), UnixMillis(START + 15))),
        draft: "Dear".to_owned(),
    });
    scene.apply(Input::Outbox { contact: key("c1"), items: vec![unsent("t1", "Good day")] });
    assert!(scene.desk.snapshot().conversations.is_empty(), "nothing is shown without a contact");
    scene.event(Event::ResyncStart);
    scene.event(Event::Contact(Box::new(chat_contact())));
    scene.event(Event::ResyncEnd);
    scene
        .event(Event::Conversation { contact: "c1".into(), conversation: Box::new(frame(ConversationState::Joining)) });
    for (id, at) in [("m1", 10), ("m2", 20)] {
        let message = Box::new(words_of(id, at, AuthorRole::Customer, id));
        scene.event(Event::Message { contact: "c1".into(), message });
    }
    let view = scene.desk.conversation(&key("c1")).expect("it is there");
    assert_eq!((view.unread, view.draft.as_str()), (1, "Dear"), "one is newer than what was seen; the draft is back");
    assert_eq!(view.outgoing, [unsent("t1", "Good day")], "and what was not sent");
}

#[test]
fn a_sent_message_is_never_shown_twice() {
    let mut chat = Watched::new();
    chat.frame(ConversationState::Open);
    chat.outbox(vec![unsent("t1", "one"), unsent("t2", "two")]);
    assert_eq!(chat.sending(), ["t1", "t2"], "both wait, in order");
    chat.message(Message { token: Some("t1".into()), ..words_of("m1", 10, AuthorRole::Me, "one") });
    assert_eq!((chat.sending(), chat.shown()), (vec!["t2"], vec!["m1"]), "as a message it waits no more");
    chat.message(words_of("m1", 10, AuthorRole::Me, "one"));
    chat.outbox(vec![unsent("t1", "one"), unsent("t2", "two")]);
    assert_eq!(chat.sending(), ["t2"], "its echo without a token, and a late outbox, change nothing");
}

#[test]
fn an_echo_whose_answer_was_lost_is_not_shown_beside_what_waits() {
    let mut chat = Watched::new();
    chat.frame(ConversationState::Open);
    chat.message(words_of("m0", 1, AuthorRole::Me, "ok"));
    chat.outbox(vec![unsent("t1", "ok"), unsent("t2", "ok")]);
    assert_eq!(chat.sending(), ["t1", "t2"], "the same words of earlier are not an echo");
    chat.message(words_of("other", 5, AuthorRole::Customer, "ok"));
    assert_eq!(chat.sending(), ["t1", "t2"], "nor are the customer's");
    chat.message(words_of("m1", 10, AuthorRole::Me, "ok"));
    assert_eq!(chat.sending(), ["t2"], "the first in line has arrived, and nobody has said so");
    let refused = OutgoingState::Failed { reason: "error_message_refused".to_owned() };
    chat.outbox(vec![Outgoing { state: refused, ..unsent("t1", "no") }, unsent("t2", "yes")]);
    assert_eq!(chat.sending(), ["t1", "t2"], "what was refused is shown, and so is what comes after it");
    chat.message(words_of("m2", 20, AuthorRole::Me, "no"));
    assert_eq!(chat.sending(), ["t1", "t2"], "the agent must decide on what was refused");
    chat.message(words_of("m3", 30, AuthorRole::Me, "yes"));
    assert_eq!(chat.sending(), ["t1"], "the next in line has arrived");
    chat.message(Message { token: Some("t2".into()), ..words_of("m3", 30, AuthorRole::Me, "yes") });
    chat.outbox(vec![]);
    assert_eq!(chat.sending(), [""; 0], "nothing is left");
}

#[test]
fn what_is_unread_stays_right_when_messages_change_move_and_are_seen() {
    let mut chat = Watched::new();
    chat.frame(ConversationState::Open);
    let read = |message: &str| Input::ReadUpTo { contact: key("c1"), message: message.into() };
    for n in 1..=6 {
        chat.message(words_of(&format!("m{n}"), n * 10, AuthorRole::Customer, "x"));
    }
    chat.apply(read("m4"));
    assert_eq!(chat.unread(), 2, "two after the fourth");
    chat.message(words_of("m5", 50, AuthorRole::Customer, "changed"));
    assert_eq!(chat.unread(), 2, "a changed one counts once");
    chat.message(words_of("m6", 35, AuthorRole::Customer, "moved"));
    assert_eq!((chat.unread(), chat.shown()[3]), (1, "m6"), "one that moved before the mark was seen");
    chat.message(words_of("m4", 55, AuthorRole::Customer, "the mark itself moves"));
    assert_eq!(chat.unread(), 0, "and takes what it passes with it");
}

#[test]
fn words_that_cannot_be_sent_any_more_are_told() {
    let mut chat = Watched::new();
    chat.frame(ConversationState::Open);
    chat.outbox(vec![unsent("t1", "very important")]);
    chat.apply(Input::Draft { contact: key("c1"), text: "and begun".to_owned() });
    let effects = chat.event(Event::ContactGone { contact: "c1".into(), outcome: None });
    assert!(effects.contains(&"forget c1".to_owned()), "what is kept of it goes: {effects:?}");
    let notice = chat.window.notices.iter().find(|notice| notice.message_key == "notice_unsent").expect("it is told");
    assert_eq!(notice.params["text"], "very important\nand begun", "with the words, so that they can be copied");
    assert!(chat.window.conversations.is_empty() && chat.window.messages.is_empty(), "and the conversation is gone");
}

#[test]
fn words_of_an_earlier_run_whose_contact_is_gone_are_told() {
    let mut scene = Scene::new();
    scene.apply(Input::Outbox { contact: key("c9"), items: vec![unsent("t1", "from yesterday")] });
    scene.event(Event::ResyncStart);
    let effects = scene.event(Event::ResyncEnd);
    assert_eq!(words(&effects), ["forget c9"], "it is given up");
    assert_eq!(scene.told(), ["notice_unsent_earlier"], "and told");
}

#[test]
fn a_refused_sign_in_does_not_lose_what_waits() {
    let mut chat = Watched::new();
    chat.frame(ConversationState::Open);
    chat.outbox(vec![unsent("t1", "still there")]);
    let effects = chat.event(link(LinkState::Refused));
    assert!(!effects.iter().any(|effect| effect.starts_with("forget")), "nothing is given up: {effects:?}");
    chat.event(link(LinkState::Online));
    chat.event(Event::ResyncStart);
    chat.event(Event::Contact(Box::new(chat_contact())));
    chat.event(Event::ResyncEnd);
    chat.frame(ConversationState::Open);
    assert_eq!(chat.sending(), ["t1"], "it goes on with the contact");
}

#[test]
fn drafts_are_kept_as_they_change() {
    let mut chat = Watched::new();
    chat.frame(ConversationState::Open);
    let draft = |text: &str| Input::Draft { contact: key("c1"), text: text.to_owned() };
    assert_eq!(chat.apply(draft("De")), ["keep c1 \"De\""], "kept");
    assert_eq!(chat.apply(draft("De")), [""; 0], "not again when nothing changed");
    assert_eq!(chat.window.conversations[0].draft, "De", "and shown to every window");
    let stranger = Input::Draft { contact: key("nobody"), text: "x".to_owned() };
    assert_eq!(chat.apply(stranger), [""; 0], "a contact that is gone keeps nothing");
}

/// What one message costs where there are thousands already. The figures are
/// printed; the bound is for a build without optimisation on a busy machine.
#[test]
fn a_message_costs_the_same_in_a_long_conversation() {
    let mut chat = Watched::new();
    chat.frame(ConversationState::Open);
    let mut number = 0;
    let mut round = |chat: &mut Watched, how_many: u32| {
        let begun = std::time::Instant::now();
        for _ in 0..how_many {
            number += 1;
            let role = if number % 2 == 0 { AuthorRole::Me } else { AuthorRole::Customer };
            let id = format!("m{number}");
            let message = Box::new(words_of(&id, number, role, "words of usual length, more or less"));
            let event = Event::Message { contact: "c1".into(), message };
            chat.scene.apply(Input::Connector(Envelope { account: one(), event }));
            if number % 10 == 0 {
                chat.scene.apply(Input::ReadUpTo { contact: key("c1"), message: id.as_str().into() });
            }
        }
        begun.elapsed() / how_many
    };
    round(&mut chat, 200);
    let early = round(&mut chat, 200);
    round(&mut chat, 3_600);
    let late = round(&mut chat, 200);
    println!("one message: {early:?} at 200 messages, {late:?} at 4000");
    assert!(late < std::time::Duration::from_millis(2), "one message at 4000 takes {late:?}, at 200 {early:?}");
}

#[test]
fn a_thousand_messages_cost_one_change_each() {
    let mut chat = Watched::new();
    chat.frame(ConversationState::Open);
    for number in 0..1_000 {
        let message = words_of(&format!("m{number}"), number, AuthorRole::Me, "x");
        let event = Event::Message { contact: "c1".into(), message: Box::new(message) };
        let outcome = chat.scene.apply(Input::Connector(Envelope { account: one(), event }));
        let messages = outcome.changes.iter().filter(|change| matches!(change, Change::Message(_))).count();
        assert_eq!(messages, 1, "only the new one is sent to the window");
        let announced = outcome.effects.iter().any(|effect| matches!(effect, Effect::MessageArrived { .. }));
        assert!(!announced, "own words are not announced");
    }
}

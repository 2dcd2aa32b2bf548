//! One chat session of the operator's: whose it is, what was written, what may be done.
//! Pure: documents go in, and what the panel is to be told comes out.
//!
//! | stage | when | the contact is |
//! | --- | --- | --- |
//! | `Offered` | it is the operator's, and nobody has taken it here | `Offered` |
//! | `Taken` | the operator took it, or has written in it | `Connected` |
//! | `Over` | closed, handed over, or back with the bot | `Ended` |
//!
//! The platform knows no accepting: a session simply is an operator's. That it rings
//! until somebody takes it is this panel's own.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use trunkline_connector::Event;
use trunkline_model::{
    Attribute, Author, AuthorRole, Channel, Connection, ConnectionId, ConnectionKind, ConnectionState, Contact,
    ContactAction, ContactDetails, ContactId, ContactState, Conversation, ConversationEvent, ConversationState,
    Direction, Initiation, Message, MessageBody, MessageId, MessageToken, Outcome, Party, UnixMillis,
};

use crate::doc::{MessageDoc, SessionDoc};
use crate::settings::Twin24Settings;

/// Clocks of platform and computer are never quite alike, ms.
const CLOCK_SLACK: i64 = 5_000;

/// Where a session stands. See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It rings.
    Offered,
    /// At work.
    Taken,
    /// Over for this operator.
    Over(Outcome),
}

/// What a session is read with.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The account's settings.
    pub settings: &'a Twin24Settings,
    /// Milliseconds that the platform's clock is ahead of this computer's.
    pub ahead: i64,
    /// This computer's clock.
    pub wall: UnixMillis,
    /// For timers.
    pub at: Instant,
}

/// What was sent and has not come back.
#[derive(Clone, Debug, PartialEq)]
struct Expected {
    token: MessageToken,
    /// Its words, or the name of its file.
    words: String,
    /// Not before this, by the platform's clock.
    since: UnixMillis,
}

/// Which page of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The last ones.
    Newest,
    /// Ones before those that are known.
    Older,
}

/// How far its messages have been read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// It is to be read then.
    pub due: Option<Instant>,
    /// Readings begun and ended: one that began after something happened shows it.
    pub begun: u64,
    /// See `begun`.
    pub done: u64,
    /// One is under way.
    pub running: bool,
}

/// One session.
#[derive(Clone, Debug)]
pub struct Dialog {
    /// Its id, which is the contact's.
    pub id: ContactId,
    /// As the platform has it.
    pub doc: SessionDoc,
    /// See [`Stage`].
    pub stage: Stage,
    /// See [`Reading`].
    pub reading: Reading,
    /// Its messages have been read once.
    pub filled: bool,
    /// The client is said to have closed it.
    pub client_closes: bool,
    since: UnixMillis,
    messages: BTreeMap<MessageId, Message>,
    /// Own lines, which the platform does not have.
    lines: usize,
    /// Read, or sent, since the last reading that went to its end: there may be a gap before them.
    unsure: BTreeSet<MessageId>,
    /// Of the client's earlier sessions.
    earlier: BTreeSet<MessageId>,
    unread: BTreeSet<MessageId>,
    has_older: bool,
    expected: Vec<Expected>,
    typing_until: Option<Instant>,
    fresh: BTreeSet<MessageId>,
    told_contact: Option<Contact>,
    told_frame: Option<Conversation>,
}

impl Dialog {
    /// One that has just come. `taken`: without ringing.
    pub fn new(doc: SessionDoc, taken: bool, around: &Around<'_>) -> Self {
        Self {
            id: ContactId::new(doc.id.as_str()),
            stage: if taken { Stage::Taken } else { Stage::Offered },
            reading: Reading::default(),
            filled: false,
            client_closes: false,
            since: around.wall,
            messages: BTreeMap::new(),
            lines: 0,
            unsure: BTreeSet::new(),
            earlier: BTreeSet::new(),
            unread: BTreeSet::new(),
            has_older: false,
            expected: Vec::new(),
            typing_until: None,
            fresh: BTreeSet::new(),
            told_contact: None,
            told_frame: None,
            doc,
        }
    }

    /// One can write in it.
    pub fn is_open(&self) -> bool {
        self.stage == Stage::Taken
    }

    /// It is over for this operator.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over(_))
    }

    /// The operator takes it.
    pub fn take(&mut self, around: &Around<'_>) {
        if self.stage == Stage::Offered {
            self.stage = Stage::Taken;
            self.since = around.wall;
        }
    }

    /// It is over for this operator. What ended it first counts.
    pub fn end(&mut self, outcome: Outcome, around: &Around<'_>) {
        if self.is_over() {
            return;
        }
        let missed = self.stage == Stage::Offered;
        let outcome = match outcome {
            Outcome::EndedByCustomer if missed => Outcome::Abandoned,
            Outcome::Transferred | Outcome::Handled if missed => Outcome::Missed,
            other => other,
        };
        self.stage = Stage::Over(outcome);
        self.since = around.wall;
        self.typing_until = None;
    }

    /// It is this operator's, whatever was thought.
    pub fn again(&mut self, around: &Around<'_>) {
        self.client_closes = false;
        if self.is_over() {
            self.stage = Stage::Taken;
            self.since = around.wall;
        }
    }

    /// The bot has it again: a line of our own says so.
    pub fn went_to_bot(&mut self, around: &Around<'_>) {
        if !self.is_over() {
            let author = Author { role: AuthorRole::Bot, name: None };
            self.add_line(author, ConversationEvent::TookOver, around);
        }
        self.end(Outcome::Handled, around);
    }

    fn add_line(&mut self, author: Author, event: ConversationEvent, around: &Around<'_>) {
        self.lines += 1;
        let id = MessageId::new(format!("line-{}-{}", self.id, self.lines));
        let last = self.messages.values().map(|message| message.at).max().unwrap_or_default();
        let message = Message {
            id: id.clone(),
            token: None,
            at: around.wall.shifted(around.ahead).max(last),
            order: i32::MAX,
            author,
            body: MessageBody::Event { event },
            delivery: None,
            partial: false,
            internal: false,
            edited: false,
            reply_to: None,
            line: None,
            suggestions: Vec::new(),
        };
        self.fresh.insert(id.clone());
        self.messages.insert(id, message);
    }

    /// The client is typing.
    pub fn typing(&mut self, around: &Around<'_>) {
        if self.is_open() {
            self.typing_until = Some(around.at + crate::settings::ms(around.settings.typing_shown_ms));
        }
    }

    /// Time has passed.
    pub fn tick(&mut self, around: &Around<'_>) {
        self.typing_until = self.typing_until.filter(|until| *until > around.at);
    }

    /// When time changes something.
    pub fn deadline(&self) -> Option<Instant> {
        [self.typing_until, self.reading.due.filter(|_| !self.reading.running)].into_iter().flatten().min()
    }

    /// It is to be read soon; several wishes are one reading.
    pub fn mark(&mut self, at: Instant) {
        self.reading.due = Some(self.reading.due.map_or(at, |due| due.min(at)));
    }

    // Messages.

    /// A message of ours is on its way. `since`: by the platform's clock.
    pub fn expect(&mut self, token: &MessageToken, words: &str, since: UnixMillis) {
        if !self.expected.iter().any(|known| known.token == *token) {
            self.expected.push(Expected { token: token.clone(), words: words.trim().to_owned(), since });
        }
    }

    /// It was tried before, so that it may be there.
    pub fn is_expected(&self, token: &MessageToken) -> bool {
        self.expected.iter().any(|known| known.token == *token)
    }

    /// It will not come.
    pub fn expect_no_more(&mut self, token: &MessageToken) {
        self.expected.retain(|known| known.token != *token);
    }

    /// What was sent under the token is there.
    pub fn has_arrived(&self, token: &MessageToken) -> bool {
        self.messages.values().any(|message| message.token.as_ref() == Some(token))
    }

    /// The platform's answer to what was sent.
    pub fn sent(&mut self, token: &MessageToken, id: &str, at: UnixMillis, body: MessageBody) {
        self.expect_no_more(token);
        let id = MessageId::new(id);
        // It may have been read before the answer came.
        if let Some(known) = self.messages.get_mut(&id) {
            known.token = Some(token.clone());
        } else {
            let message = Message {
                id: id.clone(),
                token: Some(token.clone()),
                at,
                order: self.last_at(at),
                author: Author { role: AuthorRole::Me, name: None },
                body,
                delivery: Some(trunkline_model::Delivery::Sent),
                partial: false,
                internal: false,
                edited: false,
                reply_to: None,
                line: None,
                suggestions: Vec::new(),
            };
            self.messages.insert(id.clone(), message);
            self.unsure.insert(id.clone());
        }
        self.fresh.insert(id);
    }

    /// Takes a page in. What stands between its ends and is not in it is gone. Gives
    /// whether all of it was new where something was known before: what lies between is
    /// still to be read.
    pub fn take_page(&mut self, mut docs: Vec<MessageDoc>, page: Page, around: &Around<'_>) -> bool {
        // The newest stand first as a rule; a service that sorts otherwise is put right.
        if docs.first().zip(docs.last()).is_none_or(|(first, last)| first.message.at >= last.message.at) {
            docs.reverse();
        }
        let listed: Vec<(UnixMillis, MessageId)> =
            docs.iter().map(|doc| (doc.message.at, doc.message.id.clone())).collect();
        let ends = docs.iter().map(|doc| doc.message.at).min().zip(docs.iter().map(|doc| doc.message.at).max());
        let ids: BTreeSet<MessageId> = docs.iter().map(|doc| doc.message.id.clone()).collect();
        let knew = self.messages.len() > self.lines;
        let mut overlaps = false;
        for doc in docs {
            let id = doc.message.id.clone();
            let known = self.messages.contains_key(&id);
            overlaps |= known && !self.unsure.contains(&id);
            if !known {
                self.unsure.insert(id);
            }
            self.take_message(doc);
        }
        self.put_in_order(&listed, page);
        if let Some((first, last)) = ends {
            let gone = |message: &&Message| {
                let inside = message.at > first && message.at < last;
                inside && !ids.contains(&message.id) && !self.earlier.contains(&message.id) && !is_line(message)
            };
            let gone: Vec<_> = self.messages.values().filter(gone).map(|message| message.id.clone()).collect();
            for id in gone {
                self.removed(&id);
            }
        }
        if page == Page::Newest && self.wrote_since_assigned() {
            self.take(around);
        }
        knew && !overlaps && !ids.is_empty()
    }

    /// The operator has written in it since it came: on another device, or in an earlier run.
    fn wrote_since_assigned(&self) -> bool {
        let since = self.doc.assigned_at.or(self.doc.started_at).unwrap_or_default();
        self.messages.values().any(|message| message.author.role == AuthorRole::Me && message.at >= since)
    }

    /// A reading went to its end: there is no gap among what is known.
    pub fn read_to_end(&mut self, reading: u64) {
        self.unsure.clear();
        self.reading.running = false;
        self.reading.done = self.reading.done.max(reading);
    }

    /// Behind all of the same time.
    fn last_at(&self, at: UnixMillis) -> i32 {
        let same = self.messages.values().filter(|message| message.at == at && !is_line(message));
        same.map(|message| message.order).max().map_or(0, |last| last.saturating_add(1))
    }

    /// Messages of the same time stand as the page lists them, oldest first. What is not
    /// in it came before the newest page, and after an older one.
    fn put_in_order(&mut self, listed: &[(UnixMillis, MessageId)], page: Page) {
        let mut at = 0;
        while let Some((time, _)) = listed.get(at) {
            let same: Vec<&MessageId> =
                listed[at..].iter().take_while(|(other, _)| other == time).map(|(_, id)| id).collect();
            at += same.len();
            let beside = |message: &&Message| message.at == *time && !same.contains(&&message.id) && !is_line(message);
            let mut others: Vec<(i32, MessageId)> =
                self.messages.values().filter(beside).map(|message| (message.order, message.id.clone())).collect();
            others.sort();
            let others = others.into_iter().map(|(_, id)| id);
            let listed = same.into_iter().cloned();
            let all: Vec<MessageId> = match page {
                Page::Newest => others.chain(listed).collect(),
                Page::Older => listed.chain(others).collect(),
            };
            for (order, id) in all.into_iter().enumerate() {
                let order = i32::try_from(order).unwrap_or(i32::MAX);
                if let Some(message) = self.messages.get_mut(&id)
                    && message.order != order
                {
                    message.order = order;
                    self.fresh.insert(id);
                }
            }
        }
    }

    fn take_message(&mut self, doc: MessageDoc) {
        let MessageDoc { mut message, of_client, read_at, session } = doc;
        if session.is_some_and(|session| session != self.id.as_str()) {
            self.earlier.insert(message.id.clone());
        }
        if message.author.role == AuthorRole::Me {
            let words = words_of(&message.body);
            let found = self
                .expected
                .iter()
                .position(|expected| expected.words == words && message.at.0 >= expected.since.0 - CLOCK_SLACK);
            let unknown = self.messages.get(&message.id).is_none_or(|known| known.token.is_none());
            if let Some(found) = found.filter(|_| unknown) {
                message.token = Some(self.expected.remove(found).token);
            }
        }
        if of_client && !self.messages.contains_key(&message.id) {
            // What was being typed has come.
            self.typing_until = None;
        }
        if of_client && read_at.is_none() {
            self.unread.insert(message.id.clone());
        } else {
            self.unread.remove(&message.id);
        }
        if let Some(known) = self.messages.get(&message.id) {
            message.token = message.token.or_else(|| known.token.clone());
            message.edited |= known.edited || (known.body != MessageBody::Removed && known.body != message.body);
            message.delivery = message.delivery.max(known.delivery);
            if known.body == MessageBody::Removed {
                // A reading that began before it was taken back.
                message.body = MessageBody::Removed;
            }
            message.order = known.order;
            if *known == message {
                return;
            }
        }
        self.fresh.insert(message.id.clone());
        self.messages.insert(message.id.clone(), message);
    }

    /// It was taken back.
    pub fn removed(&mut self, id: &MessageId) {
        if let Some(message) = self.messages.get_mut(id)
            && message.body != MessageBody::Removed
        {
            message.body = MessageBody::Removed;
            self.unread.remove(id);
            self.fresh.insert(id.clone());
        }
    }

    /// It reads differently now.
    pub fn edited(&mut self, id: &MessageId, text: &str) {
        if let Some(message) = self.messages.get_mut(id) {
            message.body = MessageBody::Text { text: text.to_owned() };
            message.edited = true;
            self.fresh.insert(id.clone());
        }
    }

    /// A message of this operator's that still has its words.
    pub fn is_own(&self, id: &MessageId) -> bool {
        self.messages
            .get(id)
            .is_some_and(|message| message.author.role == AuthorRole::Me && message.body != MessageBody::Removed)
    }

    /// Messages of the client's up to this one that are not marked as read at the platform; they are from now on.
    pub fn mark_read(&mut self, up_to: &MessageId) -> Vec<MessageId> {
        let Some(until) = self.messages.get(up_to).map(|message| message.at) else { return Vec::new() };
        let seen = |id: &&MessageId| self.messages.get(*id).is_some_and(|message| message.at <= until);
        let seen: Vec<MessageId> = self.unread.iter().filter(seen).cloned().collect();
        for id in &seen {
            self.unread.remove(id);
        }
        seen
    }

    /// How many of the platform's messages are known.
    pub fn known(&self) -> u32 {
        u32::try_from(self.messages.len().saturating_sub(self.lines)).unwrap_or(u32::MAX)
    }

    /// Whether the platform has older ones than are known.
    pub fn set_older(&mut self, has_older: bool) {
        self.has_older = has_older;
    }

    /// There are older ones to be had.
    pub fn has_older(&self) -> bool {
        self.has_older
    }

    /// What a file was called when it was sent.
    pub fn file_name(&self, address: &str) -> Option<String> {
        let files = self.messages.values().flat_map(|message| match &message.body {
            MessageBody::Attachments { files, .. } => files.as_slice(),
            _ => &[],
        });
        files.filter(|file| file.id == address).map(|file| file.name.clone()).next()
    }

    // What the panel is told.

    /// What has changed of contact and frame, and the messages that are new.
    pub fn tell(&mut self, around: &Around<'_>) -> Vec<Event> {
        let mut out = Vec::new();
        let contact = self.contact();
        if self.told_contact.as_ref() != Some(&contact) {
            out.push(Event::Contact(Box::new(contact.clone())));
            self.told_contact = Some(contact);
        }
        let shown = self.stage != Stage::Offered && self.filled;
        if !shown {
            return out;
        }
        let frame = self.frame(around);
        let first = self.told_frame.is_none();
        if first {
            // What is told while it is being joined was there already and is none that arrives.
            let joining = Conversation { state: ConversationState::Joining, ..frame.clone() };
            out.push(self.framed(joining));
            self.fresh = self.messages.keys().cloned().collect();
        }
        let fresh = std::mem::take(&mut self.fresh);
        let mut messages: Vec<&Message> = fresh.iter().filter_map(|id| self.messages.get(id)).collect();
        messages.sort_by_key(|message| (message.at, message.order));
        let contact = &self.id;
        out.extend(
            messages
                .into_iter()
                .map(|message| Event::Message { contact: contact.clone(), message: Box::new(message.clone()) }),
        );
        if self.told_frame.as_ref() != Some(&frame) {
            out.push(self.framed(frame.clone()));
            self.told_frame = Some(frame);
        }
        out
    }

    /// The contact is told once more, for a whole picture.
    pub fn repeat(&mut self, around: &Around<'_>) -> Vec<Event> {
        self.told_contact = None;
        self.tell(around)
    }

    fn framed(&self, frame: Conversation) -> Event {
        Event::Conversation { contact: self.id.clone(), conversation: Box::new(frame) }
    }

    fn state(&self) -> ContactState {
        match self.stage {
            Stage::Offered => ContactState::Offered,
            Stage::Taken => ContactState::Connected,
            Stage::Over(Outcome::Missed) => ContactState::Missed,
            Stage::Over(_) => ContactState::Ended,
        }
    }

    fn party(&self) -> Party {
        Party { name: self.doc.name.clone(), address: None }
    }

    fn allowed(&self) -> BTreeSet<ContactAction> {
        use ContactAction as May;
        match self.stage {
            Stage::Offered => BTreeSet::from([May::Accept]),
            Stage::Taken => {
                let mut may = BTreeSet::from([May::End, May::Transfer, May::Rename]);
                if self.doc.client.is_some() {
                    may.insert(if self.doc.banned { May::Unban } else { May::Ban });
                }
                may
            }
            Stage::Over(_) => BTreeSet::from([May::Clear]),
        }
    }

    fn attributes(&self) -> Vec<Attribute> {
        let doc = &self.doc;
        let given = [("referer", &doc.referer), ("tags", &doc.tags)];
        let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
        given.map(|(name, value)| Attribute { name, value }).collect()
    }

    fn legs(&self) -> Vec<Connection> {
        let state = match self.stage {
            Stage::Offered => ConnectionState::Connecting,
            Stage::Taken => ConnectionState::Connected,
            Stage::Over(_) => ConnectionState::Disconnected,
        };
        let leg = |id: &str, kind, state, party| Connection {
            id: ConnectionId::new(id),
            kind,
            state,
            state_since: None,
            party,
            muted_by_platform: false,
            mute_forced: false,
            sends: BTreeSet::new(),
            allowed: BTreeSet::new(),
        };
        let theirs = if self.is_over() { ConnectionState::Disconnected } else { ConnectionState::Connected };
        vec![
            leg("agent", ConnectionKind::Agent, state, Party::default()),
            leg("customer", ConnectionKind::Initial, theirs, self.party()),
        ]
    }

    fn contact(&self) -> Contact {
        let outcome = match self.stage {
            Stage::Over(outcome) => Some(outcome),
            _ => None,
        };
        let details = ContactDetails {
            initiation: Some(Initiation::Inbound),
            subtype: Some(self.doc.kind()),
            customer_online: self.doc.client_online(),
            customer_banned: self.doc.banned,
            ..ContactDetails::default()
        };
        Contact {
            id: self.id.clone(),
            channel: Channel::Chat,
            direction: Direction::Inbound,
            state: self.state(),
            state_since: self.since,
            outcome,
            queue: None,
            queued_since: None,
            offer_expires: None,
            customer: self.party(),
            subject: None,
            description: None,
            references: Vec::new(),
            scheduled_for: None,
            template: None,
            email: None,
            monitoring: None,
            supervised: false,
            attributes: self.attributes(),
            connections: self.legs(),
            on_hold: false,
            softphone: false,
            auto_accept: false,
            allowed: self.allowed(),
            wrap_up_ends: None,
            handover: None,
            advisers: Vec::new(),
            details: Box::new(details),
        }
    }

    fn frame(&self, around: &Around<'_>) -> Conversation {
        let client = Author { role: AuthorRole::Customer, name: self.doc.name.clone() };
        let settings = around.settings;
        let open = self.is_open();
        Conversation {
            state: if open { ConversationState::Open } else { ConversationState::Ended },
            participants: if open { vec![client.clone()] } else { Vec::new() },
            typing: if self.typing_until.is_some() { vec![client] } else { Vec::new() },
            attachments: true,
            markdown: false,
            longest: settings.longest_text,
            largest_file: settings.largest_file,
            file_types: settings.file_types.clone(),
            has_older: self.has_older,
            silent: false,
            replies: true,
            edits: true,
            removes: true,
            cards: false,
            whispers: false,
            only_whispers: false,
            lines: Vec::new(),
            line: None,
            paused_until: None,
            answer_by: self.doc.answer_due().filter(|_| open).map(|at| at.shifted(-around.ahead)),
        }
    }
}

fn is_line(message: &Message) -> bool {
    matches!(message.body, MessageBody::Event { .. })
}

/// What a message is known by when it comes back: its words, or its file's name.
fn words_of(body: &MessageBody) -> String {
    match body {
        MessageBody::Text { text } | MessageBody::Markdown { text } => text.trim().to_owned(),
        MessageBody::Attachments { files, .. } => files.first().map(|file| file.name.clone()).unwrap_or_default(),
        _ => String::new(),
    }
}

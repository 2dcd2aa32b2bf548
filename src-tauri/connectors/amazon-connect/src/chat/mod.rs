//! One chat: joined, read, written to, left. Pure; the session carries its
//! actions out.
//!
//! | file | holds |
//! | --- | --- |
//! | `items.rs`, `interactive.rs` | what an item means |
//! | `timeline.rs` | messages by id: what is news |
//! | `frame.rs` | who takes part, who types |
//! | `receipts.rs` | what the other side is told of what we got and saw |
//! | `tokens.rs` | the connection token and the calls that need it |
//! | `transcript.rs` | joining, gaps, older pages |
//! | `outgoing.rs` | one message or file of ours on its way |
//! | `fetching.rs` | files of the conversation |
//! | `views.rs` | views of guides that messages show |
//!
//! Inputs, by origin:
//!
//! | origin | inputs |
//! | --- | --- |
//! | snapshot | `new`, `update`, `over` |
//! | agent socket | `item`, `socket` (the topic is there or lost) |
//! | platform over HTTP | `token`, `answered` |
//! | agent | `send`, `abandon`, `typing`, `mark_read`, `load_older`, `fetch`, `drop_fetch` |
//! | timer | `tick` |
//!
//! | state | input | next |
//! | --- | --- | --- |
//! | Joining | token, then a first page of the transcript | Open |
//! | Joining | three failures in a row | Broken; goes on trying |
//! | Broken | the same as Joining | Open |
//! | Open | the token is refused or nearly over | Open; renewed, calls wait for it |
//! | Open | no new token, three failures in a row | Broken; goes on trying |
//! | any | chat.ended, transfer.succeeded of our contact; the agent's leg is over | Ended, for good |

mod fetching;
mod frame;
mod interactive;
mod items;
mod outgoing;
mod receipts;
mod settings;
mod timeline;
mod tokens;
mod transcript;
mod views;

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use trunkline_connector::ports::{HttpResponse, Progress};
use trunkline_connector::{CommandCode, CommandError, FetchedFile};
use trunkline_model::{Author, CommandId, Conversation, ConversationState, Delivery, Message, MessageId};
use url::Url;

use crate::session::{LookupId, Now};
use crate::wire::{EventType, Item, ParticipantCall, Private};
use fetching::Fetches;
use frame::Roster;
use items::Meaning;
use outgoing::Attempt;
use receipts::Receipts;
use timeline::Timeline;
use tokens::Calls;
use transcript::Backlog;
use views::Views;

pub use settings::ChatSettings;
pub use tokens::Failure;

/// One HTTP exchange of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u64);

/// What the snapshot tells of a chat.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Contact.
    pub contact_id: String,
    /// First contact of the conversation.
    pub initial_contact_id: String,
    /// Our participant id: the agent's connection.
    pub participant_id: String,
    /// Opens POST /participant/connection.
    pub participant_token: Option<Private>,
    /// Files can be sent.
    pub attachments: bool,
    /// Marks of markdown are understood.
    pub markdown: bool,
    /// A supervisor whom nobody sees.
    pub silent: bool,
    /// Others by connection, as far as the snapshot names them.
    pub others: Vec<(String, Author)>,
}

/// What is to be done.
#[derive(Debug)]
pub enum ChatAction {
    /// CreateTransport `chat_token`.
    FetchToken,
    /// A call of the Participant Service with this bearer.
    Call(CallId, ParticipantCall, Private),
    /// A file to a pre-signed address, with these headers alone.
    Put {
        /// Which exchange.
        id: CallId,
        /// Where: a secret.
        url: Url,
        /// Headers that belong to the signature.
        headers: Vec<(String, Private)>,
        /// The file.
        bytes: Bytes,
        /// Told how far it is.
        progress: Progress,
    },
    /// A file from a pre-signed address.
    Get {
        /// Which exchange.
        id: CallId,
        /// Where: a secret.
        url: Url,
        /// Told how far it is.
        progress: Progress,
    },
    /// Of no use any more.
    Cancel(CallId),
    /// The frame, whole.
    Show(Box<Conversation>),
    /// A message, whole.
    Tell(Box<Message>),
    /// A command has its answer.
    Done(CommandId, Result<(), CommandError>),
    /// A lookup has its answer.
    Fetched(LookupId, Result<FetchedFile, CommandError>),
}

/// What an exchange is for.
#[derive(Clone, Debug, PartialEq)]
enum Work {
    Acknowledge,
    Connect,
    Page,
    Older(CommandId),
    Send,
    StartUpload,
    Put,
    CompleteUpload,
    Typing,
    Receipt(receipts::Sending),
    FileAddress(LookupId),
    FileContent(LookupId),
    View(MessageId),
}

/// Where an item comes from: the past changes nothing but the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// The socket.
    Live,
    /// A page that closes a gap.
    Gap,
    /// The first page.
    First,
    /// A page of older messages.
    Older,
}

/// The machine.
#[derive(Debug)]
pub struct Chat {
    facts: Facts,
    settings: ChatSettings,
    calls: Calls,
    timeline: Timeline,
    roster: Roster,
    receipts: Receipts,
    backlog: Backlog,
    attempt: Option<Attempt>,
    fetches: Fetches,
    views: Views,
    typed_at: Option<Instant>,
    ended: bool,
    /// The service's clock minus ours, milliseconds.
    skew: i64,
    shown: Option<Conversation>,
    out: Vec<ChatAction>,
}

fn not_possible(why: &str) -> CommandError {
    CommandError::new(CommandCode::NotPossible, why)
}

impl Chat {
    /// A chat whose agent leg is active.
    pub fn new(facts: Facts, settings: ChatSettings, now: Now) -> Self {
        let mut chat = Self {
            facts: facts.clone(),
            settings,
            calls: Calls::default(),
            timeline: Timeline::default(),
            roster: Roster::default(),
            receipts: Receipts::default(),
            backlog: Backlog::default(),
            attempt: None,
            fetches: Fetches::default(),
            views: Views::default(),
            typed_at: None,
            ended: false,
            skew: 0,
            shown: None,
            out: Vec::new(),
        };
        chat.update(facts, now);
        chat.want_token();
        chat
    }

    /// What there is to do since the last time.
    pub fn take_actions(&mut self) -> Vec<ChatAction> {
        std::mem::take(&mut self.out)
    }

    /// How far the service's clock is ahead of ours, milliseconds.
    pub fn set_skew(&mut self, skew: i64) {
        self.skew = skew;
    }

    /// The next snapshot.
    pub fn update(&mut self, facts: Facts, now: Now) {
        for (id, author) in &facts.others {
            self.roster.known(id, author.clone());
        }
        self.facts = facts;
        self.settle(now);
    }

    /// Our participant id.
    pub fn participant_id(&self) -> &str {
        &self.facts.participant_id
    }

    /// It is one of this conversation's items, by the contacts it names.
    pub fn is_named_by(&self, item: &Item) -> bool {
        item.initial_contact_id.as_deref() == Some(&self.facts.initial_contact_id)
            || item.contact_id.as_deref() == Some(&self.facts.contact_id)
    }

    /// It has this message: receipts may come without a contact.
    pub fn has(&self, id: &str) -> bool {
        self.timeline.find(&MessageId::new(id)).is_some()
    }

    /// The agent's leg is over, or the contact is gone.
    pub fn over(&mut self, now: Now) {
        self.read_last_words();
        self.end(now);
        self.settle(now);
    }

    fn end(&mut self, now: Now) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        self.receipts.drop_all();
        self.roster.nobody_types();
        self.backlog.stop();
        self.calls.stop_renewing();
        // What is under way may still arrive; what has not begun cannot.
        self.refuse_waiting_attempt();
        self.drop_parked(now);
    }

    /// A frame of the socket.
    pub fn item(&mut self, item: &Item, now: Now) {
        let order = self.timeline.room(Source::Live, 1);
        self.take_item(item, Source::Live, order, now);
        self.settle(now);
    }

    /// The items of a page, in the platform's order.
    fn take_page(&mut self, items: &[Item], source: Source, now: Now) {
        let first = self.timeline.room(source, items.len());
        for (item, order) in items.iter().zip(first..) {
            self.take_item(item, source, order, now);
        }
    }

    fn take_item(&mut self, item: &Item, source: Source, order: i32, now: Now) {
        let service_now = self.service_now(now);
        let me = self.facts.participant_id.clone();
        if source != Source::Older {
            self.roster.take(item, &me);
        }
        match items::read(item, &me, service_now) {
            Meaning::Message { mut message, chunk } => {
                message.order = order;
                self.with_view(item, &mut message);
                let place = self.timeline.place(&message);
                let wants_receipt = timeline::wants_receipt(&message);
                if let Some(settled) = items::settled_by_us(item, &me) {
                    self.receipts.settled(&place, settled);
                }
                if let Some(message) = self.timeline.take(*message, chunk, self.attempt.as_ref().map(Attempt::kind)) {
                    self.out.push(ChatAction::Tell(Box::new(message)));
                }
                if wants_receipt && source != Source::Older && self.tells_receipts() {
                    self.receipts.arrived(place, now.at, &self.settings);
                }
                self.file_may_have_shown();
            }
            Meaning::Receipt { id, delivery } => {
                for message in self.timeline.receipt(&id, delivery) {
                    self.out.push(ChatAction::Tell(Box::new(message)));
                }
            }
            Meaning::Typing if source == Source::Live && !self.ended => {
                let shown = Duration::from_millis(self.settings.chat_typing_shown_ms);
                self.roster.types(item, &me, now.at, shown);
            }
            Meaning::Typing | Meaning::Nothing => {}
        }
        if item.event() == Some(EventType::Rehydrated) && matches!(source, Source::Live | Source::Gap) {
            self.backlog.brought_back();
        }
        let ours = item.contact_id.as_ref().is_none_or(|id| *id == self.facts.contact_id);
        let over = matches!(item.event(), Some(EventType::Ended | EventType::TransferSucceeded));
        // The transcript also holds the ends of earlier contacts of the same conversation.
        if over && ours && matches!(source, Source::Live | Source::Gap) {
            self.end(now);
        }
    }

    fn tells_receipts(&self) -> bool {
        self.settings.chat_receipts && !self.facts.silent && !self.ended
    }

    /// The agent types. Leading edge only, and seldom.
    pub fn typing(&mut self, now: Now) {
        let every = Duration::from_millis(self.settings.chat_typing_every_ms);
        let lately = self.typed_at.is_some_and(|at| now.at < at + every);
        if lately || self.ended || self.facts.silent || !self.backlog.is_joined() {
            return;
        }
        self.typed_at = Some(now.at);
        let call = ParticipantCall::SendEvent {
            event: EventType::Typing,
            message_id: None,
            client_token: uuid::Uuid::new_v4().to_string(),
        };
        self.ask(Work::Typing, call);
    }

    /// The agent has seen everything up to this message.
    pub fn mark_read(&mut self, message: &MessageId, now: Now) {
        if self.tells_receipts()
            && let Some(place) = self.timeline.last_of_others(message)
        {
            self.receipts.seen(place);
        }
        self.settle(now);
    }

    /// Timers.
    pub fn tick(&mut self, now: Now) {
        self.roster.tick(now.at);
        self.tick_calls(now);
        self.tick_backlog(now);
        self.tick_attempt(now);
        self.tick_views(now);
        self.settle(now);
    }

    /// When to call [`Chat::tick`].
    pub fn next_deadline(&self) -> Option<Instant> {
        let receipts = self.receipts.next_deadline(&self.settings).filter(|_| self.backlog.is_joined());
        let attempt = self.attempt.as_ref().and_then(Attempt::next_deadline);
        let views = self.views.next_deadline().filter(|_| !self.ended);
        [
            receipts,
            attempt,
            views,
            self.roster.next_deadline(),
            self.calls.next_deadline(),
            self.backlog.next_deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// After every input: what has become due, and the frame when it changed.
    fn settle(&mut self, now: Now) {
        self.begin_attempt();
        if self.backlog.is_joined() && !self.ended {
            for sending in self.receipts.burst(now.at, &self.settings) {
                let event = match sending.delivery {
                    Delivery::Read => EventType::Read,
                    _ => EventType::Delivered,
                };
                let call = ParticipantCall::SendEvent {
                    event,
                    message_id: Some(sending.place.id.as_str().to_owned()),
                    client_token: sending.client_token.clone(),
                };
                self.ask(Work::Receipt(sending), call);
            }
        }
        let frame = self.frame();
        if self.shown.as_ref() != Some(&frame) {
            self.shown = Some(frame.clone());
            self.out.push(ChatAction::Show(Box::new(frame)));
        }
    }

    fn state(&self) -> ConversationState {
        if self.ended {
            ConversationState::Ended
        } else if self.calls.is_broken(&self.settings) || self.backlog.is_broken(&self.settings) {
            ConversationState::Broken
        } else if !self.backlog.is_joined() {
            ConversationState::Joining
        } else {
            ConversationState::Open
        }
    }

    fn frame(&self) -> Conversation {
        Conversation {
            state: self.state(),
            participants: self.roster.participants(),
            typing: self.roster.typing(),
            attachments: self.facts.attachments,
            markdown: self.facts.markdown,
            longest: self.settings.chat_longest,
            largest_file: self.settings.chat_largest_file,
            file_types: self.settings.chat_file_types.clone(),
            has_older: self.backlog.has_older(),
            silent: self.facts.silent,
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

    /// An exchange is over.
    pub fn answered(&mut self, id: CallId, result: Result<HttpResponse, Failure>, now: Now) {
        if let Some((work, result)) = self.take_answer(id, result) {
            self.finish(work, result, now);
        }
        self.settle(now);
    }

    fn finish(&mut self, work: Work, result: Result<HttpResponse, Failure>, now: Now) {
        match work {
            Work::Acknowledge => self.acknowledged(result, now),
            Work::Connect => self.connected(result, now),
            Work::Page => self.on_page(result, now),
            Work::Older(command) => self.on_older(&command, result, now),
            Work::Send => self.on_sent(result, now),
            Work::StartUpload => self.on_upload_started(result, now),
            Work::Put => self.on_uploaded(result),
            Work::CompleteUpload => self.on_upload_completed(result, now),
            Work::Typing => {}
            // A conflict means that more than two people are there: receipts are not for them (section 7).
            Work::Receipt(sending) => {
                if result.is_err_and(|failure| failure.is_passing()) {
                    self.receipts.failed(sending, now.at);
                }
            }
            Work::FileAddress(lookup) => self.on_file_address(lookup, result),
            Work::FileContent(lookup) => self.on_file_content(lookup, result),
            Work::View(id) => self.on_view(&id, result, now),
        }
    }
}

#[cfg(test)]
mod tests;

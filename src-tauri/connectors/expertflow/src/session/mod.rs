//! One agent's session at Expertflow CX: signing in, the socket, states, offers and
//! conversations. Sans-I/O; Socket.IO beneath is `trunkline_wire::socketio`.
//!
//! Inputs by origin:
//!
//! | from | input | leads to |
//! | --- | --- | --- |
//! | the account | `Begin` | the password is read, then signed in |
//! | the vault | `Password` | log-in, or sign-in is asked for |
//! | the agent | `Command`, `Ask` | events on the socket, requests; held back while it is being connected |
//! | HTTP | `Answer` | user and tokens, settings, tasks, directory, files |
//! | the socket | `Opened`, `NotOpened`, `Text`, `Binary`, `Closed` | the Socket.IO client |
//! | the clock | `Tick` | its timers, time-outs, renewal of the token |
//!
//! The link:
//!
//! | state | when |
//! | --- | --- |
//! | `Connecting` | signing in, dialling, until states and tasks are known |
//! | `Online` | they are |
//! | `Offline` | the socket is lost, or the log-in cannot be reached; tried again by itself |
//! | `NeedsSignIn` | no password, a wrong one, a second factor, another place took over, or the platform signed the agent out; nothing is tried |

mod acts;
mod asked;
mod customers;
mod platform;
mod signing;
mod socket;
mod teams;
mod writing;

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::Value;
use trunkline_connector::ports::{HttpFailure, HttpRequest, HttpResponse, Progress, Secret, WebSocketFailure};
use trunkline_connector::{BuildError, Command, CommandCode, CommandError, Ended, EndpointList, Event, FetchedFile};
use trunkline_model::{
    CannedMessage, CommandId, ContactId, CustomerCard, CustomerId, CustomerPage, Link, LinkState, MediaDomainId,
    MessageToken, Notice, NoticeLevel, Outcome, PastPage, Supervision, SupervisionPart, Team, UnixMillis, WorkItemId,
    WorkList, WorkListId, WrapUpForm,
};
use trunkline_wire::socketio::Client;

use crate::customers::Schema;
use crate::lists::Lists;
use crate::presence::{Presence, Reason, Wanted};
use crate::settings::{Addresses, ExpertflowSettings, ms};
use crate::talk::{Around, Role, Talk};
use crate::user::User;

/// Commands whose answers are remembered, so that a repeated one is answered alike.
const ANSWERS: usize = 64;
/// Frames from this length on, bytes, are read with care: the loop that reads them
/// answers pings, too.
const LONG: usize = 256 * 1024;
/// RFC 6455: a message is too big to be processed.
const MESSAGE_TOO_BIG: u16 = 1009;

/// The present moment on both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// For durations.
    pub at: Instant,
    /// For dates.
    pub wall: UnixMillis,
}

/// A question of the panel's with an answer of its own.
#[derive(Clone, Debug)]
pub enum Ask {
    /// The directory, for a conversation.
    Endpoints(Option<ContactId>),
    /// A file out of a conversation, by its address.
    File(ContactId, String, Progress),
    /// A supervisor's teams.
    Supervision,
    /// The customer of a conversation.
    Customer(ContactId),
    /// Customers by words; which page.
    Customers(String, u32),
    /// Earlier conversations of a conversation's customer; which page.
    Past(ContactId, u32),
    /// Words kept ready.
    Canned,
}

/// What a question is answered with.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "named as the questions are")]
pub enum Found {
    Endpoints(EndpointList),
    File(FetchedFile),
    Supervision(Box<Supervision>),
    Customer(Box<CustomerCard>),
    Customers(CustomerPage),
    Past(PastPage),
    Canned(Vec<CannedMessage>),
}

/// What comes in.
pub enum Input {
    /// Once, first.
    Begin,
    /// What the vault holds.
    Password(Option<Secret>),
    /// An act of the agent, to be answered by then.
    Command(CommandId, Instant, Command),
    /// A question, to be answered by then.
    Ask(u64, Instant, Ask),
    /// Nobody waits for the answer to a command any more: a file need not go on.
    CommandGivenUp(CommandId),
    /// Nor for one to a question.
    AskGivenUp(u64),
    /// An exchange is over.
    Answer(u64, Result<HttpResponse, HttpFailure>),
    /// The socket of that attempt is open.
    Opened(u64),
    /// It could not be opened.
    NotOpened(u64, WebSocketFailure),
    /// A text frame came.
    Text(u64, String),
    /// A binary frame came.
    Binary(u64),
    /// It is over, with this code.
    Closed(u64, u16),
    /// It was ended by a frame beyond the limit.
    TooLarge(u64),
    /// Time has passed.
    Tick,
}

/// What is to be done.
pub enum Action {
    /// Read the password; answer with `Password`.
    ReadPassword,
    /// One exchange; answer with `Answer`.
    Http(u64, Box<HttpRequest>),
    /// Nobody waits for this one any more.
    Abort(u64),
    /// Open a socket; answer with `Opened` or `NotOpened`.
    Dial(u64, url::Url),
    /// Send a text frame.
    Send(String),
    /// Close the open socket, or give up the one being opened.
    Close(u16),
    /// Tell the desk.
    Emit(Box<Event>),
    /// Answer a command.
    Reply(CommandId, Result<(), CommandError>),
    /// Answer a question.
    Answered(u64, Result<Found, CommandError>),
    /// Forget the account's secrets.
    Forget,
    /// The end.
    End(Ended),
}

/// What an exchange is for.
#[derive(Clone, Debug)]
enum Rest {
    Login,
    /// For new tokens alone: the socket stays.
    LoginAgain,
    Code,
    Phone,
    Resend,
    Refresh,
    Reasons,
    Desk,
    Form,
    Tasks,
    Schema,
    Lists,
    Announcements,
    Report(u64, SupervisionPart, Team),
    Customer(u64, CustomerId),
    Customers(u64, String, u32),
    Past(u64, ContactId, CustomerId, u32),
    Canned(u64),
    /// The document of the customer that a conversation is given.
    NewCustomer(ContactId, CustomerId),
    /// It is given to the conversation.
    Link(ContactId, Box<Value>),
    /// What an unknown customer wrote before goes along: from, to.
    MovePast(ContactId, Box<Value>, Box<Value>),
    Endpoints(u64, Option<ContactId>),
    Upload(Box<Uploading>),
    File(u64, url::Url, String, Progress),
}

#[derive(Clone, Debug)]
struct Uploading {
    contact: ContactId,
    token: MessageToken,
    name: String,
    content_type: String,
    bytes: Bytes,
    progress: Progress,
}

#[derive(Clone, Debug)]
struct Exchange {
    rest: Rest,
    /// Asked a second time, with a new token.
    again: bool,
    /// Given up then.
    deadline: Option<Instant>,
}

/// What shows that a command was carried out.
#[derive(Clone, Debug, PartialEq)]
enum Awaited {
    State(Wanted),
    Media(MediaDomainId, bool),
    Taken(ContactId),
    Left(ContactId),
    Message(ContactId, MessageToken),
    Noted(ContactId),
    Transfer(ContactId),
    Conference(ContactId),
    Consult(ContactId),
    Paused(ContactId, bool),
    /// The own part in it is this one.
    Role(ContactId, Role),
    /// A conversation comes that is not here yet, because of this event of ours.
    Arrives(ContactId, &'static str),
    /// An adviser with this id answers the customer; `true`: beside the agent.
    Promoted(ContactId, String, bool),
    Linked(ContactId),
    Listed(WorkListId, bool),
    OffList(WorkItemId),
    Challenge,
    LoggedOut,
}

#[derive(Clone, Debug)]
struct Pending {
    id: CommandId,
    deadline: Instant,
    awaited: Awaited,
}

/// The picture after a connection is being put together.
#[derive(Clone, Debug)]
struct Reconcile {
    until: Instant,
    presence: bool,
    /// Conversations that the platform lists as the agent's; `None`: not told yet.
    tasks: Option<Result<Vec<ContactId>, ()>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Phase {
    /// Nothing is done until the agent signs in.
    Idle,
    /// The password is being read, or the log-in is under way.
    SigningIn,
    /// The log-in could not be reached: again then.
    Waiting(Instant),
    /// A second factor is asked for.
    Challenged(Box<trunkline_model::Challenge>),
    /// Signed in; the socket is being held.
    SignedIn,
    /// Leaving: what is left is done by then.
    Leaving(CommandId, Instant),
    /// Over.
    Ended,
}

/// The session.
pub struct Session {
    settings: ExpertflowSettings,
    addresses: Addresses,
    client: Client,
    actions: VecDeque<Action>,
    phase: Phase,
    link: Link,
    password: Option<Secret>,
    token: Option<Secret>,
    refresh: Option<Secret>,
    renew_at: Option<Instant>,
    /// Exchanges that wait for a new token.
    for_token: Vec<Exchange>,
    tries: u32,
    user: Option<User>,
    reasons: Vec<Reason>,
    form: Option<WrapUpForm>,
    schema: Schema,
    lists: Lists,
    told_lists: Vec<WorkList>,
    canned: Option<Vec<CannedMessage>>,
    gatherings: BTreeMap<u64, teams::Gathering>,
    /// First sessions of the conversations in the last report, for joining them.
    reported: BTreeMap<ContactId, Value>,
    files: bool,
    auto_answer: bool,
    presence: Option<Presence>,
    told_agent: Option<trunkline_model::Agent>,
    ahead: i64,
    reconcile: Option<Reconcile>,
    /// The socket was refused by something that may go away.
    dial_again: Option<Instant>,
    trouble: &'static str,
    /// How many frames were beyond the limit, and when the last one was.
    too_large: Option<(u32, Instant)>,
    talks: BTreeMap<ContactId, Talk>,
    calls: BTreeMap<u64, Exchange>,
    next_call: u64,
    pending: Vec<Pending>,
    held: Vec<(CommandId, Instant, Command)>,
    answers: VecDeque<(CommandId, Result<(), CommandError>)>,
    /// When typing was said last.
    typed: BTreeMap<ContactId, Instant>,
    /// The last message that was said to be read.
    read: BTreeMap<ContactId, String>,
    ids: Box<dyn FnMut() -> String + Send>,
}

impl Session {
    /// One that has not begun. `spread` gives numbers from 0 to 1, `ids` a new UUID
    /// each time.
    pub fn new(
        settings: ExpertflowSettings,
        spread: impl FnMut() -> f64 + Send + 'static,
        ids: impl FnMut() -> String + Send + 'static,
    ) -> Result<Self, BuildError> {
        let addresses = settings.addresses()?;
        let client = Client::new(settings.timing(), "/", spread);
        Ok(Self {
            auto_answer: settings.auto_answer.unwrap_or(false),
            settings,
            addresses,
            client,
            actions: VecDeque::new(),
            phase: Phase::Idle,
            link: Link::default(),
            password: None,
            token: None,
            refresh: None,
            renew_at: None,
            for_token: Vec::new(),
            tries: 0,
            user: None,
            reasons: Vec::new(),
            form: None,
            schema: Schema::default(),
            lists: Lists::default(),
            told_lists: Vec::new(),
            canned: None,
            gatherings: BTreeMap::new(),
            reported: BTreeMap::new(),
            files: true,
            presence: None,
            told_agent: None,
            ahead: 0,
            reconcile: None,
            dial_again: None,
            trouble: "link_reason_unreachable",
            too_large: None,
            talks: BTreeMap::new(),
            calls: BTreeMap::new(),
            next_call: 0,
            pending: Vec::new(),
            held: Vec::new(),
            answers: VecDeque::new(),
            typed: BTreeMap::new(),
            read: BTreeMap::new(),
            ids: Box::new(ids),
        })
    }

    /// Next thing to do, in order.
    pub fn poll(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`Input::Tick`] has something to do.
    pub fn deadline(&self) -> Option<Instant> {
        let phase = match &self.phase {
            Phase::Waiting(at) | Phase::Leaving(_, at) => Some(*at),
            _ => None,
        };
        let commands = self.pending.iter().map(|pending| pending.deadline).chain(self.held.iter().map(|held| held.1));
        let own = [self.client.deadline(), phase, self.renew_at, self.dial_again];
        let own = own.into_iter().flatten().chain(self.reconcile.as_ref().map(|reconcile| reconcile.until));
        let talks = self.talks.values().filter_map(Talk::deadline);
        own.chain(commands).chain(talks).chain(self.calls.values().filter_map(|call| call.deadline)).min()
    }

    /// Takes one input in.
    pub fn apply(&mut self, input: Input, now: Now) {
        if self.phase == Phase::Ended {
            return;
        }
        match input {
            Input::Begin => self.sign_in(now),
            Input::Password(password) => self.on_password(password, now),
            Input::Command(id, deadline, command) => self.on_command(id, deadline, command, now),
            Input::Ask(id, deadline, ask) => self.on_ask(id, deadline, ask, now),
            Input::CommandGivenUp(id) => self.give_up_command(&id),
            Input::AskGivenUp(id) => self.give_up_ask(id),
            Input::Answer(call, result) => self.on_answer(call, result, now),
            Input::Opened(attempt) => self.on_opened(attempt, now),
            Input::NotOpened(attempt, failure) => self.on_not_opened(attempt, &failure, now),
            Input::Text(attempt, text) if text.len() >= LONG => self.client.long_text(attempt, text, now.at),
            Input::Text(attempt, text) => self.client.text(attempt, &text, now.at),
            Input::Binary(attempt) => self.client.binary(attempt, now.at),
            Input::Closed(attempt, code) => {
                self.trouble = "link_reason_connection_broken";
                self.client.closed(attempt, code, now.at);
            }
            Input::TooLarge(attempt) => {
                self.frame_too_large(now);
                self.client.closed(attempt, MESSAGE_TOO_BIG, now.at);
            }
            Input::Tick => self.on_tick(now),
        }
        self.pump(now);
        self.settle(now);
    }

    fn on_tick(&mut self, now: Now) {
        self.client.tick(now.at);
        match self.phase.clone() {
            Phase::Waiting(at) if at <= now.at => self.sign_in(now),
            Phase::Leaving(id, at) if at <= now.at => self.leave(id),
            _ => {}
        }
        if self.renew_at.is_some_and(|at| at <= now.at) {
            self.renew_at = None;
            self.renew();
        }
        if self.dial_again.is_some_and(|at| at <= now.at) {
            self.dial_again = None;
            self.client.connect();
        }
        let late: Vec<_> = extract(&mut self.held, |held| held.1 <= now.at);
        for (id, ..) in late {
            self.answer(id, Err(CommandError::new(CommandCode::Unavailable, "not connected")));
        }
        let late: Vec<_> = extract(&mut self.pending, |pending| pending.deadline <= now.at);
        for pending in late {
            tracing::debug!("a command was not confirmed in time");
            self.answer(pending.id, Err(CommandError::new(CommandCode::Timeout, "not confirmed by the platform")));
        }
        let late = |call: &&u64| self.calls.get(call).and_then(|call| call.deadline).is_some_and(|at| at <= now.at);
        let late: Vec<u64> = self.calls.keys().filter(late).copied().collect();
        for call in late {
            self.actions.push_back(Action::Abort(call));
            if let Some(exchange) = self.calls.remove(&call) {
                self.rest_failed(&exchange.rest, CommandError::new(CommandCode::Timeout, "no answer in time"), now);
            }
        }
        let due = self.talks.values().filter(|talk| talk.deadline().is_some_and(|at| at <= now.at));
        for id in due.map(|talk| talk.id.clone()).collect::<Vec<_>>() {
            self.with_talk(&id, now, Talk::tick);
            // One that was looked for may have been among what was read.
            self.confirm_messages(&id);
        }
    }

    /// What has to be told although no input says so.
    fn settle(&mut self, now: Now) {
        self.finish_reconcile(now);
        self.tell_agent();
        if self.phase == Phase::SignedIn && self.reconcile.is_none() {
            self.settle_lists();
        }
    }

    fn around<'a>(
        user: &'a User,
        settings: &'a ExpertflowSettings,
        schema: &'a Schema,
        facts: Facts,
        now: Now,
    ) -> Around<'a> {
        let Facts { files, wrap_up, ahead } = facts;
        Around { user, settings, schema, files, wrap_up, ahead, wall: now.wall, at: now.at }
    }

    fn facts(&self) -> Facts {
        Facts { files: self.files, wrap_up: self.form.is_some(), ahead: self.ahead }
    }

    /// Lets a conversation take something in, and tells what it tells.
    fn with_talk(&mut self, id: &ContactId, now: Now, take: impl FnOnce(&mut Talk, &Around<'_>) -> Vec<Event>) -> bool {
        let facts = self.facts();
        let (Some(talk), Some(user)) = (self.talks.get_mut(id), &self.user) else { return false };
        let told = take(talk, &Self::around(user, &self.settings, &self.schema, facts, now));
        for event in told {
            self.emit(event);
        }
        true
    }

    /// A conversation is no longer the agent's.
    fn gone(&mut self, id: &ContactId, outcome: Option<Outcome>) {
        if self.talks.remove(id).is_some() {
            self.emit(Event::ContactGone { contact: id.clone(), outcome });
        }
        self.typed.remove(id);
        self.read.remove(id);
        // What was on its way in it can come to nothing any more.
        for pending in extract(&mut self.pending, |pending| pending.awaited.contact() == Some(id)) {
            self.answer(pending.id, Err(CommandError::new(CommandCode::NotPossible, "the conversation is over")));
        }
    }

    fn set_link(&mut self, state: LinkState, reason: Option<&str>, retry: Option<Duration>, now: Now) {
        let wait = retry.map(|retry| i64::try_from(retry.as_millis()).unwrap_or(i64::MAX));
        let retry_at = wait.map(|wait| now.wall.shifted(wait));
        let same = self.link.state == state && self.link.reason.as_deref() == reason;
        // A loss is told once; further tries only where one can watch the countdown.
        if same && wait.is_none_or(|wait| wait < 1_000) && self.link.since != UnixMillis::default() {
            return;
        }
        let since = if same { self.link.since } else { now.wall };
        self.link = Link { state, reason: reason.map(str::to_owned), since, retry_at };
        self.emit(Event::Link(self.link.clone()));
    }

    fn emit(&mut self, event: Event) {
        self.actions.push_back(Action::Emit(Box::new(event)));
    }

    /// A message for the agent. `id` names the cause.
    fn notice(
        &mut self,
        id: &str,
        level: NoticeLevel,
        key: &str,
        params: &[(&str, &str)],
        contact: Option<&ContactId>,
        now: Now,
    ) {
        let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.emit(Event::Notice(Notice {
            id: id.to_owned(),
            level,
            message_key: key.to_owned(),
            params,
            account: None,
            contact: contact.cloned(),
            action: None,
            at: now.wall,
        }));
    }

    fn answer(&mut self, id: CommandId, answer: Result<(), CommandError>) {
        self.answers.push_back((id.clone(), answer.clone()));
        if self.answers.len() > ANSWERS {
            self.answers.pop_front();
        }
        self.actions.push_back(Action::Reply(id, answer));
    }

    fn uuid(&mut self) -> String {
        (self.ids)()
    }

    /// A time of the platform's that is the present one tells how its clock goes.
    /// Small differences are the network's, and an estimate that moves with each
    /// would move every date shown.
    fn observe_clock(&mut self, at: Option<UnixMillis>, now: Now) {
        const WORTH_MS: i64 = 2_000;
        if let Some(at) = at {
            let ahead = at.since(now.wall);
            if (ahead - self.ahead).abs() > WORTH_MS {
                tracing::debug!(ahead, "the platform's clock goes differently");
                self.ahead = ahead;
            }
        }
    }

    fn emit_to(&mut self, name: &str, argument: Value) -> Result<(), CommandError> {
        self.client.emit(name, vec![argument]).map_err(|error| {
            tracing::warn!(%error, name, "an event was not sent");
            let code = match error {
                trunkline_wire::socketio::EmitError::TooLarge(_) => CommandCode::Invalid,
                _ => CommandCode::Unavailable,
            };
            CommandError::new(code, error.to_string())
        })
    }

    fn confirm_within(&self, deadline: Instant, millis: u64, now: Now) -> Instant {
        deadline.min(now.at + ms(millis))
    }
}

#[derive(Clone, Copy)]
struct Facts {
    files: bool,
    wrap_up: bool,
    ahead: i64,
}

/// Takes the entries out for which it holds, in order.
fn extract<T>(list: &mut Vec<T>, holds: impl Fn(&T) -> bool) -> Vec<T> {
    let (out, left) = std::mem::take(list).into_iter().partition(holds);
    *list = left;
    out
}

#[cfg(test)]
mod tests;

//! One operator's session at TWIN24: signing in, live events, chats. Sans-I/O.
//!
//! Inputs by origin:
//!
//! | from | input | leads to |
//! | --- | --- | --- |
//! | the account | `Begin` | the password is read, then signed in |
//! | the vault | `Password` | log-in, or sign-in is asked for |
//! | the agent | `Command`, `Ask` | requests |
//! | HTTP | `Answer` | token, operator, sessions, messages, directory |
//! | live events | `Live` | hints, each of which leads to a reading over HTTP |
//! | the clock | `Tick` | readings that are due, time-outs, renewal of the token |
//!
//! The link:
//!
//! | state | when |
//! | --- | --- |
//! | `Connecting` | signing in, until operator and sessions are known and events come |
//! | `Online` | they are |
//! | `Degraded` | no live events: everything is read every few seconds instead |
//! | `Offline` | the services cannot be reached; tried again by itself |
//! | `NeedsSignIn` | no password, a wrong one, blocked, or signed in elsewhere; nothing is tried |

mod acts;
mod asked;
mod calls;
mod live;
mod reading;
mod sending;
mod signing;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::Value;
use trunkline_connector::ports::{CentrifugoEvent, HttpFailure, HttpRequest, HttpResponse, Progress, Secret};
use trunkline_connector::{BuildError, Command, CommandCode, CommandError, Ended, EndpointList, Event, FetchedFile};
use trunkline_model::{
    Agent, ArchivePage, CommandId, ContactId, Endpoint, Link, LinkState, MessageId, MessageToken, Notice, NoticeLevel,
    PastPage, UnixMillis, WorkItemId, WorkList,
};

use crate::dialog::{Around, Dialog};
use crate::doc::{Me, SessionDoc};
use crate::rest::Load;
use crate::settings::{Addresses, Twin24Settings, ms};

/// Commands whose answers are remembered, so that a repeated one is answered alike.
const ANSWERS: usize = 64;

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
    /// The directory.
    Endpoints,
    /// A file out of a conversation, by its address.
    File(ContactId, String, Progress),
    /// Finished sessions by words; which page.
    Archive(String, u32),
    /// What was said in one of them; which page.
    Archived(ContactId, u32),
}

/// What a question is answered with.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "named as the questions are")]
pub enum Found {
    Endpoints(EndpointList),
    File(FetchedFile),
    Archive(ArchivePage),
    Archived(PastPage),
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
    /// From the link to the live events.
    Live(CentrifugoEvent),
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
    /// Connect to the live events with these data, also when it was connected with others.
    Connect(Secret),
    /// The data of the next attempts to connect.
    NextData(Secret),
    /// No live events any more.
    Disconnect,
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
    /// For a new token alone.
    LoginAgain,
    Refresh,
    Time,
    Me,
    /// The operator's own sessions; offset.
    Mine(u32),
    /// All of them, for those in help; offset.
    Help(u32),
    Session(ContactId),
    /// The newest messages; offset, and which reading it is.
    Messages(ContactId, u32, u64),
    /// Older ones, for a command.
    Older(ContactId, CommandId, u32),
    /// An act whose success is its status.
    Act(CommandId, Act),
    Send(CommandId),
    Upload(CommandId),
    MarkRead,
    Operators(u64, u32),
    Groups(u64, u32),
    Archive(u64, u32),
    Archived(u64, u32),
    File(u64, String),
    /// Pausing while signing out.
    Farewell(CommandId),
}

/// What is done to a session, and what follows from its success.
#[derive(Clone, Debug, PartialEq)]
enum Act {
    Active(bool),
    Close(ContactId),
    Transfer(ContactId),
    Rename(ContactId, String),
    Ban(ContactId, bool),
    Edit(ContactId, MessageId, String),
    Remove(ContactId, MessageId),
    /// Taking one out of help: joined, to be handed over to oneself next.
    Join(ContactId),
    Take(ContactId),
    CloseWork(ContactId),
}

#[derive(Clone, Debug)]
struct Exchange {
    rest: Rest,
    call: Kind,
    load: Load,
    file: Option<Box<Upload>>,
    /// Which of the call's verbs.
    verb: usize,
    /// Asked a second time, with a new token.
    renewed: bool,
    /// Asked a second time, after the network failed.
    repeated: bool,
    /// Given up then.
    deadline: Option<Instant>,
}

/// Which call; its shape is in the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Login,
    Refresh,
    Time,
    Me,
    Activate,
    Pause,
    Sessions,
    Session,
    Close,
    Rename,
    ToOperator,
    ToGroup,
    Join,
    Messages,
    ClientMessages,
    Send,
    Edit,
    Remove,
    Read,
    Operators,
    Groups,
    Ban,
    Unban,
    Upload,
    /// An address of a file, which is no call of the services.
    File,
}

#[derive(Clone, Debug)]
struct Upload {
    name: String,
    content_type: String,
    bytes: Bytes,
    progress: Progress,
}

/// A message on its way.
#[derive(Clone, Debug)]
struct Sending {
    command: CommandId,
    deadline: Instant,
    contact: ContactId,
    token: MessageToken,
    content: Content,
    stage: SendStage,
}

#[derive(Clone, Debug)]
enum Content {
    Text { text: String, reply_to: Option<MessageId> },
    File { file: Box<Upload>, uploaded: Option<Value> },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum SendStage {
    /// It may be there from an earlier attempt: known once this reading is over.
    Checking(u64),
    /// Its file is going out.
    Uploading,
    /// Its words are.
    Posting,
    /// What came of it is not known; looked for then.
    InDoubt(Instant),
    /// Looked for: known once this reading is over.
    Looking(u64),
}

/// Reading everything.
#[derive(Clone, Debug, Default)]
struct Sweep {
    running: bool,
    /// Another is wanted after this one.
    again: bool,
    mine: Vec<SessionDoc>,
    help: Vec<SessionDoc>,
    mine_done: bool,
    help_done: bool,
    me_done: bool,
    failed: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Phase {
    /// Nothing is done until the agent signs in.
    Idle,
    /// The password is being read, or the log-in is under way.
    SigningIn,
    /// The log-in could not be reached: again then.
    Waiting(Instant),
    /// Signed in.
    SignedIn,
    /// Leaving: what is left is done by then.
    Leaving(CommandId, Instant),
    /// Over.
    Ended,
}

/// How the live events stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LiveState {
    Down,
    Up,
}

/// The directory while it is being read.
#[derive(Clone, Debug, Default)]
struct Gathering {
    items: Vec<Endpoint>,
    open: BTreeSet<&'static str>,
    missing: bool,
}

/// The session.
pub struct Session {
    settings: Twin24Settings,
    addresses: Addresses,
    actions: VecDeque<Action>,
    phase: Phase,
    link: Link,
    password: Option<Secret>,
    token: Option<Secret>,
    refresh: Option<Secret>,
    renew_at: Option<Instant>,
    renewing: bool,
    for_token: Vec<Exchange>,
    tries: u32,
    me: Option<Me>,
    /// The platform said that the operator is offline, until `/users/me` says otherwise.
    logged_out: bool,
    told_agent: Option<Agent>,
    ahead: i64,
    /// When this run began, by this computer's clock.
    began: UnixMillis,
    live: LiveState,
    /// Channels are told after connecting; by then it is known whether anything was missed.
    live_settles: Option<Instant>,
    missed: bool,
    /// They came, and broke off.
    live_lost: bool,
    /// An attempt to have them failed.
    live_failed: bool,
    /// When the live events are tried again after a final close.
    live_again: Option<Instant>,
    /// When they were refused last for the token, so that a second time soon is final.
    turned_away: Option<Instant>,
    /// A picture was told whole.
    pictured: bool,
    /// One is to be told after the next sweep.
    picture_due: bool,
    sweep: Sweep,
    sweep_at: Option<Instant>,
    dialogs: BTreeMap<ContactId, Dialog>,
    help: BTreeMap<String, SessionDoc>,
    told_help: Option<Vec<WorkList>>,
    /// Sessions that were taken out of help here: they need not ring.
    taking: BTreeSet<String>,
    sendings: Vec<Sending>,
    gatherings: BTreeMap<u64, Gathering>,
    calls: BTreeMap<u64, Exchange>,
    next_call: u64,
    verbs: BTreeMap<Kind, usize>,
    pending: Vec<(CommandId, Instant)>,
    answers: VecDeque<(CommandId, Result<(), CommandError>)>,
    unknown_events: BTreeSet<String>,
    ids: Box<dyn FnMut() -> String + Send>,
}

impl Session {
    /// One that has not begun. `ids` gives a new UUID each time.
    pub fn new(settings: Twin24Settings, ids: impl FnMut() -> String + Send + 'static) -> Result<Self, BuildError> {
        let addresses = settings.addresses()?;
        Ok(Self {
            settings,
            addresses,
            actions: VecDeque::new(),
            phase: Phase::Idle,
            link: Link::default(),
            password: None,
            token: None,
            refresh: None,
            renew_at: None,
            renewing: false,
            for_token: Vec::new(),
            tries: 0,
            me: None,
            logged_out: false,
            told_agent: None,
            ahead: 0,
            began: UnixMillis(i64::MIN),
            live: LiveState::Down,
            live_settles: None,
            missed: false,
            live_lost: false,
            live_failed: false,
            live_again: None,
            turned_away: None,
            pictured: false,
            picture_due: true,
            sweep: Sweep::default(),
            sweep_at: None,
            dialogs: BTreeMap::new(),
            help: BTreeMap::new(),
            told_help: None,
            taking: BTreeSet::new(),
            sendings: Vec::new(),
            gatherings: BTreeMap::new(),
            calls: BTreeMap::new(),
            next_call: 0,
            verbs: BTreeMap::new(),
            pending: Vec::new(),
            answers: VecDeque::new(),
            unknown_events: BTreeSet::new(),
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
        let own =
            [phase, self.renew_at, self.live_again, self.live_settles, self.sweep_at.filter(|_| !self.sweep.running)];
        let sendings = self.sendings.iter().map(|sending| match sending.stage {
            SendStage::InDoubt(at) => at.min(sending.deadline),
            _ => sending.deadline,
        });
        let dialogs = self.dialogs.values().filter_map(Dialog::deadline);
        let calls = self.calls.values().filter_map(|call| call.deadline);
        let pending = self.pending.iter().map(|(_, deadline)| *deadline);
        own.into_iter().flatten().chain(sendings).chain(dialogs).chain(calls).chain(pending).min()
    }

    /// Takes one input in.
    pub fn apply(&mut self, input: Input, now: Now) {
        if self.phase == Phase::Ended {
            return;
        }
        match input {
            Input::Begin => {
                self.began = now.wall;
                self.sign_in(now);
            }
            Input::Password(password) => self.on_password(password, now),
            Input::Command(id, deadline, command) => self.on_command(id, deadline, command, now),
            Input::Ask(id, deadline, ask) => self.on_ask(id, deadline, ask),
            Input::CommandGivenUp(id) => self.give_up_command(&id),
            Input::AskGivenUp(id) => self.give_up_ask(id),
            Input::Answer(call, result) => self.on_answer(call, result, now),
            Input::Live(event) => self.on_live(event, now),
            Input::Tick => self.on_tick(now),
        }
        self.read_what_is_due(now);
        self.settle_sendings(now);
        self.tell(now);
    }

    fn on_tick(&mut self, now: Now) {
        match self.phase.clone() {
            Phase::Waiting(at) if at <= now.at => self.sign_in(now),
            Phase::Leaving(id, at) if at <= now.at => self.leave(id),
            _ => {}
        }
        if self.renew_at.is_some_and(|at| at <= now.at) {
            self.renew_at = None;
            self.renew();
        }
        if self.live_again.is_some_and(|at| at <= now.at) {
            self.live_again = None;
            self.connect_live();
        }
        if self.live_settles.is_some_and(|at| at <= now.at) {
            self.live_settles = None;
            self.live_settled(now);
        }
        if self.sweep_at.is_some_and(|at| at <= now.at) && !self.sweep.running {
            self.sweep_now();
        }
        let late = |call: &&u64| self.calls.get(call).and_then(|call| call.deadline).is_some_and(|at| at <= now.at);
        let late: Vec<u64> = self.calls.keys().filter(late).copied().collect();
        for call in late {
            self.actions.push_back(Action::Abort(call));
            self.on_answer(call, Err(HttpFailure::Timeout), now);
        }
        for (id, _) in extract(&mut self.pending, |(_, deadline)| *deadline <= now.at) {
            self.answer(&id, Err(CommandError::new(CommandCode::Timeout, "not confirmed by the platform")));
        }
        let around = Self::around(&self.settings, self.ahead, now);
        for dialog in self.dialogs.values_mut() {
            dialog.tick(&around);
        }
    }

    fn around(settings: &Twin24Settings, ahead: i64, now: Now) -> Around<'_> {
        Around { settings, ahead, wall: now.wall, at: now.at }
    }

    /// Does something with one dialog, if it is there.
    fn with_dialog<T>(
        &mut self,
        id: &ContactId,
        now: Now,
        act: impl FnOnce(&mut Dialog, &Around<'_>) -> T,
    ) -> Option<T> {
        let dialog = self.dialogs.get_mut(id)?;
        Some(act(dialog, &Self::around(&self.settings, self.ahead, now)))
    }

    fn server_time(&self, now: Now) -> UnixMillis {
        now.wall.shifted(self.ahead)
    }

    fn emit(&mut self, event: Event) {
        self.actions.push_back(Action::Emit(Box::new(event)));
    }

    fn set_link(&mut self, state: LinkState, reason: Option<&str>, retry: Option<Duration>, now: Now) {
        let same = self.link.state == state && self.link.reason.as_deref() == reason;
        if same && retry.is_none() && self.link.retry_at.is_none() {
            return;
        }
        let since = if self.link.state == state { self.link.since } else { now.wall };
        let millis = |wait: Duration| i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        let retry_at = retry.map(|wait| now.wall.shifted(millis(wait)));
        self.link = Link { state, reason: reason.map(str::to_owned), since, retry_at };
        self.emit(Event::Link(self.link.clone()));
    }

    fn notice(&mut self, id: &str, level: NoticeLevel, key: &str, params: BTreeMap<String, String>, now: Now) {
        self.emit(Event::Notice(Notice {
            id: id.to_owned(),
            level,
            message_key: key.to_owned(),
            params,
            account: None,
            contact: None,
            action: None,
            at: now.wall,
        }));
    }

    /// Answers a command, once; a repeated one is answered alike.
    fn answer(&mut self, id: &CommandId, answer: Result<(), CommandError>) {
        self.pending.retain(|(known, _)| known != id);
        if self.answers.len() >= ANSWERS {
            self.answers.pop_front();
        }
        self.answers.push_back((id.clone(), answer.clone()));
        self.actions.push_back(Action::Reply(id.clone(), answer));
    }

    /// Tells what has changed; a whole picture where one is due.
    fn tell(&mut self, now: Now) {
        if !self.pictured {
            return;
        }
        self.tell_agent();
        let around = Self::around(&self.settings, self.ahead, now);
        let told: Vec<Event> = self.dialogs.values_mut().flat_map(|dialog| dialog.tell(&around)).collect();
        for event in told {
            self.emit(event);
        }
        self.tell_help();
    }

    /// Everything at once, in place of what the desk has.
    fn tell_picture(&mut self, now: Now) {
        self.emit(Event::ResyncStart);
        self.told_agent = None;
        self.tell_agent();
        let around = Self::around(&self.settings, self.ahead, now);
        let told: Vec<Event> = self.dialogs.values_mut().flat_map(|dialog| dialog.repeat(&around)).collect();
        for event in told {
            self.emit(event);
        }
        self.tell_help();
        self.emit(Event::ResyncEnd);
        (self.pictured, self.picture_due) = (true, false);
    }

    fn wait_for(&self, settle: bool, now: Now) -> Instant {
        if settle { now.at + ms(self.settings.settle_ms) } else { now.at }
    }
}

/// Takes out what is so.
fn extract<T>(list: &mut Vec<T>, is: impl Fn(&T) -> bool) -> Vec<T> {
    let (out, rest) = std::mem::take(list).into_iter().partition(|one| is(one));
    *list = rest;
    out
}

fn not_signed_in() -> CommandError {
    CommandError::new(CommandCode::NotSignedIn, "not signed in")
}

fn not_possible(detail: &str) -> CommandError {
    CommandError::new(CommandCode::NotPossible, detail)
}

/// The id of a session in the list of those in help.
fn work_item(doc: &SessionDoc) -> WorkItemId {
    WorkItemId::new(doc.id.as_str())
}

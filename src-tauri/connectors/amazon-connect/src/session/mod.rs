//! One account's whole logic, without I/O: bytes and time in, actions out. The
//! driver carries the actions out and brings back what came of them.
//!
//! Inputs, by origin:
//!
//! | origin | inputs | handled in |
//! | --- | --- | --- |
//! | vault, login window | `Start`, `Stored`, `LoginDone` | `signing.rs` |
//! | login window, out of sight | `Parked`, `PageCookies` | `transport.rs`, `ways.rs` |
//! | login window | `PanelOpened` | `transport.rs` |
//! | platform over HTTP | `Http` (answer of a request, by id) | `replies.rs` |
//! | platform over the agent socket | `SocketOpened`, `SocketFrame`, `SocketLost` | `calls.rs`, `chats.rs`, `socket.rs` |
//! | media port | `LegOpened`, `LegOffered`, `LegAnswered`, `Leg`, `LegClosed` | `calls.rs` |
//! | media port | `LinePrepared`, `Line` | `lines.rs` |
//! | agent | `Command` | `acts.rs`, `parties.rs`, `chats.rs`, `preferences.rs`, `tasks.rs` |
//! | agent | `Abandoned`: nobody waits for a command's answer | `chats.rs` |
//! | agent | `Lookup` | `directory.rs` |
//! | agent | `ListTemplates`, `ReadTemplate` | `templates.rs` |
//! | agent | `FetchFile`, `FileDropped` | `chats.rs` |
//! | program | `Stop` | here |
//! | timer | `Tick` | here |
//!
//! | loop | waits for | does | next |
//! | --- | --- | --- | --- |
//! | snapshot | token | long poll, 30 s asked, 40 s limit | 100 ms after success; 1, 2, 5 s after failure |
//! | snapshot | 401 | asks for a token, polls when it is there | |
//! | snapshot | 403, 10 in a row | ends: refused for good | |
//! | configuration | token | base, four lists over all pages | 30 s after the round, failed or not |
//! | token | 30 min before its end, 401, waking up | authorize | `auth.rs` |
//! | socket | token | `socket.rs` | |

mod acts;
mod calls;
mod chats;
mod commands;
mod configuration;
mod directory;
mod lines;
mod link;
mod parties;
mod picture;
mod preferences;
mod replies;
mod requests;
pub mod resilience;
mod signing;
pub mod socket;
mod tasks;
mod templates;
mod traffic;
mod transport;
pub mod ways;

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng;
use tokio::time::Instant;
use trunkline_connector::{BuildError, CommandCode, CommandError, Ended, Event};
use trunkline_model::{AccountId, CommandId, ContactId, Link, Notice, NoticeLevel};

use crate::auth::{Auth, Stored};
use crate::chat::Chat;
use crate::diff::Differ;
use crate::map::{AgentConfiguration, Memory, Skew};
use crate::settings::{Addresses, AmazonConnectSettings, ms};
use crate::softphone::Call;
use crate::softphone::kept::Kept;
use crate::softphone::standby::Standby;
use crate::wire::{Operation, Snapshot};
use chats::FileLookup;
use commands::CommandBook;
use configuration::Round;
use directory::Directory;
pub use directory::LookupId;
use parties::Parties;
use resilience::{Resilience, Start};
use socket::{AgentSocket, SocketAction, SocketId};
use templates::{Question, Templates};
use traffic::Purpose;
pub use traffic::{Action, Input, LegId, LineId, Now, RequestId};
use ways::Ways;

#[derive(Debug, Default)]
struct Poll {
    in_flight: Option<RequestId>,
    /// Due at this time, when there is a token.
    at: Option<Instant>,
    next_token: Option<String>,
    sent_at: Option<Instant>,
    failures: u32,
    /// The first failure in this row.
    failing_since: Option<Instant>,
    reason: Option<&'static str>,
    unauthorized: u32,
    denied: u32,
    quick: u32,
}

#[derive(Debug, Default)]
struct ConfigurationLoop {
    value: Option<AgentConfiguration>,
    round: Option<Round>,
    at: Option<Instant>,
    failures: u32,
}

/// What was shown to the desk, and what it was made from.
#[derive(Debug, Default)]
struct Picture {
    snapshot: Option<Snapshot>,
    differ: Differ,
    skew: Option<Skew>,
    memories: BTreeMap<String, Memory>,
    agent: Option<trunkline_model::Agent>,
    contacts: BTreeMap<String, trunkline_model::Contact>,
    /// The next picture is a whole one.
    resync: bool,
    published: bool,
    unknown_seen: BTreeSet<String>,
}

struct Leg {
    contact: String,
    current: bool,
    /// The connection that it is on, unless it has one of its own.
    line: Option<LineId>,
}

/// The machine.
pub struct Session {
    account: AccountId,
    title: String,
    settings: AmazonConnectSettings,
    addresses: Addresses,
    browser_id: String,
    softphone_client_id: String,
    auth: Auth,
    stored: Stored,
    ways: Ways,
    /// A page was asked for, and is there or on its way.
    parked: bool,
    requests: BTreeMap<RequestId, Purpose>,
    last_request: u64,
    poll: Poll,
    configuration: ConfigurationLoop,
    confirming: Option<preferences::Confirming>,
    socket: AgentSocket,
    socket_was_ready: bool,
    socket_ever_ready: bool,
    chats_brought: bool,
    resilience: Resilience,
    chats: BTreeMap<String, Chat>,
    files: BTreeMap<LookupId, FileLookup>,
    picture: Picture,
    calls: BTreeMap<String, Call>,
    legs: BTreeMap<LegId, Leg>,
    last_leg: u64,
    standby: Standby,
    kept: Option<Kept>,
    /// Kept no longer, with calls still on them.
    leaving: Vec<Kept>,
    last_line: u64,
    /// Contacts whose media was begun; no second leg for them.
    media_begun: BTreeSet<String>,
    book: CommandBook,
    directory: Directory,
    templates: Templates,
    parties: Parties,
    sign_in: Option<CommandId>,
    sign_out: Option<CommandId>,
    notices: BTreeSet<String>,
    link: Option<Link>,
    seen: Option<Now>,
    ended: bool,
    out: Vec<Action>,
}

impl Session {
    /// A session that has not begun. `settings`: the account's; `start` says at
    /// which of its instances.
    pub fn new(
        account: AccountId,
        settings: &AmazonConnectSettings,
        start: Start,
        now: Now,
    ) -> Result<Self, BuildError> {
        let settings = settings.of(start.instance).unwrap_or_else(|| settings.clone());
        let addresses = settings.addresses()?;
        let random: u64 = rand::rng().random();
        Ok(Self {
            title: addresses.ccp.host_str().unwrap_or("Amazon Connect").to_owned(),
            account,
            addresses,
            browser_id: uuid::Uuid::new_v4().to_string(),
            softphone_client_id: format!("{}-{random:x}", now.wall.0),
            auth: Auth::default(),
            stored: Stored::default(),
            ways: Ways::new(settings.transport, settings.transport_refusals),
            parked: false,
            requests: BTreeMap::new(),
            last_request: 0,
            poll: Poll::default(),
            configuration: ConfigurationLoop::default(),
            confirming: None,
            socket: AgentSocket::default(),
            socket_was_ready: false,
            socket_ever_ready: false,
            chats_brought: false,
            resilience: Resilience::new(start),
            chats: BTreeMap::new(),
            files: BTreeMap::new(),
            picture: Picture { resync: true, ..Picture::default() },
            calls: BTreeMap::new(),
            legs: BTreeMap::new(),
            last_leg: 0,
            standby: Standby::default(),
            kept: None,
            leaving: Vec::new(),
            last_line: 0,
            media_begun: BTreeSet::new(),
            book: CommandBook::default(),
            directory: Directory::default(),
            templates: Templates::default(),
            parties: Parties::default(),
            sign_in: None,
            sign_out: None,
            notices: BTreeSet::new(),
            link: None,
            seen: None,
            ended: false,
            out: Vec::new(),
            settings,
        })
    }

    /// One input. The actions are to be carried out in order.
    pub fn handle(&mut self, now: Now, input: Input) -> Vec<Action> {
        if self.ended {
            return Vec::new();
        }
        self.notice_sleep(now);
        match input {
            Input::Start(stored) => self.on_start(stored, now),
            Input::Stored(stored) => self.on_stored(stored, now),
            Input::LoginDone(result) => self.on_login_done(result, now),
            Input::Parked(result) => self.on_parked(result, now),
            Input::PageCookies(cookies) => self.on_page_cookies(&cookies),
            Input::PanelOpened(id, result) => self.on_panel_opened(&id, result),
            Input::Http { id, outcome } => self.on_http(id, outcome, now),
            Input::SocketOpened(id) => {
                self.with_socket(now, |socket, now, settings, out| socket.opened(id, now, settings, out))
            }
            Input::SocketFrame(id, text) => {
                self.with_socket(now, |socket, now, settings, out| socket.frame(id, &text, now, settings, out));
            }
            Input::SocketLost(id) => {
                self.with_socket(now, |socket, now, settings, out| socket.lost(id, now, settings, out))
            }
            Input::LegOpened(leg, result) => self.on_leg(leg, crate::softphone::CallInput::Opened(result), now),
            Input::LegOffered(leg, result) => self.on_leg(leg, crate::softphone::CallInput::Offered(result), now),
            Input::LegAnswered(leg, result) => self.on_leg(leg, crate::softphone::CallInput::Answered(result), now),
            Input::Leg(leg, event) => self.on_leg(leg, crate::softphone::CallInput::Media(event), now),
            Input::LegClosed(leg, summary) => self.on_leg_closed(leg, summary, now),
            Input::LinePrepared(line, result) => self.on_line_prepared(line, &result, now),
            Input::Line(line, event) => self.on_line(line, &event, now),
            Input::Command { id, deadline, command } => self.on_command(id, deadline, command, now),
            Input::Abandoned(id) => self.on_abandoned(&id, now),
            Input::Lookup { id, deadline, contact } => self.on_lookup(id, contact.as_ref(), deadline, now),
            Input::FetchFile { id, deadline, contact, attachment, progress } => {
                self.on_fetch_file(id, &contact, attachment, progress, deadline, now);
            }
            Input::FileDropped(id) => {
                self.drop_file(id, CommandError::new(CommandCode::Cancelled, "nobody waits for it"), now);
            }
            Input::ListTemplates { id, deadline } => self.on_template_question(id, Question::List, deadline),
            Input::ReadTemplate { id, deadline, template } => {
                self.on_template_question(id, Question::One(template), deadline);
            }
            Input::Stop => self.on_stop(now),
            Input::Tick => {}
        }
        self.run_timers(now);
        self.follow_lines(now);
        self.pump_commands(now);
        self.pump_lookups();
        self.pump_templates();
        self.tick_resilience(now);
        self.show_link(now);
        std::mem::take(&mut self.out)
    }

    /// When to call with [`Input::Tick`] if nothing else happens before.
    pub fn next_deadline(&self) -> Option<Instant> {
        let live = self.auth.is_live();
        let poll = self.poll.at.filter(|_| live && self.poll.in_flight.is_none());
        let configuration = self.configuration.at.filter(|_| live);
        let calls = self.calls.values().filter_map(|call| call.next_deadline(&self.settings)).min();
        let waiting = [
            self.book.next_deadline(),
            self.directory.next_deadline(),
            self.templates.next_deadline(),
            self.chats_deadline(),
            self.lines_deadline(),
            self.resilience.next_deadline().filter(|_| live),
            // Once it has passed there is nothing more to wait for.
            self.offline_at().filter(|at| self.seen.is_none_or(|seen| *at > seen.at)),
        ];
        [poll, configuration, calls, self.auth.next_deadline(), self.socket.next_deadline()]
            .into_iter()
            .chain(waiting)
            .flatten()
            .min()
    }

    fn run_timers(&mut self, now: Now) {
        if self.ended {
            return;
        }
        if self.auth.tick(now) {
            self.authorize();
        }
        if self.auth.is_live() && self.sign_out.is_none() {
            if self.poll.in_flight.is_none() && self.poll.at.is_some_and(|at| now.at >= at) {
                self.send_poll(now);
            }
            if self.configuration.at.is_some_and(|at| now.at >= at) {
                self.configuration.at = None;
                self.configuration.round = Some(Round::default());
                self.call(Purpose::Base, &Operation::GetAgentConfiguration);
            }
        }
        self.with_socket(now, |socket, now, settings, out| socket.tick(now, settings, out));
        self.tick_calls(now);
        self.tick_chats(now);
        for id in self.book.overdue(now.at) {
            self.stop_chat_command(&id, now);
            self.stop_confirming(&id);
            self.answer(&id, Err(commands::timed_out()));
        }
        self.expire_lookups(now);
        self.expire_templates(now);
    }

    /// Timers stand still while a computer sleeps, the wall clock does not.
    fn notice_sleep(&mut self, now: Now) {
        let Some(seen) = self.seen.replace(now) else {
            return;
        };
        let timer = i64::try_from(now.at.saturating_duration_since(seen.at).as_millis()).unwrap_or(i64::MAX);
        if now.wall.since(seen.wall) - timer < self.settings.wake_jump_ms {
            return;
        }
        tracing::info!("the clock jumped ahead: token, picture and socket are renewed");
        if self.auth.woke(now, &self.settings) {
            self.authorize();
        }
        if self.auth.is_live() {
            self.refetch(now);
            self.with_socket(now, |socket, _, _, out| socket.woke(out));
            self.renew_standby(now);
        }
    }

    fn with_socket(
        &mut self,
        now: Now,
        work: impl FnOnce(&mut AgentSocket, Now, &AmazonConnectSettings, &mut Vec<SocketAction>),
    ) {
        let mut actions = Vec::new();
        work(&mut self.socket, now, &self.settings, &mut actions);
        for action in actions {
            match action {
                SocketAction::Fetch(id) => {
                    if self.call(Purpose::Address(id), &Operation::CreateWebSocketTransport).is_none() {
                        self.socket.no_address(id, now, &self.settings);
                    }
                }
                SocketAction::Dial(id, url) => {
                    self.out.push(Action::OpenSocket(id, url, ms(self.settings.socket_dial_limit_ms)));
                }
                SocketAction::Send(id, text) => self.out.push(Action::SendFrame(id, text)),
                SocketAction::Close(id) => self.out.push(Action::CloseSocket(id)),
                SocketAction::Softphone(content) => self.on_softphone(&content, now),
                SocketAction::Chat(content) => self.on_chat_frame(&content, now),
                SocketAction::Task(content) => self.on_task_frame(&content, now),
            }
        }
        let ready = self.socket.is_ready();
        if ready != self.socket_was_ready {
            self.socket_was_ready = ready;
            self.socket_ever_ready |= ready;
            self.signalling_changed(ready, now);
        }
        let brought = self.socket.brings_chats();
        if std::mem::replace(&mut self.chats_brought, brought) != brought {
            self.chats_brought(brought, now);
        }
    }

    fn emit(&mut self, event: Event) {
        self.out.push(Action::Emit(event));
    }

    fn tell(&mut self, id: String, level: NoticeLevel, message_key: &str, contact: Option<&str>, now: Now) {
        self.tell_with(id, level, message_key, BTreeMap::new(), contact, now);
    }

    fn tell_with(
        &mut self,
        id: String,
        level: NoticeLevel,
        message_key: &str,
        params: BTreeMap<String, String>,
        contact: Option<&str>,
        now: Now,
    ) {
        let contact = contact.map(ContactId::from);
        self.raise(Notice { params, contact, ..self.notice(id, level, message_key, now) });
    }

    /// About the account, with nothing to fill in and nothing to press.
    fn notice(&self, id: String, level: NoticeLevel, message_key: &str, now: Now) -> Notice {
        Notice {
            id,
            level,
            message_key: message_key.to_owned(),
            params: BTreeMap::new(),
            account: Some(self.account.clone()),
            contact: None,
            action: None,
            at: now.wall,
        }
    }

    fn raise(&mut self, notice: Notice) {
        self.notices.insert(notice.id.clone());
        self.emit(Event::Notice(notice));
    }

    fn withdraw(&mut self, id: &str) {
        if self.notices.remove(id) {
            self.emit(Event::NoticeGone(id.to_owned()));
        }
    }

    /// The program stops: say goodbye to live calls.
    fn on_stop(&mut self, now: Now) {
        self.end_calls(now);
        self.end_lines(now);
        self.end(Ended::Cancelled);
    }

    fn end(&mut self, why: Ended) {
        self.stop_answering();
        self.out.push(Action::End(why));
    }

    /// Nobody is left waiting, and nothing more is done.
    fn stop_answering(&mut self) {
        for id in self.book.unanswered() {
            let error = CommandError::new(CommandCode::Cancelled, "the account is stopping");
            self.answer(&id, Err(error));
        }
        self.drop_lookups();
        self.drop_templates();
        self.drop_files();
        self.ended = true;
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_brought_back;
#[cfg(test)]
mod tests_chats;
#[cfg(test)]
mod tests_files;
#[cfg(test)]
mod tests_handover;
#[cfg(test)]
mod tests_issues;
#[cfg(test)]
mod tests_link;
#[cfg(test)]
mod tests_monitoring;
#[cfg(test)]
mod tests_parties;
#[cfg(test)]
mod tests_preferences;
#[cfg(test)]
mod tests_tasks;
#[cfg(test)]
mod tests_templates;
#[cfg(test)]
mod tests_transport;

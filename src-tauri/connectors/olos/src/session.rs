//! One agent's connection to AgentHub: token, socket, topics, events, roster.
//! Sans-I/O; the channels beneath are `trunkline_wire::phoenix`.
//!
//! Inputs by origin:
//!
//! | from | input | leads to |
//! | --- | --- | --- |
//! | the account | `Begin` | connecting |
//! | the agent | `Command` | `SignIn` connects anew, `SignOut` ends; everything else is refused |
//! | the token's source | `Token` | checked, then dialled; or sign-in is asked for; or waiting by the table |
//! | the connection | `Opened`, `NotOpened`, `Text`, `Binary`, `Closed` | the Phoenix client |
//! | the clock | `Tick` | its timers; a token is renewed, a roster told |
//!
//! The link:
//!
//! | state | when |
//! | --- | --- |
//! | `Connecting` | until the agent's topic is joined for the first time |
//! | `Online` | the agent's topic is joined: "connected" |
//! | `Offline` | it is not: "disconnected", told once a loss; mended by the tables |
//! | `NeedsSignIn` | no token, one that is not worth showing, or so many refusals in a row; nothing is tried |

mod tokens;
mod told;

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use trunkline_connector::ports::{Secret, WebSocketFailure};
use trunkline_connector::{Command, CommandCode, CommandError, Ended, Event};
use trunkline_model::{CommandId, Link, LinkState, UnixMillis};
use trunkline_wire::phoenix::{self, Client, Encoded, LostBy, Output, Payload, Presence, endpoint, subprotocols};
use url::Url;

use crate::live::Live;
use crate::roster;
use crate::settings::{OlosSettings, ms};
use crate::token::{Claims, Source};

/// Commands whose answers are remembered, so that a repeated one is answered alike.
const ANSWERS: usize = 64;

/// Phoenix' own answer to a join of a topic that the server does not have.
const UNMATCHED: &str = "unmatched topic";

const EXPIRING: &str = "token-expiring";

/// The present moment on both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// For durations.
    pub at: Instant,
    /// For dates.
    pub wall: UnixMillis,
}

/// What a token is fetched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// This attempt to connect.
    Connect(u64),
    /// To have one at hand when the present one is over.
    Renew,
}

/// Why there is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenTrouble {
    /// None was pasted.
    Missing,
    /// The service says that this agent may not have one.
    Refused,
    /// The service or the program failed, or cannot be reached.
    Unavailable,
    /// There is no token in what it said.
    Unreadable,
}

/// What comes in.
#[derive(Debug)]
pub enum Input {
    /// Once, first.
    Begin,
    /// An act of the agent.
    Command(CommandId, Command),
    /// A token was fetched, or not.
    Token(Purpose, Result<Secret, TokenTrouble>),
    /// The socket of that attempt is open.
    Opened(u64),
    /// It could not be opened.
    NotOpened(u64, WebSocketFailure),
    /// A text frame came.
    Text(u64, String),
    /// A binary frame came.
    Binary(u64, Bytes),
    /// It is over, with this code.
    Closed(u64, u16),
    /// Time has passed.
    Tick,
}

/// What is to be done.
pub enum Action {
    /// Ask for a token; answer with [`Input::Token`].
    FetchToken(Purpose, Source),
    /// Open a socket; answer with `Opened` or `NotOpened`.
    Dial {
        /// For the answers.
        attempt: u64,
        /// Holds the token.
        url: Url,
        /// `Sec-WebSocket-Protocol`, where the token goes there.
        protocols: Option<Secret>,
    },
    /// Send a frame on the open socket.
    Send(Encoded),
    /// Close the open socket, or give up the one being opened.
    Close(u16),
    /// Tell the desk.
    Emit(Box<Event>),
    /// Answer a command.
    Reply(CommandId, Result<(), CommandError>),
    /// Forget the account's secrets.
    Forget,
    /// The end.
    End(Ended),
}

/// The session.
pub struct Session {
    settings: OlosSettings,
    base: Url,
    source: Source,
    client: Client,
    actions: VecDeque<Action>,
    link: Link,
    begun: bool,
    /// Of the token in use.
    claims: Option<Claims>,
    /// One fetched ahead, for when the source cannot be reached.
    spare: Option<Secret>,
    renew_at: Option<Instant>,
    refusals: u32,
    /// Why the attempt under way will have failed.
    trouble: &'static str,
    agent_topic: Option<String>,
    admin_topic: Option<String>,
    closed_again: Option<Instant>,
    live: Option<Live>,
    presence: Presence,
    roster_told: bool,
    roster_at: Option<Instant>,
    seen: HashSet<String>,
    seen_in_order: VecDeque<String>,
    last_event: Option<String>,
    without_id: u64,
    answers: VecDeque<(CommandId, Result<(), CommandError>)>,
}

impl Session {
    /// One that has not begun. `spread` gives numbers from 0 to 1.
    pub fn new(
        settings: OlosSettings,
        spread: impl FnMut() -> f64 + Send + 'static,
    ) -> Result<Self, trunkline_connector::BuildError> {
        let (base, source) = (settings.base()?, settings.token_source()?);
        let client = Client::new(settings.timing(), spread);
        Ok(Self {
            settings,
            base,
            source,
            client,
            actions: VecDeque::new(),
            link: Link::default(),
            begun: false,
            claims: None,
            spare: None,
            renew_at: None,
            refusals: 0,
            trouble: "link_reason_unreachable",
            agent_topic: None,
            admin_topic: None,
            closed_again: None,
            live: None,
            presence: Presence::default(),
            roster_told: false,
            roster_at: None,
            seen: HashSet::new(),
            seen_in_order: VecDeque::new(),
            last_event: None,
            without_id: 0,
            answers: VecDeque::new(),
        })
    }

    /// Next thing to do, in order.
    pub fn poll(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`Input::Tick`] has something to do.
    pub fn deadline(&self) -> Option<Instant> {
        [self.client.deadline(), self.renew_at, self.closed_again, self.roster_at].into_iter().flatten().min()
    }

    /// Takes one input in.
    pub fn apply(&mut self, input: Input, now: Now) {
        match input {
            Input::Begin => {
                self.begun = true;
                self.set_link(LinkState::Connecting, None, None, now);
                self.client.connect();
            }
            Input::Command(id, command) => self.on_command(id, &command, now),
            Input::Token(Purpose::Connect(attempt), result) => self.on_token(attempt, result, now),
            Input::Token(Purpose::Renew, result) => self.on_renewed(result, now),
            Input::Opened(attempt) => self.client.opened(attempt, now.at),
            Input::NotOpened(attempt, failure) => self.on_not_opened(attempt, &failure, now),
            Input::Text(attempt, text) => self.client.text(attempt, &text, now.at),
            Input::Binary(attempt, bytes) => self.client.binary(attempt, &bytes, now.at),
            Input::Closed(attempt, code) => {
                self.trouble = "link_reason_connection_broken";
                self.client.closed(attempt, code, now.at);
            }
            Input::Tick => self.on_tick(now),
        }
        self.pump(now);
    }

    fn pump(&mut self, now: Now) {
        while let Some(output) = self.client.poll() {
            match output {
                Output::Open { attempt } => {
                    self.actions.push_back(Action::FetchToken(Purpose::Connect(attempt), self.source.clone()));
                }
                Output::Send(frame) => self.actions.push_back(Action::Send(frame)),
                Output::Close(code) => self.actions.push_back(Action::Close(code)),
                Output::Event(event) => self.on_phoenix(event, now),
            }
        }
    }

    fn on_tick(&mut self, now: Now) {
        self.client.tick(now.at);
        if self.renew_at.is_some_and(|at| at <= now.at) {
            self.renew_at = None;
            if self.source.renews() {
                self.actions.push_back(Action::FetchToken(Purpose::Renew, self.source.clone()));
            } else {
                self.warn_of_expiry(now);
            }
        }
        if self.closed_again.is_some_and(|at| at <= now.at) {
            self.closed_again = None;
            self.join_agent_topic(now);
        }
        if self.roster_at.is_some_and(|at| at <= now.at) {
            self.roster_at = None;
            let list = roster::from_presence(self.presence.list());
            self.emit(Event::Roster(list));
        }
    }

    // The connection.

    fn dial(&mut self, attempt: u64, secret: &Secret, claims: Claims, now: Now) {
        if claims.odd_algorithm {
            tracing::warn!("the token's algorithm is none of those expected; it is tried all the same");
        }
        self.use_claims(claims, now);
        let token = secret.expose_secret();
        let in_address = !self.settings.token_as_subprotocol;
        let parameters: &[(String, String)] =
            if in_address { &[(self.settings.token_param.clone(), token.to_owned())] } else { &[] };
        match endpoint(&self.base, &self.settings.socket_path, parameters) {
            Ok(url) => {
                let protocols = (!in_address).then(|| Secret::from(subprotocols(token)));
                let (host, path) = (url.host_str().unwrap_or_default(), url.path());
                tracing::debug!(attempt, host, path, param = %self.settings.token_param, token = "[masked]", "connecting");
                self.actions.push_back(Action::Dial { attempt, url, protocols });
            }
            Err(error) => {
                tracing::warn!(%error, "the address cannot be dialled");
                self.trouble = "link_reason_unreachable";
                self.client.failed(attempt, now.at);
            }
        }
    }

    fn use_claims(&mut self, claims: Claims, now: Now) {
        self.plan_renewal(&claims, now);
        self.emit(Event::NoticeGone(EXPIRING.to_owned()));
        let name = claims.username.clone().unwrap_or_else(|| claims.sub.clone());
        if self.claims.as_ref().is_none_or(|known| known.sub != claims.sub || known.tid != claims.tid) {
            self.live = Some(Live::new(&name));
        }
        if let Some(live) = &mut self.live {
            live.identify(&name, &claims.roles);
        }
        let admin = claims.roles.contains(&self.settings.admin_role);
        let agent_topic = claims.topic(&self.settings.agent_topic);
        let admin_topic = admin.then(|| claims.topic(&self.settings.admin_topic));
        for (known, wanted) in [(&self.agent_topic, Some(&agent_topic)), (&self.admin_topic, admin_topic.as_ref())] {
            if let Some(known) = known.as_ref().filter(|known| Some(*known) != wanted) {
                self.client.leave(known, now.at);
            }
        }
        self.agent_topic = Some(agent_topic);
        self.admin_topic = admin_topic;
        self.claims = Some(claims);
        self.closed_again = None;
        self.join_agent_topic(now);
        if let Some(topic) = self.admin_topic.clone()
            && self.client.channel(&topic).is_none()
        {
            self.client.join(&topic, Value::Object(self.settings.admin_join_params.clone()), now.at);
        }
    }

    fn agent_params(&self) -> Value {
        let mut params = self.settings.agent_join_params.clone();
        if let (Some(name), Some(id)) = (&self.settings.last_event_id_param, &self.last_event) {
            params.insert(name.clone(), json!(id));
        }
        Value::Object(params)
    }

    fn join_agent_topic(&mut self, now: Now) {
        let Some(topic) = self.agent_topic.clone() else { return };
        let params = self.agent_params();
        if self.client.channel(&topic).is_some() {
            self.client.set_params(&topic, params);
        } else {
            self.client.join(&topic, params, now.at);
        }
    }

    fn on_not_opened(&mut self, attempt: u64, failure: &WebSocketFailure, now: Now) {
        let refused =
            matches!(failure, WebSocketFailure::Refused(code) if self.settings.refused_statuses.contains(code));
        self.refusals = if refused { self.refusals + 1 } else { 0 };
        if refused && self.refusals >= self.settings.refusals.max(1) {
            return self.need_sign_in("link_reason_token_refused", now);
        }
        self.trouble = match failure {
            WebSocketFailure::Refused(_) if refused => "link_reason_token_refused",
            WebSocketFailure::Refused(500..=599) => "link_reason_service_unavailable",
            WebSocketFailure::Refused(_) => "link_reason_refused",
            WebSocketFailure::Tls => "link_reason_not_secure",
            WebSocketFailure::Connect
            | WebSocketFailure::Timeout
            | WebSocketFailure::TooLarge
            | WebSocketFailure::Broken => "link_reason_unreachable",
        };
        self.client.failed(attempt, now.at);
    }

    fn on_phoenix(&mut self, event: phoenix::Event, now: Now) {
        use phoenix::Event as From;
        match event {
            From::Opened => tracing::debug!("the socket is open"),
            From::Lost { by, retry } => {
                let reason = match by {
                    LostBy::Heartbeat => "link_reason_no_answer",
                    LostBy::Closed(_) => "link_reason_connection_broken",
                };
                tracing::info!(?by, retry_ms = retry.as_millis(), "the connection was lost");
                self.lose_roster();
                self.offline(reason, Some(retry), now);
            }
            From::NotOpened { retry } => {
                tracing::debug!(reason = self.trouble, retry_ms = retry.as_millis(), "not connected");
                self.offline(self.trouble, Some(retry), now);
            }
            From::Joined { topic, response } if self.is_agent(&topic) => self.on_joined(&response, now),
            From::Refused { topic, response } if self.is_agent(&topic) => {
                let unmatched = matches!(&response, Payload::Json(value) if value["reason"] == UNMATCHED);
                tracing::warn!(unmatched, "the agent's topic was refused");
                let reason = if unmatched { "link_reason_topic_unknown" } else { "link_reason_join_refused" };
                self.offline(reason, None, now);
            }
            From::JoinTimedOut { topic } if self.is_agent(&topic) => {
                self.offline("link_reason_join_silent", None, now);
            }
            From::Errored { topic } if self.is_agent(&topic) => self.offline("link_reason_channel_lost", None, now),
            From::Closed { topic } if self.is_agent(&topic) => {
                self.closed_again = Some(now.at + ms(self.settings.closed_again_ms));
                self.offline("link_reason_channel_closed", None, now);
            }
            From::Message { topic, event, payload, .. } if self.is_agent(&topic) => {
                self.on_message(&event, &payload, now);
            }
            From::Message { topic, join_ref, event, payload } if self.admin_topic.as_ref() == Some(&topic) => {
                self.on_admin_message(&topic, &join_ref, &event, &payload, now);
            }
            From::Joined { topic, .. } => tracing::debug!(admin = self.admin_topic.as_ref() == Some(&topic), "joined"),
            From::Refused { topic, .. } => {
                // The agent may not see who is online, whatever the token says: work goes on without.
                tracing::warn!("the administrators' topic was refused");
                self.client.leave(&topic, now.at);
                self.lose_roster();
            }
            From::JoinTimedOut { .. } | From::Errored { .. } | From::Closed { .. } => self.lose_roster(),
            From::Undecodable(error) => tracing::warn!(%error, "a frame cannot be read"),
            From::Left { .. } | From::Message { .. } | From::Replied { .. } | From::PushTimedOut { .. } => {}
        }
    }

    fn is_agent(&self, topic: &str) -> bool {
        self.agent_topic.as_deref() == Some(topic)
    }

    fn on_joined(&mut self, response: &Payload, now: Now) {
        self.refusals = 0;
        self.closed_again = None;
        let told = match response {
            Payload::Json(value) => value["username"].as_str().filter(|name| !name.trim().is_empty()),
            _ => None,
        };
        let Some(live) = &mut self.live else { return };
        if let (Some(name), Some(claims)) = (told, &self.claims) {
            live.identify(name, &claims.roles);
        }
        let (agent, call) = (live.agent().clone(), live.call().cloned());
        tracing::info!("connected");
        self.emit(Event::ResyncStart);
        self.emit(Event::Agent(Box::new(agent)));
        if let Some(call) = call {
            self.emit(Event::Contact(Box::new(call)));
        }
        self.emit(Event::ResyncEnd);
        self.set_link(LinkState::Online, None, None, now);
    }

    // The agent.

    fn on_command(&mut self, id: CommandId, command: &Command, now: Now) {
        if let Some((_, answer)) = self.answers.iter().find(|(known, _)| *known == id) {
            let answer = answer.clone();
            self.actions.push_back(Action::Reply(id, answer));
            return;
        }
        let answer = match command {
            Command::SignIn => {
                self.refusals = 0;
                if self.link.state == LinkState::NeedsSignIn {
                    self.set_link(LinkState::Connecting, None, None, now);
                }
                self.client.connect();
                Ok(())
            }
            Command::SignOut { .. } => {
                self.client.disconnect();
                self.pump(now);
                self.actions.push_back(Action::Forget);
                self.actions.push_back(Action::Reply(id, Ok(())));
                self.actions.push_back(Action::End(Ended::SignedOut));
                return;
            }
            _ if self.link.state == LinkState::NeedsSignIn => {
                Err(CommandError::new(CommandCode::NotSignedIn, "not signed in"))
            }
            other => Err(self.refuse(other)),
        };
        self.answers.push_back((id.clone(), answer.clone()));
        if self.answers.len() > ANSWERS {
            self.answers.pop_front();
        }
        self.actions.push_back(Action::Reply(id, answer));
    }

    fn refuse(&self, command: &Command) -> CommandError {
        let call = self.live.as_ref().and_then(Live::call).map(|call| &call.id);
        match command.contact() {
            Some(contact) if call != Some(contact) => {
                CommandError::new(CommandCode::NotPossible, "there is no such contact")
            }
            _ => CommandError::new(CommandCode::NotAllowed, "AgentHub only tells; it takes no commands"),
        }
    }

    // What is told.

    fn offline(&mut self, reason: &'static str, retry: Option<Duration>, now: Now) {
        self.set_link(LinkState::Offline, Some(reason), retry, now);
    }

    fn set_link(&mut self, state: LinkState, reason: Option<&str>, retry: Option<Duration>, now: Now) {
        let wait = retry.map(|retry| i64::try_from(retry.as_millis()).unwrap_or(i64::MAX));
        let retry_at = wait.map(|wait| UnixMillis(now.wall.0.saturating_add(wait)));
        let same = self.link.state == state && self.link.reason.as_deref() == reason;
        // A loss is told once; further tries only where one can watch the countdown.
        if same && wait.is_none_or(|wait| wait < 1_000) && self.link.since != UnixMillis::default() {
            return;
        }
        let since = if self.link.state == state && same { self.link.since } else { now.wall };
        self.link = Link { state, reason: reason.map(str::to_owned), since, retry_at };
        self.emit(Event::Link(self.link.clone()));
    }

    fn emit(&mut self, event: Event) {
        self.actions.push_back(Action::Emit(Box::new(event)));
    }
}

#[cfg(test)]
mod tests;

//! Two instances that stand in for each other: which one serves, and the way
//! from one to the other (section 7.11).
//!
//! | state | input | does |
//! | --- | --- | --- |
//! | serving, no address | live, configuration known | CreateTransport `agent_discovery` |
//! | serving | address, or its time | reads which instance is to serve |
//! | serving | refused with 401 or 403 | asks for another address, once a round |
//! | serving | no answer | again at the next time |
//! | serving | the other one, contacts end at once or this is the first answer | leaves now |
//! | serving | the other one, the voice contact may end | leaves when it is gone |
//! | serving | the agent wants the other one | leaves when the voice contact is gone; at once when nothing arrives here |
//! | leaving | - | nothing new is shown; everything but the voice contact ends |
//! | leaving | this one again, the agent did not ask for it | serving |
//! | leaving | nothing is left to end, or three seconds are over | offline, then the driver begins at the other one |
//!
//! One session serves at a time: the driver ends this one and begins another
//! with the other instance's address and secrets. How Amazon's own panel learns
//! of a fail-over in the newer scheme (global sign-in) is not public: the same
//! discovery serves there, which is a guess, and the agent can move by hand.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::ExposeSecret;
use serde::Deserialize;
use tokio::time::Instant;
use trunkline_connector::ports::{HttpFailure, HttpRequest, HttpResponse, LoginCookie, LoginPage, Transfer};
use trunkline_connector::{CommandCode, CommandError, Event};
use trunkline_model::{CommandId, Notice, NoticeAction, NoticeLevel, Serving};
use url::Url;

use super::chats::region;
use super::replies::Failed;
use super::{Action, Now, Purpose, Session};
use crate::auth::AuthState;
use crate::map;
use crate::settings::{is_loopback, ms};
use crate::wire::{self, AgentStateType, ContactStateType, Operation, StateChoice, TransportReply, decode};

/// One of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Instance {
    /// The account's address.
    #[default]
    First,
    /// The account's second address.
    Second,
}

impl Instance {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// What a session begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Where.
    pub instance: Instance,
    /// The agent moved here by hand, away from this instance (an ARN).
    pub left: Option<String>,
    /// Another session of this run served before.
    pub moved: bool,
}

/// What the discovery service says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Active {
    instance_arn: String,
    terminate_active_contacts: bool,
}

#[derive(Debug, Default)]
struct Leaving {
    /// Contacts end at once.
    now: bool,
    by_hand: bool,
    /// Ended on the way out, each once.
    ended: BTreeSet<String>,
    /// Their wrap-up ended, each once.
    cleared: BTreeSet<String>,
    /// Whatever is still there then stays behind.
    until: Option<Instant>,
    offline_asked: bool,
}

/// The machine.
#[derive(Debug, Default)]
pub(super) struct Resilience {
    start: Start,
    address: Option<Url>,
    asking: bool,
    renewed: bool,
    next_at: Option<Instant>,
    answered: bool,
    leaving: Option<Leaving>,
    /// The login window of the other instance is open.
    other_window: bool,
    serving: Option<Serving>,
}

impl Resilience {
    pub(super) fn new(start: Start) -> Self {
        Self { start, ..Self::default() }
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let leaving = self.leaving.as_ref().filter(|leaving| !leaving.offline_asked).and_then(|leaving| leaving.until);
        [self.next_at.filter(|_| !self.asking), leaving].into_iter().flatten().min()
    }
}

/// Instance part of an ARN: everything before what is in it.
fn instance_of(arn: &str) -> Option<&str> {
    let (head, rest) = arn.split_once(":instance/")?;
    let id = rest.split('/').next()?;
    Some(&arn[..head.len() + ":instance/".len() + id.len()])
}

impl Session {
    /// Which of the two it is.
    pub fn instance(&self) -> Instance {
        self.resilience.start.instance
    }

    fn has_other(&self) -> bool {
        self.settings.secondary_address.is_some()
    }

    pub(super) fn own_arn(&self) -> Option<&str> {
        let configuration = self.configuration.value.as_ref()?;
        instance_of(configuration.base.routing_profile.arn.as_deref()?)
    }

    /// Timers, and what follows from contacts that come and go.
    pub(super) fn tick_resilience(&mut self, now: Now) {
        if !self.has_other() || self.ended {
            return;
        }
        self.show_serving();
        if self.auth.is_live() && self.settings.disaster_recovery && self.own_arn().is_some() {
            let due = self.resilience.next_at.is_none_or(|at| now.at >= at);
            if due && !self.resilience.asking {
                self.discover(now);
            }
        }
        self.follow_leaving(now);
    }

    fn discover(&mut self, now: Now) {
        self.resilience.asking = true;
        self.resilience.next_at = Some(now.at + ms(self.settings.discovery_every_ms));
        match self.resilience.address.clone() {
            Some(url) => {
                let id = self.next_request(Purpose::Active);
                let request = HttpRequest {
                    method: http::Method::GET,
                    url,
                    headers: http::HeaderMap::new(),
                    body: bytes::Bytes::new(),
                    timeout: ms(self.settings.call_limit_ms),
                    transfer: Transfer::default(),
                };
                // Of another host, and its own permission: no cookies, no bearer, always direct.
                self.out.push(Action::Http { id, request });
            }
            None => {
                if self.call(Purpose::Discovery, &Operation::CreateDiscoveryTransport).is_none() {
                    self.resilience.asking = false;
                }
            }
        }
    }

    /// CreateTransport has answered.
    pub(super) fn on_discovery(&mut self, result: Result<HttpResponse, Failed>, now: Now) {
        self.resilience.asking = false;
        let reply = result.ok().and_then(|response| decode::<TransportReply>(&response.body).ok());
        let url = reply
            .and_then(|reply| reply.agent_discovery_transport)
            .and_then(|transport| Url::parse(transport.presigned_url.expose()).ok())
            .filter(|url| url.scheme() == "https" || is_loopback(url));
        if let Some(url) = url {
            self.resilience.address = Some(url);
            self.discover(now);
        }
    }

    /// The discovery service has answered.
    pub(super) fn on_active(&mut self, outcome: Result<HttpResponse, HttpFailure>, now: Now) {
        self.resilience.asking = false;
        let response = match outcome {
            Ok(response) => response,
            Err(failure) => {
                tracing::warn!(%failure, "which instance serves could not be read");
                return;
            }
        };
        if matches!(response.status.as_u16(), 401 | 403) {
            self.resilience.address = None;
            if !std::mem::replace(&mut self.resilience.renewed, true) {
                self.discover(now);
            }
            return;
        }
        self.resilience.renewed = false;
        let active = if response.status.is_success() { decode::<Active>(&response.body).ok() } else { None };
        let Some((active, own)) = active.zip(self.own_arn().map(str::to_owned)) else {
            tracing::warn!(status = response.status.as_u16(), "which instance serves cannot be read from the answer");
            return;
        };
        let first = !std::mem::replace(&mut self.resilience.answered, true);
        if self.resilience.start.left.as_deref() == Some(&active.instance_arn) {
            // The agent has left it by hand and is not sent back.
            return;
        }
        self.resilience.start.left = None;
        if active.instance_arn == own {
            self.stay(now);
            return;
        }
        let at_once = active.terminate_active_contacts || first;
        if self.resilience.leaving.as_ref().is_none_or(|leaving| at_once && !leaving.now) {
            tracing::warn!(active = %active.instance_arn, at_once, "the other instance is to serve");
            self.leave(at_once, false, now);
        }
    }

    /// The agent wants the other instance.
    pub(super) fn begin_switch(&mut self, id: &CommandId, now: Now) {
        if !self.has_other() {
            let error = CommandError::new(CommandCode::NotPossible, "there is no second instance");
            self.answer(id, Err(error));
            return;
        }
        self.answer(id, Ok(()));
        self.leave(self.is_unreachable(), true, now);
    }

    fn leave(&mut self, at_once: bool, by_hand: bool, now: Now) {
        match &mut self.resilience.leaving {
            Some(leaving) => {
                leaving.now |= at_once;
                leaving.by_hand |= by_hand;
            }
            None => {
                self.resilience.leaving = Some(Leaving { now: at_once, by_hand, ..Leaving::default() });
            }
        }
        self.picture.resync = true;
        self.publish(now);
        self.follow_leaving(now);
        if !self.ended {
            self.tell_instance("notice_failover_pending", NoticeLevel::Warning, None, now);
            self.show_serving();
        }
    }

    /// The instance is to serve after all.
    fn stay(&mut self, now: Now) {
        if self.resilience.leaving.as_ref().is_some_and(|leaving| !leaving.by_hand && !leaving.offline_asked) {
            self.resilience.leaving = None;
            self.withdraw(&self.failover_id());
            self.picture.resync = true;
            self.publish(now);
            self.show_serving();
        }
    }

    fn failover_id(&self) -> String {
        format!("failover:{}", self.account)
    }

    /// While another instance is to serve, only what the agent is in is shown.
    pub(super) fn is_hidden(&self, contact: &wire::Contact) -> bool {
        let was_shown = self.picture.contacts.contains_key(&contact.contact_id);
        let stays =
            contact.state.kind == ContactStateType::Connected || (contact.state.kind.is_finished() && was_shown);
        self.resilience.leaving.is_some() && !stays
    }

    fn follow_leaving(&mut self, now: Now) {
        let unreachable = self.is_unreachable();
        let Some(leaving) = &mut self.resilience.leaving else {
            return;
        };
        let contacts = self.picture.snapshot.as_ref().map(|snapshot| snapshot.contacts.as_slice()).unwrap_or_default();
        let is_waited_for = |contact: &&wire::Contact| !leaving.now && contact.kind.is_voice() && is_at_hand(contact);
        let waited = contacts.iter().any(|contact| is_waited_for(&contact));
        let mut acts = Vec::new();
        for contact in contacts.iter().filter(|contact| !is_waited_for(contact)) {
            let contact_id = contact.contact_id.clone();
            if contact.state.kind.is_finished() {
                if leaving.cleared.insert(contact_id.clone()) {
                    acts.push(Operation::ClearContact { contact_id });
                }
            } else if let Some(leg) = contact.agent_connection()
                && leaving.ended.insert(contact_id.clone())
            {
                let connection_id = leg.connection_id.clone();
                acts.push(Operation::DestroyConnection { contact_id, connection_id });
            }
        }
        let rest = !contacts.is_empty();
        if !waited {
            leaving.until.get_or_insert(now.at + ms(self.settings.leave_limit_ms));
        }
        let over = !waited && (!rest || unreachable || leaving.until.is_some_and(|until| now.at >= until));
        let offline = over && !leaving.offline_asked;
        leaving.offline_asked |= over;
        for operation in acts {
            self.call(Purpose::Account("fail-over"), &operation);
        }
        if offline {
            let asked = self.offline_choice().filter(|_| !unreachable).and_then(|state| {
                self.call(Purpose::LeaveInstance, &Operation::PutAgentState { state, enqueue_next_state: true })
            });
            if asked.is_none() {
                self.move_over(now);
            }
        }
    }

    /// Nothing arrives here, so nothing is waited for.
    fn is_unreachable(&self) -> bool {
        !self.auth.is_live() || self.poll.failures >= self.settings.poll_offline_failures
    }

    /// The state that the platform counts as signed out.
    pub(super) fn offline_choice(&self) -> Option<StateChoice> {
        let configuration = self.configuration.value.as_ref()?;
        configuration.states.iter().find_map(|state| {
            let arn = state.arn.clone().filter(|_| state.kind == AgentStateType::Offline)?;
            Some(StateChoice { arn, kind: state.kind.clone(), name: state.name.clone() })
        })
    }

    /// The session ends here; the driver begins the other one.
    pub(super) fn move_over(&mut self, now: Now) {
        let Some(leaving) = self.resilience.leaving.take() else {
            return;
        };
        let left = if leaving.by_hand { self.own_arn().map(str::to_owned) } else { None };
        self.end_calls(now);
        self.end_lines(now);
        self.leave_page();
        self.stop_answering();
        self.out.push(Action::Move(Start { instance: self.instance().other(), left, moved: true }));
    }

    /// Which one serves, when that has changed.
    fn show_serving(&mut self) {
        let serving = Serving {
            region: self.own_arn().and_then(region).map(str::to_owned),
            second: self.instance() == Instance::Second,
            moving: self.resilience.leaving.is_some(),
        };
        if self.resilience.serving.as_ref() != Some(&serving) {
            self.resilience.serving = Some(serving.clone());
            self.emit(Event::Serving(serving));
        }
    }

    fn tell_instance(&mut self, key: &str, level: NoticeLevel, action: Option<NoticeAction>, now: Now) {
        let params = BTreeMap::from([("instance".to_owned(), self.title.clone())]);
        self.raise(Notice { params, action, ..self.notice(self.failover_id(), level, key, now) });
    }

    /// The first word of a session that took over.
    pub(super) fn tell_moved(&mut self, now: Now) {
        if !self.resilience.start.moved {
            return;
        }
        if matches!(self.auth.state(), AuthState::SignedOut(_)) {
            self.tell_instance("notice_failover_sign_in", NoticeLevel::Error, Some(NoticeAction::SignIn), now);
        } else {
            self.tell_instance("notice_failover_completed", NoticeLevel::Info, None, now);
        }
    }

    /// The agent has just signed in here: at the other one too, so that a
    /// fail-over needs no window. Single sign-on makes that a moment.
    pub(super) fn sign_in_at_other(&mut self, cookies: &[LoginCookie], now: Now) {
        self.check_global_sign_in(cookies, now);
        let Some(settings) = self.settings.of(self.instance().other()) else {
            return;
        };
        let Ok(addresses) = settings.addresses() else {
            return;
        };
        self.resilience.other_window = true;
        self.out.push(Action::OpenLoginWindow(LoginPage {
            title: addresses.ccp.host_str().unwrap_or("Amazon Connect").to_owned(),
            start: addresses.login,
            done_origin: addresses.ccp,
            done_paths: addresses.done_paths,
            cookies_for: addresses.authorize,
            keep: None,
            look: settings.login_look(),
        }));
    }

    /// True: the window's result was the other instance's.
    pub(super) fn took_other_login(
        &mut self,
        result: &Result<Vec<LoginCookie>, trunkline_connector::ports::LoginFailure>,
        now: Now,
    ) -> bool {
        if !std::mem::take(&mut self.resilience.other_window) {
            return false;
        }
        match result {
            Ok(cookies) if !cookies.is_empty() => self.out.push(Action::StoreOtherCookies(cookies.clone())),
            _ => self.tell_instance("notice_failover_unprepared", NoticeLevel::Warning, None, now),
        }
        true
    }

    /// With a global sign-in the login page leaves a cookie that says so.
    fn check_global_sign_in(&mut self, cookies: &[LoginCookie], now: Now) {
        if !self.settings.global_sign_in {
            return;
        }
        let cookie = cookies.iter().find(|cookie| cookie.name == self.settings.global_sign_in_cookie);
        let problem = match cookie.map(|cookie| agent_config(cookie.value.expose_secret())) {
            Some(Ok(members)) => {
                tracing::info!(?members, "the global sign-in's configuration is there");
                self.withdraw(&self.global_id());
                return;
            }
            Some(Err(())) => "notice_global_sign_in_unreadable",
            None => "notice_global_sign_in_missing",
        };
        self.tell(self.global_id(), NoticeLevel::Warning, problem, None, now);
    }

    fn global_id(&self) -> String {
        format!("global-sign-in:{}", self.account)
    }
}

/// The agent is in it, wrap-up included; what they never had is not waited for.
fn is_at_hand(contact: &wire::Contact) -> bool {
    !map::is_offer(contact) && (!contact.state.kind.is_finished() || contact.state.kind == ContactStateType::Ended)
}

/// Names of the members of the cookie's content, base64 of a JSON object that
/// is not empty (vendor's getLilyAgentConfig).
fn agent_config(text: &str) -> Result<Vec<String>, ()> {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
    let text = text.trim().trim_matches('"').replace("%3D", "=");
    let bytes = STANDARD.decode(&text).or_else(|_| STANDARD_NO_PAD.decode(&text)).map_err(|_| ())?;
    let value: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&bytes).map_err(|_| ())?;
    if value.is_empty() { Err(()) } else { Ok(value.keys().cloned().collect()) }
}

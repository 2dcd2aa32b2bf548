//! Signing in and out, tokens, the operator's state.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};
use trunkline_connector::ports::{HttpFailure, Secret};
use trunkline_connector::{CommandCode, CommandError, Ended, Event};
use trunkline_model::{
    Agent, AgentActivity, AgentState, AgentStateId, AgentStateKind, CommandId, LinkState, RoutingProfile, UnixMillis,
};

use super::{Action, Kind, LiveState, Now, Phase, Rest, Session, Sweep, not_signed_in};
use crate::doc::Me;
use crate::look;
use crate::rest::{Load, RestError};
use crate::settings::is_one_of;

/// Between attempts to reach the log-in: doubled up to the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// For pausing while signing out.
const FAREWELL: Duration = Duration::from_millis(1_500);
/// A token is renewed this soon at the earliest, so that a clock that is off makes no storm.
const SOONEST: Duration = Duration::from_secs(5);

/// The states that an operator can choose.
pub(super) const ACTIVE: &str = "active";
/// See [`ACTIVE`].
pub(super) const PAUSE: &str = "pause";
const OFFLINE: &str = "offline";

impl Session {
    pub(super) fn sign_in(&mut self, now: Now) {
        self.phase = Phase::SigningIn;
        self.set_link(LinkState::Connecting, Some("link_reason_signing_in"), None, now);
        self.actions.push_back(Action::ReadPassword);
    }

    pub(super) fn on_password(&mut self, password: Option<Secret>, now: Now) {
        if self.phase != Phase::SigningIn {
            return;
        }
        match password {
            None => self.need_sign_in("link_reason_not_signed_in", now),
            Some(password) => {
                self.password = Some(password);
                self.log_in(Rest::Login);
            }
        }
    }

    fn log_in(&mut self, rest: Rest) {
        let Some(password) = &self.password else { return };
        let mut body = Map::from_iter([
            ("email".to_owned(), json!(self.settings.email.trim())),
            ("password".to_owned(), json!(password.expose_secret())),
            ("ttl".to_owned(), json!(self.settings.token_ttl_s)),
        ]);
        if let Some(company) = self.settings.company {
            body.insert("companyId".to_owned(), json!(company));
        }
        self.ask(rest, Kind::Login, Load::default().json(Value::Object(body)));
    }

    pub(super) fn on_login(&mut self, result: Result<Value, RestError>, now: Now) {
        if self.phase != Phase::SigningIn {
            return;
        }
        match result.and_then(|answer| self.take_token(&answer, now).ok_or(RestError::Unreadable)) {
            Ok(()) => {
                tracing::info!("signed in");
                self.tries = 0;
                self.phase = Phase::SignedIn;
                self.set_link(LinkState::Connecting, None, None, now);
                self.connect_live();
                self.sweep_now();
            }
            Err(error) => self.login_failed(&error, now),
        }
    }

    /// Signing in is refused for good, by this reason; `None`: it may work later.
    fn refusal(error: &RestError) -> Option<&'static str> {
        let RestError::Refused(status, words) = error else { return None };
        tracing::warn!(status = status.as_u16(), words, "the log-in was refused");
        match status.as_u16() {
            400 | 401 | 422 => Some("link_reason_password_wrong"),
            403 => Some("link_reason_not_permitted"),
            404 => Some("link_reason_user_unknown"),
            _ => None,
        }
    }

    fn login_failed(&mut self, error: &RestError, now: Now) {
        if let Some(reason) = Self::refusal(error) {
            return self.need_sign_in(reason, now);
        }
        let reason = match error {
            RestError::Refused(..) | RestError::Failed(HttpFailure::Timeout) => {
                "link_reason_login_unavailable_platform"
            }
            RestError::Failed(HttpFailure::Tls) => "link_reason_not_secure",
            RestError::Failed(_) => "link_reason_unreachable",
            RestError::Unreadable => "link_reason_malformed_answer",
        };
        let wait = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(self.tries.min(5))).min(LONGEST_WAIT);
        self.tries += 1;
        self.phase = Phase::Waiting(now.at + wait);
        self.set_link(LinkState::Offline, Some(reason), Some(wait), now);
    }

    fn take_token(&mut self, answer: &Value, now: Now) -> Option<()> {
        let answer = if answer["data"].is_object() { &answer["data"] } else { answer };
        let text = |name: &str| answer[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let token = text("token")?;
        let life = life(&token, self.server_time(now));
        let before = Duration::from_secs(self.settings.renew_before_s);
        // A token that lasts shorter than that is renewed in the middle of its life.
        self.renew_at =
            life.map(|life| now.at + life.checked_sub(before).unwrap_or(life / 2).max(SOONEST.min(life / 2)));
        self.token = Some(Secret::from(token));
        if let Some(refresh) = text("refreshToken") {
            self.refresh = Some(Secret::from(refresh));
        }
        Some(())
    }

    // Renewal.

    /// A new token, by the one for renewal or else by the password.
    pub(super) fn renew(&mut self) {
        if self.renewing || self.phase != Phase::SignedIn {
            return;
        }
        self.renewing = true;
        match &self.refresh {
            Some(refresh) => {
                let body = json!({ "refreshToken": refresh.expose_secret(), "ttl": self.settings.token_ttl_s });
                self.ask(Rest::Refresh, Kind::Refresh, Load::default().json(body));
            }
            None => self.log_in(Rest::LoginAgain),
        }
    }

    pub(super) fn on_refreshed(&mut self, result: Result<Value, RestError>, now: Now) {
        match result.and_then(|answer| self.take_token(&answer, now).ok_or(RestError::Unreadable)) {
            Ok(()) => self.renewed(now),
            Err(RestError::Failed(failure)) => self.renewal_failed(&RestError::Failed(failure), now),
            Err(error) => {
                tracing::info!(?error, "the token was not renewed: signing in again");
                self.refresh = None;
                self.log_in(Rest::LoginAgain);
            }
        }
    }

    pub(super) fn on_login_again(&mut self, result: Result<Value, RestError>, now: Now) {
        match result.and_then(|answer| self.take_token(&answer, now).ok_or(RestError::Unreadable)) {
            Ok(()) => self.renewed(now),
            Err(error) => match Self::refusal(&error) {
                Some(reason) => self.need_sign_in(reason, now),
                None => self.renewal_failed(&error, now),
            },
        }
    }

    fn renewed(&mut self, now: Now) {
        self.renewing = false;
        for exchange in std::mem::take(&mut self.for_token) {
            self.send(exchange, now);
        }
        if let Some(data) = self.live_data() {
            self.actions.push_back(Action::NextData(data));
        }
        if self.live == LiveState::Down && self.turned_away.is_some() && self.live_again.is_none() {
            self.connect_live();
        }
    }

    fn renewal_failed(&mut self, error: &RestError, now: Now) {
        self.renewing = false;
        self.renew_at = Some(now.at + SOONEST);
        for exchange in std::mem::take(&mut self.for_token) {
            self.failed(exchange, error.clone(), now);
        }
    }

    // Signing out.

    /// The agent is asked to sign in; nothing is tried until then.
    pub(super) fn need_sign_in(&mut self, reason: &str, now: Now) {
        self.phase = Phase::Idle;
        self.drop_tokens();
        self.actions.push_back(Action::Disconnect);
        (self.live, self.live_again, self.live_settles) = (LiveState::Down, None, None);
        self.sweep_at = None;
        self.set_link(LinkState::NeedsSignIn, Some(reason), None, now);
        // No answer may bring tokens, or another reason, after this.
        let waiting = std::mem::take(&mut self.for_token);
        for (call, exchange) in std::mem::take(&mut self.calls) {
            self.actions.push_back(Action::Abort(call));
            self.refused(exchange, not_signed_in());
        }
        for exchange in waiting {
            self.refused(exchange, not_signed_in());
        }
        for sending in std::mem::take(&mut self.sendings) {
            self.answer(&sending.command, Err(not_signed_in()));
        }
        self.sweep = Sweep::default();
    }

    fn drop_tokens(&mut self) {
        (self.token, self.refresh, self.renew_at, self.renewing) = (None, None, None, false);
    }

    pub(super) fn sign_out(&mut self, id: CommandId, now: Now) {
        if self.token.is_none() || self.phase != Phase::SignedIn {
            return self.leave(id);
        }
        // New sessions would wait for nobody. The platform has no log-out.
        self.phase = Phase::Leaving(id.clone(), now.at + FAREWELL);
        self.ask(Rest::Farewell(id), Kind::Pause, Load::default());
    }

    pub(super) fn leave(&mut self, id: CommandId) {
        self.drop_tokens();
        self.password = None;
        self.actions.push_back(Action::Disconnect);
        self.actions.push_back(Action::Forget);
        self.answer(&id, Ok(()));
        self.phase = Phase::Ended;
        self.actions.push_back(Action::End(Ended::SignedOut));
    }

    // The operator.

    pub(super) fn on_me(&mut self, result: Result<Value, RestError>) {
        let read = result.map(|answer| Me::read(&answer, &self.settings));
        match read {
            Ok(Some(me)) => {
                self.logged_out = false;
                self.me = Some(me);
                self.sweep.me_done = true;
            }
            other => {
                tracing::warn!(?other, "the operator cannot be read");
                self.sweep.failed = true;
            }
        }
    }

    pub(super) fn on_time(&mut self, result: Result<Value, RestError>, now: Now) {
        let Ok(answer) = result else { return };
        let told = look::time(&answer)
            .or_else(|| self.settings.time_fields.iter().find_map(|name| look::time(look::at(&answer, name))));
        match told {
            Some(told) => self.ahead = told.since(now.wall),
            None => tracing::warn!("the platform's time cannot be read"),
        }
    }

    pub(super) fn tell_agent(&mut self) {
        let Some(agent) = self.agent() else { return };
        if self.told_agent.as_ref() != Some(&agent) {
            self.told_agent = Some(agent.clone());
            self.emit(Event::Agent(Box::new(agent)));
        }
    }

    fn agent(&self) -> Option<Agent> {
        let me = self.me.as_ref()?;
        let named = |id: &str, name: &str, kind, activity| AgentState {
            id: Some(AgentStateId::new(id)),
            name: name.to_owned(),
            kind,
            activity,
            since: None,
        };
        let active = named(ACTIVE, "Online", AgentStateKind::Routable, AgentActivity::Online);
        let pause = named(PAUSE, "Pause", AgentStateKind::NotRoutable, AgentActivity::Paused);
        let offline = || named(OFFLINE, "Offline", AgentStateKind::Offline, AgentActivity::Offline);
        let word = me.state.as_deref().unwrap_or_default();
        let state = if self.logged_out {
            offline()
        } else if is_one_of(&self.settings.active_states, word) {
            active.clone()
        } else if is_one_of(&self.settings.pause_states, word) {
            pause.clone()
        } else if word.is_empty() || word.eq_ignore_ascii_case(OFFLINE) {
            offline()
        } else {
            named(word, word, AgentStateKind::Unknown, AgentActivity::Unknown)
        };
        Some(Agent {
            name: me.name.clone(),
            username: Some(self.settings.email.trim().to_owned()),
            state,
            next_state: None,
            selectable_states: vec![active, pause],
            softphone_enabled: false,
            auto_accept: self.settings.auto_accept,
            extension: None,
            routing_profile: RoutingProfile::default(),
            permissions: std::collections::BTreeSet::new(),
            can_dial: false,
            language: None,
            languages: Vec::new(),
            dial_queues: Vec::new(),
            default_dial_queue: None,
            platform_id: Some(me.id.clone()),
            dialable_countries: Vec::new(),
            picked: None,
            media: Vec::new(),
            wrap_up: None,
            supervises: Vec::new(),
        })
    }

    pub(super) fn set_state(&mut self, id: CommandId, state: &AgentStateId) {
        let (kind, active) = match state.as_str() {
            ACTIVE => (Kind::Activate, true),
            PAUSE => (Kind::Pause, false),
            _ => {
                let error = CommandError::new(CommandCode::Invalid, "there is no such state");
                return self.answer(&id, Err(error));
            }
        };
        self.act(id, super::Act::Active(active), kind, Load::default());
    }

    /// `/users/me` follows; until then the platform's word is taken for it.
    pub(super) fn state_was_set(&mut self, active: bool) {
        let states = if active { &self.settings.active_states } else { &self.settings.pause_states };
        let word = states.first().cloned();
        self.logged_out = false;
        if let Some(me) = &mut self.me {
            me.state = word;
        }
        self.ask(Rest::Me, Kind::Me, Load::default());
    }

    /// Blocked on the platform, or signed in elsewhere: this sitting is over, with the reason.
    pub(super) fn put_out(&mut self, reason: &str, words: Option<&str>, now: Now) {
        tracing::warn!(reason, words, "the platform ended this sitting");
        if let Some(words) = words {
            let params = BTreeMap::from([("reason".to_owned(), words.to_owned())]);
            self.notice("put-out", trunkline_model::NoticeLevel::Error, "notice_put_out", params, now);
        }
        self.need_sign_in(reason, now);
    }
}

/// How long a token lasts from now on, by what it says itself.
fn life(token: &str, now: UnixMillis) -> Option<Duration> {
    let claims = token.split('.').nth(1)?;
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    let until = look::time(&claims["exp"])?;
    Some(Duration::from_millis(u64::try_from(until.since(now)).unwrap_or(0)))
}

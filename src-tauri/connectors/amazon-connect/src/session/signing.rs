//! Signing in and out: what the vault, the login window and the agent bring.

use secrecy::ExposeSecret;
use trunkline_connector::ports::{LoginCookie, LoginFailure, LoginPage};
use trunkline_connector::{CommandCode, CommandError, Ended, Event};
use trunkline_model::{AgentStateId, CommandId, Link, LinkState};

use super::{Action, Now, Purpose, Session};
use crate::auth::{AuthState, Stored};
use crate::settings::ms;
use crate::wire::Operation;

impl Session {
    pub(super) fn on_start(&mut self, stored: Stored, now: Now) {
        self.use_stored(stored, false, now);
        self.tell_moved(now);
    }

    /// `fresh`: straight from the login window.
    fn use_stored(&mut self, stored: Stored, fresh: bool, now: Now) {
        self.ways.begin(stored.route, fresh);
        self.out.push(Action::ClearCookies);
        let ask = self.auth.begin(&stored, now, &self.settings);
        self.stored = stored;
        // Section 2.1: the token seems to equal the access cookie's value, so it may renew itself.
        let cookies = self.session_cookies();
        if !cookies.is_empty() {
            self.out.push(Action::PutCookies(self.addresses.authorize.clone(), cookies));
        }
        self.use_way(now);
        if ask {
            self.authorize();
        }
        if self.auth.is_live() {
            self.went_live(now);
        }
    }

    /// The vault was read again because the agent wants to sign in.
    pub(super) fn on_stored(&mut self, stored: Stored, now: Now) {
        let Some(id) = self.sign_in.take() else {
            return;
        };
        let same = |a: &Stored, b: &Stored| {
            let text = |stored: &Stored| stored.token.as_ref().map(|token| token.expose_secret().to_owned());
            text(a) == text(b)
        };
        self.answer(&id, Ok(()));
        if stored.token.is_some() && !same(&stored, &self.stored) {
            self.use_stored(stored, false, now);
            return;
        }
        self.auth.window_opened();
        self.out.push(Action::OpenLoginWindow(LoginPage {
            title: self.title.clone(),
            start: self.addresses.login.clone(),
            done_origin: self.addresses.ccp.clone(),
            done_paths: self.addresses.done_paths.clone(),
            cookies_for: self.addresses.authorize.clone(),
            keep: self.page_to_keep(),
            look: self.settings.login_look(),
        }));
    }

    pub(super) fn on_login_done(&mut self, result: Result<Vec<LoginCookie>, LoginFailure>, now: Now) {
        if self.took_other_login(&result, now) || self.auth.state() != AuthState::Window {
            return;
        }
        match result {
            Ok(cookies) if !cookies.is_empty() => {
                self.out.push(Action::StoreCookies(cookies.clone(), None));
                self.sign_in_at_other(&cookies, now);
                self.use_stored(Stored { cookies, ..Stored::default() }, true, now);
            }
            Ok(_) => self.auth.window_failed(LoginFailure::Failed),
            Err(failure) => self.auth.window_failed(failure),
        }
    }

    pub(super) fn authorize(&mut self) {
        let limit = ms(self.settings.call_limit_ms);
        self.get(Purpose::Authorize, self.addresses.authorize.clone(), limit);
    }

    /// A token is there: the loops run.
    pub(super) fn went_live(&mut self, now: Now) {
        if self.poll.in_flight.is_none() {
            let again = self.poll.unauthorized > 1;
            let wait = if again { self.settings.retry(self.poll.unauthorized) } else { ms(0) };
            self.poll.at = Some(now.at + wait);
        }
        if self.configuration.round.is_none() && self.configuration.at.is_none() {
            self.configuration.at = Some(now.at);
        }
        self.with_socket(now, |socket, _, _, out| socket.start(out));
    }

    /// No token any more: the loops stand still. Calls go on; their speech needs no token.
    pub(super) fn went_dark(&mut self, now: Now) {
        if let Some(id) = self.poll.in_flight.take() {
            self.requests.remove(&id);
            self.out.push(Action::CancelHttp(id));
        }
        self.leave_page();
        self.poll = super::Poll::default();
        self.configuration.at = None;
        self.configuration.round = None;
        self.configuration.failures = 0;
        self.picture.resync = true;
        self.with_socket(now, |socket, _, _, out| socket.stop(out));
    }

    pub(super) fn begin_sign_in(&mut self, id: CommandId) {
        if self.auth.is_live() || self.auth.state() == AuthState::Window || self.sign_in.is_some() {
            self.answer(&id, Ok(()));
            return;
        }
        self.sign_in = Some(id);
        self.out.push(Action::ReadVault);
    }

    /// Section 2.6: offline or what the agent chose (also during a contact),
    /// log-out page, forget.
    pub(super) fn begin_sign_out(&mut self, id: CommandId, state: Option<&AgentStateId>, now: Now) {
        // Without a configuration no state is known, and the agent can leave all the same.
        let chosen = match state.filter(|_| self.configuration.value.is_some()).map(|state| self.choice(state)) {
            Some(Err(error)) => {
                self.answer(&id, Err(error));
                return;
            }
            Some(Ok(chosen)) => Some(chosen),
            None => None,
        };
        if let Some(first) = self.sign_out.take() {
            self.answer(&first, Err(CommandError::new(CommandCode::Cancelled, "signed out again")));
        }
        self.sign_out = Some(id);
        self.end_calls(now);
        self.end_lines(now);
        let sent = chosen.or_else(|| self.offline_choice()).and_then(|state| {
            self.call(Purpose::GoOffline, &Operation::PutAgentState { state, enqueue_next_state: true })
        });
        if sent.is_none() {
            self.log_out();
        }
    }

    pub(super) fn log_out(&mut self) {
        self.get(Purpose::LogOut, self.addresses.logout.clone(), ms(self.settings.call_limit_ms.min(3_000)));
    }

    pub(super) fn signed_out(&mut self, now: Now) {
        self.auth.forget();
        self.went_dark(now);
        self.out.push(Action::ClearCookies);
        self.out.push(Action::Forget);
        if let Some(id) = self.sign_out.take() {
            self.answer(&id, Ok(()));
        }
        self.emit(Event::Link(Link { state: LinkState::SignedOut, reason: None, since: now.wall, retry_at: None }));
        self.end(Ended::SignedOut);
    }
}

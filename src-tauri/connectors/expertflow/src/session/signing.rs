//! Signing in and out, second factor, tokens.

use std::time::Duration;

use base64::Engine as _;
use http::StatusCode;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use trunkline_connector::ports::Secret;
use trunkline_connector::{Answer, CommandCode, CommandError, Ended, Event};
use trunkline_model::{Challenge, ChallengeKind, CommandId, ContactId, LinkState, Outcome};

use super::acts::not_signed_in;
use super::{Action, Awaited, Exchange, Now, Phase, Rest, Session, extract};
use crate::presence::Wanted;
use crate::rest::{self, LoggedIn, RestError};
use crate::settings::ms;

/// Between attempts to reach the log-in: doubled up to the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// For the platform to say that the agent has left.
const FAREWELL: Duration = Duration::from_millis(1_500);

impl Session {
    pub(super) fn sign_in(&mut self, now: Now) {
        if matches!(self.phase, Phase::Challenged(_)) {
            // What is asked for next, if anything, the log-in says anew.
            self.emit(Event::Challenge(None));
        }
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

    fn log_in(&mut self, why: Rest) {
        let Some(password) = &self.password else { return };
        let body = rest::login_body(self.settings.username.trim(), password);
        self.post_open("agent/login", &body, why, self.settings.login_limit_ms);
    }

    /// A request to the agent manager that needs no token.
    fn post_open(&mut self, path: &str, body: &Value, why: Rest, limit: u64) {
        let url = crate::settings::below(&self.addresses.agent_manager, path);
        let request = rest::post(url, None, body, ms(limit));
        self.exchange(Exchange { rest: why, again: false, deadline: None }, request);
    }

    pub(super) fn on_login(&mut self, result: Result<Value, RestError>, now: Now) {
        if self.phase != Phase::SigningIn {
            return;
        }
        match result.and_then(|answer| rest::logged_in(&answer).ok_or(RestError::Unreadable)) {
            Ok(LoggedIn::Done { user, token, refresh }) => self.signed_in(*user, token, refresh, now),
            Ok(LoggedIn::More(challenge)) => self.ask_for_more(challenge, now),
            Err(error) => self.login_failed(&error, now),
        }
    }

    fn login_failed(&mut self, error: &RestError, now: Now) {
        let reason = match error {
            RestError::Refused(status, words) => {
                tracing::warn!(status = status.as_u16(), words, "the log-in was refused");
                match status.as_u16() {
                    400 | 401 => return self.need_sign_in("link_reason_password_wrong", now),
                    403 => return self.need_sign_in("link_reason_not_permitted", now),
                    404 => return self.need_sign_in("link_reason_user_unknown", now),
                    412 => return self.need_sign_in("link_reason_licence", now),
                    _ => "link_reason_login_unavailable_platform",
                }
            }
            RestError::Failed(trunkline_connector::ports::HttpFailure::Tls) => "link_reason_not_secure",
            RestError::Failed(trunkline_connector::ports::HttpFailure::Timeout) => {
                "link_reason_login_unavailable_platform"
            }
            RestError::Failed(_) => "link_reason_unreachable",
            RestError::Unreadable => "link_reason_malformed_answer",
        };
        let wait = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(self.tries.min(5))).min(LONGEST_WAIT);
        self.tries += 1;
        self.phase = Phase::Waiting(now.at + wait);
        self.set_link(LinkState::Offline, Some(reason), Some(wait), now);
    }

    fn signed_in(&mut self, user: crate::user::User, token: Option<Secret>, refresh: Option<Secret>, now: Now) {
        tracing::info!("signed in");
        self.tries = 0;
        self.phase = Phase::SignedIn;
        self.user = Some(user);
        self.take_tokens(token, refresh, now);
        self.emit(Event::Challenge(None));
        self.set_link(LinkState::Connecting, None, None, now);
        self.canned = None;
        for question in [Rest::Reasons, Rest::Desk, Rest::Form, Rest::Schema, Rest::Lists, Rest::Announcements] {
            self.ask(question, None);
        }
        self.client.connect();
    }

    fn take_tokens(&mut self, token: Option<Secret>, refresh: Option<Secret>, now: Now) {
        let life = token.as_ref().and_then(|token| life(token.expose_secret(), now.wall.0));
        let share = self.settings.refresh_share.clamp(0.1, 0.99);
        self.renew_at = life.map(|life| now.at + life.mul_f64(share).max(Duration::from_secs(1)));
        self.token = token;
        if refresh.is_some() {
            self.refresh = refresh;
        }
    }

    // A second factor.

    fn ask_for_more(&mut self, challenge: Box<Challenge>, now: Now) {
        self.set_link(LinkState::NeedsSignIn, Some("link_reason_challenge"), None, now);
        self.emit(Event::Challenge(Some(challenge.clone())));
        self.phase = Phase::Challenged(challenge);
    }

    pub(super) fn answer_challenge(&mut self, answer: &Answer) -> Result<Awaited, CommandError> {
        let Phase::Challenged(challenge) = &self.phase else {
            return Err(CommandError::new(CommandCode::NotPossible, "nothing is asked for"));
        };
        let Some(password) = &self.password else {
            return Err(CommandError::new(CommandCode::NotSignedIn, "there is no password"));
        };
        let username = self.settings.username.trim().to_owned();
        match challenge.what {
            ChallengeKind::Phone => {
                // The platform puts a plus in front.
                let digits: String = answer.0.chars().filter(char::is_ascii_digit).collect();
                if !(7..=15).contains(&digits.len()) {
                    return Err(CommandError::new(CommandCode::Invalid, "a number has 7 to 15 digits").at("text"));
                }
                let body = json!({ "username": username, "phone": digits });
                self.post_open("agent/register-phone", &body, Rest::Phone, self.settings.login_limit_ms);
            }
            ChallengeKind::Code | ChallengeKind::RegisterApp { .. } => {
                let code: String = answer.0.chars().filter(|c| !c.is_whitespace()).collect();
                let body = rest::otp_body(&username, password, self.settings.realm.as_deref(), &code);
                self.post_open("agent/validate-otp", &body, Rest::Code, self.settings.login_limit_ms);
            }
        }
        Ok(Awaited::Challenge)
    }

    pub(super) fn resend_code(&mut self) -> Result<Awaited, CommandError> {
        let Phase::Challenged(challenge) = &self.phase else {
            return Err(CommandError::new(CommandCode::NotPossible, "nothing is asked for"));
        };
        if !challenge.can_resend {
            return Err(CommandError::new(CommandCode::NotPossible, "the code is not sent by the platform"));
        }
        let body = json!({ "username": self.settings.username.trim() });
        self.post_open("agent/send-sms-otp", &body, Rest::Resend, self.settings.login_limit_ms);
        Ok(Awaited::Challenge)
    }

    pub(super) fn on_code(&mut self, result: Result<Value, RestError>, now: Now) {
        let Phase::Challenged(challenge) = &self.phase else { return };
        let mut challenge = challenge.clone();
        let answer = match result.and_then(|answer| rest::logged_in(&answer).ok_or(RestError::Unreadable)) {
            Ok(LoggedIn::Done { user, token, refresh }) => {
                self.signed_in(*user, token, refresh, now);
                Ok(())
            }
            Ok(LoggedIn::More(next)) => {
                self.ask_for_more(next, now);
                Ok(())
            }
            Err(RestError::Refused(StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND, _)) => {
                challenge.wrong = true;
                self.ask_for_more(challenge, now);
                Ok(())
            }
            Err(error) => Err(unavailable(&error)),
        };
        self.settle_challenge(answer);
    }

    pub(super) fn on_phone(&mut self, result: Result<Value, RestError>, now: Now) {
        let answer = match result {
            Ok(answer) => {
                let next = match rest::logged_in(&answer) {
                    Some(LoggedIn::More(challenge)) if challenge.what != ChallengeKind::Phone => challenge,
                    _ => Box::new(Challenge {
                        what: ChallengeKind::Code,
                        sent_to: None,
                        can_resend: true,
                        wrong: false,
                        words: None,
                    }),
                };
                self.ask_for_more(next, now);
                Ok(())
            }
            Err(RestError::Refused(status, words)) if status.is_client_error() => {
                Err(CommandError::new(CommandCode::Invalid, words).at("text"))
            }
            Err(error) => Err(unavailable(&error)),
        };
        self.settle_challenge(answer);
    }

    pub(super) fn on_resent(&mut self, result: Result<Value, RestError>) {
        self.settle_challenge(result.map(|_| ()).map_err(|error| unavailable(&error)));
    }

    fn settle_challenge(&mut self, answer: Result<(), CommandError>) {
        for pending in extract(&mut self.pending, |pending| pending.awaited == Awaited::Challenge) {
            self.answer(pending.id, answer.clone());
        }
    }

    // Tokens.

    pub(super) fn renew(&mut self) {
        if self.calls.values().any(|call| matches!(call.rest, Rest::Refresh | Rest::LoginAgain)) {
            return;
        }
        let Some(refresh) = &self.refresh else { return self.log_in(Rest::LoginAgain) };
        let body = json!({ &self.settings.refresh_field: refresh.expose_secret() });
        self.post_open("agent/refresh-token", &body, Rest::Refresh, self.settings.rest_limit_ms);
    }

    pub(super) fn on_refreshed(&mut self, result: Result<Value, RestError>, now: Now) {
        match result.and_then(|answer| rest::refreshed(&answer).ok_or(RestError::Unreadable)) {
            Ok(token) => {
                tracing::debug!("the token was renewed");
                self.take_tokens(Some(token), None, now);
                self.retry_with_token();
            }
            Err(error) => {
                // An installation of before 4.9 has no such door, and a refresh token
                // may be over as well: signing in anew gives both. The socket stays.
                tracing::info!(?error, "the token could not be renewed; signing in anew");
                self.refresh = None;
                self.log_in(Rest::LoginAgain);
            }
        }
    }

    pub(super) fn on_login_again(&mut self, result: Result<Value, RestError>, now: Now) {
        match result.and_then(|answer| rest::logged_in(&answer).ok_or(RestError::Unreadable)) {
            Ok(LoggedIn::Done { token, refresh, .. }) => {
                self.take_tokens(token, refresh, now);
                self.retry_with_token();
            }
            Ok(LoggedIn::More(_)) | Err(RestError::Refused(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _)) => {
                self.fail_for_token(CommandCode::NotSignedIn, now);
                self.sign_out_here("link_reason_session_expired", now);
            }
            Err(error) => {
                tracing::warn!(?error, "no new token");
                self.fail_for_token(CommandCode::Unavailable, now);
                self.renew_at = Some(now.at + LONGEST_WAIT);
            }
        }
    }

    fn retry_with_token(&mut self) {
        for exchange in std::mem::take(&mut self.for_token) {
            self.ask_again(Exchange { again: true, ..exchange });
        }
    }

    fn fail_for_token(&mut self, code: CommandCode, now: Now) {
        for exchange in std::mem::take(&mut self.for_token) {
            self.rest_failed(&exchange.rest, CommandError::new(code, "no token"), now);
        }
    }

    // Leaving.

    /// The agent is asked to sign in; nothing is tried until then.
    pub(super) fn need_sign_in(&mut self, reason: &str, now: Now) {
        self.phase = Phase::Idle;
        self.client.disconnect();
        self.dial_again = None;
        self.reconcile = None;
        self.renew_at = None;
        self.set_link(LinkState::NeedsSignIn, Some(reason), None, now);
        let refused = not_signed_in();
        // No answer may bring tokens, or another reason, after this.
        self.fail_for_token(CommandCode::NotSignedIn, now);
        for (call, exchange) in std::mem::take(&mut self.calls) {
            self.actions.push_back(Action::Abort(call));
            self.rest_failed(&exchange.rest, refused.clone(), now);
        }
        for (id, ..) in std::mem::take(&mut self.held) {
            self.answer(id, Err(refused.clone()));
        }
        for pending in std::mem::take(&mut self.pending) {
            self.answer(pending.id, Err(refused.clone()));
        }
    }

    /// The platform has ended the session: what was at work goes to others.
    pub(super) fn sign_out_here(&mut self, reason: &str, now: Now) {
        tracing::info!(reason, "the session is over");
        let ids: Vec<ContactId> = self.talks.keys().cloned().collect();
        for id in ids {
            self.gone(&id, Some(Outcome::Transferred));
        }
        self.forget_lists();
        self.reported.clear();
        (self.token, self.refresh, self.presence) = (None, None, None);
        self.need_sign_in(reason, now);
    }

    pub(super) fn sign_out(&mut self, id: CommandId, state: Option<&trunkline_model::AgentStateId>, now: Now) {
        let wanted = state.and_then(|state| Wanted::find(state, &self.reasons));
        // Whatever state is asked for, signing out leaves none but this one; a reason
        // for leaving goes along.
        let wanted = match wanted {
            Some(wanted @ Wanted::Logout(_)) => wanted,
            _ => Wanted::Logout(self.reasons.iter().find(|reason| reason.logout).cloned()),
        };
        let change = self.user.as_ref().map(|user| wanted.change(&user.id));
        let sent = change.filter(|_| self.client.is_ready()).map(|change| self.emit_to("changeAgentState", change));
        if matches!(sent, Some(Ok(()))) {
            self.pending.push(super::Pending {
                id: id.clone(),
                deadline: now.at + FAREWELL * 2,
                awaited: Awaited::LoggedOut,
            });
            self.phase = Phase::Leaving(id, now.at + FAREWELL);
        } else {
            self.leave(id);
        }
    }

    /// The last acts.
    pub(super) fn leave(&mut self, id: CommandId) {
        self.pending.retain(|pending| pending.id != id);
        self.client.disconnect();
        while let Some(output) = self.client.poll() {
            match output {
                trunkline_wire::socketio::Output::Send(frame) => self.actions.push_back(Action::Send(frame)),
                trunkline_wire::socketio::Output::Close(code) => self.actions.push_back(Action::Close(code)),
                _ => {}
            }
        }
        self.actions.push_back(Action::Forget);
        self.answer(id, Ok(()));
        self.phase = Phase::Ended;
        self.actions.push_back(Action::End(Ended::SignedOut));
    }
}

fn unavailable(error: &RestError) -> CommandError {
    let detail = match error {
        RestError::Refused(_, words) => words.clone(),
        RestError::Failed(failure) => failure.to_string(),
        RestError::Unreadable => "an answer that cannot be read".to_owned(),
    };
    CommandError::new(CommandCode::Unavailable, detail)
}

/// How long a token lasts from now on, by its own word.
fn life(token: &str, wall: i64) -> Option<Duration> {
    let claims = token.split('.').nth(1)?;
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    let until = claims["exp"].as_f64().filter(|until| until.is_finite())? * 1000.0;
    // By how it was given where it says so: clocks may differ.
    let since = claims["iat"].as_f64().filter(|since| since.is_finite()).map_or(wall as f64, |since| since * 1000.0);
    let millis = (until - since).clamp(0.0, 1.0e12);
    Some(Duration::from_millis(millis as u64))
}

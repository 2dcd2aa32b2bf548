//! The connection token, and the calls that need it.
//!
//! | state | input | does |
//! | --- | --- | --- |
//! | no token | - | CreateTransport `chat_token` |
//! | asked | token | calls that waited go out; the agent's presence is acknowledged |
//! | asked | refused by the service | CreateParticipantConnection with the participant token |
//! | asked | no answer, or both refused | calls that waited fail; again after 1, 2, 5, 10 s |
//! | token | 60 s before its end | asked for anew; the old one serves meanwhile |
//! | token | a call is refused with 401 or 403 | the call waits for a new one and goes out once more |

use std::collections::BTreeMap;

use tokio::time::Instant;
use trunkline_connector::ports::{HttpFailure, HttpResponse};
use trunkline_connector::{CommandCode, CommandError};
use trunkline_model::UnixMillis;

use super::{CallId, Chat, ChatAction, ChatSettings, Work};
use crate::session::Now;
use crate::settings::ms;
use crate::wire::{ConnectionReply, ErrorCode, ParticipantCall, Private, ServiceError, Timestamp, decode};

/// Why an exchange brought nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The service, or the store of files, refused.
    Service(ServiceError),
    /// No answer.
    Http(HttpFailure),
    /// An answer that cannot be read.
    Malformed,
    /// Never sent: there is no token, or the conversation is over.
    NotSent,
}

impl Failure {
    /// The bearer was not taken.
    pub(super) fn is_denied(&self) -> bool {
        matches!(self, Self::Service(error) if error.is_unauthorized() || error.is_access_denied())
    }

    /// May work later.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Service(error) => error.is_transient(),
            Self::Http(failure) => *failure != HttpFailure::TooLarge,
            Self::Malformed | Self::NotSent => true,
        }
    }

    pub(super) fn is_conflict(&self) -> bool {
        matches!(self, Self::Service(error) if error.is_conflict())
    }

    pub(super) fn is_invalid(&self) -> bool {
        matches!(self, Self::Service(error) if error.status == 400 || error.code == ErrorCode::Validation)
    }

    /// In the agent's terms.
    pub(super) fn command_error(&self) -> CommandError {
        let (code, detail) = match self {
            Self::Service(error) => {
                let code = if self.is_denied() {
                    CommandCode::NotPossible
                } else if error.is_transient() {
                    CommandCode::Unavailable
                } else if error.code == ErrorCode::ServiceQuota || error.status == 402 {
                    CommandCode::LimitReached
                } else if self.is_invalid() {
                    CommandCode::Invalid
                } else {
                    CommandCode::NotPossible
                };
                (code, error.message.clone())
            }
            Self::Http(HttpFailure::Timeout) => (CommandCode::Timeout, HttpFailure::Timeout.to_string()),
            Self::Http(HttpFailure::TooLarge) => (CommandCode::LimitReached, HttpFailure::TooLarge.to_string()),
            Self::Http(failure) => (CommandCode::Unavailable, failure.to_string()),
            Self::Malformed => (CommandCode::Unavailable, "the answer cannot be read".to_owned()),
            Self::NotSent => (CommandCode::Unavailable, "the conversation cannot be reached".to_owned()),
        };
        CommandError::new(code, detail)
    }
}

#[derive(Debug)]
struct Pending {
    work: Work,
    /// To send again; `None` for pre-signed addresses.
    call: Option<ParticipantCall>,
    /// Of the token it went out with.
    serial: u64,
    repeated: bool,
}

/// What is under way and what it goes out with.
#[derive(Debug, Default)]
pub(super) struct Calls {
    last: u64,
    out: BTreeMap<CallId, Pending>,
    parked: Vec<Pending>,
    token: Option<Private>,
    serial: u64,
    asking: bool,
    renew_at: Option<Instant>,
    retry_at: Option<Instant>,
    failures: u32,
    acknowledged: bool,
    acknowledge_at: Option<Instant>,
    acknowledge_failures: u32,
}

impl Calls {
    pub(super) fn is_broken(&self, settings: &ChatSettings) -> bool {
        self.token.is_none() && self.failures >= settings.chat_broken_after
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let renew = self.renew_at.filter(|_| !self.asking);
        [renew, self.retry_at, self.acknowledge_at].into_iter().flatten().min()
    }

    pub(super) fn stop_renewing(&mut self) {
        self.renew_at = None;
        self.retry_at = None;
        self.acknowledge_at = None;
    }
}

impl Chat {
    /// A new identifier for an exchange.
    pub(super) fn register(&mut self, work: Work) -> CallId {
        self.track(Pending { work, call: None, serial: 0, repeated: true })
    }

    fn track(&mut self, pending: Pending) -> CallId {
        self.calls.last += 1;
        let id = CallId(self.calls.last);
        self.calls.out.insert(id, pending);
        id
    }

    /// One call of the service, now or as soon as there is a token.
    pub(super) fn ask(&mut self, work: Work, call: ParticipantCall) {
        self.send_pending(Pending { work, call: Some(call), serial: 0, repeated: false });
    }

    fn send_pending(&mut self, mut pending: Pending) {
        let Some(call) = pending.call.clone() else {
            return;
        };
        let bearer = if call.takes_participant_token() {
            self.facts.participant_token.clone()
        } else {
            self.calls.token.clone()
        };
        match bearer {
            Some(bearer) => {
                pending.serial = self.calls.serial;
                let id = self.track(pending);
                self.out.push(ChatAction::Call(id, call, bearer));
            }
            None => {
                self.calls.parked.push(pending);
                if self.calls.retry_at.is_none() {
                    self.want_token();
                }
            }
        }
    }

    /// Asks for a token, unless that is under way.
    pub(super) fn want_token(&mut self) {
        if !self.ended && !std::mem::replace(&mut self.calls.asking, true) {
            self.calls.retry_at = None;
            self.out.push(ChatAction::FetchToken);
        }
    }

    /// CreateTransport has answered; `date` is the service's clock, when it said so.
    pub fn token(&mut self, result: Result<(Private, Option<Timestamp>), Failure>, date: Option<Timestamp>, now: Now) {
        match result {
            Ok((token, expiry)) => self.take_token(token, expiry, date, now),
            // Whatever the service has against it, the participant token is the other way (section 4).
            Err(Failure::Service(error)) if !error.is_unauthorized() && self.facts.participant_token.is_some() => {
                self.ask(Work::Connect, ParticipantCall::Connect);
            }
            Err(_) => self.no_token(now),
        }
        self.settle(now);
    }

    pub(super) fn connected(&mut self, result: Result<HttpResponse, Failure>, now: Now) {
        let reply = result.ok().and_then(|response| decode::<ConnectionReply>(&response.body).ok());
        match reply {
            Some(reply) => {
                self.calls.acknowledged = true;
                let credentials = reply.connection_credentials;
                self.take_token(credentials.connection_token, credentials.expiry, None, now);
            }
            None => self.no_token(now),
        }
    }

    fn take_token(&mut self, token: Private, expiry: Option<Timestamp>, date: Option<Timestamp>, now: Now) {
        self.calls.asking = false;
        self.calls.failures = 0;
        self.calls.token = Some(token);
        self.calls.serial += 1;
        // By the service's clock on both sides: ours may be hours off.
        let service_now = date.map_or(self.service_now(now).0 as f64, |date| date.0 * 1000.0);
        let life = expiry.map(|expiry| expiry.0 * 1000.0 - service_now).filter(|life| *life > 0.0);
        let life = life.map_or(self.settings.chat_token_life_ms, |life| life as u64);
        let margin = self.settings.chat_token_margin_ms.min(life / 2);
        self.calls.renew_at = (!self.ended).then(|| now.at + ms(life - margin));
        for pending in std::mem::take(&mut self.calls.parked) {
            self.send_pending(pending);
        }
        if !self.calls.acknowledged {
            self.acknowledge();
        }
        self.token_is_there();
    }

    fn no_token(&mut self, now: Now) {
        self.calls.asking = false;
        self.calls.failures = self.calls.failures.saturating_add(1);
        if self.ended {
            self.drop_parked(now);
            return;
        }
        self.calls.retry_at = Some(now.at + self.settings.retry(self.calls.failures));
        if self.calls.token.is_none() {
            self.drop_parked(now);
        }
    }

    /// What waited for a token has waited long enough.
    pub(super) fn drop_parked(&mut self, now: Now) {
        for pending in std::mem::take(&mut self.calls.parked) {
            self.finish(pending.work, Err(Failure::NotSent), now);
        }
    }

    fn acknowledge(&mut self) {
        self.calls.acknowledged = true;
        if self.facts.participant_token.is_some() {
            self.ask(Work::Acknowledge, ParticipantCall::Acknowledge);
        }
    }

    /// Failure is logged by the session; the chat is open all the same (section 8).
    pub(super) fn acknowledged(&mut self, result: Result<HttpResponse, Failure>, now: Now) {
        if result.is_err_and(|failure| failure.is_passing()) && !self.ended {
            self.calls.acknowledge_failures += 1;
            let pause = self.settings.retry(self.calls.acknowledge_failures);
            self.calls.acknowledge_at = Some(now.at + pause);
        }
    }

    /// An exchange is over; `None` when it goes out once more, or was given up.
    pub(super) fn take_answer(
        &mut self,
        id: CallId,
        result: Result<HttpResponse, Failure>,
    ) -> Option<(Work, Result<HttpResponse, Failure>)> {
        let mut pending = self.calls.out.remove(&id)?;
        let with_token = pending.call.as_ref().is_some_and(|call| !call.takes_participant_token());
        let denied = matches!(&result, Err(failure) if failure.is_denied());
        if denied && with_token && !pending.repeated && !self.ended {
            pending.repeated = true;
            if pending.serial == self.calls.serial {
                self.calls.token = None;
                self.calls.renew_at = None;
            }
            self.send_pending(pending);
            return None;
        }
        Some((pending.work, result))
    }

    /// Gives exchanges up, those that wait too.
    pub(super) fn give_up(&mut self, which: impl Fn(&Work) -> bool) {
        let ids: Vec<CallId> =
            self.calls.out.iter().filter(|(_, pending)| which(&pending.work)).map(|(id, _)| *id).collect();
        for id in ids {
            self.calls.out.remove(&id);
            self.out.push(ChatAction::Cancel(id));
        }
        self.calls.parked.retain(|pending| !which(&pending.work));
    }

    pub(super) fn tick_calls(&mut self, now: Now) {
        let due = |at: Option<Instant>| at.is_some_and(|at| now.at >= at);
        if due(self.calls.retry_at) || (due(self.calls.renew_at) && !self.calls.asking && self.calls.retry_at.is_none())
        {
            self.calls.retry_at = None;
            self.calls.renew_at = None;
            self.want_token();
        }
        if due(self.calls.acknowledge_at) {
            self.calls.acknowledge_at = None;
            self.acknowledge();
        }
    }

    pub(super) fn has_token(&self) -> bool {
        self.calls.token.is_some()
    }

    /// The platform's clock, as far as we know it.
    pub(super) fn service_now(&self, now: Now) -> UnixMillis {
        now.wall.shifted(self.skew)
    }
}

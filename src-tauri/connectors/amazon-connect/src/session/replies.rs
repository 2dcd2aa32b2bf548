//! What the platform answers over HTTP.

use rand::Rng;
use trunkline_connector::ports::{HttpFailure, HttpResponse};
use trunkline_connector::{CommandCode, CommandError, Ended, Event};
use trunkline_model::{Link, LinkState, MediaFailure, Route};

use super::configuration::List;
use super::{Action, Now, Purpose, RequestId, Session};
use crate::auth::{AuthState, AuthorizeReply, renew_cookies};
use crate::settings::ms;
use crate::softphone::CallInput;
use crate::wire::{ErrorCode, ServiceError, SnapshotReply, Timestamp, TransportReply, decode};

/// An answer, or why there is none.
pub(super) enum Failed {
    /// The service refused.
    Service(ServiceError),
    /// No answer.
    Http(HttpFailure),
    /// 200 with a body that cannot be read.
    Malformed(String),
}

impl Failed {
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Service(error) if error.status == 403 && error.code == ErrorCode::UnknownError => {
                "link_reason_ways_refused"
            }
            Self::Service(error) if error.is_throttling() => "link_reason_throttled",
            Self::Service(error) if error.is_access_denied() => "link_reason_access_denied",
            Self::Service(error) if error.is_server_failure() => "link_reason_server_error",
            Self::Service(_) => "link_reason_refused",
            Self::Http(HttpFailure::Connect) => "link_reason_unreachable",
            Self::Http(HttpFailure::Tls) => "link_reason_not_secure",
            Self::Http(HttpFailure::Timeout) => "link_reason_no_answer",
            Self::Http(HttpFailure::Broken) => "link_reason_connection_broken",
            Self::Http(HttpFailure::TooLarge) | Self::Malformed(_) => "link_reason_malformed_answer",
        }
    }

    /// The platform may have carried it out all the same: it was sent, and no
    /// refusal came back.
    pub(super) fn is_ambiguous(&self) -> bool {
        match self {
            Self::Service(error) => error.is_server_failure(),
            Self::Http(failure) => !matches!(failure, HttpFailure::Connect | HttpFailure::Tls),
            Self::Malformed(_) => true,
        }
    }

    fn unauthorized(&self) -> bool {
        matches!(self, Self::Service(error) if error.is_unauthorized())
    }
}

impl Session {
    pub(super) fn on_http(&mut self, id: RequestId, outcome: Result<HttpResponse, HttpFailure>, now: Now) {
        let Some(purpose) = self.requests.remove(&id) else {
            return;
        };
        let by = self.ways.over(id);
        if purpose == Purpose::Authorize {
            self.on_authorize(by, outcome, now);
            return;
        }
        if let Purpose::Chat(contact, call) = &purpose {
            self.on_chat_answer(contact, *call, outcome, now);
            return;
        }
        if purpose == Purpose::Active {
            self.on_active(outcome, now);
            return;
        }
        if matches!(purpose, Purpose::Templates(_) | Purpose::TaskService(_)) {
            self.on_task_service(&purpose, outcome);
            return;
        }
        if !matches!(purpose, Purpose::LogOut | Purpose::GoOffline | Purpose::LeaveInstance)
            && self.judge(&purpose, by, &outcome, now)
            && self.turned_back(&purpose, now)
        {
            return;
        }
        let result = match outcome {
            Ok(response) if response.status.is_success() => Ok(response),
            Ok(response) => {
                Err(Failed::Service(ServiceError::read(response.status.as_u16(), &response.headers, &response.body)))
            }
            Err(failure) => Err(Failed::Http(failure)),
        };
        if let Err(failed) = &result {
            log_failure(&purpose, failed);
        }
        if result.is_ok() && !matches!(purpose, Purpose::LogOut) {
            self.auth.token_worked();
        }
        match purpose {
            Purpose::Poll => self.on_poll(result, now),
            Purpose::Base => self.on_base(result, now),
            Purpose::Page(list) => self.on_page(list, result, now),
            Purpose::Address(socket) => self.on_address(socket, result, now),
            Purpose::IceServers(contact) => self.on_ice_servers(Some(&contact), result, now),
            Purpose::Standby => self.on_ice_servers(None, result, now),
            Purpose::Endpoints(queues) => self.on_endpoints(&queues, result, now),
            Purpose::Command(command) => self.on_command_reply(&command, result.map(|_| ()), now),
            Purpose::ChatToken(contact) => self.on_chat_token(&contact, result, now),
            Purpose::GoOffline => self.log_out(),
            Purpose::LogOut => self.signed_out(now),
            Purpose::Discovery => self.on_discovery(result, now),
            Purpose::LeaveInstance => self.move_over(now),
            Purpose::Account(_)
            | Purpose::Active
            | Purpose::Authorize
            | Purpose::Chat(..)
            | Purpose::Templates(_)
            | Purpose::TaskService(_) => {}
        }
    }

    fn on_authorize(&mut self, by: Route, outcome: Result<HttpResponse, HttpFailure>, now: Now) {
        if self.judge_authorize(by, &outcome, now) {
            return;
        }
        match outcome {
            Ok(response) if response.status.is_success() => {
                self.ways.authorized(by);
                let date = response.headers.get(http::header::DATE).and_then(|date| date.to_str().ok());
                let date = date.and_then(Timestamp::parse);
                let reply = AuthorizeReply::read(&response.body);
                if renew_cookies(&mut self.stored.cookies, &response.headers) {
                    self.keep_session();
                }
                if by == Route::Page {
                    self.out.push(Action::ReadPageCookies);
                }
                if self.auth.authorized(&reply, date, now, &self.settings) {
                    self.went_live(now);
                }
            }
            Ok(response) if response.status.as_u16() == 429 || response.status.is_server_error() => {
                tracing::warn!(status = response.status.as_u16(), "authorize failed");
                self.auth.unavailable(now, &self.settings);
            }
            Ok(response) => {
                tracing::info!(status = response.status.as_u16(), "authorize refused");
                self.auth.refused();
            }
            Err(failure) => {
                tracing::warn!(%failure, "authorize failed");
                self.auth.unavailable(now, &self.settings);
            }
        }
        if matches!(self.auth.state(), AuthState::SignedOut(_)) {
            self.went_dark(now);
        }
    }

    /// A 401: one renewal for all who need it.
    pub(super) fn token_refused(&mut self) {
        if self.auth.token_refused() {
            self.authorize();
        }
    }

    fn on_poll(&mut self, result: Result<HttpResponse, Failed>, now: Now) {
        self.poll.in_flight = None;
        let reply = result.and_then(|response| {
            decode::<SnapshotReply>(&response.body).map_err(|error| Failed::Malformed(error.to_string()))
        });
        match reply {
            Ok(reply) => self.on_snapshot(reply, now),
            Err(failed) if failed.unauthorized() => {
                self.poll.unauthorized += 1;
                if self.poll.unauthorized > self.settings.unauthorized_limit {
                    self.auth.give_up();
                    self.went_dark(now);
                    return;
                }
                // New tokens, and yet refused: it is not the token.
                if self.poll.unauthorized > self.settings.transport_refusals && self.ways.has_choice() {
                    self.way_refused(self.ways.active(), now);
                }
                self.token_refused();
            }
            Err(Failed::Service(error)) if error.is_access_denied() => {
                self.poll.denied += 1;
                if self.poll.denied >= self.settings.access_denied_limit {
                    let reason = "link_reason_access_denied".to_owned();
                    let link = Link {
                        state: LinkState::Refused,
                        reason: Some(reason.clone()),
                        since: now.wall,
                        retry_at: None,
                    };
                    self.emit(Event::Link(link));
                    self.end_calls(now);
                    self.end_lines(now);
                    self.end(Ended::Refused(reason));
                    return;
                }
                self.poll_failed(Failed::Service(error), now);
            }
            Err(failed) => {
                if matches!(failed, Failed::Malformed(_)) {
                    tracing::warn!("the snapshot cannot be read");
                }
                self.poll_failed(failed, now);
            }
        }
    }

    fn poll_failed(&mut self, failed: Failed, now: Now) {
        self.poll.failing_since.get_or_insert(now.at);
        self.poll.failures = self.poll.failures.saturating_add(1);
        self.poll.reason = Some(failed.reason());
        self.picture.resync = true;
        // With a token the next answer might take 30 s, and the agent would read "offline" all that
        // time. Without one the whole state comes at once. (The vendor's client keeps the token,
        // except after PaginationException.)
        self.poll.next_token = None;
        let wait = self.settings.retry(self.poll.failures);
        let steady = self.poll.failures as usize > self.settings.retry_ms.len();
        let wait = if steady { wait.mul_f64(rand::rng().random_range(0.8..1.2)) } else { wait };
        self.poll.at = Some(now.at + wait);
    }

    fn on_snapshot(&mut self, reply: SnapshotReply, now: Now) {
        let changed =
            self.poll.next_token != reply.next_token || self.picture.snapshot.as_ref() != Some(&reply.snapshot);
        let took = self.poll.sent_at.map(|sent| now.at.duration_since(sent)).unwrap_or_default();
        let quick = !changed && took < ms(self.settings.poll_quick_ms);
        self.poll.quick = if quick { self.poll.quick.saturating_add(1) } else { 0 };
        let pause = if self.poll.quick >= self.settings.poll_quick_count {
            self.settings.poll_quick_pause_ms
        } else {
            self.settings.poll_pause_ms
        };
        self.poll.failures = 0;
        self.poll.failing_since = None;
        self.poll.reason = None;
        self.poll.unauthorized = 0;
        self.poll.denied = 0;
        self.poll.next_token = reply.next_token.clone();
        self.poll.at = Some(now.at + ms(pause));
        self.take_snapshot(reply, now);
    }

    fn on_base(&mut self, result: Result<HttpResponse, Failed>, now: Now) {
        let asked = result.and_then(|response| {
            let round = self.configuration.round.get_or_insert_default();
            round.base(&response.body, &self.settings).map_err(|error| Failed::Malformed(error.to_string()))
        });
        match asked {
            Ok(operations) => {
                for (list, operation) in operations {
                    self.call(Purpose::Page(list), &operation);
                }
                self.configuration_finished(now);
            }
            Err(failed) => self.configuration_failed(&failed, now),
        }
    }

    fn on_page(&mut self, list: List, result: Result<HttpResponse, Failed>, now: Now) {
        let Some(round) = &mut self.configuration.round else {
            return;
        };
        let next = result.and_then(|response| {
            round.page(list, &response.body, &self.settings).map_err(|error| Failed::Malformed(error.to_string()))
        });
        match next {
            Ok(Some(operation)) => {
                self.call(Purpose::Page(list), &operation);
            }
            Ok(None) => self.configuration_finished(now),
            Err(failed) => self.configuration_failed(&failed, now),
        }
    }

    fn configuration_finished(&mut self, now: Now) {
        let Some(configuration) = self.configuration.round.as_mut().and_then(super::Round::finished) else {
            return;
        };
        self.configuration.round = None;
        self.configuration.failures = 0;
        self.configuration.at = Some(now.at + ms(self.settings.configuration_every_ms));
        self.configuration.value = Some(configuration);
        self.publish(now);
        self.configuration_arrived(now);
    }

    /// The round is dropped and the old configuration stays (section 7.4).
    fn configuration_failed(&mut self, failed: &Failed, now: Now) {
        // Pages of this round that are still on their way are of no use.
        self.requests.retain(|_, purpose| !matches!(purpose, Purpose::Page(_)));
        self.configuration.round = None;
        self.configuration.failures = self.configuration.failures.saturating_add(1);
        let first = self.configuration.value.is_none();
        let wait = if first {
            self.settings.retry(self.configuration.failures)
        } else {
            ms(self.settings.configuration_every_ms)
        };
        self.configuration.at = Some(now.at + wait);
        if failed.unauthorized() {
            self.configuration.at = Some(now.at + ms(100));
            self.token_refused();
        }
        self.hurry_confirmation(now);
        self.publish(now);
    }

    fn on_address(&mut self, socket: super::SocketId, result: Result<HttpResponse, Failed>, now: Now) {
        let transport = result.and_then(|response| {
            decode::<TransportReply>(&response.body)
                .ok()
                .and_then(|reply| reply.web_socket_transport)
                .ok_or_else(|| Failed::Malformed("no web_socket transport".to_owned()))
        });
        if transport.as_ref().is_err_and(Failed::unauthorized) {
            self.token_refused();
        }
        self.with_socket(now, |machine, now, settings, out| match &transport {
            Ok(transport) => machine.address(socket, transport, now, settings, out),
            Err(_) => machine.no_address(socket, now, settings),
        });
    }

    fn on_ice_servers(&mut self, contact: Option<&str>, result: Result<HttpResponse, Failed>, now: Now) {
        let servers = result
            .map_err(|failed| match &failed {
                Failed::Service(error) if error.is_softphone_limit() => MediaFailure::TooManySessions,
                _ => MediaFailure::IceGatheringTimeout,
            })
            .and_then(|response| {
                decode::<TransportReply>(&response.body)
                    .ok()
                    .and_then(|reply| reply.softphone_transport)
                    .map(|transport| transport.softphone_media_connections)
                    .ok_or(MediaFailure::IceGatheringTimeout)
            });
        match contact {
            Some(contact) => self.on_call(contact, CallInput::IceServers(servers), now),
            None => self.on_standby_servers(servers, now),
        }
    }

    /// Section 3.5: each class of refusal in the agent's terms.
    pub(super) fn command_error(failed: &Failed) -> CommandError {
        let code = match failed {
            Failed::Service(error) if error.is_unauthorized() => CommandCode::NotSignedIn,
            // Without a name it was not the service that refused.
            Failed::Service(error) if error.status == 403 && error.code == ErrorCode::UnknownError => {
                CommandCode::Unavailable
            }
            Failed::Service(error) if error.is_access_denied() => CommandCode::NotAllowed,
            Failed::Service(error) if error.is_transient() => CommandCode::Unavailable,
            Failed::Service(error) => match error.code {
                ErrorCode::BadEndpoint => CommandCode::BadTarget,
                ErrorCode::QuotaExceeded => CommandCode::LimitReached,
                ErrorCode::InvalidConfiguration => CommandCode::Invalid,
                _ => CommandCode::NotPossible,
            },
            Failed::Http(HttpFailure::Timeout) => CommandCode::Timeout,
            Failed::Http(_) | Failed::Malformed(_) => CommandCode::Unavailable,
        };
        let detail = match failed {
            Failed::Service(error) => error.message.clone(),
            Failed::Http(failure) => failure.to_string(),
            Failed::Malformed(problem) => problem.clone(),
        };
        CommandError::new(code, detail)
    }
}

fn log_failure(purpose: &Purpose, failed: &Failed) {
    match failed {
        Failed::Service(error) => tracing::warn!(
            ?purpose,
            status = error.status,
            code = error.code.as_str(),
            request_id = error.request_id.as_deref(),
            "the platform refused a call"
        ),
        Failed::Http(failure) => tracing::warn!(?purpose, %failure, "a call got no answer"),
        Failed::Malformed(problem) => tracing::warn!(?purpose, %problem, "an answer cannot be read"),
    }
}

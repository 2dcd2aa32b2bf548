//! Exchanges with the services: token, the right verb, repeating what is safe to repeat.

use std::time::Instant;

use http::{Method, StatusCode};
use trunkline_connector::CommandError;
use trunkline_connector::ports::{HttpFailure, HttpResponse, Secret};

use super::{Action, Exchange, Kind, Now, Phase, Rest, Session, not_signed_in};
use crate::rest::{self, Bearer, Load, RestError};
use crate::settings::Call;

impl Session {
    pub(super) fn ask(&mut self, rest: Rest, call: Kind, load: Load) {
        self.ask_until(rest, call, load, None);
    }

    pub(super) fn ask_until(&mut self, rest: Rest, call: Kind, load: Load, deadline: Option<Instant>) {
        let verb = self.verbs.get(&call).copied().unwrap_or(0);
        let exchange = Exchange { rest, call, load, file: None, verb, renewed: false, repeated: false, deadline };
        self.dispatch(exchange);
    }

    /// The shape of a call.
    fn shape(&self, call: Kind) -> &Call {
        let calls = &self.settings.calls;
        match call {
            Kind::Login => &calls.login,
            Kind::Refresh => &calls.refresh,
            Kind::Time => &calls.time,
            Kind::Me => &calls.me,
            Kind::Activate => &calls.activate,
            Kind::Pause => &calls.pause,
            Kind::Sessions => &calls.sessions,
            Kind::Session => &calls.session,
            Kind::Close => &calls.close,
            Kind::Rename => &calls.rename,
            Kind::ToOperator => &calls.to_operator,
            Kind::ToGroup => &calls.to_group,
            Kind::Join => &calls.join,
            Kind::Messages => &calls.messages,
            Kind::ClientMessages => &calls.client_messages,
            Kind::Send => &calls.send,
            Kind::Edit => &calls.edit,
            Kind::Remove => &calls.remove,
            Kind::Read => &calls.read,
            Kind::Operators => &calls.operators,
            Kind::Groups => &calls.groups,
            Kind::Ban => &calls.ban,
            Kind::Unban => &calls.unban,
            Kind::Upload | Kind::File => &calls.upload,
        }
    }

    /// Whether this exchange needs a token, and how that goes along.
    fn bearer(&self, call: Kind) -> Option<(&Secret, Bearer)> {
        let bearer = match call {
            Kind::Login => return None,
            Kind::Refresh if !self.settings.refresh_with_bearer => Bearer::Bare,
            _ => Bearer::Yes,
        };
        self.token.as_ref().map(|token| (token, bearer))
    }

    pub(super) fn dispatch(&mut self, exchange: Exchange) {
        let base = match exchange.call {
            Kind::Login | Kind::Refresh | Kind::Upload | Kind::File => &self.addresses.iam,
            _ => &self.addresses.chat,
        };
        let limit = if exchange.file.is_some() { self.settings.upload_limit_ms } else { self.settings.rest_limit_ms };
        let token = self.bearer(exchange.call);
        let request = rest::request(base, self.shape(exchange.call), exchange.verb, &exchange.load, token, limit);
        let Some(mut request) = request else {
            tracing::error!(call = ?exchange.call, "the settings name no usable verb for a call");
            return self.refused(exchange, super::not_possible("the settings name no verb for it"));
        };
        if let Some(file) = &exchange.file {
            let boundary = format!("trunkline-{}", (self.ids)());
            let field = &self.settings.upload_field;
            rest::with_file(
                &mut request,
                field,
                &file.name,
                &file.content_type,
                &file.bytes,
                &boundary,
                &file.progress,
            );
        }
        let call = self.next_call;
        self.next_call += 1;
        self.calls.insert(call, exchange);
        self.actions.push_back(Action::Http(call, Box::new(request)));
    }

    /// Sends one that has waited.
    pub(super) fn send(&mut self, exchange: Exchange, now: Now) {
        if exchange.deadline.is_some_and(|deadline| deadline <= now.at) {
            return self.failed(exchange, RestError::Failed(HttpFailure::Timeout), now);
        }
        self.dispatch(exchange);
    }

    pub(super) fn on_answer(&mut self, call: u64, result: Result<HttpResponse, HttpFailure>, now: Now) {
        let Some(mut exchange) = self.calls.remove(&call) else { return };
        if let Rest::File(ask, name) = &exchange.rest {
            let (ask, name) = (*ask, name.clone());
            return self.on_file(ask, &name, result);
        }
        let status = result.as_ref().ok().map(|answer| answer.status);
        // Another verb is tried on this status alone.
        if status == Some(StatusCode::METHOD_NOT_ALLOWED) && exchange.verb + 1 < self.shape(exchange.call).verbs.len() {
            exchange.verb += 1;
            return self.dispatch(exchange);
        }
        if status.is_some_and(|status| status.is_success()) {
            self.verbs.insert(exchange.call, exchange.verb);
        }
        let turned_away = matches!(status, Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN));
        let has_token = !matches!(exchange.call, Kind::Login | Kind::Refresh);
        if turned_away && has_token && !exchange.renewed && self.phase == Phase::SignedIn {
            exchange.renewed = true;
            self.for_token.push(exchange);
            return self.renew();
        }
        if status == Some(StatusCode::UNAUTHORIZED) && has_token && self.phase == Phase::SignedIn {
            // Also with a new token: nothing else would be let through either.
            self.refused(exchange, not_signed_in());
            return self.need_sign_in("link_reason_token_refused", now);
        }
        let broken = matches!(&result, Err(HttpFailure::Broken | HttpFailure::Connect));
        let safe = self.is_safe(&exchange) || matches!(&result, Err(HttpFailure::Connect));
        if broken && safe && !exchange.repeated && exchange.call != Kind::Login {
            exchange.repeated = true;
            return self.dispatch(exchange);
        }
        match rest::read(result) {
            Ok(answer) => self.succeeded(exchange, answer, now),
            Err(error) => self.failed(exchange, error, now),
        }
    }

    /// Doing it twice is doing it once.
    fn is_safe(&self, exchange: &Exchange) -> bool {
        let verb = self.shape(exchange.call).verbs.get(exchange.verb);
        let safe = [Method::GET, Method::PUT, Method::PATCH, Method::DELETE];
        verb.is_some_and(|verb| safe.iter().any(|method| method.as_str().eq_ignore_ascii_case(verb.trim())))
    }

    fn succeeded(&mut self, exchange: Exchange, answer: serde_json::Value, now: Now) {
        match exchange.rest {
            Rest::Login => self.on_login(Ok(answer), now),
            Rest::LoginAgain => self.on_login_again(Ok(answer), now),
            Rest::Refresh => self.on_refreshed(Ok(answer), now),
            Rest::Time => self.on_time(Ok(answer), now),
            Rest::Me => {
                self.on_me(Ok(answer));
                self.sweep_went_on(now);
            }
            Rest::Mine(offset) => self.on_mine(offset, Ok(answer), now),
            Rest::Help(offset) => self.on_help(offset, Ok(answer), now),
            Rest::Session(contact) => self.on_session(&contact, Ok(answer), now),
            Rest::Messages(contact, offset, reading) => self.on_messages(&contact, offset, reading, Ok(answer), now),
            Rest::Older(contact, command, offset) => self.on_older(&contact, &command, offset, Ok(answer), now),
            Rest::Act(command, act) => self.acted(&command, act, now),
            Rest::Send(command) => self.on_sent(&command, Ok(answer), now),
            Rest::Upload(command) => self.on_uploaded(&command, Ok(answer)),
            Rest::MarkRead | Rest::File(..) => {}
            Rest::Operators(ask, offset) => self.on_operators(ask, offset, Ok(answer)),
            Rest::Groups(ask, offset) => self.on_groups(ask, offset, Ok(answer)),
            Rest::Archive(ask, page) => self.on_archive(ask, page, Ok(answer)),
            Rest::Archived(ask, page) => self.on_archived(ask, page, Ok(answer)),
            Rest::Farewell(id) => self.leave(id),
        }
    }

    pub(super) fn failed(&mut self, exchange: Exchange, error: RestError, now: Now) {
        match exchange.rest {
            Rest::Login => self.on_login(Err(error), now),
            Rest::LoginAgain => self.on_login_again(Err(error), now),
            Rest::Refresh => self.on_refreshed(Err(error), now),
            Rest::Time => self.on_time(Err(error), now),
            Rest::Me => {
                self.on_me(Err(error));
                self.sweep_went_on(now);
            }
            Rest::Mine(offset) => self.on_mine(offset, Err(error), now),
            Rest::Help(offset) => self.on_help(offset, Err(error), now),
            Rest::Session(contact) => self.on_session(&contact, Err(error), now),
            Rest::Messages(contact, offset, reading) => self.on_messages(&contact, offset, reading, Err(error), now),
            Rest::Older(contact, command, offset) => self.on_older(&contact, &command, offset, Err(error), now),
            Rest::Send(command) => self.on_sent(&command, Err(error), now),
            Rest::Upload(command) => self.on_uploaded(&command, Err(error)),
            Rest::MarkRead => tracing::debug!(?error, "a message was not marked as read"),
            Rest::Operators(ask, offset) => self.on_operators(ask, offset, Err(error)),
            Rest::Groups(ask, offset) => self.on_groups(ask, offset, Err(error)),
            Rest::Archive(ask, page) => self.on_archive(ask, page, Err(error)),
            Rest::Archived(ask, page) => self.on_archived(ask, page, Err(error)),
            Rest::Farewell(id) => self.leave(id),
            Rest::Act(ref command, ref act) => self.act_failed(command, act, &error, now),
            Rest::File(..) => {}
        }
    }

    /// It is not done, for a reason of our own.
    pub(super) fn refused(&mut self, exchange: Exchange, error: CommandError) {
        match exchange.rest {
            Rest::Act(command, _) | Rest::Older(_, command, _) => self.answer(&command, Err(error)),
            Rest::Send(command) | Rest::Upload(command) => {
                self.sendings.retain(|sending| sending.command != command);
                self.answer(&command, Err(error));
            }
            Rest::Operators(ask, _)
            | Rest::Groups(ask, _)
            | Rest::Archive(ask, _)
            | Rest::Archived(ask, _)
            | Rest::File(ask, _) => {
                self.gatherings.remove(&ask);
                self.actions.push_back(Action::Answered(ask, Err(error)));
            }
            Rest::Messages(contact, ..) => {
                if let Some(dialog) = self.dialogs.get_mut(&contact) {
                    dialog.reading.running = false;
                }
            }
            Rest::Farewell(id) => self.leave(id),
            Rest::Login
            | Rest::LoginAgain
            | Rest::Refresh
            | Rest::Time
            | Rest::Me
            | Rest::Mine(_)
            | Rest::Help(_)
            | Rest::Session(_)
            | Rest::MarkRead => {}
        }
    }
}

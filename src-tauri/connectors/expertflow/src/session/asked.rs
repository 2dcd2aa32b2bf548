//! What is asked over HTTP, with a token that is renewed when it is over.

use std::time::Instant;

use http::StatusCode;
use serde_json::Value;
use trunkline_connector::ports::{HttpFailure, HttpRequest, HttpResponse};
use trunkline_connector::{CommandCode, CommandError, EndpointList, FetchedFile};

use super::{Action, Ask, Awaited, Exchange, Now, Phase, Rest, Session, extract};
use crate::presence::{self, Reason};
use crate::rest::{self, RestError};
use crate::settings::ms;

impl Session {
    pub(super) fn on_ask(&mut self, id: u64, deadline: Instant, ask: Ask) {
        // Signed out by the platform, asking would sign in behind the agent's back.
        let signed_in = self.phase == Phase::SignedIn && self.user.is_some();
        let refused = (!signed_in).then(|| CommandError::new(CommandCode::NotSignedIn, "not signed in"));
        match (ask, refused) {
            (Ask::Endpoints(_), Some(error)) => self.actions.push_back(Action::Endpoints(id, Err(error))),
            (Ask::File(..), Some(error)) => self.actions.push_back(Action::File(id, Err(error))),
            (Ask::Endpoints(contact), None) => self.ask(Rest::Endpoints(id, contact), Some(deadline)),
            (Ask::File(contact, address, progress), None) => {
                let name = self.talks.get(&contact).and_then(|talk| talk.file_name(&address)).unwrap_or_default();
                let url = url::Url::parse(&address).ok().filter(|url| {
                    // Addresses in messages are from outside: the platform's own, or a
                    // secure one, which gets no token.
                    url.scheme() == "https" || url.origin() == self.addresses.file_engine.origin()
                });
                match url {
                    Some(url) => self.ask(Rest::File(id, url, name, progress), Some(deadline)),
                    None => {
                        let error = CommandError::new(CommandCode::NotAllowed, "not a safe address");
                        self.actions.push_back(Action::File(id, Err(error)));
                    }
                }
            }
        }
    }

    pub(super) fn ask(&mut self, rest: Rest, deadline: Option<Instant>) {
        self.ask_again(Exchange { rest, again: false, deadline });
    }

    pub(super) fn ask_again(&mut self, exchange: Exchange) {
        let request = self.request_of(&exchange.rest);
        if let Some(request) = request {
            self.exchange(exchange, request);
        }
    }

    pub(super) fn exchange(&mut self, exchange: Exchange, request: HttpRequest) {
        let call = self.next_call;
        self.next_call += 1;
        self.calls.insert(call, exchange);
        self.actions.push_back(Action::Http(call, Box::new(request)));
    }

    /// The request of a question that wants a token; `None` for the others, which are
    /// never asked again.
    fn request_of(&mut self, rest: &Rest) -> Option<HttpRequest> {
        let limit = ms(self.settings.rest_limit_ms);
        let me = self.user.as_ref().map(|user| user.id.clone()).unwrap_or_default();
        let admin = |path: &str| crate::settings::below(&self.addresses.unified_admin, path);
        let get = |url| Some(rest::get(url, self.token.as_ref(), limit));
        match rest {
            Rest::Reasons => get(admin("reasons")),
            Rest::Desk => get(admin("agent-desk-settings")),
            Rest::Form => get(admin(&format!("forms/{}", self.settings.wrap_up_form))),
            Rest::Tasks => get(rest::with_query(&self.addresses.routing_engine, "tasks", &[("agentId", &me)])),
            Rest::Endpoints(_, contact) => {
                // Both are wanted by the platform, also where it is for no conversation.
                let conversation = contact.as_ref().map(|contact| contact.as_str().to_owned()).unwrap_or_default();
                let query = [("conversationId", conversation.as_str()), ("agentId", me.as_str())];
                get(rest::with_query(&self.addresses.routing_engine, "precision-queues/available-agents", &query))
            }
            Rest::Upload(file) => {
                let boundary = self.boundary();
                let url = crate::settings::below(&self.addresses.file_engine, "api/uploadFileStream");
                let form = rest::Upload {
                    name: &file.name,
                    content_type: &file.content_type,
                    bytes: &file.bytes,
                    field: (&self.settings.upload_field, file.contact.as_str()),
                    progress: file.progress.clone(),
                };
                Some(rest::upload(url, self.token.as_ref(), form, &boundary, ms(self.settings.upload_limit_ms)))
            }
            Rest::File(_, url, _, progress) => {
                let token = self.token_for(url);
                let mut request = rest::get(url.clone(), token.as_ref(), ms(self.settings.upload_limit_ms));
                request.transfer.received = Some(progress.clone());
                Some(request)
            }
            Rest::Login | Rest::LoginAgain | Rest::Code | Rest::Phone | Rest::Resend | Rest::Refresh => None,
        }
    }

    pub(super) fn on_answer(&mut self, call: u64, result: Result<HttpResponse, HttpFailure>, now: Now) {
        let Some(exchange) = self.calls.remove(&call) else { return };
        if let Rest::File(id, _, name, _) = &exchange.rest {
            let (id, name) = (*id, name.clone());
            if !self.wants_token(&exchange, result.as_ref().ok().map(|answer| answer.status), now) {
                self.on_file(id, name, result);
            }
            return;
        }
        let result = rest::read(result);
        let status = match &result {
            Err(RestError::Refused(status, _)) => Some(*status),
            _ => None,
        };
        if self.wants_token(&exchange, status, now) {
            return;
        }
        match exchange.rest {
            Rest::Login => self.on_login(result, now),
            Rest::LoginAgain => self.on_login_again(result, now),
            Rest::Code => self.on_code(result, now),
            Rest::Phone => self.on_phone(result, now),
            Rest::Resend => self.on_resent(result),
            Rest::Refresh => self.on_refreshed(result, now),
            Rest::Reasons => match result {
                Ok(answer) => self.reasons = Reason::read_all(&answer),
                Err(error) => tracing::warn!(?error, "the reasons cannot be read"),
            },
            Rest::Desk => self.on_desk(result),
            Rest::Form => match result {
                Ok(answer) => self.form = presence::wrap_up_form(&answer, self.settings.wrap_up_most),
                Err(error) => tracing::info!(?error, "no form for the wrap-up"),
            },
            Rest::Tasks => self.on_tasks(result.map_err(|error| tracing::info!(?error, "no list of tasks")), now),
            Rest::Endpoints(id, _) => {
                let me = self.user.as_ref().map(|user| user.id.clone()).unwrap_or_default();
                let list = result.map_err(|error| error_of(&error)).and_then(|answer| {
                    let items = rest::endpoints(&answer, &me);
                    items.ok_or_else(|| CommandError::new(CommandCode::Unavailable, "a list that cannot be read"))
                });
                let list = list.map(|items| EndpointList { items, complete: true });
                self.actions.push_back(Action::Endpoints(id, list));
            }
            Rest::Upload(file) => self.on_uploaded(&file, result, now),
            Rest::File(..) => {}
        }
    }

    /// Refused for its token: asked again with a new one. False: it is answered.
    fn wants_token(&mut self, exchange: &Exchange, status: Option<StatusCode>, now: Now) -> bool {
        let with_token = !matches!(
            exchange.rest,
            Rest::Login | Rest::LoginAgain | Rest::Code | Rest::Phone | Rest::Resend | Rest::Refresh
        );
        if status != Some(StatusCode::UNAUTHORIZED) || !with_token || exchange.again {
            return false;
        }
        self.for_token.push(exchange.clone());
        self.renew(now);
        true
    }

    fn on_desk(&mut self, result: Result<Value, RestError>) {
        let answer = match result {
            Ok(answer) => answer,
            Err(error) => return tracing::info!(?error, "the desk's settings cannot be read"),
        };
        let row = if answer.is_array() { &answer[0] } else { &answer };
        if let Some(files) = row["isFileSharingEnabled"].as_bool() {
            self.files = files;
        }
        let told = row["isAutoAnswerEnabled"].as_bool().unwrap_or(false);
        self.auto_answer = self.settings.auto_answer.unwrap_or(told);
    }

    fn on_file(&mut self, id: u64, name: String, result: Result<HttpResponse, HttpFailure>) {
        let file = match result {
            Ok(answer) if answer.status.is_success() => {
                let told = file_name(&answer.headers);
                let name = if told.is_empty() { name } else { told };
                Ok(FetchedFile { name, bytes: answer.body })
            }
            Ok(answer) => {
                let code = if answer.status == StatusCode::NOT_FOUND {
                    CommandCode::NotPossible
                } else {
                    CommandCode::Unavailable
                };
                Err(CommandError::new(code, format!("status {}", answer.status.as_u16())))
            }
            Err(failure) => Err(CommandError::new(CommandCode::Unavailable, failure.to_string())),
        };
        self.actions.push_back(Action::File(id, file));
    }

    /// Nobody will answer it any more.
    pub(super) fn rest_failed(&mut self, rest: &Rest, error: CommandError) {
        match rest {
            Rest::Endpoints(id, _) => self.actions.push_back(Action::Endpoints(*id, Err(error))),
            Rest::File(id, ..) => self.actions.push_back(Action::File(*id, Err(error))),
            Rest::Upload(file) => {
                let message = |awaited: &Awaited| matches!(awaited, Awaited::Message(of, token) if *of == file.contact && *token == file.token);
                for pending in extract(&mut self.pending, |pending| message(&pending.awaited)) {
                    self.answer(pending.id, Err(error.clone()));
                }
            }
            Rest::Tasks => {
                if let Some(reconcile) = &mut self.reconcile {
                    reconcile.tasks = Some(Err(()));
                }
            }
            Rest::Login
            | Rest::LoginAgain
            | Rest::Code
            | Rest::Phone
            | Rest::Resend
            | Rest::Refresh
            | Rest::Reasons
            | Rest::Desk
            | Rest::Form => {}
        }
    }
}

fn error_of(error: &RestError) -> CommandError {
    match error {
        RestError::Refused(status, words) if status.is_client_error() => {
            CommandError::new(CommandCode::NotAllowed, words.clone())
        }
        RestError::Refused(_, words) => CommandError::new(CommandCode::Unavailable, words.clone()),
        RestError::Failed(HttpFailure::Timeout) => CommandError::new(CommandCode::Timeout, "no answer in time"),
        RestError::Failed(failure) => CommandError::new(CommandCode::Unavailable, failure.to_string()),
        RestError::Unreadable => CommandError::new(CommandCode::Unavailable, "an answer that cannot be read"),
    }
}

/// The name in `Content-Disposition`; empty where there is none.
fn file_name(headers: &http::HeaderMap) -> String {
    let value = headers.get(http::header::CONTENT_DISPOSITION).and_then(|value| value.to_str().ok());
    let name = value.and_then(|value| value.split(';').find_map(|part| part.trim().strip_prefix("filename=")));
    name.map(|name| name.trim_matches('"').to_owned()).unwrap_or_default()
}

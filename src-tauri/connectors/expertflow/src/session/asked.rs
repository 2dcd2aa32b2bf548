//! What is asked over HTTP, with a token that is renewed when it is over.

use std::time::Instant;

use http::StatusCode;
use serde_json::{Value, json};
use trunkline_connector::ports::{HttpFailure, HttpRequest, HttpResponse};
use trunkline_connector::{CommandCode, CommandError, EndpointList, FetchedFile};
use trunkline_model::SupervisionPart;

use super::acts::not_signed_in;
use super::{Action, Ask, Awaited, Exchange, Found, Now, Phase, Rest, Session, extract};
use crate::customers;
use crate::presence::{self, Reason};
use crate::rest::{self, RestError};
use crate::settings::{below, ms};

impl Session {
    pub(super) fn on_ask(&mut self, id: u64, deadline: Instant, ask: Ask, now: Now) {
        // Signed out by the platform, asking would sign in behind the agent's back.
        let signed_in = self.phase == Phase::SignedIn && self.user.is_some();
        if !signed_in {
            let error = not_signed_in();
            return self.actions.push_back(Action::Answered(id, Err(error)));
        }
        match ask {
            Ask::Supervision => self.ask_supervision(id, deadline, now),
            Ask::Customer(contact) => self.ask_customer(id, deadline, &contact),
            Ask::Customers(words, page) => self.ask_customers(id, deadline, words, page),
            Ask::Past(contact, page) => self.ask_past(id, deadline, &contact, page),
            Ask::Canned => self.ask_canned(id, deadline),
            Ask::Endpoints(contact) => self.ask(Rest::Endpoints(id, contact), Some(deadline)),
            Ask::File(contact, address, progress) => {
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
                        self.actions.push_back(Action::Answered(id, Err(error)));
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
        let admin = |path: &str| below(&self.addresses.unified_admin, path);
        let get = |url| Some(rest::get(url, self.token.as_ref(), limit));
        match rest {
            Rest::Reasons => get(admin("reasons")),
            Rest::Desk => get(admin("agent-desk-settings")),
            Rest::Form => get(admin(&format!("forms/{}", self.settings.wrap_up_form))),
            Rest::Schema => get(below(&self.addresses.customers, "customerSchema")),
            Rest::Lists => {
                let may = self.user.as_ref()?.has_any("subscribed-list", &["view", "manage"]);
                may.then(|| admin("pull-mode-list")).and_then(get)
            }
            Rest::Announcements => {
                let teams = self.user.as_ref()?.teams();
                let path = below(&self.addresses.announcements, "announcement/");
                let query = [("teamIds", teams.join(",")), ("status", "active".to_owned())];
                let mut url = path;
                url.query_pairs_mut().extend_pairs(query);
                (!teams.is_empty()).then_some(url).and_then(get)
            }
            Rest::Report(_, part, team) => {
                let path = match part {
                    SupervisionPart::Agents => "agent-activity/detail",
                    SupervisionPart::Waiting => "queued-chats/detail",
                    SupervisionPart::Contacts => "queue-active-chats/detail",
                };
                let body = match part {
                    SupervisionPart::Agents => json!({ "teams": [team.id] }),
                    _ => json!({ "teamId": team.id, "queues": self.settings.report_queues }),
                };
                Some(rest::post(below(&self.addresses.reports, path), self.token.as_ref(), &body, limit))
            }
            Rest::Customer(_, customer) | Rest::NewCustomer(_, customer) => {
                get(rest::deeper(&self.addresses.customers, &["customers", customer.as_str()]))
            }
            Rest::Customers(_, words, page) => {
                let settings = &self.settings;
                let field =
                    customers::field_for(words, &settings.find_name, &settings.find_number, &settings.find_mail);
                let size = settings.customers_page;
                let (limit, offset) = (size.to_string(), page.saturating_mul(size).to_string());
                let (sort, wanted) = (format!("{}:asc", settings.find_name), format!("{field}:{words}"));
                let query =
                    [("limit", limit.as_str()), ("offset", &offset), ("sort", &sort), ("paginateQuery", &wanted)];
                get(rest::with_query(&self.addresses.customers, "customers", &query))
            }
            Rest::Past(_, _, customer, page) => {
                let path = ["customer-topics", "customer", customer.as_str(), "activities"];
                let mut url = rest::deeper(&self.addresses.conversation_manager, &path);
                let (limit, offset) = (self.settings.past_page.to_string(), page.to_string());
                let query = [("limit", limit.as_str()), ("offset", &offset), ("activity-type", "ALL")];
                url.query_pairs_mut().extend_pairs(query);
                get(url)
            }
            Rest::Canned(_) => get(below(&self.addresses.desk, &self.settings.canned_path)),
            Rest::Link(contact, customer) => {
                let path = ["customer-topics", contact.as_str(), "update-customer"];
                let url = rest::deeper(&self.addresses.conversation_manager, &path);
                Some(rest::put(url, self.token.as_ref(), customer, limit))
            }
            Rest::MovePast(_, from, to) => {
                let url = below(&self.addresses.conversation_manager, "customer-topics/update-past-conversations");
                let body = json!({ "currentCustomer": from, "newCustomer": to });
                Some(rest::put(url, self.token.as_ref(), &body, limit))
            }
            Rest::Tasks => get(rest::with_query(&self.addresses.routing_engine, "tasks", &[("agentId", &me)])),
            Rest::Endpoints(_, contact) => {
                // Both are wanted by the platform, also where it is for no conversation.
                let conversation = contact.as_ref().map(|contact| contact.as_str().to_owned()).unwrap_or_default();
                let query = [("conversationId", conversation.as_str()), ("agentId", me.as_str())];
                get(rest::with_query(&self.addresses.routing_engine, "precision-queues/available-agents", &query))
            }
            Rest::Upload(file) => {
                let boundary = self.boundary();
                let url = below(&self.addresses.file_engine, "api/uploadFileStream");
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
            if !self.wants_token(&exchange, result.as_ref().ok().map(|answer| answer.status)) {
                self.on_file(id, name, result);
            }
            return;
        }
        let result = rest::read(result);
        let status = match &result {
            Err(RestError::Refused(status, _)) => Some(*status),
            _ => None,
        };
        if self.wants_token(&exchange, status) {
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
                let list = list.map(|items| Found::Endpoints(EndpointList { items, complete: true }));
                self.actions.push_back(Action::Answered(id, list));
            }
            Rest::Schema => self.on_schema(result, now),
            Rest::Lists => self.on_lists(result),
            Rest::Announcements => match result {
                Ok(answer) => {
                    for row in answer.as_array().or_else(|| answer["data"].as_array()).into_iter().flatten() {
                        self.on_announcement(row, now);
                    }
                }
                Err(error) => tracing::info!(?error, "the announcements cannot be read"),
            },
            Rest::Report(ask, part, team) => {
                self.on_report(ask, part, &team, result.map_err(|error| error_of(&error)), now);
            }
            Rest::Customer(ask, ..) => self.on_customer(ask, result),
            Rest::Customers(ask, _, page) => self.on_customers(ask, page, result),
            Rest::Past(ask, contact, _, page) => self.on_past(ask, &contact, page, result, now),
            Rest::Canned(ask) => self.on_canned(ask, result),
            Rest::NewCustomer(contact, _) => self.on_new_customer(&contact, result),
            Rest::Link(contact, customer) => self.on_linked(&contact, &customer, result, now),
            Rest::MovePast(contact, ..) => self.on_past_moved(&contact, result, now),
            Rest::Upload(file) => self.on_uploaded(&file, result, now),
            Rest::File(..) => {}
        }
    }

    /// Refused for its token: asked again with a new one. False: it is answered.
    fn wants_token(&mut self, exchange: &Exchange, status: Option<StatusCode>) -> bool {
        let with_token = !matches!(
            exchange.rest,
            Rest::Login | Rest::LoginAgain | Rest::Code | Rest::Phone | Rest::Resend | Rest::Refresh
        );
        if status != Some(StatusCode::UNAUTHORIZED) || !with_token || exchange.again {
            return false;
        }
        self.for_token.push(exchange.clone());
        self.renew();
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
        self.actions.push_back(Action::Answered(id, file.map(Found::File)));
    }

    /// Nobody will answer it any more.
    pub(super) fn rest_failed(&mut self, rest: &Rest, error: CommandError, now: Now) {
        match rest {
            Rest::Report(ask, part, team) => self.on_report(*ask, *part, team, Err(error), now),
            Rest::Endpoints(ask, _)
            | Rest::File(ask, ..)
            | Rest::Customer(ask, ..)
            | Rest::Customers(ask, ..)
            | Rest::Past(ask, ..)
            | Rest::Canned(ask) => self.actions.push_back(Action::Answered(*ask, Err(error))),
            Rest::NewCustomer(contact, _) | Rest::Link(contact, _) => self.linked(contact, Err(error)),
            Rest::MovePast(contact, ..) => {
                self.on_past_moved(contact, Err(RestError::Failed(HttpFailure::Timeout)), now);
            }
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
            | Rest::Schema
            | Rest::Lists
            | Rest::Announcements
            | Rest::Form => {}
        }
    }
}

impl Rest {
    /// The question that it is for.
    pub(super) fn ask(&self) -> Option<u64> {
        match self {
            Self::Report(ask, ..)
            | Self::Customer(ask, ..)
            | Self::Customers(ask, ..)
            | Self::Past(ask, ..)
            | Self::Canned(ask)
            | Self::Endpoints(ask, _)
            | Self::File(ask, ..) => Some(*ask),
            _ => None,
        }
    }
}

pub(super) fn error_of(error: &RestError) -> CommandError {
    match error {
        RestError::Refused(status, words) => {
            let code = match *status {
                StatusCode::NOT_FOUND | StatusCode::GONE => CommandCode::NotPossible,
                StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => CommandCode::Unavailable,
                status if status.is_client_error() => CommandCode::NotAllowed,
                _ => CommandCode::Unavailable,
            };
            CommandError::new(code, words.clone())
        }
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

//! Questions of the panel's: the directory, files, finished sessions.

use std::time::Instant;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;
use trunkline_connector::ports::{HttpFailure, HttpRequest, HttpResponse, Progress, Transfer};
use trunkline_connector::{CommandCode, CommandError, EndpointList, FetchedFile};
use trunkline_model::{ArchivePage, ArchivedContact, ContactId, Endpoint, Party, PastMessage, PastPage};

use super::{Action, Ask, Exchange, Found, Gathering, Kind, Phase, Rest, Session, not_signed_in};
use crate::doc::{self, MessageDoc, SessionDoc};
use crate::look::{count, entries};
use crate::rest::{Load, RestError};
use crate::settings::ms;

/// Entries of the directory at most.
const MOST: u32 = 2_000;
/// Largest file that is fetched, bytes.
const LARGEST: usize = 200 << 20;

impl Session {
    pub(super) fn on_ask(&mut self, ask: u64, deadline: Instant, what: Ask) {
        if self.phase != Phase::SignedIn {
            return self.found(ask, Err(not_signed_in()));
        }
        let deadline = Some(deadline);
        let page = self.settings.page;
        match what {
            Ask::Endpoints => {
                let open = ["operators", "groups"].into_iter().collect();
                self.gatherings.insert(ask, Gathering { open, ..Gathering::default() });
                self.ask_until(Rest::Operators(ask, 0), Kind::Operators, Load::default().page(page, 0, ""), deadline);
                self.ask_until(Rest::Groups(ask, 0), Kind::Groups, Load::default().page(page, 0, ""), deadline);
            }
            Ask::File(contact, address, progress) => self.fetch(ask, deadline, &contact, &address, progress),
            Ask::Archive(words, number) => {
                let offset = number.saturating_mul(page);
                let status = self.settings.finished_status.clone().unwrap_or_default();
                let load = Load::default()
                    .page(page, offset, &self.settings.newest_sessions)
                    .with("keyword", words)
                    .with("status", status);
                self.ask_until(Rest::Archive(ask, number), Kind::Sessions, load, deadline);
            }
            Ask::Archived(contact, number) => {
                let load = Load::default().part("session", contact.as_str()).page(
                    page,
                    number.saturating_mul(page),
                    &self.settings.newest_messages,
                );
                self.ask_until(Rest::Archived(ask, number), Kind::Messages, load, deadline);
            }
        }
    }

    fn found(&mut self, ask: u64, found: Result<Found, CommandError>) {
        self.actions.push_back(Action::Answered(ask, found));
    }

    // The directory.

    pub(super) fn on_operators(&mut self, ask: u64, offset: u32, result: Result<Value, RestError>) {
        let me = self.me.as_ref().map(|me| me.id.clone()).unwrap_or_default();
        self.gathered(ask, "operators", offset, result, |answer| doc::operators(answer, &me));
    }

    pub(super) fn on_groups(&mut self, ask: u64, offset: u32, result: Result<Value, RestError>) {
        self.gathered(ask, "groups", offset, result, doc::groups);
    }

    fn gathered(
        &mut self,
        ask: u64,
        part: &'static str,
        offset: u32,
        result: Result<Value, RestError>,
        read: impl Fn(&Value) -> Option<Vec<Endpoint>>,
    ) {
        let page = self.settings.page;
        let Some(gathering) = self.gatherings.get_mut(&ask) else { return };
        let rows = result.as_ref().ok().and_then(entries).map_or(0, <[Value]>::len);
        let total = result.as_ref().ok().and_then(|answer| count(&answer["count"]));
        let mut fresh = 0;
        match result.ok().as_ref().and_then(read) {
            Some(items) => {
                for item in items {
                    if !gathering.items.iter().any(|known| known.id == item.id) {
                        gathering.items.push(item);
                        fresh += 1;
                    }
                }
            }
            None => gathering.missing = true,
        }
        let next = offset.saturating_add(page);
        let more = total.is_none_or(|total| total > u64::from(next));
        // A service that knows no pages answers with everything each time.
        if rows >= page as usize && more && fresh > 0 && next < MOST {
            let load = Load::default().page(page, next, "");
            return match part {
                "operators" => self.ask(Rest::Operators(ask, next), Kind::Operators, load),
                _ => self.ask(Rest::Groups(ask, next), Kind::Groups, load),
            };
        }
        gathering.open.remove(part);
        if !gathering.open.is_empty() {
            return;
        }
        let Some(gathering) = self.gatherings.remove(&ask) else { return };
        let answer = match (gathering.items.is_empty(), gathering.missing) {
            (true, true) => Err(CommandError::new(CommandCode::Unavailable, "the directory cannot be read")),
            (_, missing) => Ok(Found::Endpoints(EndpointList { items: gathering.items, complete: !missing })),
        };
        self.found(ask, answer);
    }

    // Finished sessions.

    pub(super) fn on_archive(&mut self, ask: u64, number: u32, result: Result<Value, RestError>) {
        let found = result.and_then(|answer| {
            let rows = entries(&answer).ok_or(RestError::Unreadable)?;
            let total = count(&answer["count"]);
            let read = rows.iter().filter_map(SessionDoc::read);
            let over = read.filter(|doc| doc.is_over(&self.settings));
            let items: Vec<ArchivedContact> = over.map(|doc| archived(doc, self.ahead)).collect();
            let next = self.page_after(number, rows.len(), total);
            // Sessions that are at work are counted, too, unless finished ones alone are asked for.
            let total = total.filter(|_| self.settings.finished_status.is_some());
            Ok(Found::Archive(ArchivePage { items, total, next }))
        });
        self.found(ask, found.map_err(|error| error.as_command()));
    }

    /// The number of the page after one of so many rows; `total`: of all pages.
    fn page_after(&self, number: u32, rows: usize, total: Option<u64>) -> Option<u32> {
        let end = u64::from(number).saturating_add(1).saturating_mul(u64::from(self.settings.page));
        let full = rows >= self.settings.page as usize;
        (full && total.is_none_or(|total| total > end)).then_some(number.saturating_add(1))
    }

    pub(super) fn on_archived(&mut self, ask: u64, number: u32, result: Result<Value, RestError>) {
        let me = self.me.as_ref().map(|me| me.id.clone()).unwrap_or_default();
        let found = result.and_then(|answer| {
            let rows = entries(&answer).ok_or(RestError::Unreadable)?;
            let total = count(&answer["count"]);
            let one = |row: &Value| {
                let message = MessageDoc::read(row, &me, &self.settings)?.message;
                let conversation = crate::look::words(&row["sessionId"]).unwrap_or_default();
                Some(PastMessage { conversation, message })
            };
            let mut items: Vec<PastMessage> = rows.iter().filter_map(one).collect();
            items.sort_by_key(|item| std::cmp::Reverse(item.message.at));
            let next = self.page_after(number, rows.len(), total);
            Ok(Found::Archived(PastPage { items, next }))
        });
        self.found(ask, found.map_err(|error| error.as_command()));
    }

    // Files.

    fn fetch(&mut self, ask: u64, deadline: Option<Instant>, contact: &ContactId, address: &str, progress: Progress) {
        let name = self.dialogs.get(contact).and_then(|dialog| dialog.file_name(address)).unwrap_or_default();
        let own = [self.addresses.iam.origin(), self.addresses.chat.origin()];
        // Addresses in messages are from outside: the platform's own get the token, others nothing.
        let url = url::Url::parse(address).ok().filter(|url| url.scheme() == "https" || own.contains(&url.origin()));
        let Some(url) = url else {
            let error = CommandError::new(CommandCode::NotAllowed, "not a safe address");
            return self.found(ask, Err(error));
        };
        let mut headers = HeaderMap::new();
        let token = self.token.as_ref().filter(|_| own.contains(&url.origin()));
        if let Some(mut value) = token.and_then(|token| {
            use secrecy::ExposeSecret;
            http::HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())).ok()
        }) {
            value.set_sensitive(true);
            headers.insert(http::header::AUTHORIZATION, value);
        }
        let request = HttpRequest {
            method: http::Method::GET,
            url,
            headers,
            body: Bytes::new(),
            timeout: ms(self.settings.upload_limit_ms),
            transfer: Transfer { longest: LARGEST, sent: None, received: Some(progress) },
        };
        let call = self.next_call;
        self.next_call += 1;
        let exchange = Exchange {
            rest: Rest::File(ask, name),
            call: Kind::File,
            load: Load::default(),
            file: None,
            verb: 0,
            renewed: true,
            repeated: true,
            deadline,
        };
        self.calls.insert(call, exchange);
        self.actions.push_back(Action::Http(call, Box::new(request)));
    }

    pub(super) fn on_file(&mut self, ask: u64, name: &str, result: Result<HttpResponse, HttpFailure>) {
        let file = match result {
            Ok(answer) if answer.status.is_success() => {
                Ok(Found::File(FetchedFile { name: name.to_owned(), bytes: answer.body }))
            }
            Ok(answer) => Err(RestError::Refused(answer.status, String::new()).as_command()),
            Err(failure) => Err(RestError::Failed(failure).as_command()),
        };
        self.found(ask, file);
    }

    /// Nobody waits for the answer: what is asked for it goes no further.
    pub(super) fn give_up_ask(&mut self, id: u64) {
        self.gatherings.remove(&id);
        let of_it = |rest: &Rest| match rest {
            Rest::Operators(ask, _)
            | Rest::Groups(ask, _)
            | Rest::Archive(ask, _)
            | Rest::Archived(ask, _)
            | Rest::File(ask, _) => *ask == id,
            _ => false,
        };
        let calls: Vec<u64> = self.calls.iter().filter(|(_, call)| of_it(&call.rest)).map(|(call, _)| *call).collect();
        for call in calls {
            self.calls.remove(&call);
            self.actions.push_back(Action::Abort(call));
        }
    }
}

fn archived(doc: SessionDoc, ahead: i64) -> ArchivedContact {
    let here = |at: Option<trunkline_model::UnixMillis>| at.map(|at| at.shifted(-ahead));
    ArchivedContact {
        id: ContactId::new(doc.id.as_str()),
        kind: Some(doc.kind()),
        customer: Party { name: doc.name, address: None },
        agent: doc.operator_name,
        began: here(doc.started_at),
        ended: here(doc.last_at),
        last: doc.last_words,
    }
}

//! The directory of quick connects (GetEndpoints, section 4.3): read page by
//! page, kept for a minute, answered from what is there. The book is pure; the
//! session sends its requests.
//!
//! | state of a list | lookup | page | page fails | deadline |
//! | --- | --- | --- | --- | --- |
//! | (none), too old | Reading from the first page | - | - | - |
//! | Reading | waits with the others | next page, or Kept and all answered | Kept in part, all answered so | the one that waited: what was read so far |
//! | Kept | answered at once | - | - | - |
//!
//! Two refusals are no failure yet: a refused token (401) is renewed and the
//! page asked for once more; a bad page token (`PaginationException`) begins
//! the list once again (section 3.5).

use std::collections::BTreeMap;

use tokio::time::Instant;
use trunkline_connector::{CommandCode, CommandError, EndpointList};
use trunkline_model::{ContactId, EndpointId};

use super::replies::Failed;
use super::{Action, Now, Purpose, Session};
use crate::auth::AuthState;
use crate::map;
use crate::settings::ms;
use crate::wire::{self, EndpointsPage, ErrorCode, Operation, decode};

/// One question of the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LookupId(pub u64);

/// A service that never ends the list must not fill the memory.
const MOST_PAGES: usize = 200;
/// Lists of different queues that are kept; beyond it the oldest goes.
const LISTS_KEPT: usize = 16;

/// The directory of some queues.
#[derive(Debug, Default)]
struct List {
    entries: Vec<wire::Endpoint>,
    pages: usize,
    /// `None` while it is read.
    read: Option<Read>,
    /// Asked for again after a refused token.
    renewed: bool,
    /// Begun again after a refused page token.
    begun_again: bool,
    /// The page to ask for when there is a token again.
    parked: Option<Option<String>>,
    waiting: Vec<(LookupId, Instant)>,
    /// A request is under way.
    asked: bool,
}

#[derive(Clone, Debug)]
struct Read {
    at: Instant,
    complete: bool,
}

/// All lists, by the queues they are of.
#[derive(Debug, Default)]
pub struct Directory {
    lists: BTreeMap<Vec<String>, List>,
    /// Every entry ever read, so that it can be called.
    known: BTreeMap<EndpointId, wire::Endpoint>,
}

impl Directory {
    /// The entry with this id.
    pub fn find(&self, id: &EndpointId) -> Option<&wire::Endpoint> {
        self.known.get(id)
    }

    /// Lookups whose time is over.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.lists.values().flat_map(|list| list.waiting.iter().map(|(_, deadline)| *deadline)).min()
    }

    fn forget_old(&mut self) {
        while self.lists.len() > LISTS_KEPT {
            let oldest = self
                .lists
                .iter()
                .filter_map(|(queues, list)| Some((list.read.as_ref()?.at, queues.clone())))
                .min()
                .map(|(_, queues)| queues);
            match oldest {
                Some(queues) => drop(self.lists.remove(&queues)),
                None => break,
            }
        }
    }
}

impl List {
    fn answer(&self) -> EndpointList {
        let mut items: Vec<trunkline_model::Endpoint> = Vec::with_capacity(self.entries.len());
        let mut seen = std::collections::BTreeSet::new();
        // Two queues may share a quick connect.
        items.extend(self.entries.iter().filter_map(map::endpoint).filter(|entry| seen.insert(entry.id.clone())));
        EndpointList { items, complete: self.read.as_ref().is_some_and(|read| read.complete) }
    }
}

impl Session {
    /// A question of the panel.
    pub(super) fn on_lookup(&mut self, id: LookupId, contact: Option<&ContactId>, deadline: Instant, now: Now) {
        if !self.auth.is_live() && !self.awaits_token() {
            let error = CommandError::new(CommandCode::NotSignedIn, "not signed in");
            self.out.push(Action::Endpoints(id, Err(error)));
            return;
        }
        let queues = self.queues_of(contact);
        if queues.is_empty() {
            let error = CommandError::new(CommandCode::Unavailable, "the queues of this agent are not known yet");
            self.out.push(Action::Endpoints(id, Err(error)));
            return;
        }
        let (kept, failed_kept) = (ms(self.settings.endpoints_kept_ms), ms(self.settings.endpoints_failed_kept_ms));
        let list = self.directory.lists.entry(queues.clone()).or_default();
        if let Some(read) = &list.read {
            let fresh_for = if read.complete { kept } else { failed_kept };
            if now.at.duration_since(read.at) < fresh_for {
                let answer = list.answer();
                self.out.push(Action::Endpoints(id, Ok(answer)));
                return;
            }
            *list = List::default();
        }
        list.waiting.push((id, deadline));
        if !list.asked {
            self.ask_for_page(&queues, None);
        }
        self.directory.forget_old();
    }

    pub(super) fn awaits_token(&self) -> bool {
        matches!(self.auth.state(), AuthState::Authorizing | AuthState::Doubted)
    }

    /// The queues whose quick connects are asked for.
    fn queues_of(&self, contact: Option<&ContactId>) -> Vec<String> {
        let of_contact = contact
            .filter(|_| self.settings.endpoints_of_contact_queue)
            .and_then(|id| self.wire_contact(id))
            .and_then(|contact| contact.queue.as_ref()?.arn.clone());
        if let Some(queue) = of_contact {
            return vec![queue];
        }
        let configuration = self.configuration.value.as_ref();
        configuration.map(|all| all.queues.iter().filter_map(|queue| queue.arn.clone()).collect()).unwrap_or_default()
    }

    fn ask_for_page(&mut self, queues: &[String], next_token: Option<String>) {
        let operation = Operation::GetEndpoints {
            queue_arns: queues.to_vec(),
            next_token: next_token.clone(),
            max_results: self.settings.page_size,
        };
        let parked = self.awaits_token() || self.call(Purpose::Endpoints(queues.to_vec()), &operation).is_none();
        if let Some(list) = self.directory.lists.get_mut(queues) {
            list.asked = true;
            list.parked = parked.then_some(next_token);
        }
    }

    /// A token is there again, or there will be none.
    pub(super) fn pump_lookups(&mut self) {
        if self.awaits_token() {
            return;
        }
        let parked: Vec<(Vec<String>, Option<String>)> = self
            .directory
            .lists
            .iter_mut()
            .filter_map(|(queues, list)| Some((queues.clone(), list.parked.take()?)))
            .collect();
        for (queues, next_token) in parked {
            if self.auth.is_live() {
                self.ask_for_page(&queues, next_token);
            } else {
                let error = CommandError::new(CommandCode::NotSignedIn, "not signed in");
                self.directory_failed(&queues, &error, None);
            }
        }
    }

    pub(super) fn on_endpoints(
        &mut self,
        queues: &[String],
        result: Result<trunkline_connector::ports::HttpResponse, Failed>,
        now: Now,
    ) {
        let page = result.and_then(|response| {
            decode::<EndpointsPage>(&response.body).map_err(|error| Failed::Malformed(error.to_string()))
        });
        let Some(list) = self.directory.lists.get_mut(queues) else {
            return;
        };
        match page {
            Ok(page) => {
                for entry in &page.endpoints {
                    if let Some(id) = map::endpoint(entry).map(|shown| shown.id) {
                        self.directory.known.insert(id, entry.clone());
                    }
                }
                list.entries.extend(page.endpoints);
                list.pages += 1;
                let next = page.next_token.filter(|token| !token.is_empty());
                match next {
                    Some(token) if list.pages < MOST_PAGES => self.ask_for_page(queues, Some(token)),
                    next => self.directory_read(queues, next.is_none(), now),
                }
            }
            Err(Failed::Service(error)) if error.is_unauthorized() && !list.renewed => {
                list.renewed = true;
                // The page under way is not known here: the list begins again, and no entry stands twice.
                list.entries.clear();
                list.pages = 0;
                list.parked = Some(None);
                self.token_refused();
            }
            Err(Failed::Service(error)) if error.code == ErrorCode::Pagination && !list.begun_again => {
                list.begun_again = true;
                list.entries.clear();
                list.pages = 0;
                self.ask_for_page(queues, None);
            }
            Err(failed) => {
                let error = Self::command_error(&failed);
                self.directory_failed(queues, &error, Some(now));
            }
        }
    }

    fn directory_read(&mut self, queues: &[String], complete: bool, now: Now) {
        let Some(list) = self.directory.lists.get_mut(queues) else {
            return;
        };
        list.read = Some(Read { at: now.at, complete });
        list.asked = false;
        let answer = list.answer();
        for (id, _) in std::mem::take(&mut list.waiting) {
            self.out.push(Action::Endpoints(id, Ok(answer.clone())));
        }
    }

    /// What was read so far serves, and says that it is not all; when that is
    /// nothing, the reason is told and the next lookup asks anew.
    fn directory_failed(&mut self, queues: &[String], error: &CommandError, now: Option<Now>) {
        let some = self.directory.lists.get(queues).is_some_and(|list| !list.entries.is_empty());
        match now {
            Some(now) if some => self.directory_read(queues, false, now),
            _ => {
                let list = self.directory.lists.remove(queues).unwrap_or_default();
                for (id, _) in list.waiting {
                    self.out.push(Action::Endpoints(id, Err(error.clone())));
                }
            }
        }
    }

    /// Answers lookups whose time is over with what was read so far.
    pub(super) fn expire_lookups(&mut self, now: Now) {
        for list in self.directory.lists.values_mut() {
            let (over, waiting) = std::mem::take(&mut list.waiting).into_iter().partition(|(_, at)| now.at >= *at);
            list.waiting = waiting;
            let over: Vec<(LookupId, Instant)> = over;
            for (id, _) in over {
                let answer =
                    if list.entries.is_empty() { Err(super::commands::timed_out()) } else { Ok(list.answer()) };
                self.out.push(Action::Endpoints(id, answer));
            }
        }
    }

    /// The program or the account stops: nobody is left waiting.
    pub(super) fn drop_lookups(&mut self) {
        for list in std::mem::take(&mut self.directory.lists).into_values() {
            for (id, _) in list.waiting {
                let error = CommandError::new(CommandCode::Cancelled, "the account is stopping");
                self.out.push(Action::Endpoints(id, Err(error)));
            }
        }
    }
}

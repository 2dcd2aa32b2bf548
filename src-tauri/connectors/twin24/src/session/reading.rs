//! Reading what there is: the operator's sessions and those in help, and the messages
//! of those at work. A sweep reads all of it; a single session is read when a hint
//! names it, once for many hints.

use std::time::Duration;

use http::StatusCode;
use serde_json::Value;
use trunkline_model::{CommandId, ContactId, LinkState, Outcome, Party, WorkItem, WorkList, WorkListId};

use super::{Event, Kind, LiveState, Now, Phase, Rest, Session, Sweep, work_item};
use crate::dialog::{Dialog, Page};
use crate::doc::{MessageDoc, SessionDoc};
use crate::look::{count, entries};
use crate::rest::{Load, RestError};
use crate::settings::{Twin24Settings, ms};

/// The list of sessions without an operator.
pub(super) const HELP: &str = "help";
/// A sweep that failed is repeated after this.
const AGAIN: Duration = Duration::from_secs(3);
/// Pages that are read to close a gap.
const GAP_PAGES: u32 = 40;

impl Session {
    // Everything.

    /// All is to be read soon; several wishes are one reading.
    pub(super) fn sweep_soon(&mut self, settle: bool, now: Now) {
        if self.phase != Phase::SignedIn {
            return;
        }
        self.sweep.again = self.sweep.running;
        let at = self.wait_for(settle, now);
        self.sweep_at = Some(self.sweep_at.map_or(at, |known| known.min(at)));
    }

    pub(super) fn sweep_now(&mut self) {
        if self.phase != Phase::SignedIn {
            return;
        }
        self.sweep = Sweep { running: true, ..Sweep::default() };
        self.sweep_at = None;
        self.ask(Rest::Time, Kind::Time, Load::default());
        // The operator first: whose sessions are asked for is known by it.
        self.ask(Rest::Me, Kind::Me, Load::default());
    }

    /// One of its answers is there: the next are asked for, or it is over.
    pub(super) fn sweep_went_on(&mut self, now: Now) {
        if !self.sweep.running {
            return;
        }
        if self.sweep.failed {
            return self.sweep_failed(now);
        }
        let me_done = std::mem::replace(&mut self.sweep.me_done, false);
        if me_done {
            self.ask_sessions(Rest::Mine(0), 0);
            self.ask_sessions(Rest::Help(0), 0);
        } else if self.sweep.mine_done && self.sweep.help_done {
            self.swept(now);
        }
    }

    fn ask_sessions(&mut self, rest: Rest, offset: u32) {
        let mut load = Load::default().page(self.settings.page, offset, &self.settings.newest_sessions);
        if let (Rest::Mine(_), Some(me)) = (&rest, &self.me) {
            load = load.with("operatorId", me.id.as_str());
        }
        if let Some(status) = &self.settings.open_status {
            load = load.with("status", status.as_str());
        }
        self.ask(rest, Kind::Sessions, load);
    }

    pub(super) fn on_mine(&mut self, offset: u32, result: Result<Value, RestError>, now: Now) {
        let me = self.me.as_ref().map(|me| me.id.clone()).unwrap_or_default();
        match self.page_of_sessions(offset, result, |doc, _| doc.is_of(&me)) {
            Some((docs, next)) => {
                self.sweep.mine.extend(docs);
                self.sweep.mine_done = next.is_none();
                if let Some(next) = next {
                    self.ask_sessions(Rest::Mine(next), next);
                }
            }
            None => self.sweep.failed = true,
        }
        self.sweep_went_on(now);
    }

    pub(super) fn on_help(&mut self, offset: u32, result: Result<Value, RestError>, now: Now) {
        match self.page_of_sessions(offset, result, SessionDoc::wants_help) {
            Some((docs, next)) => {
                self.sweep.help.extend(docs);
                self.sweep.help_done = next.is_none();
                if let Some(next) = next {
                    self.ask_sessions(Rest::Help(next), next);
                }
            }
            None => self.sweep.failed = true,
        }
        self.sweep_went_on(now);
    }

    /// The open ones of a page that are wanted, and where the next begins. There is no
    /// next where this one was not full, or held finished sessions alone: the newest
    /// come first.
    fn page_of_sessions(
        &self,
        offset: u32,
        result: Result<Value, RestError>,
        is: impl Fn(&SessionDoc, &Twin24Settings) -> bool,
    ) -> Option<(Vec<SessionDoc>, Option<u32>)> {
        let answer = result.map_err(|error| tracing::warn!(?error, "the sessions cannot be read")).ok()?;
        let rows = entries(&answer)?;
        let read: Vec<SessionDoc> = rows.iter().filter_map(SessionDoc::read).collect();
        let any_open = read.iter().any(|doc| !doc.is_over(&self.settings));
        let full = rows.len() >= self.settings.page as usize;
        let next = offset.saturating_add(self.settings.page);
        let most = self.settings.page.saturating_mul(self.settings.most_pages);
        let wanted = read.into_iter().filter(|doc| !doc.is_over(&self.settings) && is(doc, &self.settings)).collect();
        Some((wanted, (full && any_open && next < most).then_some(next)))
    }

    fn sweep_failed(&mut self, now: Now) {
        self.sweep.running = false;
        self.sweep_at = Some(now.at + AGAIN);
        if !self.pictured {
            self.set_link(LinkState::Offline, Some("link_reason_service_unavailable"), Some(AGAIN), now);
        } else if self.link.state == LinkState::Online {
            self.set_link(LinkState::Degraded, Some("link_reason_service_unavailable"), Some(AGAIN), now);
        }
    }

    fn swept(&mut self, now: Now) {
        let sweep = std::mem::take(&mut self.sweep);
        let poll = if self.live == LiveState::Up { self.settings.poll_ms } else { self.settings.poll_offline_ms };
        let next = if sweep.again { self.wait_for(true, now) } else { now.at + ms(poll) };
        self.sweep_at = Some(next);
        self.help = sweep.help.into_iter().map(|doc| (doc.id.clone(), doc)).collect();
        let mine: Vec<ContactId> = sweep.mine.iter().map(|doc| ContactId::new(doc.id.as_str())).collect();
        for doc in sweep.mine {
            self.has_session(doc, now);
        }
        // Not among the operator's any more: what became of it is read singly.
        let gone: Vec<ContactId> = self
            .dialogs
            .values()
            .filter(|dialog| !dialog.is_over() && !mine.contains(&dialog.id))
            .map(|dialog| dialog.id.clone())
            .collect();
        for id in gone {
            self.ask_session(&id);
        }
        if self.picture_due {
            self.tell_picture(now);
        }
        match self.live {
            LiveState::Up => self.set_link(LinkState::Online, None, None, now),
            // Contacts come already, by being asked for.
            LiveState::Down if self.live_failed && self.link.state != LinkState::Degraded => {
                self.set_link(LinkState::Degraded, Some("link_reason_socket_lost"), None, now);
            }
            LiveState::Down => {}
        }
    }

    /// One of the operator's, as it is now.
    fn has_session(&mut self, doc: SessionDoc, now: Now) {
        let id = ContactId::new(doc.id.as_str());
        self.help.remove(&doc.id);
        let around = Self::around(&self.settings, self.ahead, now);
        let Some(dialog) = self.dialogs.get_mut(&id) else {
            // What has been answered need not ring: another device, or an earlier run.
            let answered = doc.last_operator_at.is_some_and(|at| doc.assigned_at.is_none_or(|assigned| at >= assigned));
            let taken = self.taking.remove(&doc.id) || answered || self.settings.auto_accept;
            let mut dialog = Dialog::new(doc, taken, &around);
            dialog.mark(now.at);
            self.dialogs.insert(id, dialog);
            return;
        };
        if self.taking.remove(&doc.id) {
            dialog.take(&around);
        }
        dialog.again(&around);
        let moved = dialog.doc.last_at != doc.last_at || dialog.doc.waiting_since != doc.waiting_since;
        dialog.doc = doc;
        if moved || !dialog.filled {
            dialog.mark(now.at);
        }
    }

    // One session.

    pub(super) fn ask_session(&mut self, id: &ContactId) {
        let load = Load::default().part("session", id.as_str());
        self.ask(Rest::Session(id.clone()), Kind::Session, load);
    }

    pub(super) fn on_session(&mut self, id: &ContactId, result: Result<Value, RestError>, now: Now) {
        let doc = match result {
            Ok(answer) => match SessionDoc::read(&answer).filter(|doc| doc.id == id.as_str()) {
                Some(doc) => doc,
                None => return tracing::warn!("a session that cannot be read"),
            },
            Err(RestError::Refused(StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::FORBIDDEN, _)) => {
                self.with_dialog(id, now, |dialog, around| dialog.end(Outcome::Handled, around));
                return;
            }
            Err(error) => {
                // What is shown stays as it is; the next sweep sees to it.
                tracing::info!(?error, "a session was not read");
                return self.sweep_soon(true, now);
            }
        };
        let Some(me) = self.me.as_ref().map(|me| me.id.clone()) else { return };
        if doc.is_over(&self.settings) {
            self.help.remove(&doc.id);
            let ended = |dialog: &mut Dialog, around: &crate::dialog::Around<'_>| {
                dialog.doc = doc;
                let outcome = if dialog.client_closes { Outcome::EndedByCustomer } else { Outcome::Handled };
                dialog.end(outcome, around);
            };
            self.with_dialog(id, now, ended);
        } else if doc.is_of(&me) {
            self.has_session(doc, now);
        } else {
            let with_bot = doc.is_with_bot(&self.settings);
            if doc.wants_help(&self.settings) {
                self.help.insert(doc.id.clone(), doc.clone());
            }
            self.with_dialog(id, now, |dialog, around| {
                dialog.doc = doc;
                if with_bot {
                    dialog.went_to_bot(around);
                } else {
                    dialog.end(Outcome::Transferred, around);
                }
            });
        }
    }

    // Messages.

    /// Begins the readings whose time has come.
    pub(super) fn read_what_is_due(&mut self, now: Now) {
        if self.phase != Phase::SignedIn || self.for_token.iter().any(|waiting| matches!(waiting.rest, Rest::Me)) {
            return;
        }
        let due = |dialog: &&Dialog| !dialog.reading.running && dialog.reading.due.is_some_and(|due| due <= now.at);
        let due: Vec<ContactId> = self.dialogs.values().filter(due).map(|dialog| dialog.id.clone()).collect();
        for id in due {
            let Some(dialog) = self.dialogs.get_mut(&id) else { continue };
            dialog.reading.due = None;
            dialog.reading.running = true;
            dialog.reading.begun += 1;
            let reading = dialog.reading.begun;
            if !dialog.is_over() {
                self.ask_session(&id);
            }
            self.ask_messages(&id, 0, Rest::Messages(id.clone(), 0, reading));
        }
    }

    fn ask_messages(&mut self, id: &ContactId, offset: u32, rest: Rest) {
        let load = Load::default().part("session", id.as_str()).page(
            self.settings.page,
            offset,
            &self.settings.newest_messages,
        );
        self.ask(rest, Kind::Messages, load);
    }

    fn messages_of(&self, answer: &Value) -> Option<(Vec<MessageDoc>, usize, Option<u64>)> {
        let me = self.me.as_ref().map(|me| me.id.clone()).unwrap_or_default();
        let rows = entries(answer)?;
        let docs = rows.iter().filter_map(|row| MessageDoc::read(row, &me, &self.settings)).collect();
        Some((docs, rows.len(), count(&answer["count"])))
    }

    pub(super) fn on_messages(
        &mut self,
        id: &ContactId,
        offset: u32,
        reading: u64,
        result: Result<Value, RestError>,
        now: Now,
    ) {
        let page = self.settings.page;
        let read = result.and_then(|answer| self.messages_of(&answer).ok_or(RestError::Unreadable));
        let (docs, rows, total) = match read {
            Ok(read) => read,
            Err(error) => {
                tracing::warn!(?error, "the messages of a session cannot be read");
                let again = now.at + AGAIN;
                if let Some(dialog) = self.dialogs.get_mut(id) {
                    dialog.reading.running = false;
                    // A reading that failed shows nothing: who waits for it waits for the next.
                    dialog.mark(again);
                }
                return;
            }
        };
        let full = rows >= page as usize;
        let gap = self.with_dialog(id, now, |dialog, around| {
            let gap = dialog.take_page(docs, if offset == 0 { Page::Newest } else { Page::Older }, around);
            if !dialog.filled || gap {
                let known = u64::from(dialog.known());
                let more = full && total.is_none_or(|total| total > known);
                // The client may have written before, in sessions that are over.
                dialog.set_older(more || dialog.doc.client.is_some());
            }
            dialog.filled = true;
            gap
        });
        let Some(gap) = gap else { return };
        let next = offset.saturating_add(page);
        if gap && full && next < page.saturating_mul(GAP_PAGES) {
            return self.ask_messages(id, next, Rest::Messages(id.clone(), next, reading));
        }
        if let Some(dialog) = self.dialogs.get_mut(id) {
            dialog.read_to_end(reading);
        }
    }

    pub(super) fn load_older(&mut self, command: CommandId, id: &ContactId) {
        let Some(dialog) = self.dialogs.get(id) else { return };
        if !dialog.has_older() {
            return self.answer(&command, Ok(()));
        }
        let offset = dialog.known();
        let rest = Rest::Older(id.clone(), command, offset);
        match dialog.doc.client.clone() {
            Some(client) => {
                let load = Load::default().part("client", client);
                let load = load.page(self.settings.page, offset, &self.settings.newest_messages);
                self.ask(rest, Kind::ClientMessages, load);
            }
            None => self.ask_messages(id, offset, rest),
        }
    }

    pub(super) fn on_older(
        &mut self,
        id: &ContactId,
        command: &CommandId,
        offset: u32,
        result: Result<Value, RestError>,
        now: Now,
    ) {
        let read = result.and_then(|answer| self.messages_of(&answer).ok_or(RestError::Unreadable));
        match read {
            Ok((docs, rows, total)) => {
                let full = rows >= self.settings.page as usize;
                let end = u64::from(offset).saturating_add(rows as u64);
                self.with_dialog(id, now, |dialog, around| {
                    dialog.take_page(docs, Page::Older, around);
                    dialog.set_older(full && total.is_none_or(|total| total > end));
                });
                // The messages come before the answer.
                self.tell(now);
                self.answer(command, Ok(()));
            }
            Err(error) => self.answer(command, Err(error.as_command())),
        }
    }

    // Help.

    pub(super) fn tell_help(&mut self) {
        let item = |doc: &SessionDoc| WorkItem {
            id: work_item(doc),
            contact: Some(ContactId::new(doc.id.as_str())),
            customer: Party { name: doc.name.clone(), address: None },
            kind: Some(doc.kind()),
            since: doc.waiting_since.or(doc.started_at).map(|at| at.shifted(-self.ahead)),
            taken: false,
        };
        let mut items: Vec<WorkItem> = self.help.values().map(item).collect();
        items.sort_by(|a, b| (a.since, &a.id).cmp(&(b.since, &b.id)));
        let list = WorkList {
            id: WorkListId::new(HELP),
            name: "Help".to_owned(),
            description: None,
            subscribed: true,
            fixed: true,
            items,
        };
        let lists = vec![list];
        if self.told_help.as_ref() != Some(&lists) {
            self.told_help = Some(lists.clone());
            self.emit(Event::WorkLists(lists));
        }
    }
}

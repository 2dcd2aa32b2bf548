//! Reading the transcript: to join, to close gaps, and on the agent's wish.
//!
//! | state | input | does |
//! | --- | --- | --- |
//! | not joined | token | reads the last page |
//! | reading | page | items are taken; the first page opens the chat |
//! | joined | the socket is lost | notes the newest item that is known |
//! | joined | the socket serves (again) | reads backwards until that item comes |
//! | reading | failure | again after 1, 2, 5, 10 s |
//! | joined | the agent wants older ones | one page; its token is from the page before it |
//! | joined | an earlier conversation is brought back | there are older ones again, before the oldest that is known |

use tokio::time::Instant;
use trunkline_connector::ports::HttpResponse;
use trunkline_model::CommandId;

use super::timeline::Place;
use super::{Chat, ChatAction, ChatSettings, Failure, Source, Work};
use crate::session::Now;
use crate::wire::{Item, ParticipantCall, TranscriptReply, decode};

/// A service that never ends the transcript must not keep us reading.
pub(super) const MOST_PAGES: u32 = 100;

/// How far the transcript is read.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    joined: bool,
    reading: bool,
    /// Something may be missing: read once more.
    wanted: bool,
    next: Option<String>,
    pages: u32,
    /// The newest item before the gap.
    mark: Option<Place>,
    older: Option<String>,
    /// An earlier conversation was brought back: there is more before what is known.
    earlier: bool,
    retry_at: Option<Instant>,
    failures: u32,
}

impl Backlog {
    pub(super) fn is_joined(&self) -> bool {
        self.joined
    }

    pub(super) fn is_broken(&self, settings: &ChatSettings) -> bool {
        !self.joined && self.failures >= settings.chat_broken_after
    }

    pub(super) fn has_older(&self) -> bool {
        self.older.is_some() || self.earlier
    }

    /// An earlier conversation goes on here.
    pub(super) fn brought_back(&mut self) {
        self.earlier = true;
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.retry_at
    }

    pub(super) fn stop(&mut self) {
        self.retry_at = None;
        self.wanted = false;
    }
}

fn items_of(result: Result<HttpResponse, Failure>) -> Result<(Vec<Item>, Option<String>), Failure> {
    let response = result?;
    let reply = decode::<TranscriptReply>(&response.body).map_err(|_| Failure::Malformed)?;
    let mut items: Vec<Item> = reply.transcript.into_iter().filter_map(Item::read).collect();
    // Stable: ties stay in the platform's order.
    items.sort_by_key(super::items::time);
    Ok((items, reply.next_token.filter(|token| !token.is_empty())))
}

impl Chat {
    pub(super) fn token_is_there(&mut self) {
        if !self.ended && !self.backlog.reading && self.backlog.retry_at.is_none() && !self.backlog.joined {
            self.read_page();
        }
    }

    /// The topic of chats is there, or is lost.
    pub fn socket(&mut self, serves: bool, now: Now) {
        if serves {
            self.fill();
        } else if self.backlog.joined {
            self.mark_gap();
        }
        self.settle(now);
    }

    /// Reads what may have been missed. While a page is on its way, again after it.
    pub(super) fn fill(&mut self) {
        if self.ended {
            return;
        }
        self.backlog.wanted = true;
        if self.backlog.joined && !self.backlog.reading {
            self.start_filling();
        }
    }

    /// The chat ends while no socket brings it: its last page is read once more.
    pub(super) fn read_last_words(&mut self) {
        let gap = self.backlog.mark.is_some() || self.backlog.wanted;
        if !self.ended && gap && self.backlog.joined && !self.backlog.reading && self.has_token() {
            self.backlog.next = None;
            self.read_page();
        }
    }

    /// What comes from here on stands after what closes the gap.
    fn mark_gap(&mut self) {
        if self.backlog.mark.is_none() {
            self.backlog.mark = self.timeline.newest();
            self.timeline.begin_gap();
        }
    }

    fn start_filling(&mut self) {
        self.backlog.wanted = false;
        self.backlog.retry_at = None;
        self.backlog.next = None;
        self.backlog.pages = 0;
        self.mark_gap();
        self.read_page();
    }

    fn read_page(&mut self) {
        self.backlog.reading = true;
        let most = if self.backlog.joined { self.settings.chat_gap_page } else { self.settings.chat_page };
        let call = ParticipantCall::GetTranscript { most, next_token: self.backlog.next.clone(), from: None };
        self.ask(Work::Page, call);
    }

    pub(super) fn on_page(&mut self, result: Result<HttpResponse, Failure>, now: Now) {
        self.backlog.reading = false;
        let Ok((items, next)) = items_of(result) else {
            self.page_failed(now);
            return;
        };
        self.backlog.failures = 0;
        let source = if self.backlog.joined { Source::Gap } else { Source::First };
        self.take_page(&items, source, now);
        if self.ended {
            return;
        }
        if source == Source::First {
            self.backlog.joined = true;
            self.backlog.older = next;
        } else {
            self.backlog.pages += 1;
            let reached = self.backlog.mark.as_ref().is_some_and(|Place { at, id, .. }| {
                let before = |item: &Item| super::items::time(item).is_some_and(|time| time < *at);
                items.iter().any(|item| item.id.as_deref() == Some(id.as_str()) || before(item))
            });
            if let (false, Some(next), true) = (reached, next, self.backlog.pages < MOST_PAGES) {
                self.backlog.next = Some(next);
                self.read_page();
                return;
            }
            self.backlog.mark = None;
            self.backlog.next = None;
        }
        if self.backlog.wanted {
            self.start_filling();
        }
    }

    /// From the beginning: a page's token may be what was refused.
    fn page_failed(&mut self, now: Now) {
        self.backlog.failures = self.backlog.failures.saturating_add(1);
        self.backlog.next = None;
        if !self.ended {
            self.backlog.retry_at = Some(now.at + self.settings.retry(self.backlog.failures));
        }
    }

    pub(super) fn tick_backlog(&mut self, now: Now) {
        if self.backlog.retry_at.is_none_or(|at| now.at < at) || self.backlog.reading {
            return;
        }
        self.backlog.retry_at = None;
        if self.backlog.joined {
            self.start_filling();
        } else if self.has_token() {
            self.read_page();
        }
    }

    /// A page of older messages.
    pub fn load_older(&mut self, command: CommandId, now: Now) {
        if !self.backlog.joined {
            self.out.push(ChatAction::Done(command, Err(Failure::NotSent.command_error())));
        } else if let Some(token) = self.backlog.older.clone() {
            let call =
                ParticipantCall::GetTranscript { most: self.settings.chat_page, next_token: Some(token), from: None };
            self.ask(Work::Older(command), call);
        } else if self.backlog.earlier {
            self.read_before_oldest(command);
        } else {
            self.out.push(ChatAction::Done(command, Ok(())));
        }
        self.settle(now);
    }

    fn read_before_oldest(&mut self, command: CommandId) {
        let from = self.timeline.oldest().map(|place| place.id.as_str().to_owned());
        let call = ParticipantCall::GetTranscript { most: self.settings.chat_page, next_token: None, from };
        self.ask(Work::Older(command), call);
    }

    pub(super) fn on_older(&mut self, command: &CommandId, result: Result<HttpResponse, Failure>, now: Now) {
        match items_of(result) {
            Ok((items, next)) => {
                self.take_page(&items, Source::Older, now);
                self.backlog.older = next;
                self.backlog.earlier = false;
                self.out.push(ChatAction::Done(command.clone(), Ok(())));
            }
            // A page's token that is too old: on from the oldest that is known.
            Err(failure) if failure.is_invalid() && self.backlog.older.is_some() => {
                self.backlog.older = None;
                self.read_before_oldest(command.clone());
            }
            Err(failure) => self.out.push(ChatAction::Done(command.clone(), Err(failure.command_error()))),
        }
    }
}

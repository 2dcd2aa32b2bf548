//! Who takes part and who types. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;
use trunkline_model::{Author, AuthorRole, UnixMillis};

use super::items;
use crate::wire::{EventType, Item};

/// More than this many are no conversation.
const MOST: usize = 50;

#[derive(Debug)]
struct Presence {
    author: Author,
    here: bool,
    /// By the platform's clock: what happened earlier changes nothing.
    at: UnixMillis,
}

/// Participants by their ids, without the agent.
#[derive(Debug, Default)]
pub struct Roster {
    present: BTreeMap<String, Presence>,
    typing: BTreeMap<String, (Author, Instant)>,
}

impl Roster {
    /// The snapshot has them; what items say later counts more.
    pub fn known(&mut self, id: &str, author: Author) {
        self.present.entry(id.to_owned()).or_insert(Presence { author, here: true, at: UnixMillis(0) });
    }

    /// An item of the present, in any order: who came, went, was renamed or wrote.
    pub fn take(&mut self, item: &Item, me: &str) {
        let Some(id) = item.participant_id.as_deref().filter(|id| !id.is_empty() && *id != me) else {
            return;
        };
        let (author, at) = (items::author(item, me), items::time(item).unwrap_or(UnixMillis(0)));
        let event = item.event();
        let here = match &event {
            Some(EventType::Left | EventType::AutoDisconnection) => false,
            Some(EventType::Joined | EventType::Renamed | EventType::Returned) | None => true,
            Some(_) => return,
        };
        if !here || event.is_none() {
            self.typing.remove(id);
        }
        if matches!(author.role, AuthorRole::System | AuthorRole::Me) {
            return;
        }
        let room = self.present.len() < MOST;
        match self.present.get_mut(id) {
            Some(known) if at < known.at => {}
            Some(known) => {
                // A name once known is not lost to an item without one.
                let name = author.name.or_else(|| known.author.name.clone());
                *known = Presence { author: Author { role: author.role, name }, here, at };
            }
            None if room => {
                self.present.insert(id.to_owned(), Presence { author, here, at });
            }
            None => {}
        }
    }

    /// Somebody types, and is shown to do so for a while.
    pub fn types(&mut self, item: &Item, me: &str, now: Instant, shown: Duration) {
        let Some(id) = item.participant_id.as_deref().filter(|id| !id.is_empty() && *id != me) else {
            return;
        };
        if self.typing.len() < MOST || self.typing.contains_key(id) {
            self.typing.insert(id.to_owned(), (items::author(item, me), now + shown));
        }
    }

    /// Nobody types any more.
    pub fn nobody_types(&mut self) {
        self.typing.clear();
    }

    /// Who has stopped typing without a word.
    pub fn tick(&mut self, now: Instant) {
        self.typing.retain(|_, (_, until)| now < *until);
    }

    /// When the next one is taken to have stopped.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.typing.values().map(|(_, until)| *until).min()
    }

    /// Who takes part now.
    pub fn participants(&self) -> Vec<Author> {
        self.present.values().filter(|presence| presence.here).map(|presence| presence.author.clone()).collect()
    }

    /// Who types now.
    pub fn typing(&self) -> Vec<Author> {
        self.typing.values().map(|(author, _)| author.clone()).collect()
    }
}

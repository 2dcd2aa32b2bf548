//! Events of the platforms' own and who is online, per account. Bounded: the
//! history has the rest.
//!
//! | input | the list of the account |
//! | --- | --- |
//! | `PlatformEvent` | goes last, unread, unless its id is on the list; the oldest make room |
//! | `Roster` | replaces the roster |
//! | `AccountRemoved` | gone with the account |

use std::collections::VecDeque;

use trunkline_model::{AccountId, PlatformEvent, RosterEntry};

use crate::Desk;

/// Events kept for each account.
pub const EVENTS_KEPT: usize = 200;
/// Bytes of text kept for each account; one event may have more.
pub const EVENT_BYTES_KEPT: usize = 8 << 20;

/// What one account's platform has told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    events: VecDeque<PlatformEvent>,
    bytes: usize,
    unread: usize,
    roster: Vec<RosterEntry>,
}

impl Told {
    fn add(&mut self, event: PlatformEvent) -> bool {
        if self.events.iter().any(|known| known.id == event.id) {
            return false;
        }
        self.bytes += event.size();
        self.events.push_back(event);
        self.unread += 1;
        while self.events.len() > EVENTS_KEPT || (self.bytes > EVENT_BYTES_KEPT && self.events.len() > 1) {
            if let Some(oldest) = self.events.pop_front() {
                self.bytes -= oldest.size();
            }
        }
        self.unread = self.unread.min(self.events.len());
        true
    }
}

impl Desk {
    /// False when it was known.
    pub(crate) fn on_platform_event(&mut self, account: &AccountId, event: PlatformEvent) -> bool {
        self.accounts.get_mut(account).is_some_and(|entry| entry.told.add(event))
    }

    pub(crate) fn on_roster(&mut self, account: &AccountId, roster: Vec<RosterEntry>) {
        if let Some(entry) = self.accounts.get_mut(account) {
            entry.told.roster = roster;
        }
    }

    /// The last events of an account, oldest first.
    pub fn platform_events(&self, account: &AccountId) -> impl Iterator<Item = &PlatformEvent> {
        self.accounts.get(account).into_iter().flat_map(|entry| &entry.told.events)
    }

    /// How many of them the agent has not seen: the newest ones.
    pub fn unread_events(&self, account: &AccountId) -> usize {
        self.accounts.get(account).map_or(0, |entry| entry.told.unread)
    }

    /// Who is online at the account's platform.
    pub fn roster(&self, account: &AccountId) -> &[RosterEntry] {
        self.accounts.get(account).map_or(&[], |entry| &entry.told.roster)
    }
}

//! Events of the platforms' own and who is online, per account. Bounded: what is
//! too old makes room.
//!
//! | input | the list |
//! | --- | --- |
//! | `PlatformEvent` | goes last, unless its id is on the list; the account's oldest make room |
//! | `EventRules` | say what is done with the next ones |
//! | `EventsSeen` | the account's events up to that one are read |
//! | `Roster` | replaces the account's roster |
//! | `Link(SignedOut, Refused)` | the roster is empty: nobody is left to tell it |
//! | `AccountRemoved` | both gone with the account |
//!
//! An event is unread when a rule has something done for it; without a rule,
//! when somebody may have to act upon it.
//!
//! Changes are noted where they are made: to compare all events with what was
//! told, as is done with contacts, would take time with every input.

use std::collections::{BTreeMap, VecDeque};

use trunkline_model::{AccountId, EventRule, PlatformEvent, PlatformEventId, RosterEntry, UnixMillis};

use crate::{Change, Desk, Effect, EventKey, EventView, RosterView};

/// Events kept for each account.
pub const EVENTS_KEPT: usize = 200;
/// Bytes of text kept for each account; one event may have more.
pub const EVENT_BYTES_KEPT: usize = 8 << 20;

/// What the platforms have told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// Of all accounts, in the order they came.
    events: VecDeque<EventView>,
    /// Count and bytes, by account.
    held: BTreeMap<AccountId, (usize, usize)>,
    rosters: BTreeMap<AccountId, Vec<RosterEntry>>,
    rules: Vec<EventRule>,
    /// Not published yet.
    news: Vec<Change>,
}

impl Told {
    fn add(&mut self, view: EventView) {
        let (count, bytes) = self.held.entry(view.account.clone()).or_default();
        *count += 1;
        *bytes += view.event.size();
        let account = view.account.clone();
        self.news.push(Change::Event(Box::new(view.clone())));
        self.events.push_back(view);
        while self.is_over(&account) {
            let Some(at) = self.events.iter().position(|known| known.account == account) else { return };
            let Some(oldest) = self.events.remove(at) else { return };
            if let Some((count, bytes)) = self.held.get_mut(&account) {
                *count -= 1;
                *bytes -= oldest.event.size();
            }
            self.news.push(Change::EventGone(EventKey { account: account.clone(), event: oldest.event.id }));
        }
    }

    fn is_over(&self, account: &AccountId) -> bool {
        let (count, bytes) = self.held.get(account).copied().unwrap_or_default();
        count > EVENTS_KEPT || (bytes > EVENT_BYTES_KEPT && count > 1)
    }

    fn set_roster(&mut self, account: &AccountId, entries: Vec<RosterEntry>) {
        let same = self.rosters.get(account).map_or(entries.is_empty(), |known| *known == entries);
        if same {
            return;
        }
        self.news.push(Change::Roster(Box::new(RosterView { account: account.clone(), entries: entries.clone() })));
        if entries.is_empty() {
            self.rosters.remove(account);
        } else {
            self.rosters.insert(account.clone(), entries);
        }
    }
}

impl Desk {
    pub(crate) fn on_platform_event(
        &mut self,
        account: &AccountId,
        event: PlatformEvent,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        let known = |view: &EventView| view.account == *account && view.event.id == event.id;
        if self.told.events.iter().any(known) {
            tracing::debug!(%account, "an event came again");
            return;
        }
        let rule = EventRule::first(&self.told.rules, account, &event).map(|at| self.told.rules[at].clone());
        let unread = rule.as_ref().map_or(event.sort.is_news(), |rule| !rule.acts.is_empty());
        effects.push(Effect::EventArrived { account: account.clone(), event: Box::new(event.clone()), rule });
        self.told.add(EventView { account: account.clone(), event, arrived: now, unread });
    }

    pub(crate) fn on_roster(&mut self, account: &AccountId, roster: Vec<RosterEntry>) {
        self.told.set_roster(account, roster);
    }

    pub(crate) fn on_event_rules(&mut self, rules: Vec<EventRule>) {
        self.told.rules = rules;
    }

    /// The agent has seen one of an account's events, and those before it unless `alone`.
    pub(crate) fn on_events_seen(&mut self, account: &AccountId, until: &PlatformEventId, alone: bool) {
        let Told { events, news, .. } = &mut self.told;
        let last = events.iter().rposition(|view| view.account == *account && view.event.id == *until);
        let Some(last) = last else { return };
        let first = if alone { last } else { 0 };
        for view in events.range_mut(first..=last).filter(|view| view.account == *account && view.unread) {
            view.unread = false;
            news.push(Change::Event(Box::new(view.clone())));
        }
    }

    /// The account is removed: whoever is told of that drops what was its.
    pub(crate) fn forget_told(&mut self, account: &AccountId) {
        let Told { events, held, rosters, news, rules: _ } = &mut self.told;
        events.retain(|view| view.account != *account);
        held.remove(account);
        rosters.remove(account);
        news.retain(|change| match change {
            Change::Event(view) => view.account != *account,
            Change::EventGone(key) => key.account != *account,
            Change::Roster(view) => view.account != *account,
            _ => true,
        });
    }

    pub(crate) fn publish_told(&mut self, changes: &mut Vec<Change>) {
        changes.append(&mut self.told.news);
    }

    /// One of the events that are listed.
    pub fn event(&self, key: &EventKey) -> Option<&EventView> {
        self.told.events.iter().find(|view| view.account == key.account && view.event.id == key.event)
    }

    pub(crate) fn event_views(&self) -> Vec<EventView> {
        self.told.events.iter().cloned().collect()
    }

    pub(crate) fn roster_views(&self) -> Vec<RosterView> {
        let of = |(account, entries): (&AccountId, &Vec<RosterEntry>)| RosterView {
            account: account.clone(),
            entries: entries.clone(),
        };
        self.told.rosters.iter().map(of).collect()
    }
}

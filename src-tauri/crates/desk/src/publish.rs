//! From the state to changes: what differs from what the UI has been told.

use std::collections::BTreeMap;

use thiserror::Error;
use trunkline_model::{AccountId, ContactKey};

use crate::{AccountView, Change, ContactView, Desk, DeskPatch, DeskSnapshot, EventView, PlacedMessage};

/// A patch does not join on to the snapshot it was given to: take a new snapshot.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the patch starts at revision {from}, the snapshot is at {at}")]
pub struct RevisionGap {
    /// Revision of the snapshot.
    pub at: u64,
    /// Revision that the patch needs.
    pub from: u64,
}

impl Desk {
    /// Changes since the last time; the revision grows by one when there are any.
    pub(crate) fn publish(&mut self) -> Vec<Change> {
        let mut changes = Vec::new();
        self.publish_accounts(&mut changes);
        self.publish_contacts(&mut changes);
        self.publish_conversations(&mut changes);
        self.publish_told(&mut changes);
        if self.published.audio != self.audio {
            self.published.audio = self.audio.clone();
            changes.push(Change::Audio(Box::new(self.audio.clone())));
        }
        self.publish_notices(&mut changes);
        if self.published.limits != self.limits {
            self.published.limits.clone_from(&self.limits);
            changes.push(Change::Limits(self.limits.clone()));
        }
        if !changes.is_empty() {
            self.revision += 1;
        }
        changes
    }

    fn publish_accounts(&mut self, changes: &mut Vec<Change>) {
        let told: &mut BTreeMap<AccountId, AccountView> = &mut self.published.accounts;
        told.retain(|id, _| {
            let stays = self.accounts.contains_key(id);
            if !stays {
                changes.push(Change::AccountGone(id.clone()));
            }
            stays
        });
        for (id, entry) in &self.accounts {
            if told.get(id) != Some(&entry.view) {
                told.insert(id.clone(), entry.view.clone());
                changes.push(Change::Account(Box::new(entry.view.clone())));
            }
        }
    }

    fn publish_contacts(&mut self, changes: &mut Vec<Change>) {
        let told: &mut BTreeMap<ContactKey, ContactView> = &mut self.published.contacts;
        told.retain(|key, _| {
            let stays = self.contacts.contains_key(key);
            if !stays {
                changes.push(Change::ContactGone(key.clone()));
            }
            stays
        });
        let mut changed: Vec<_> =
            self.contacts.values().filter(|entry| told.get(&entry.view.key) != Some(&entry.view)).collect();
        changed.sort_by_key(|entry| entry.arrival);
        for entry in changed {
            told.insert(entry.view.key.clone(), entry.view.clone());
            changes.push(Change::Contact(Box::new(entry.view.clone())));
        }
    }

    fn publish_notices(&mut self, changes: &mut Vec<Change>) {
        if self.published.notices == self.notices {
            return;
        }
        let is_now = |id: &str| self.notices.iter().any(|notice| notice.id == id);
        let was_told = |id: &str| self.published.notices.iter().any(|notice| notice.id == id);
        // What stays must stay in its order, or a receiver that replaces in
        // place would show another one: a notice that was withdrawn and raised
        // anew within one input has moved to the end.
        let stays: Vec<&str> =
            self.published.notices.iter().map(|told| told.id.as_str()).filter(|id| is_now(id)).collect();
        let stayed: Vec<&str> =
            self.notices.iter().map(|notice| notice.id.as_str()).filter(|id| was_told(id)).collect();
        let moved = stays != stayed;
        for told in self.published.notices.iter().filter(|told| moved || !is_now(&told.id)) {
            changes.push(Change::NoticeGone(told.id.clone()));
        }
        for notice in self.notices.iter().filter(|notice| moved || !self.published.notices.contains(notice)) {
            changes.push(Change::Notice(Box::new(notice.clone())));
        }
        self.published.notices.clone_from(&self.notices);
    }
}

impl DeskSnapshot {
    /// Takes a patch in, as every receiver does: what is known is replaced in
    /// its place, what is new goes last (accounts are sorted by `order`, then
    /// id). On a gap nothing is changed.
    pub fn apply(&mut self, patch: &DeskPatch) -> Result<(), RevisionGap> {
        if patch.from != self.revision {
            return Err(RevisionGap { at: self.revision, from: patch.from });
        }
        for change in &patch.changes {
            self.take(change);
        }
        self.revision = patch.to;
        Ok(())
    }

    fn take(&mut self, change: &Change) {
        match change {
            Change::Account(view) => {
                upsert(&mut self.accounts, view.as_ref(), |other| other.id == view.id);
                self.accounts.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
            }
            Change::AccountGone(id) => {
                self.accounts.retain(|view| view.id != *id);
                self.events.retain(|view| view.account != *id);
                self.rosters.retain(|view| view.account != *id);
            }
            Change::Contact(view) => upsert(&mut self.contacts, view.as_ref(), |other| other.key == view.key),
            Change::ContactGone(key) => {
                self.contacts.retain(|view| view.key != *key);
                self.conversations.retain(|view| view.key != *key);
                self.messages.retain(|placed| placed.contact != *key);
            }
            Change::Conversation(view) => {
                upsert(&mut self.conversations, view.as_ref(), |other| other.key == view.key);
                self.sort_by_contacts();
            }
            Change::Message(placed) => {
                let same =
                    |other: &PlacedMessage| other.contact == placed.contact && other.message.id == placed.message.id;
                upsert(&mut self.messages, placed.as_ref(), same);
                self.sort_by_contacts();
            }
            Change::Event(view) => {
                let same = |other: &EventView| other.account == view.account && other.event.id == view.event.id;
                upsert(&mut self.events, view.as_ref(), same);
            }
            Change::EventGone(key) => {
                self.events.retain(|view| view.account != key.account || view.event.id != key.event);
            }
            Change::Roster(view) => {
                self.rosters.retain(|other| other.account != view.account);
                if !view.entries.is_empty() {
                    self.rosters.push(view.as_ref().clone());
                    self.rosters.sort_by(|a, b| a.account.cmp(&b.account));
                }
            }
            Change::Audio(view) => self.audio = view.as_ref().clone(),
            Change::Notice(notice) => upsert(&mut self.notices, notice.as_ref(), |other| other.id == notice.id),
            Change::NoticeGone(id) => self.notices.retain(|notice| notice.id != *id),
            Change::Limits(limits) => self.limits.clone_from(limits),
        }
    }
}

impl DeskSnapshot {
    fn sort_by_contacts(&mut self) {
        let order: BTreeMap<&ContactKey, usize> =
            self.contacts.iter().enumerate().map(|(index, view)| (&view.key, index)).collect();
        self.conversations.sort_by_key(|view| order.get(&view.key).copied());
        self.messages.sort_by_key(|placed| {
            (order.get(&placed.contact).copied(), placed.message.at, placed.message.order, placed.arrival)
        });
    }
}

fn upsert<T: Clone>(list: &mut Vec<T>, value: &T, same: impl Fn(&T) -> bool) {
    match list.iter_mut().find(|other| same(other)) {
        Some(place) => *place = value.clone(),
        None => list.push(value.clone()),
    }
}

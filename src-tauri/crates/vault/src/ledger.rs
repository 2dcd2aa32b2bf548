//! What this run knows of the secrets, and what is still to be carried out at
//! the keyring. No I/O.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::SecretString;
use trunkline_model::AccountId;

/// One secret's place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) account: AccountId,
    pub(crate) name: String,
}

/// One thing the keyring does not have yet.
#[derive(Clone)]
pub(crate) struct Unsaved {
    pub(crate) key: Key,
    /// `None`: to be deleted.
    pub(crate) secret: Option<SecretString>,
    pub(crate) revision: u64,
}

#[derive(Default)]
pub(crate) struct Ledger {
    entries: BTreeMap<Key, Entry>,
    /// Accounts whose secrets are all to be deleted.
    forgotten: BTreeSet<AccountId>,
    revisions: u64,
}

struct Entry {
    /// `None`: deleted in this run.
    secret: Option<SecretString>,
    /// The change that made it so, while the keyring has not carried it out.
    unsaved: Option<u64>,
}

impl Ledger {
    /// What this run knows: `None` is nothing, `Some(None)` is "there is none".
    pub(crate) fn read(&self, key: &Key) -> Option<Option<SecretString>> {
        match self.entries.get(key) {
            Some(entry) => Some(entry.secret.clone()),
            None => self.forgotten.contains(&key.account).then_some(None),
        }
    }

    /// Takes what the keyring had, unless this run has changed it meanwhile;
    /// gives what counts.
    pub(crate) fn remember(&mut self, key: Key, stored: Option<SecretString>) -> Option<SecretString> {
        if let Some(known) = self.read(&key) {
            return known;
        }
        if stored.is_some() {
            self.entries.insert(key, Entry { secret: stored.clone(), unsaved: None });
        }
        stored
    }

    /// A new value, or none; to be saved under the revision given.
    pub(crate) fn change(&mut self, key: Key, secret: Option<SecretString>) -> u64 {
        self.revisions += 1;
        self.entries.insert(key, Entry { secret, unsaved: Some(self.revisions) });
        self.revisions
    }

    /// The keyring has carried the change out.
    pub(crate) fn saved(&mut self, key: &Key, revision: u64) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        if entry.unsaved == Some(revision) {
            entry.unsaved = None;
            if entry.secret.is_none() {
                self.entries.remove(key);
            }
        }
    }

    /// The change, or a newer one in its place, needs nothing more.
    pub(crate) fn is_saved(&self, key: &Key, revision: u64) -> bool {
        self.entries.get(key).and_then(|entry| entry.unsaved).is_none_or(|unsaved| unsaved > revision)
    }

    pub(crate) fn unsaved(&self) -> Vec<Unsaved> {
        let entries = self.entries.iter();
        let unsaved = entries.filter_map(|(key, entry)| {
            entry.unsaved.map(|revision| Unsaved { key: key.clone(), secret: entry.secret.clone(), revision })
        });
        unsaved.collect()
    }

    /// All of an account is to be deleted. What is written afterwards is not.
    pub(crate) fn forget(&mut self, account: &AccountId) {
        self.drop_account(account);
        self.forgotten.insert(account.clone());
    }

    pub(crate) fn drop_account(&mut self, account: &AccountId) {
        self.entries.retain(|key, _| key.account != *account);
    }

    pub(crate) fn to_forget(&self) -> Vec<AccountId> {
        self.forgotten.iter().cloned().collect()
    }

    pub(crate) fn forgot(&mut self, account: &AccountId) {
        self.forgotten.remove(account);
    }

    pub(crate) fn is_forgetting(&self, account: &AccountId) -> bool {
        self.forgotten.contains(account)
    }

    pub(crate) fn has_work(&self) -> bool {
        !self.forgotten.is_empty() || self.entries.values().any(|entry| entry.unsaved.is_some())
    }
}

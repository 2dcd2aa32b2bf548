//! Contacts that are over, as a platform keeps them. Text in all of it is from outside.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ContactId, Party, Subtype, UnixMillis};

/// A contact that is over, whoever had it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ArchivedContact {
    /// Provider's id.
    pub id: ContactId,
    /// Whose it was.
    pub customer: Party,
    /// On which way.
    pub kind: Option<Subtype>,
    /// Name of the agent who had it last.
    pub agent: Option<String>,
    /// Beginning.
    pub began: Option<UnixMillis>,
    /// End, or the last that happened.
    pub ended: Option<UnixMillis>,
    /// The last words.
    pub last: Option<String>,
}

/// A page of them, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ArchivePage {
    /// Contacts.
    pub items: Vec<ArchivedContact>,
    /// How many there are in all, where the platform tells.
    #[ts(type = "number | null")]
    pub total: Option<u64>,
    /// Number of the next page; absent: this is the last.
    pub next: Option<u32>,
}

//! Lists that agents take work from themselves, where the platform does not
//! bring it to them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ContactId, Party, Subtype, UnixMillis, WorkItemId, WorkListId};

/// One list. What is in it is known only while it is subscribed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WorkList {
    /// Provider's id.
    pub id: WorkListId,
    /// Shown name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The agent is told what comes into it.
    pub subscribed: bool,
    /// The agent is always told: it can be neither subscribed to nor left.
    #[serde(default)]
    pub fixed: bool,
    /// What is in it, oldest first.
    pub items: Vec<WorkItem>,
}

/// Something to take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WorkItem {
    /// Provider's id.
    pub id: WorkItemId,
    /// The contact that it becomes.
    pub contact: Option<ContactId>,
    /// Who waits. Text from outside.
    pub customer: Party,
    /// On which way.
    pub kind: Option<Subtype>,
    /// Since when, by this computer's clock.
    pub since: Option<UnixMillis>,
    /// Somebody is at it already.
    pub taken: bool,
}

//! The table of connectors.

use serde_json::Value;
use thiserror::Error;
use trunkline_model::{PlatformEvent, PlatformId, UnixMillis};

use crate::{AccountSettings, Connector, Descriptor};

/// The account's settings cannot be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("setting `{field}`: {problem}")]
pub struct BuildError {
    /// Field of the account form.
    pub field: String,
    /// What is wrong, for the log.
    pub problem: String,
    /// Message key for the agent.
    pub message_key: String,
}

/// One connector: what it is and how it is made.
#[derive(Clone, Copy, Debug)]
pub struct Registration {
    /// What it is.
    pub descriptor: fn() -> Descriptor,
    /// Checks the settings and makes one for an account.
    pub build: fn(&AccountSettings) -> Result<Box<dyn Connector>, BuildError>,
    /// Reads an event as the platform sends it, for a dry run of rules; absent
    /// where the platform tells no events of its own.
    pub read_events: Option<ReadEvents>,
}

/// From JSON to the events in it, with the time for those that have none.
pub type ReadEvents = fn(&AccountSettings, &Value, UnixMillis) -> Vec<PlatformEvent>;

/// All connectors of a program. The order is the order shown.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    entries: Vec<Registration>,
}

impl Registry {
    /// From a table.
    pub fn new(entries: impl IntoIterator<Item = Registration>) -> Self {
        Self { entries: entries.into_iter().collect() }
    }

    /// All descriptors.
    pub fn descriptors(&self) -> Vec<Descriptor> {
        self.entries.iter().map(|entry| (entry.descriptor)()).collect()
    }

    /// The one with this id.
    pub fn find(&self, id: &PlatformId) -> Option<Registration> {
        self.entries.iter().copied().find(|entry| (entry.descriptor)().id == *id)
    }
}

//! What outlives a run: settings in layers, the history of contacts, messages
//! that have not arrived yet and notes on conversations. No secrets: those are the vault's.

mod annotations;
mod database;
mod events;
mod history;
mod notes;
mod outbox;
mod pops;
mod settings;
mod store;

pub use database::Database;
pub use events::EventRow;
pub use history::HistoryRow;
pub use notes::Note;
pub use outbox::OutboxRow;
pub use settings::{
    AccountRecord, AudioSettings, LogSettingsRecord, PanelSettingsRecord, PluginRecord, PluginSettings,
    RingtoneSetting, ScreenPopSettings, Settings, SoundSetting, SoundSettings,
};
pub use store::{Committed, SettingsProblem, SettingsStore};

use std::path::PathBuf;

use thiserror::Error;

/// Why something could not be kept or read. The state in memory is as it was
/// before, unless a method says otherwise.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A file cannot be read or written (read-only, disk full, no right).
    #[error("{path}: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// The system's words.
        cause: std::io::Error,
    },
    /// Settings cannot be put into the file's form.
    #[error("settings cannot be written: {0}")]
    Serialise(#[from] toml::ser::Error),
    /// A key that the administrator has fixed would be changed.
    #[error("`{0}` is fixed by the administrator")]
    Enforced(String),
    /// The database failed.
    #[error("database: {0}")]
    Database(#[from] rusqlite::Error),
    /// The database's thread has ended.
    #[error("the database is closed")]
    Closed,
}

impl StoreError {
    /// The administrator forbids it: trying again is no use.
    pub fn is_enforced(&self) -> bool {
        matches!(self, Self::Enforced(_))
    }
}

//! What crosses about the program's log.

use serde::{Deserialize, Serialize};
use trunkline_model::{AccountId, UnixMillis};
use ts_rs::TS;

/// How much an entry matters, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Something was lost or does not work.
    Error,
    /// Something was not as it should be.
    Warn,
    /// What happened.
    Info,
    /// How it happened.
    Debug,
    /// Every step.
    Trace,
}

/// What is written to the log, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogSettings {
    /// Entries of this level and worse are written to the files.
    pub written: LogLevel,
    /// Entries of this level and worse are echoed to standard error, too.
    pub echoed: LogLevel,
    /// Environment variable that decides what is written instead of the level.
    pub overridden_by: Option<String>,
    /// Which of the two the administrator has fixed: `written`, `echoed`.
    pub fixed: Vec<String>,
    /// Folder of the files; absent: this run has no log.
    pub folder: Option<String>,
    /// Bytes that the files take now.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Bytes that they take at most; the oldest entries go first.
    #[ts(type = "number")]
    pub most_bytes: u64,
    /// Days that an entry is kept at most.
    pub days: u32,
    /// Entries of this run that could not be written.
    #[ts(type = "number")]
    pub lost: u64,
    /// The system's words for why none can be written at present.
    pub trouble: Option<String>,
}

/// Chooses what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SaveLogSettings {
    /// To the files.
    pub written: LogLevel,
    /// To standard error.
    pub echoed: LogLevel,
}

/// Which entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogQuery {
    /// Not those before; absent: from the beginning.
    pub since: Option<UnixMillis>,
    /// This level and worse.
    pub level: LogLevel,
    /// Those with this text in them, upper and lower case alike; empty: all.
    pub text: String,
}

/// Asks for a page of the log, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReadLog {
    /// Which entries.
    pub query: LogQuery,
    /// At most this many (1 to 500).
    pub limit: u32,
    /// `LogPage::end` of the first page: what was written since is left out. Absent: this is the first.
    pub end: Option<String>,
    /// `LogPage::more` of the page before.
    pub before: Option<String>,
}

/// One named value of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogField {
    /// Name.
    pub name: String,
    /// Value as text.
    pub value: String,
}

/// One entry. Private values are marks with a digest: `[secret 3fa91b02]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogLine {
    /// Tells it from all others.
    pub id: String,
    /// When.
    pub time: UnixMillis,
    /// How much it matters.
    pub level: LogLevel,
    /// Part of the program.
    pub target: String,
    /// Account it is about.
    pub account: Option<AccountId>,
    /// What happened. May have several lines.
    pub message: String,
    /// Further values.
    pub fields: Vec<LogField>,
    /// Why an error came about, the nearest cause first.
    pub causes: Vec<String>,
}

/// Some entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogPage {
    /// Newest first.
    pub entries: Vec<LogLine>,
    /// All that fit, on this page and others.
    #[ts(type = "number")]
    pub total: u64,
    /// Lines of the files that could not be read.
    #[ts(type = "number")]
    pub broken: u64,
    /// Where the log ended when the first page was read.
    pub end: String,
    /// Where the next page goes on; absent: there is none.
    pub more: Option<String>,
}

/// Writes what a page was read from to a file: all that fit, oldest first, as lines of JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExportLog {
    /// Which entries.
    pub query: LogQuery,
    /// `LogPage::end`: what was written since is not in it.
    pub end: String,
}

/// Where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogExport {
    /// File.
    pub path: String,
    /// Entries in it.
    #[ts(type = "number")]
    pub entries: u64,
}

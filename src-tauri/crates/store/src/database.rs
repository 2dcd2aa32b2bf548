//! What outlives a run beside the settings, in SQLite, on a thread of its own:
//! the desk never waits for the disk.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;

use crate::StoreError;

type Work = Box<dyn FnOnce(&mut Connection) + Send>;

/// How long another program may hold the database before ours does without.
const BUSY: Duration = Duration::from_secs(2);

/// Finished contacts (`history`), events (`events`), unsent messages (`outbox`) and notes on
/// conversations (`notes`). Clones share one thread and one connection.
#[derive(Clone, Debug)]
pub struct Database {
    work: mpsc::Sender<Work>,
    set_aside: Option<PathBuf>,
    only_in_memory: Option<String>,
}

impl Database {
    /// Opens or makes the database. A damaged one is kept under another name
    /// and a new one serves. One that cannot be used otherwise (read-only
    /// folder, full disk, held by another program) is left alone, and this
    /// run's history lives in memory: see [`Self::only_in_memory`].
    ///
    /// # Errors
    /// When not even a thread can be started.
    pub fn open(file: &Path) -> Result<Self, StoreError> {
        Self::open_within(file, BUSY)
    }

    fn open_within(file: &Path, busy: Duration) -> Result<Self, StoreError> {
        let in_memory = |why: String| -> Result<_, StoreError> {
            tracing::error!(why, "what this run keeps is gone with it");
            Ok((migrated(Connection::open_in_memory()?)?, None, Some(why)))
        };
        let (mut connection, set_aside, only_in_memory) = match connect(file, busy) {
            Ok(connection) => (connection, None, None),
            Err(error) if is_damage(&error) => {
                tracing::error!(%error, "the database is damaged; a new one is begun");
                match keep_aside(file).and_then(|kept| Ok((connect(file, busy)?, kept))) {
                    Ok((connection, kept)) => (connection, Some(kept), None),
                    Err(error) => in_memory(format!("{}: {error}", file.display()))?,
                }
            }
            Err(error) => in_memory(format!("{}: {error}", file.display()))?,
        };
        let (work, queue) = mpsc::channel::<Work>();
        std::thread::Builder::new()
            .name("database".to_owned())
            .spawn(move || {
                while let Ok(work) = queue.recv() {
                    work(&mut connection);
                }
            })
            .map_err(|cause| StoreError::File { path: file.to_path_buf(), cause })?;
        Ok(Self { work, set_aside, only_in_memory })
    }

    /// Where an unreadable older history was kept.
    pub fn set_aside(&self) -> Option<&Path> {
        self.set_aside.as_deref()
    }

    /// Why this run's history will be gone at its end: the file and the cause.
    pub fn only_in_memory(&self) -> Option<&str> {
        self.only_in_memory.as_deref()
    }

    /// Has something done after everything asked for before; nobody waits for it.
    pub(crate) fn post(&self, work: impl FnOnce(&mut Connection) -> Result<(), StoreError> + Send + 'static) {
        let work: Work = Box::new(move |connection| {
            if let Err(error) = work(connection) {
                tracing::warn!(%error, "could not be kept");
            }
        });
        if self.work.send(work).is_err() {
            tracing::warn!("could not be kept: the database is closed");
        }
    }

    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            // Nobody waits any more: the work was done all the same.
            let _ = reply.send(work(connection));
        });
        self.work.send(work).map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

/// Steps from each version of the schema to the next. A column's meaning never changes.
const MIGRATIONS: &[&str] = &[
    "CREATE TABLE contact (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    contact TEXT NOT NULL,
    ended_at INTEGER NOT NULL,
    outcome TEXT NOT NULL DEFAULT '',
    document TEXT NOT NULL,
    UNIQUE (account, contact)
 ) STRICT;
 CREATE INDEX contact_by_time ON contact (ended_at DESC, id DESC);",
    "CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    contact TEXT NOT NULL,
    token TEXT NOT NULL UNIQUE,
    item TEXT NOT NULL,
    content BLOB,
    since INTEGER NOT NULL,
    failed TEXT
 ) STRICT;
 CREATE TABLE note (
    account TEXT NOT NULL,
    contact TEXT NOT NULL,
    draft TEXT NOT NULL,
    read_id TEXT,
    read_at INTEGER,
    PRIMARY KEY (account, contact)
 ) STRICT;",
    "CREATE TABLE pop (
    account TEXT NOT NULL,
    contact TEXT NOT NULL,
    page TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    PRIMARY KEY (account, contact, page)
 ) STRICT;",
    "CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    event TEXT NOT NULL,
    arrived INTEGER NOT NULL,
    words TEXT NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (account, event)
 ) STRICT;
 CREATE INDEX event_by_time ON event (arrived DESC, id DESC);",
    "CREATE TABLE annotation (
    account TEXT NOT NULL,
    contact TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (account, contact)
 ) STRICT;",
];

fn connect(file: &Path, busy: Duration) -> Result<Connection, StoreError> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(busy)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // Words that were sent, discarded or given up leave nothing behind.
    connection.pragma_update(None, "secure_delete", "ON")?;
    migrated(connection)
}

fn migrated(mut connection: Connection) -> Result<Connection, StoreError> {
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for (number, step) in (1_u32..).zip(MIGRATIONS).skip(version as usize) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(connection)
}

/// The file itself is at fault, and not the disk, the folder or another program.
fn is_damage(error: &StoreError) -> bool {
    let StoreError::Database(error) = error else { return false };
    matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}

/// Moves the database to a free name beside it, its write-ahead log with it:
/// what is in the log may be all that can be saved.
fn keep_aside(file: &Path) -> Result<PathBuf, StoreError> {
    let failed = |cause| StoreError::File { path: file.to_path_buf(), cause };
    let beside = |name: &Path, suffix: &str| {
        let mut name = name.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let mut number = 1;
    let kept = loop {
        let candidate = file.with_extension(format!("broken-{number}.sqlite"));
        if !candidate.exists() {
            break candidate;
        }
        number += 1;
    };
    std::fs::rename(file, &kept).map_err(failed)?;
    for suffix in ["-wal", "-shm"] {
        match std::fs::rename(beside(file, suffix), beside(&kept, suffix)) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(failed(cause)),
            _ => {}
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::HistoryRow;
    use trunkline_model::{ContactId, UnixMillis};

    fn row(number: i64) -> HistoryRow {
        HistoryRow {
            account: "a-1".into(),
            contact: ContactId::new(format!("c-{number}")),
            ended_at: UnixMillis(number),
            outcome: Some("handled".to_owned()),
            document: serde_json::json!({ "number": number }),
        }
    }

    #[tokio::test]
    async fn an_unreadable_file_is_kept_and_a_new_one_serves() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("history.sqlite");
        std::fs::write(&file, b"this is not a database, and it is long enough to be looked at as one").unwrap();
        let history = Database::open(&file).unwrap();
        assert!(history.set_aside().is_some_and(Path::exists), "the old file is kept");
        history.record(row(1)).await.unwrap();
        assert_eq!(history.page(10, 0).await.unwrap().len(), 1, "and the new one works");
    }

    #[tokio::test]
    async fn a_second_unreadable_file_does_not_replace_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("history.sqlite");
        let first = folder.path().join("history.broken-1.sqlite");
        std::fs::write(&first, "set aside by an earlier run").unwrap();
        std::fs::write(&file, "a second file that is not a database either").unwrap();
        let history = Database::open(&file).unwrap();
        let second = std::fs::read_to_string(history.set_aside().unwrap()).unwrap();
        assert_eq!(second, "a second file that is not a database either", "the second is kept");
        let first = std::fs::read_to_string(first).unwrap();
        assert_eq!(first, "set aside by an earlier run", "and the first still is");
    }

    #[tokio::test]
    async fn a_database_that_another_program_holds_is_not_taken_for_broken() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("history.sqlite");
        drop(Database::open(&file).unwrap());
        let holder = Connection::open(&file).unwrap();
        holder.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; DELETE FROM contact;").unwrap();
        let history = Database::open_within(&file, Duration::from_millis(100)).unwrap();
        assert!(file.exists() && history.set_aside().is_none(), "the healthy file stays where it is");
        assert!(history.only_in_memory().is_some(), "and it is told that this run's history will be lost");
        history.record(row(1)).await.unwrap();
        assert_eq!(history.page(10, 0).await.unwrap().len(), 1, "the run has its history all the same");
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_used_does_not_stop_the_program() {
        let folder = tempfile::tempdir().unwrap();
        let no_folder = folder.path().join("file");
        std::fs::write(&no_folder, "in the folder's place").unwrap();
        let history = Database::open(&no_folder.join("history.sqlite")).unwrap();
        let why = history.only_in_memory().expect("it is told that this run's history will be lost");
        assert!(why.contains("history.sqlite"), "with the file's name: {why}");
        history.record(row(1)).await.unwrap();
        assert_eq!(history.page(10, 0).await.unwrap().len(), 1, "finished contacts are listed in this run");
    }
}

//! Events of the platforms' own, kept and searched.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use trunkline_model::{AccountId, PlatformEventId, UnixMillis};

use crate::{Database, StoreError};

/// Older ones are forgotten.
const KEPT_MS: i64 = 120 * 24 * 3_600_000;
/// More than these are forgotten, the oldest first.
const KEPT: i64 = 200_000;
/// Characters of an event that are searched; it is kept whole.
const SEARCHED: usize = 16 * 1024;

/// One event. `document` is the model's whole event as JSON; `words` is what is searched.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    /// Account.
    pub account: AccountId,
    /// Event there.
    pub event: PlatformEventId,
    /// Got here.
    pub arrived: UnixMillis,
    /// Everything that a person might look for, in any case.
    pub words: String,
    /// The whole event.
    pub document: serde_json::Value,
}

impl Database {
    /// Keeps events, those that are kept already left as they are.
    pub async fn keep_events(&self, rows: Vec<EventRow>) -> Result<(), StoreError> {
        self.run(move |connection| keep(connection, &rows, KEPT)).await
    }

    /// A page of events that have all of the words, newest first. A word may be
    /// a part of one; case does not matter.
    pub async fn find_events(&self, words: &str, limit: u32, offset: u32) -> Result<Vec<EventRow>, StoreError> {
        let patterns: Vec<String> = words.split_whitespace().map(pattern).collect();
        self.run(move |connection| {
            let conditions = vec!["words LIKE ? ESCAPE '\\'"; patterns.len()].join(" AND ");
            let filter = if conditions.is_empty() { "1".to_owned() } else { conditions };
            let query = format!(
                "SELECT account, event, arrived, words, document FROM event WHERE {filter}
                 ORDER BY arrived DESC, id DESC LIMIT ? OFFSET ?"
            );
            let mut statement = connection.prepare_cached(&query)?;
            let (limit, offset) = (limit.to_string(), offset.to_string());
            let values = patterns.iter().map(String::as_str).chain([limit.as_str(), offset.as_str()]);
            let rows = statement.query_map(rusqlite::params_from_iter(values), read)?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
        })
        .await
    }

    /// One that is kept.
    pub async fn event(&self, account: AccountId, event: PlatformEventId) -> Result<Option<EventRow>, StoreError> {
        self.run(move |connection| {
            let query = "SELECT account, event, arrived, words, document FROM event WHERE account = ?1 AND event = ?2";
            let mut statement = connection.prepare_cached(query)?;
            Ok(statement.query_row([account.as_str(), event.as_str()], read).optional()?)
        })
        .await
    }

    /// The account is removed.
    pub fn forget_events_of(&self, account: AccountId) {
        self.post(move |connection| {
            connection.execute("DELETE FROM event WHERE account = ?1", [account.as_str()])?;
            Ok(())
        });
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    let document: String = row.get(4)?;
    Ok(EventRow {
        account: AccountId::new(row.get::<_, String>(0)?),
        event: PlatformEventId::new(row.get::<_, String>(1)?),
        arrived: UnixMillis(row.get(2)?),
        words: row.get(3)?,
        document: serde_json::from_str(&document).unwrap_or_default(),
    })
}

fn keep(connection: &mut Connection, rows: &[EventRow], most: i64) -> Result<(), StoreError> {
    // One transaction for all: a flood would else wait for the disk with each.
    let transaction = connection.transaction()?;
    let mut newest = i64::MIN;
    {
        let mut insert = transaction.prepare_cached(
            "INSERT INTO event (account, event, arrived, words, document) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (account, event) DO NOTHING",
        )?;
        for row in rows {
            newest = newest.max(row.arrived.0);
            let words: String = row.words.chars().take(SEARCHED).collect::<String>().to_lowercase();
            let document = row.document.to_string();
            insert.execute(params![row.account.as_str(), row.event.as_str(), row.arrived.0, words, document])?;
        }
    }
    transaction
        .prepare_cached("DELETE FROM event WHERE arrived < ?1 OR id <= (SELECT MAX(id) FROM event) - ?2")?
        .execute(params![newest.saturating_sub(KEPT_MS), most])?;
    transaction.commit()?;
    Ok(())
}

/// For `LIKE`: in small letters, anywhere, its own signs taken literally.
fn pattern(word: &str) -> String {
    let mut pattern = String::from("%");
    for letter in word.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn row(number: i64, words: &str) -> EventRow {
        EventRow {
            account: "a-1".into(),
            event: PlatformEventId::new(format!("e-{number}")),
            arrived: UnixMillis(1_700_000_000_000 + number),
            words: words.to_owned(),
            document: serde_json::json!({ "number": number }),
        }
    }

    fn open() -> (tempfile::TempDir, Database) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("history.sqlite")).unwrap();
        (folder, database)
    }

    async fn found(database: &Database, words: &str) -> Vec<String> {
        let rows = database.find_events(words, 50, 0).await.unwrap();
        rows.into_iter().map(|row| row.event.as_str().to_owned()).collect()
    }

    #[tokio::test]
    async fn events_are_found_by_all_of_the_words_in_any_case() {
        let (_folder, database) = open();
        let rows = vec![
            row(1, "ScreenPopVoice +12025550147 Ana Example"),
            row(2, "ThirdPartyEvent Ärger 100% ready_now"),
            row(3, "ScreenPopVoice +4930123456 Ben Sample"),
        ];
        database.keep_events(rows).await.unwrap();
        assert_eq!(found(&database, "").await, ["e-3", "e-2", "e-1"], "without words all, newest first");
        assert_eq!(found(&database, "screenpop ANA").await, ["e-1"], "parts of words, in any case");
        assert_eq!(found(&database, "ärger").await, ["e-2"], "beyond ASCII, too");
        assert_eq!(found(&database, "100%").await, ["e-2"], "signs of the search are signs");
        assert_eq!(found(&database, "y_n").await, ["e-2"]);
        assert_eq!(found(&database, "p_v").await, Vec::<String>::new(), "and stand for nothing else");
        assert_eq!(found(&database, "' OR 1=1 --").await, Vec::<String>::new(), "nor are words a query");
        assert_eq!(
            database.find_events("screenpop", 1, 1).await.unwrap()[0].document,
            serde_json::json!({ "number": 1 }),
            "page by page"
        );
    }

    #[tokio::test]
    async fn an_event_is_kept_once_and_goes_with_its_account() {
        let (_folder, database) = open();
        database.keep_events(vec![row(1, "first")]).await.unwrap();
        database.keep_events(vec![row(1, "again"), row(2, "other")]).await.unwrap();
        let rows = database.find_events("", 10, 0).await.unwrap();
        assert_eq!(rows.len(), 2, "each id once");
        assert_eq!(rows[1].words, "first", "as it was told first");
        database.forget_events_of("a-1".into());
        assert!(found(&database, "").await.is_empty(), "gone with the account");
    }

    #[tokio::test]
    async fn the_oldest_are_forgotten_by_age_and_by_number() {
        let (_folder, database) = open();
        database.keep_events(vec![row(0, "old")]).await.unwrap();
        database.keep_events(vec![row(KEPT_MS + 1, "new")]).await.unwrap();
        assert_eq!(found(&database, "").await.len(), 1, "a third of a year later the first is gone");
        let (_folder, database) = open();
        let rows: Vec<EventRow> = (0..30).map(|number| row(number, "x")).collect();
        database.run(move |connection| keep(connection, &rows, 10)).await.unwrap();
        assert_eq!(found(&database, "").await.first().map(String::as_str), Some("e-29"));
        assert_eq!(found(&database, "").await.len(), 10, "the newest ten are left");
    }

    #[tokio::test]
    async fn a_hundred_thousand_are_kept_and_searched_in_little_time() {
        let (_folder, database) = open();
        let began = std::time::Instant::now();
        for batch in 0..200 {
            let rows = (0..500)
                .map(|number| row(batch * 500 + number, &format!("ScreenPopVoice +1202555{number:04} Ana Example")));
            database.keep_events(rows.collect()).await.unwrap();
        }
        let kept = began.elapsed();
        let began = std::time::Instant::now();
        assert_eq!(found(&database, "+12025550499").await.len(), 50, "a page of two hundred");
        println!("100 000 events kept in {kept:?}, a page found in {:?}", began.elapsed());
        assert!(kept < std::time::Duration::from_secs(30), "faster than a minute's flood: {kept:?}");
    }
}

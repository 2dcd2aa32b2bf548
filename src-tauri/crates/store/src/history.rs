//! Finished contacts.

use rusqlite::params;
use trunkline_model::{AccountId, ContactId, UnixMillis};

use crate::{Database, StoreError};

/// One finished contact. `document` is the desk's whole entry as JSON; the
/// other columns are what is searched and sorted by.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryRow {
    /// Account.
    pub account: AccountId,
    /// Contact there.
    pub contact: ContactId,
    /// Became finished.
    pub ended_at: UnixMillis,
    /// How it ended, by the model's name.
    pub outcome: Option<String>,
    /// The whole entry.
    pub document: serde_json::Value,
}

impl Database {
    /// Writes one contact, or replaces what was written of it before.
    pub async fn record(&self, row: HistoryRow) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO contact (account, contact, ended_at, outcome, document) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (account, contact) DO UPDATE
                 SET ended_at = excluded.ended_at, outcome = excluded.outcome, document = excluded.document",
                )?
                .execute(params![
                    row.account.as_str(),
                    row.contact.as_str(),
                    row.ended_at.0,
                    row.outcome.unwrap_or_default(),
                    row.document.to_string(),
                ])?;
            Ok(())
        })
        .await
    }

    /// A page, newest first.
    pub async fn page(&self, limit: u32, offset: u32) -> Result<Vec<HistoryRow>, StoreError> {
        self.run(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT account, contact, ended_at, outcome, document FROM contact
                 ORDER BY ended_at DESC, id DESC LIMIT ?1 OFFSET ?2",
            )?;
            let rows = statement.query_map(params![limit, offset], |row| {
                let outcome: String = row.get(3)?;
                let document: String = row.get(4)?;
                Ok(HistoryRow {
                    account: AccountId::new(row.get::<_, String>(0)?),
                    contact: ContactId::new(row.get::<_, String>(1)?),
                    ended_at: UnixMillis(row.get(2)?),
                    outcome: (!outcome.is_empty()).then_some(outcome),
                    document: serde_json::from_str(&document).unwrap_or_default(),
                })
            })?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

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
    async fn a_contact_written_twice_is_there_once_with_the_newer_content() {
        let folder = tempfile::tempdir().unwrap();
        let history = Database::open(&folder.path().join("history.sqlite")).unwrap();
        history.record(row(1)).await.unwrap();
        let newer = HistoryRow { document: serde_json::json!({ "summary": true }), ..row(1) };
        history.record(newer.clone()).await.unwrap();
        assert_eq!(history.page(10, 0).await.unwrap(), vec![newer], "the summary came later and replaced it");
    }

    #[tokio::test]
    async fn pages_are_newest_first_and_fast_among_ten_thousand() {
        let folder = tempfile::tempdir().unwrap();
        let history = Database::open(&folder.path().join("history.sqlite")).unwrap();
        for number in 0..10_000 {
            history.record(row(number)).await.unwrap();
        }
        let started = std::time::Instant::now();
        let page = history.page(50, 5_000).await.unwrap();
        let took = started.elapsed();
        println!("a page from the middle of 10 000: {took:?}");
        assert_eq!(page.first().unwrap().ended_at, UnixMillis(4_999), "newest first, 5 000 skipped");
        assert!(took < std::time::Duration::from_millis(250), "a page does not read the whole table: {took:?}");
    }
}

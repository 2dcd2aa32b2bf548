//! Messages of the agent that have not arrived yet. A row is there before the
//! agent is told that the message is taken, and goes when the platform has it.

use rusqlite::{OptionalExtension, params};
use trunkline_model::{AccountId, ContactId, ContactKey, MessageToken, UnixMillis};

use crate::{Database, StoreError};

/// One unsent message, without a file's content.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboxRow {
    /// In which contact.
    pub contact: ContactKey,
    /// Its name through crashes and repetitions.
    pub token: MessageToken,
    /// What it is, in the desk's form.
    pub item: serde_json::Value,
    /// Written at.
    pub since: UnixMillis,
    /// Message key of why it was refused.
    pub failed: Option<String>,
}

impl Database {
    /// Keeps a message, last of all. `content`: a file's.
    pub async fn outbox_add(&self, row: OutboxRow, content: Option<Vec<u8>>) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO outbox (account, contact, token, item, content, since, failed)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute(params![
                    row.contact.account.as_str(),
                    row.contact.contact.as_str(),
                    row.token.as_str(),
                    row.item.to_string(),
                    content,
                    row.since.0,
                    row.failed,
                ])?;
            Ok(())
        })
        .await
    }

    /// Everything that is unsent, in the order written. A row of another
    /// version that cannot be read is left where it is.
    pub async fn outbox(&self) -> Result<Vec<OutboxRow>, StoreError> {
        self.run(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT account, contact, token, item, since, failed FROM outbox ORDER BY id")?;
            let rows = statement.query_map([], |row| {
                let account = AccountId::new(row.get::<_, String>(0)?);
                let contact = ContactId::new(row.get::<_, String>(1)?);
                Ok(OutboxRow {
                    contact: ContactKey::new(account, contact),
                    token: MessageToken::new(row.get::<_, String>(2)?),
                    item: serde_json::from_str(&row.get::<_, String>(3)?).unwrap_or_default(),
                    since: UnixMillis(row.get(4)?),
                    failed: row.get(5)?,
                })
            })?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
        })
        .await
    }

    /// A file's content.
    pub async fn outbox_content(&self, token: MessageToken) -> Result<Option<Vec<u8>>, StoreError> {
        self.run(move |connection| {
            let mut statement = connection.prepare_cached("SELECT content FROM outbox WHERE token = ?1")?;
            let content: Option<Option<Vec<u8>>> =
                statement.query_row([token.as_str()], |row| row.get(0)).optional()?;
            Ok(content.flatten())
        })
        .await
    }

    /// Notes why a message was refused, or that it is tried again.
    pub async fn outbox_failed(&self, token: MessageToken, reason: Option<String>) -> Result<(), StoreError> {
        self.run(move |connection| {
            let mut statement = connection.prepare_cached("UPDATE outbox SET failed = ?2 WHERE token = ?1")?;
            statement.execute(params![token.as_str(), reason])?;
            Ok(())
        })
        .await
    }

    /// The message has arrived, or is given up.
    pub async fn outbox_remove(&self, token: MessageToken) -> Result<(), StoreError> {
        self.run(move |connection| {
            connection.prepare_cached("DELETE FROM outbox WHERE token = ?1")?.execute([token.as_str()])?;
            Ok(())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn row(number: i64) -> OutboxRow {
        OutboxRow {
            contact: ContactKey::new("a-1".into(), "c-1".into()),
            token: MessageToken::new(format!("t-{number}")),
            item: serde_json::json!({ "kind": "text", "text": format!("number {number}") }),
            since: UnixMillis(number),
            failed: None,
        }
    }

    #[tokio::test]
    async fn what_is_unsent_outlives_the_run_in_its_order() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kept.sqlite");
        let database = Database::open(&file).unwrap();
        // Times that run backwards: a clock that was set must not change the order.
        for number in [3, 2, 1] {
            database.outbox_add(row(number), (number == 2).then(|| vec![0, 159, 255])).await.unwrap();
        }
        database.outbox_failed("t-1".into(), Some("error_invalid".to_owned())).await.unwrap();
        database.outbox_remove("t-3".into()).await.unwrap();
        drop(database);
        let database = Database::open(&file).unwrap();
        let refused = OutboxRow { failed: Some("error_invalid".to_owned()), ..row(1) };
        assert_eq!(database.outbox().await.unwrap(), vec![row(2), refused], "in the order written, with what failed");
        assert_eq!(database.outbox_content("t-2".into()).await.unwrap(), Some(vec![0, 159, 255]), "files are whole");
        assert_eq!(database.outbox_content("t-1".into()).await.unwrap(), None, "words have no content");
        assert_eq!(database.outbox_content("t-3".into()).await.unwrap(), None, "nor has what is gone");
    }

    #[tokio::test]
    async fn the_same_token_is_not_kept_twice() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("kept.sqlite")).unwrap();
        database.outbox_add(row(1), None).await.unwrap();
        assert!(database.outbox_add(row(1), None).await.is_err(), "it would be sent twice");
    }
}

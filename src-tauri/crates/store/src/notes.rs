//! What the agent has seen of each conversation and begun to write in it.

use rusqlite::params;
use trunkline_model::{AccountId, ContactId, ContactKey, MessageId, UnixMillis};

use crate::{Database, StoreError};

/// Notes on one conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// Which contact.
    pub contact: ContactKey,
    /// Text begun.
    pub draft: String,
    /// Last message seen, and its time.
    pub read: Option<(MessageId, UnixMillis)>,
}

impl Database {
    /// Keeps a note in the place of the one before. Nobody waits for it: notes
    /// are kept in the order given.
    pub fn keep_note(&self, note: Note) {
        self.post(move |connection| {
            let (read_id, read_at) = note.read.map(|(id, at)| (id.as_str().to_owned(), at.0)).unzip();
            connection
                .prepare_cached(
                    "INSERT INTO note (account, contact, draft, read_id, read_at) VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT (account, contact) DO UPDATE
                     SET draft = excluded.draft, read_id = excluded.read_id, read_at = excluded.read_at",
                )?
                .execute(params![
                    note.contact.account.as_str(),
                    note.contact.contact.as_str(),
                    note.draft,
                    read_id,
                    read_at,
                ])?;
            Ok(())
        });
    }

    /// All notes.
    pub async fn notes(&self) -> Result<Vec<Note>, StoreError> {
        self.run(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT account, contact, draft, read_id, read_at FROM note")?;
            let rows = statement.query_map([], |row| {
                let account = AccountId::new(row.get::<_, String>(0)?);
                let contact = ContactId::new(row.get::<_, String>(1)?);
                let id: Option<String> = row.get(3)?;
                let at: Option<i64> = row.get(4)?;
                Ok(Note {
                    contact: ContactKey::new(account, contact),
                    draft: row.get(2)?,
                    read: id.map(MessageId::new).zip(at.map(UnixMillis)),
                })
            })?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
        })
        .await
    }

    /// The conversation is over for good: its note and what is unsent go.
    pub fn forget_conversation(&self, contact: ContactKey) {
        self.post(move |connection| {
            let key = [contact.account.as_str(), contact.contact.as_str()];
            connection.execute("DELETE FROM note WHERE account = ?1 AND contact = ?2", key)?;
            connection.execute("DELETE FROM outbox WHERE account = ?1 AND contact = ?2", key)?;
            Ok(())
        });
    }

    /// The account is removed: likewise for all its conversations.
    pub fn forget_conversations_of(&self, account: AccountId) {
        self.post(move |connection| {
            connection.execute("DELETE FROM note WHERE account = ?1", [account.as_str()])?;
            connection.execute("DELETE FROM outbox WHERE account = ?1", [account.as_str()])?;
            Ok(())
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::OutboxRow;

    fn note(contact: &str, draft: &str) -> Note {
        let read = Some(("m-1".into(), UnixMillis(5)));
        Note { contact: ContactKey::new("a-1".into(), contact.into()), draft: draft.to_owned(), read }
    }

    #[tokio::test]
    async fn notes_are_kept_until_the_conversation_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kept.sqlite");
        let database = Database::open(&file).unwrap();
        for draft in ["H", "He", "Hello"] {
            database.keep_note(note("c-1", draft));
        }
        database.keep_note(Note { read: None, ..note("c-2", "") });
        let unsent = OutboxRow {
            contact: note("c-2", "").contact,
            token: "t-1".into(),
            item: serde_json::Value::Null,
            since: UnixMillis(1),
            failed: None,
        };
        database.outbox_add(unsent, None).await.unwrap();
        database.notes().await.unwrap();
        drop(database);
        let database = Database::open(&file).unwrap();
        let kept = vec![note("c-1", "Hello"), Note { read: None, ..note("c-2", "") }];
        assert_eq!(database.notes().await.unwrap(), kept, "the last of each, in the next run too");
        database.forget_conversation(kept[1].contact.clone());
        assert_eq!(database.notes().await.unwrap(), kept[..1], "only what is meant is forgotten");
        assert_eq!(database.outbox().await.unwrap(), vec![], "with what was unsent");
        database.forget_conversations_of("a-1".into());
        assert_eq!(database.notes().await.unwrap(), vec![], "all of a removed account");
    }
}

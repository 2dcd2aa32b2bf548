//! What was put onto contacts here, while they last.

use rusqlite::params;
use serde_json::Value;
use trunkline_model::{AccountId, ContactId, ContactKey};

use crate::{Database, StoreError};

impl Database {
    /// Keeps a document in the place of the one before; `None` forgets it. Nobody
    /// waits for it: documents are kept in the order given.
    pub fn keep_annotations(&self, contact: ContactKey, document: Option<Value>) {
        self.post(move |connection| {
            let (account, contact) = (contact.account.as_str(), contact.contact.as_str());
            match document {
                Some(document) => connection
                    .prepare_cached(
                        "INSERT INTO annotation (account, contact, document) VALUES (?1, ?2, ?3)
                         ON CONFLICT (account, contact) DO UPDATE SET document = excluded.document",
                    )?
                    .execute(params![account, contact, document.to_string()])?,
                None => connection
                    .execute("DELETE FROM annotation WHERE account = ?1 AND contact = ?2", [account, contact])?,
            };
            Ok(())
        });
    }

    /// All of them. One that cannot be read is left out.
    pub async fn annotations(&self) -> Result<Vec<(ContactKey, Value)>, StoreError> {
        self.run(|connection| {
            let mut statement = connection.prepare_cached("SELECT account, contact, document FROM annotation")?;
            let rows = statement.query_map([], |row| {
                let key =
                    ContactKey::new(AccountId::new(row.get::<_, String>(0)?), ContactId::new(row.get::<_, String>(1)?));
                Ok((key, row.get::<_, String>(2)?))
            })?;
            let mut kept = Vec::new();
            for row in rows {
                let (key, text) = row?;
                if let Ok(document) = serde_json::from_str(&text) {
                    kept.push((key, document));
                }
            }
            Ok(kept)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn the_last_of_each_is_kept_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kept.sqlite");
        let key = |contact: &str| ContactKey::new("a-1".into(), contact.into());
        let database = Database::open(&file).unwrap();
        for value in 1..=3 {
            database.keep_annotations(key("c-1"), Some(json!({"value": value})));
        }
        database.keep_annotations(key("c-2"), Some(json!({})));
        assert_eq!(database.annotations().await.unwrap().len(), 2, "one a contact");
        drop(database);
        let database = Database::open(&file).unwrap();
        let kept = database.annotations().await.unwrap();
        assert!(kept.contains(&(key("c-1"), json!({"value": 3}))), "the last one, in the next run too: {kept:?}");
        database.keep_annotations(key("c-1"), None);
        assert_eq!(database.annotations().await.unwrap(), vec![(key("c-2"), json!({}))], "only what is meant goes");
    }
}

//! Which pages were opened for which contact: each once by itself, in this run and the next.

use std::collections::BTreeMap;

use rusqlite::params;
use trunkline_model::{AccountId, ContactKey, UnixMillis};

use crate::{Database, StoreError};

/// No contact is on a desk for longer: what is older is forgotten.
const KEPT_MS: i64 = 120 * 24 * 3_600_000;

impl Database {
    /// Notes that a page is opened for a contact now. `false`: it was before,
    /// and the note stays as it is.
    pub async fn claim_pop(&self, contact: ContactKey, page: String, now: UnixMillis) -> Result<bool, StoreError> {
        self.run(move |connection| {
            connection
                .prepare_cached("DELETE FROM pop WHERE opened_at < ?1")?
                .execute(params![now.0.saturating_sub(KEPT_MS)])?;
            let added = connection
                .prepare_cached(
                    "INSERT INTO pop (account, contact, page, opened_at) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (account, contact, page) DO NOTHING",
                )?
                .execute(params![contact.account.as_str(), contact.contact.as_str(), page, now.0])?;
            Ok(added == 1)
        })
        .await
    }

    /// Pages that were opened for a contact, and when first.
    pub async fn pops(&self, contact: ContactKey) -> Result<BTreeMap<String, UnixMillis>, StoreError> {
        self.run(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT page, opened_at FROM pop WHERE account = ?1 AND contact = ?2")?;
            let rows = statement.query_map([contact.account.as_str(), contact.contact.as_str()], |row| {
                Ok((row.get::<_, String>(0)?, UnixMillis(row.get(1)?)))
            })?;
            Ok(rows.collect::<Result<BTreeMap<_, _>, _>>()?)
        })
        .await
    }

    /// The account is removed.
    pub fn forget_pops_of(&self, account: AccountId) {
        self.post(move |connection| {
            connection.execute("DELETE FROM pop WHERE account = ?1", [account.as_str()])?;
            Ok(())
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[tokio::test]
    async fn a_page_is_claimed_once_for_a_contact_and_in_the_next_run_it_still_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("history.sqlite");
        let contact = |id: &str| ContactKey::new("a-1".into(), id.into());
        let claim = async |database: &Database, id: &str, page: &str, now| {
            database.claim_pop(contact(id), page.to_owned(), UnixMillis(now)).await.unwrap()
        };
        let database = Database::open(&file).unwrap();
        assert!(claim(&database, "c-1", "crm", 10).await, "the first time it may open");
        assert!(!claim(&database, "c-1", "crm", 20).await, "the second time it may not");
        assert!(claim(&database, "c-1", "wiki", 20).await, "another page may");
        drop(database);
        let database = Database::open(&file).unwrap();
        assert!(!claim(&database, "c-1", "crm", 30).await, "nor after a restart");
        assert!(claim(&database, "c-2", "crm", 30).await, "for another contact it may");
        let opened = database.pops(contact("c-1")).await.unwrap();
        assert_eq!(opened["crm"], UnixMillis(10), "when it opened first is what is told");
        assert!(claim(&database, "c-3", "crm", KEPT_MS + 15).await, "long after");
        let opened = database.pops(contact("c-1")).await.unwrap();
        assert_eq!(opened.keys().collect::<Vec<_>>(), ["wiki"], "what is older than any contact is forgotten");
        database.forget_pops_of("a-1".into());
        assert!(database.pops(contact("c-1")).await.unwrap().is_empty(), "with its account, everything is");
    }
}

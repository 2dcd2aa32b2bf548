//! Secrets: in the operating system's keyring, else in this run's memory.
//!
//! A keyring that is absent, locked or broken never stops work: the secret
//! then lives for this run, and [`Vault::watch`] tells what to say to the
//! agent. When the keyring comes back during the run, what could not be
//! written is written, and what could not be deleted is deleted.

mod dev_file;
mod keyring_store;
mod ledger;
mod worker;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use trunkline_connector::ports::{AccountVault, Secret, VaultError};
use trunkline_model::AccountId;

use dev_file::DevFile;
use keyring_store::KeyringStore;
use ledger::Key;
use worker::{Act, Shared, Store, Worker};

/// A keyring that has not answered by then waits for its password.
const PATIENCE: Duration = Duration::from_secs(5);
/// A keyring that is not available is looked at again this often.
const RECHECK: Duration = Duration::from_secs(10);

/// Where secrets are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VaultKind {
    /// The operating system's keyring.
    Keyring,
    /// This run's memory only (demo mode, tests).
    Memory,
    /// A plain file, for development on machines without a keyring. Never
    /// chosen by itself: whoever names it accepts that it is readable.
    DevFile(PathBuf),
}

/// How the keyring stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultStatus {
    /// It answers.
    Available,
    /// There is none on this computer.
    NoService,
    /// It is locked, or waits for its password.
    Locked,
    /// It refuses or fails.
    Failed,
}

impl From<VaultError> for VaultStatus {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::NoService => Self::NoService,
            VaultError::Locked => Self::Locked,
            VaultError::Failed => Self::Failed,
        }
    }
}

/// The vault. Clones share it.
#[derive(Clone)]
pub struct Vault {
    shared: Arc<Shared>,
    /// Absent: memory only.
    worker: Option<Arc<Worker>>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({:?})", self.status())
    }
}

impl Vault {
    /// Opens it. The keyring is asked at once whether it answers; until it
    /// has, it counts as available. This does not make it prompt.
    pub fn open(kind: VaultKind) -> Self {
        match kind {
            VaultKind::Keyring => Self::over(KeyringStore, PATIENCE, RECHECK),
            VaultKind::DevFile(path) => Self::over(DevFile::new(path), PATIENCE, RECHECK),
            VaultKind::Memory => Self { shared: Arc::default(), worker: None },
        }
    }

    fn over(store: impl Store, patience: Duration, recheck: Duration) -> Self {
        let shared = Arc::<Shared>::default();
        let worker = Arc::new(Worker::start(store, Arc::clone(&shared), patience, recheck));
        Self { shared, worker: Some(worker) }
    }

    /// Asks the keyring how it stands, without making it prompt.
    pub async fn probe(&self) -> VaultStatus {
        if let Some(worker) = &self.worker {
            // The status tells the outcome.
            let _ = worker.run(Act::Look).await;
        }
        self.status()
    }

    /// As last seen.
    pub fn status(&self) -> VaultStatus {
        *self.shared.status.borrow()
    }

    /// Follows the status.
    pub fn watch(&self) -> watch::Receiver<VaultStatus> {
        self.shared.status.subscribe()
    }

    /// One account's secrets.
    pub fn account(&self, account: &AccountId) -> Arc<dyn AccountVault> {
        Arc::new(OfAccount { vault: self.clone(), account: account.clone() })
    }

    /// Deletes every secret of an account, also those of earlier runs.
    ///
    /// # Errors
    /// When the keyring cannot be reached: the secrets cannot be read any more
    /// in this run, and are deleted when the keyring comes back during it.
    pub async fn forget(&self, account: &AccountId) -> Result<(), VaultError> {
        let Some(worker) = &self.worker else {
            self.shared.ledger().drop_account(account);
            return Ok(());
        };
        self.shared.ledger().forget(account);
        let outcome = worker.run(Act::Save).await.map(|_| ());
        if self.shared.ledger().is_forgetting(account) { outcome.and(Err(VaultError::Failed)) } else { Ok(()) }
    }
}

struct OfAccount {
    vault: Vault,
    account: AccountId,
}

impl OfAccount {
    fn key(&self, name: &str) -> Key {
        Key { account: self.account.clone(), name: name.to_owned() }
    }

    /// Notes the change, and has it carried out.
    async fn change(&self, name: &str, secret: Option<Secret>) -> Result<(), VaultError> {
        let key = self.key(name);
        let shared = &self.vault.shared;
        let revision = shared.ledger().change(key.clone(), secret);
        let Some(worker) = &self.vault.worker else {
            shared.ledger().saved(&key, revision);
            return Ok(());
        };
        let outcome = worker.run(Act::Save).await.map(|_| ());
        // Another secret's failure is not this one's.
        if shared.ledger().is_saved(&key, revision) { Ok(()) } else { outcome.and(Err(VaultError::Failed)) }
    }
}

#[async_trait]
impl AccountVault for OfAccount {
    async fn get(&self, name: &str) -> Result<Option<Secret>, VaultError> {
        let key = self.key(name);
        // What this run knows is never older than what the keyring holds: all writing goes through here.
        if let Some(known) = self.vault.shared.ledger().read(&key) {
            return Ok(known);
        }
        let Some(worker) = &self.vault.worker else { return Ok(None) };
        let stored = worker.run(Act::Read(key.clone())).await?;
        Ok(self.vault.shared.ledger().remember(key, stored))
    }

    async fn set(&self, name: &str, secret: Secret) -> Result<(), VaultError> {
        self.change(name, Some(secret)).await
    }

    async fn remove(&self, name: &str) -> Result<(), VaultError> {
        self.change(name, None).await
    }
}

#[cfg(test)]
mod tests;

//! Secrets: in the operating system's keyring, else in this run's memory.
//!
//! A keyring that is absent, locked or broken never stops work: the secret
//! then lives for this run, and [`Vault::watch`] tells what to say to the agent.

mod keyring_thread;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;
use trunkline_connector::ports::{AccountVault, Secret, VaultError};
use trunkline_model::AccountId;

use keyring_thread::Keyring;

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
    inner: Arc<Inner>,
}

struct Inner {
    backing: Backing,
    /// Everything written in this run: reading falls back to it.
    memory: Mutex<BTreeMap<String, SecretString>>,
    status: watch::Sender<VaultStatus>,
}

enum Backing {
    Keyring(Keyring),
    Memory,
    DevFile(PathBuf),
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({:?})", *self.inner.status.borrow())
    }
}

/// Names of an account's secrets, so that all can be deleted with it.
const INDEX: &str = "#names";

impl Vault {
    /// Opens it. The keyring is asked at once whether it answers; until it
    /// has, it counts as available.
    pub fn open(kind: VaultKind) -> Self {
        let backing = match kind {
            VaultKind::Keyring => Backing::Keyring(Keyring::start()),
            VaultKind::Memory => Backing::Memory,
            VaultKind::DevFile(path) => Backing::DevFile(path),
        };
        let (status, _) = watch::channel(VaultStatus::Available);
        let vault = Self { inner: Arc::new(Inner { backing, memory: Mutex::default(), status }) };
        if matches!(vault.inner.backing, Backing::Keyring(_))
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let probing = vault.clone();
            runtime.spawn(async move { probing.probe().await });
        }
        vault
    }

    /// Asks the keyring whether it answers.
    pub async fn probe(&self) -> VaultStatus {
        // What it holds under this name does not matter, only that it answers.
        let _ = self.read("probe").await;
        self.status()
    }

    /// As last seen.
    pub fn status(&self) -> VaultStatus {
        *self.inner.status.borrow()
    }

    /// Follows the status.
    pub fn watch(&self) -> watch::Receiver<VaultStatus> {
        self.inner.status.subscribe()
    }

    /// One account's secrets.
    pub fn account(&self, account: &AccountId) -> Arc<dyn AccountVault> {
        Arc::new(OfAccount { vault: self.clone(), account: account.clone() })
    }

    /// Deletes every secret of an account.
    pub async fn forget(&self, account: &AccountId) -> Result<(), VaultError> {
        let own = self.account(account);
        let names = names(own.as_ref()).await;
        let mut result = Ok(());
        for name in names {
            result = result.and(own.remove(&name).await);
        }
        result.and(self.erase(&key(account, INDEX)).await)
    }

    fn memory(&self) -> MutexGuard<'_, BTreeMap<String, SecretString>> {
        self.inner.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note<T>(&self, result: Result<T, VaultError>) -> Result<T, VaultError> {
        let status = match &result {
            Ok(_) => VaultStatus::Available,
            Err(error) => VaultStatus::from(*error),
        };
        self.inner.status.send_if_modified(|now| std::mem::replace(now, status) != status);
        result
    }

    async fn read(&self, key: &str) -> Result<Option<SecretString>, VaultError> {
        let stored = match &self.inner.backing {
            Backing::Memory => Ok(None),
            Backing::Keyring(keyring) => self.note(keyring.get(key).await),
            Backing::DevFile(path) => self.note(dev_file::get(path, key)),
        };
        let remembered = self.memory().get(key).cloned();
        match (stored, remembered) {
            // What this run has written is never older than what the keyring holds.
            (_, Some(secret)) => Ok(Some(secret)),
            (stored, None) => stored,
        }
    }

    async fn write(&self, key: &str, secret: SecretString) -> Result<(), VaultError> {
        self.memory().insert(key.to_owned(), secret.clone());
        match &self.inner.backing {
            Backing::Memory => Ok(()),
            Backing::Keyring(keyring) => self.note(keyring.set(key, secret).await),
            Backing::DevFile(path) => self.note(dev_file::set(path, key, Some(secret.expose_secret()))),
        }
    }

    async fn erase(&self, key: &str) -> Result<(), VaultError> {
        self.memory().remove(key);
        match &self.inner.backing {
            Backing::Memory => Ok(()),
            Backing::Keyring(keyring) => self.note(keyring.remove(key).await),
            Backing::DevFile(path) => self.note(dev_file::set(path, key, None)),
        }
    }
}

fn key(account: &AccountId, name: &str) -> String {
    format!("{account}/{name}")
}

async fn names(own: &dyn AccountVault) -> Vec<String> {
    match own.get(INDEX).await {
        Ok(Some(list)) => list.expose_secret().lines().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

struct OfAccount {
    vault: Vault,
    account: AccountId,
}

#[async_trait]
impl AccountVault for OfAccount {
    async fn get(&self, name: &str) -> Result<Option<Secret>, VaultError> {
        self.vault.read(&key(&self.account, name)).await
    }

    async fn set(&self, name: &str, secret: Secret) -> Result<(), VaultError> {
        let known = names(self).await;
        if !known.iter().any(|other| other == name) {
            let list = known.into_iter().chain([name.to_owned()]).collect::<Vec<_>>().join("\n");
            // A failure shows in the write of the secret itself just below.
            let _ = self.vault.write(&key(&self.account, INDEX), list.into()).await;
        }
        self.vault.write(&key(&self.account, name), secret).await
    }

    async fn remove(&self, name: &str) -> Result<(), VaultError> {
        self.vault.erase(&key(&self.account, name)).await
    }
}

/// The development file: a JSON object of texts, readable by its owner only.
mod dev_file {
    use std::collections::BTreeMap;
    use std::path::Path;

    use secrecy::SecretString;
    use trunkline_connector::ports::VaultError;

    fn all(path: &Path) -> Result<BTreeMap<String, String>, VaultError> {
        match std::fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| VaultError::Failed),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(_) => Err(VaultError::Failed),
        }
    }

    pub(super) fn get(path: &Path, key: &str) -> Result<Option<SecretString>, VaultError> {
        Ok(all(path)?.remove(key).map(SecretString::from))
    }

    pub(super) fn set(path: &Path, key: &str, secret: Option<&str>) -> Result<(), VaultError> {
        let mut entries = all(path)?;
        match secret {
            Some(secret) => entries.insert(key.to_owned(), secret.to_owned()),
            None => entries.remove(key),
        };
        let text = serde_json::to_vec(&entries).map_err(|_| VaultError::Failed)?;
        let mut options = std::fs::OpenOptions::new();
        options.create(true).write(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(|_| VaultError::Failed)?;
        std::io::Write::write_all(&mut file, &text).map_err(|_| VaultError::Failed)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[tokio::test]
    async fn accounts_do_not_see_each_other() {
        let vault = Vault::open(VaultKind::Memory);
        let (one, two) = (vault.account(&"a-1".into()), vault.account(&"a-2".into()));
        one.set("token", "secret one".into()).await.unwrap();
        assert!(two.get("token").await.unwrap().is_none(), "the other account has no token");
        assert_eq!(one.get("token").await.unwrap().unwrap().expose_secret(), "secret one", "its own it has");
    }

    #[tokio::test]
    async fn forgetting_an_account_deletes_all_it_had() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secrets.json");
        let vault = Vault::open(VaultKind::DevFile(file.clone()));
        let own = vault.account(&"a-1".into());
        own.set("token", "first".into()).await.unwrap();
        own.set("cookies", "second".into()).await.unwrap();
        vault.account(&"a-2".into()).set("token", "other".into()).await.unwrap();
        vault.forget(&"a-1".into()).await.unwrap();
        let left = std::fs::read_to_string(file).unwrap();
        assert!(!left.contains("first") && !left.contains("second"), "nothing of it is left: {left}");
        assert!(left.contains("other"), "the other account's is");
    }

    #[test]
    fn a_vault_does_not_print_its_secrets() {
        let vault = Vault::open(VaultKind::Memory);
        assert_eq!(format!("{vault:?}"), "Vault(Available)", "status only");
    }
}

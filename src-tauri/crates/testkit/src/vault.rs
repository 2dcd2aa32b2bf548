use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use secrecy::ExposeSecret as _;
use trunkline_connector::ports::{AccountVault, Secret, VaultError};

use crate::locked;

/// One account's secrets in memory. Clones share them. Behaves as the contract
/// says when it is told to be absent or locked: reading falls back to what was
/// written in this run, writing reports the reason and keeps the secret.
#[derive(Clone, Debug, Default)]
pub struct FakeVault(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    /// What the keyring holds.
    kept: BTreeMap<String, Secret>,
    /// What was written in this run: readable whatever becomes of the keyring.
    this_run: BTreeMap<String, Secret>,
    failure: Option<VaultError>,
}

impl FakeVault {
    /// Works, and is empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// Holds a secret already.
    pub fn with(self, name: &str, secret: &str) -> Self {
        locked(&self.0).kept.insert(name.to_owned(), secret.to_owned().into());
        self
    }

    /// The keyring service is gone (true) or back.
    pub fn no_service(&self, absent: bool) {
        locked(&self.0).failure = absent.then_some(VaultError::NoService);
    }

    /// The keyring is locked (true) or open.
    pub fn lock(&self, shut: bool) {
        locked(&self.0).failure = shut.then_some(VaultError::Locked);
    }

    /// What the keyring would have after a restart of the program.
    pub fn kept(&self, name: &str) -> Option<String> {
        locked(&self.0).kept.get(name).map(|secret| secret.expose_secret().to_owned())
    }

    /// What this run can read.
    pub fn readable(&self, name: &str) -> Option<String> {
        let inner = locked(&self.0);
        inner.read(name).map(|secret| secret.expose_secret().to_owned())
    }
}

impl Inner {
    fn read(&self, name: &str) -> Option<Secret> {
        let kept = if self.failure.is_none() { self.kept.get(name) } else { None };
        self.this_run.get(name).or(kept).cloned()
    }
}

#[async_trait]
impl AccountVault for FakeVault {
    async fn get(&self, name: &str) -> Result<Option<Secret>, VaultError> {
        let inner = locked(&self.0);
        match (inner.read(name), inner.failure) {
            (None, Some(reason)) => Err(reason),
            (found, _) => Ok(found),
        }
    }

    async fn set(&self, name: &str, secret: Secret) -> Result<(), VaultError> {
        let mut inner = locked(&self.0);
        inner.this_run.insert(name.to_owned(), secret.clone());
        if let Some(reason) = inner.failure {
            return Err(reason);
        }
        inner.kept.insert(name.to_owned(), secret);
        Ok(())
    }

    async fn remove(&self, name: &str) -> Result<(), VaultError> {
        let mut inner = locked(&self.0);
        inner.this_run.remove(name);
        if let Some(reason) = inner.failure {
            return Err(reason);
        }
        inner.kept.remove(name);
        Ok(())
    }
}

use async_trait::async_trait;
use secrecy::SecretString;
use thiserror::Error;

/// A secret text; its `Debug` shows nothing.
pub type Secret = SecretString;

/// Why a secret could not be read or written.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
pub enum VaultError {
    /// No keyring service runs on this computer.
    #[error("no keyring service is available")]
    NoService,
    /// There is one, but it is locked and the user did not unlock it.
    #[error("the keyring is locked")]
    Locked,
    /// It refused or failed otherwise.
    #[error("the keyring failed")]
    Failed,
}

/// The secrets of one account. Reading falls back to this run's memory when
/// the keyring is absent or locked, so that work can go on; writing reports
/// the reason, and the secret then lives for this run only.
#[async_trait]
pub trait AccountVault: Send + Sync + 'static {
    /// The secret under `name`, if there is one.
    async fn get(&self, name: &str) -> Result<Option<Secret>, VaultError>;
    /// Keeps a secret. On an error it is kept for this run all the same.
    async fn set(&self, name: &str, secret: Secret) -> Result<(), VaultError>;
    /// Forgets a secret.
    async fn remove(&self, name: &str) -> Result<(), VaultError>;
}

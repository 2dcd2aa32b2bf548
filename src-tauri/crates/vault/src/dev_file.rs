//! The development file: a JSON object of texts, readable by its owner only.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretString};
use trunkline_connector::ports::VaultError;

use crate::worker::Store;

pub(crate) struct DevFile {
    path: PathBuf,
}

impl DevFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn all(&self) -> Result<BTreeMap<String, String>, VaultError> {
        match std::fs::read(&self.path) {
            // A file that cannot be read is not written over.
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| self.failed("it is not ours")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(error) => Err(self.failed(&error.to_string())),
        }
    }

    fn keep(&self, entries: &BTreeMap<String, String>) -> Result<(), VaultError> {
        let text = serde_json::to_vec(entries).map_err(|_| VaultError::Failed)?;
        let draft = self.path.with_extension("new");
        let mut options = std::fs::OpenOptions::new();
        options.create(true).write(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&draft).and_then(|mut file| {
            file.write_all(&text)?;
            file.sync_all()?;
            std::fs::rename(&draft, &self.path)
        });
        written.map_err(|error| self.failed(&error.to_string()))
    }

    fn failed(&self, why: &str) -> VaultError {
        tracing::warn!(file = %self.path.display(), why, "the file of secrets cannot be used");
        VaultError::Failed
    }
}

impl Store for DevFile {
    fn look(&mut self) -> Result<(), VaultError> {
        self.all().map(|_| ())
    }

    fn read(&mut self, entry: &str) -> Result<Option<SecretString>, VaultError> {
        Ok(self.all()?.remove(entry).map(SecretString::from))
    }

    fn write(&mut self, entry: &str, secret: &SecretString) -> Result<(), VaultError> {
        let mut entries = self.all()?;
        entries.insert(entry.to_owned(), secret.expose_secret().to_owned());
        self.keep(&entries)
    }

    fn delete(&mut self, entry: &str) -> Result<(), VaultError> {
        let mut entries = self.all()?;
        if entries.remove(entry).is_some() { self.keep(&entries) } else { Ok(()) }
    }
}

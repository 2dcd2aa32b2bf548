//! The one thread that talks to the keyring. Its calls block, some of them
//! until the user has typed a password into the system's own prompt.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use keyring::v1::{Entry, Error};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;
use trunkline_connector::ports::VaultError;

/// Our name in the keyring.
const SERVICE: &str = "app.trunkline.panel";
/// A keyring that has not answered by then waits for its password.
const PATIENCE: Duration = Duration::from_secs(5);
/// Windows takes 2560 bytes of UTF-16 a credential; longer secrets are split.
const PIECE: usize = 1200;
/// Begins the value of an entry whose secret is split: no token begins so.
const SPLIT_MARK: &str = "\u{1}pieces:";

type Work = Box<dyn FnOnce() + Send>;

pub(crate) struct Keyring {
    work: mpsc::Sender<Work>,
    /// Calls that the thread has not come back from.
    waiting: Arc<AtomicUsize>,
}

impl Keyring {
    pub(crate) fn start() -> Self {
        let (work, queue) = mpsc::channel::<Work>();
        // Without the thread the channel is closed, and every call says `Failed`.
        let spawned = std::thread::Builder::new().name("keyring".to_owned()).spawn(move || {
            while let Ok(work) = queue.recv() {
                work();
            }
        });
        if let Err(error) = spawned {
            tracing::error!(%error, "the keyring's thread cannot be started");
        }
        Self { work, waiting: Arc::new(AtomicUsize::new(0)) }
    }

    pub(crate) async fn get(&self, key: &str) -> Result<Option<SecretString>, VaultError> {
        let key = key.to_owned();
        self.run(move || get(&key)).await
    }

    pub(crate) async fn set(&self, key: &str, secret: SecretString) -> Result<(), VaultError> {
        let key = key.to_owned();
        self.run(move || set(&key, &secret)).await
    }

    pub(crate) async fn remove(&self, key: &str) -> Result<(), VaultError> {
        let key = key.to_owned();
        self.run(move || remove(&key)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        act: impl FnOnce() -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        // Behind a prompt nobody needs to wait five seconds again. What is
        // queued is carried out when the keyring is unlocked.
        let stuck = self.waiting.fetch_add(1, Ordering::AcqRel) > 8;
        let waiting = Arc::clone(&self.waiting);
        let (reply, answer) = oneshot::channel();
        let work: Work = Box::new(move || {
            let result = act();
            waiting.fetch_sub(1, Ordering::AcqRel);
            let _ = reply.send(result);
        });
        if self.work.send(work).is_err() {
            self.waiting.fetch_sub(1, Ordering::AcqRel);
            return Err(VaultError::Failed);
        }
        if stuck {
            return Err(VaultError::Locked);
        }
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(VaultError::Failed),
            Err(_) => Err(VaultError::Locked),
        }
    }
}

fn entry(key: &str) -> Result<Entry, VaultError> {
    Entry::new(SERVICE, key).map_err(|error| {
        let status = Entry::store_status();
        tracing::warn!(%error, available = status.is_ok(), "no keyring");
        if status.is_err() { VaultError::NoService } else { VaultError::Failed }
    })
}

fn failure(error: &Error) -> VaultError {
    // The platform's own text names the cause; none of these hold the secret.
    match error {
        Error::NoStorageAccess(_) => VaultError::Locked,
        Error::NoDefaultStore => VaultError::NoService,
        Error::PlatformFailure(cause) => {
            tracing::warn!(%cause, "the keyring failed");
            VaultError::Failed
        }
        _ => VaultError::Failed,
    }
}

fn read(key: &str) -> Result<Option<String>, VaultError> {
    match entry(key)?.get_password() {
        Ok(text) => Ok(Some(text)),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(failure(&error)),
    }
}

fn write(key: &str, text: &str) -> Result<(), VaultError> {
    entry(key)?.set_password(text).map_err(|error| failure(&error))
}

fn delete(key: &str) -> Result<(), VaultError> {
    match entry(key)?.delete_credential() {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(failure(&error)),
    }
}

fn pieces_of(text: &str) -> Option<usize> {
    text.strip_prefix(SPLIT_MARK)?.parse().ok()
}

fn get(key: &str) -> Result<Option<SecretString>, VaultError> {
    let Some(first) = read(key)? else { return Ok(None) };
    let Some(count) = pieces_of(&first) else { return Ok(Some(first.into())) };
    let mut whole = String::new();
    for number in 0..count {
        // A missing piece (deleted by hand) makes the rest worthless.
        let Some(piece) = read(&format!("{key}#{number}"))? else { return Ok(None) };
        whole.push_str(&piece);
    }
    Ok(Some(whole.into()))
}

fn set(key: &str, secret: &SecretString) -> Result<(), VaultError> {
    let text = secret.expose_secret();
    let before = read(key)?.as_deref().and_then(pieces_of).unwrap_or(0);
    let pieces = split(text);
    let count = if pieces.len() > 1 { pieces.len() } else { 0 };
    if count > 0 {
        for (number, piece) in pieces.iter().enumerate() {
            write(&format!("{key}#{number}"), piece)?;
        }
        write(key, &format!("{SPLIT_MARK}{count}"))?;
    } else {
        write(key, text)?;
    }
    for number in count..before {
        delete(&format!("{key}#{number}"))?;
    }
    Ok(())
}

fn remove(key: &str) -> Result<(), VaultError> {
    let count = read(key)?.as_deref().and_then(pieces_of).unwrap_or(0);
    for number in 0..count {
        delete(&format!("{key}#{number}"))?;
    }
    delete(key)
}

/// At most [`PIECE`] bytes each, never within a character.
fn split(text: &str) -> Vec<&str> {
    let mut rest = text;
    let mut pieces = Vec::new();
    while rest.len() > PIECE {
        let mut end = PIECE;
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, tail) = rest.split_at(end);
        pieces.push(piece);
        rest = tail;
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::{PIECE, pieces_of, split};

    #[test]
    fn a_long_secret_is_split_and_whole_again() {
        let text = "ü".repeat(4_000);
        let pieces = split(&text);
        assert!(pieces.iter().all(|piece| piece.len() <= PIECE), "every piece fits a Windows credential");
        assert_eq!(pieces.concat(), text, "nothing is lost between the pieces");
        assert_eq!(split("short"), vec!["short"], "a short one stays whole");
    }

    #[test]
    fn only_our_own_mark_is_taken_for_a_split_secret() {
        assert_eq!(pieces_of("pieces:3"), None, "a token that reads alike is a token");
        assert_eq!(pieces_of("\u{1}pieces:3"), Some(3), "the mark is");
    }
}

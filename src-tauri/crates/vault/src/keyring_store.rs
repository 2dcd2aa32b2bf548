//! The operating system's keyring: entries of our service, long ones in pieces.

use keyring::v1::{Entry, Error};
use secrecy::{ExposeSecret as _, SecretString};
use trunkline_connector::ports::VaultError;
use zeroize::Zeroizing;

use crate::worker::Store;

/// Our name in the keyring.
const SERVICE: &str = "app.trunkline.panel";
/// Windows takes 2560 bytes a credential (`CRED_MAX_CREDENTIAL_BLOB_SIZE`),
/// and texts are UTF-16 there: longer secrets are split.
const PIECE: usize = 1200;
/// Begins the value of an entry whose secret is split: no token begins so.
const SPLIT_MARK: &str = "\u{1}pieces:";

pub(crate) struct KeyringStore;

impl Store for KeyringStore {
    fn look(&mut self) -> Result<(), VaultError> {
        look()
    }

    fn read(&mut self, entry: &str) -> Result<Option<SecretString>, VaultError> {
        let Some(first) = read(entry)? else { return Ok(None) };
        let Some(split) = Split::of(&first) else { return Ok(Some(SecretString::from(first.as_str()))) };
        let mut whole = Zeroizing::new(String::new());
        for number in 0..split.count {
            // A missing piece (deleted by hand) makes the rest worthless.
            let Some(piece) = read(&split.piece(entry, number))? else { return Ok(None) };
            whole.push_str(&piece);
        }
        Ok(Some(SecretString::from(whole.as_str())))
    }

    /// New pieces stand beside the old ones until the entry points to them, so
    /// that an end in between leaves the old secret whole.
    fn write(&mut self, entry: &str, secret: &SecretString) -> Result<(), VaultError> {
        let text = secret.expose_secret();
        let before = read(entry)?.as_deref().and_then(|text| Split::of(text));
        let pieces = split(text);
        if pieces.len() > 1 {
            let set = before.map_or(0, |before| 1 - before.set);
            let now = Split { set, count: pieces.len() };
            for (number, piece) in pieces.iter().enumerate() {
                write(&now.piece(entry, number), piece)?;
            }
            write(entry, &now.to_string())?;
        } else {
            write(entry, text)?;
        }
        before.map_or(Ok(()), |before| before.delete(entry))
    }

    fn delete(&mut self, entry: &str) -> Result<(), VaultError> {
        let before = read(entry)?.as_deref().and_then(|text| Split::of(text));
        before.map_or(Ok(()), |before| before.delete(entry))?;
        delete(entry)
    }
}

/// Asks the Secret Service how the default collection stands. The keyring
/// library has no such question: any call of its on a locked collection opens
/// the system's password prompt.
#[cfg(target_os = "linux")]
fn look() -> Result<(), VaultError> {
    use secret_service::blocking::SecretService;
    use secret_service::{EncryptionType, Error};

    // No secret travels over this session.
    let service = SecretService::connect(EncryptionType::Plain).map_err(|error| {
        tracing::debug!(%error, "no keyring service");
        VaultError::NoService
    })?;
    let failed = |error: Error| {
        tracing::warn!(%error, "the keyring failed");
        VaultError::Failed
    };
    match service.get_default_collection() {
        Ok(collection) if collection.is_locked().map_err(failed)? => Err(VaultError::Locked),
        Ok(_) => Ok(()),
        // None was made yet: writing makes the system ask for its password.
        Err(Error::NoResult) => Err(VaultError::Locked),
        Err(error) => Err(failed(error)),
    }
}

#[cfg(not(target_os = "linux"))]
fn look() -> Result<(), VaultError> {
    if Entry::store_status().is_ok() { Ok(()) } else { Err(VaultError::NoService) }
}

fn entry(name: &str) -> Result<Entry, VaultError> {
    Entry::new(SERVICE, name).map_err(|error| failure(&error))
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

fn read(name: &str) -> Result<Option<Zeroizing<String>>, VaultError> {
    match entry(name)?.get_password() {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(failure(&error)),
    }
}

fn write(name: &str, text: &str) -> Result<(), VaultError> {
    entry(name)?.set_password(text).map_err(|error| failure(&error))
}

fn delete(name: &str) -> Result<(), VaultError> {
    match entry(name)?.delete_credential() {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(failure(&error)),
    }
}

/// Where the pieces of an entry are: set 0 or 1, by turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Split {
    set: u8,
    count: usize,
}

impl Split {
    fn of(text: &str) -> Option<Self> {
        let (set, count) = text.strip_prefix(SPLIT_MARK)?.split_once(':')?;
        let set = set.parse().ok().filter(|set| *set <= 1)?;
        Some(Self { set, count: count.parse().ok()? })
    }

    fn piece(self, entry: &str, number: usize) -> String {
        format!("{entry}#{}.{number}", self.set)
    }

    fn delete(self, entry: &str) -> Result<(), VaultError> {
        (0..self.count).try_for_each(|number| delete(&self.piece(entry, number)))
    }
}

impl std::fmt::Display for Split {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{SPLIT_MARK}{}:{}", self.set, self.count)
    }
}

/// At most [`PIECE`] bytes each, never within a character. A UTF-8 text of
/// that many bytes has at most as many UTF-16 units, two bytes each.
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
    use super::{PIECE, Split, split};

    #[test]
    fn a_long_secret_is_split_and_whole_again() {
        let text = "aü€😀".repeat(800);
        let pieces = split(&text);
        assert_eq!(pieces.concat(), text, "nothing is lost between the pieces");
        for piece in pieces {
            assert!(piece.len() <= PIECE, "no piece is too long");
            assert!(piece.encode_utf16().count() * 2 <= 2560, "every piece fits a Windows credential");
        }
        assert_eq!(split("short"), vec!["short"], "a short one stays whole");
    }

    #[test]
    fn only_our_own_mark_is_taken_for_a_split_secret() {
        assert_eq!(Split::of("pieces:0:3"), None, "a token that reads alike is a token");
        let ours = Split { set: 1, count: 3 };
        assert_eq!(Split::of(&ours.to_string()), Some(ours), "the mark is read as it is written");
        assert_eq!(Split::of("\u{1}pieces:7:3"), None, "there are two sets");
    }
}

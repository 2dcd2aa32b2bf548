//! Marks that can be told apart without giving away what they stand for.

use std::io::{Read as _, Write as _};
use std::path::Path;

use hmac::{Hmac, Mac};
use rand::RngCore as _;
use sha2::Sha256;
use trunkline_net::{PrivateKind, is_secret_name, mark, redact_with};

/// Name of the key's file. It never leaves the folder.
const KEY_FILE: &str = "digest-key";
/// Bytes: a block of SHA-256, so that HMAC takes it as it is.
const KEY: usize = 64;
/// Values that say nothing under a secret's name.
const HARMLESS: [&str; 6] = ["", "null", "None", "true", "false", "***"];

/// Gives the same digest for the same value, in all files of one folder.
///
/// A digest without a key would give a telephone number away: all there are can
/// be tried in minutes. So it is an HMAC with a key that is made once for the
/// folder and is in no export; MD5 would be no better without a key, and has no
/// advantage with one. Four bytes tell a few thousand values apart, which is what
/// they are for, and are too few to say anything else.
#[derive(Clone)]
pub(crate) struct Digests(Hmac<Sha256>);

impl Digests {
    /// With the folder's key, which is made when there is none. Where it cannot be
    /// kept, digests hold for this run.
    pub(crate) fn of(folder: &Path) -> Self {
        let key = kept_key(folder).unwrap_or_else(|| {
            let key = fresh_key();
            if keep(folder, &key).is_err() {
                // Another run may have made one at this moment.
                return kept_key(folder).unwrap_or(key);
            }
            key
        });
        Self::with(&key)
    }

    pub(crate) fn with(key: &[u8; KEY]) -> Self {
        Self(Hmac::new(&(*key).into()))
    }

    fn digest(&self, value: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(value.as_bytes());
        mac.finalize().into_bytes().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The text with everything private replaced by a mark with its digest.
    pub(crate) fn redact(&self, text: &str) -> String {
        redact_with(text, |kind, value| match kind {
            // Written in two ways it is still one number.
            PrivateKind::Phone => {
                self.digest(&value.replace("%2B", "").replace(|other: char| !other.is_ascii_digit(), ""))
            }
            PrivateKind::Token | PrivateKind::Email => self.digest(value),
        })
    }

    /// A field's value: whole, where its name says that it is a secret.
    pub(crate) fn redact_field(&self, name: &str, value: &str) -> String {
        let bare = value.trim_matches('"');
        if is_secret_name(name) && !HARMLESS.contains(&bare) {
            return mark(PrivateKind::Token, &self.digest(bare));
        }
        self.redact(value)
    }
}

fn fresh_key() -> [u8; KEY] {
    let mut key = [0; KEY];
    rand::rng().fill_bytes(&mut key);
    key
}

fn kept_key(folder: &Path) -> Option<[u8; KEY]> {
    let mut key = [0; KEY];
    std::fs::File::open(folder.join(KEY_FILE)).ok()?.read_exact(&mut key).ok()?;
    Some(key)
}

fn keep(folder: &Path, key: &[u8; KEY]) -> std::io::Result<()> {
    let file = folder.join(KEY_FILE);
    // One that is too short to be a key is of no use to anybody.
    if std::fs::metadata(&file).is_ok_and(|there| there.len() < KEY as u64) {
        std::fs::remove_file(&file)?;
    }
    crate::files::private().write(true).create_new(true).open(file)?.write_all(key)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn the_same_value_has_the_same_digest_in_this_folder_and_another_elsewhere() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = Digests::of(here.path()).redact("calling +12025550123");
        let again = Digests::of(here.path()).redact("called +12025550123 twice");
        let digest = first.trim_start_matches("calling [number ").trim_end_matches(']');
        assert_eq!(digest.len(), 8, "{first}");
        assert!(again.contains(digest), "the next run tells the same value by the same digest: {again}");
        let other = Digests::of(here.path()).redact("calling +12025550124");
        assert!(!other.contains(digest), "another value has another: {other}");
        let elsewhere = Digests::of(there.path()).redact("calling +12025550123");
        assert!(!elsewhere.contains(digest), "it cannot be looked up in a table made elsewhere: {elsewhere}");
    }

    #[test]
    fn a_secret_by_name_is_hidden_whatever_it_looks_like() {
        let digests = Digests::with(&[7; KEY]);
        let hidden = digests.redact_field("auth_token", "short");
        assert!(hidden.starts_with("[secret ") && !hidden.contains("short"), "{hidden}");
        assert_eq!(digests.redact_field("auth_token", "\"short\""), hidden, "quoted or not, it is the same value");
        assert_eq!(digests.redact_field("auth_token", "None"), "None", "that there is none may be said");
        assert_eq!(digests.redact_field("attempts", "3"), "3");
    }

    #[test]
    fn a_key_that_was_cut_short_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(KEY_FILE), b"short").unwrap();
        let once = Digests::of(folder.path()).redact("token=abc");
        assert_eq!(Digests::of(folder.path()).redact("token=abc"), once, "the new one is kept");
    }
}

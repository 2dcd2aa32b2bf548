//! The one thread that talks to the keyring. Its calls block, some of them
//! until the user has typed a password into the system's own prompt.
//!
//! | The store says | A call comes | Outcome |
//! | --- | --- | --- |
//! | open | any | carried out |
//! | locked, the user was not asked yet | read or save | carried out, which makes the system ask once |
//! | locked, the user was asked and did not unlock | read or save | `Locked` at once |
//! | the system asks, for longer than the patience | any | `Locked` at once, until the user has answered |
//! | absent or failing | any | that, at once |
//! | open again | (looked at now and then) | everything unsaved is saved, and the user may be asked again |

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::{oneshot, watch};
use trunkline_connector::ports::VaultError;
use trunkline_model::AccountId;

use crate::VaultStatus;
use crate::ledger::{Key, Ledger};

/// A place for secrets. Every call may block.
pub(crate) trait Store: Send + 'static {
    /// How it stands, without making it prompt.
    fn look(&mut self) -> Result<(), VaultError>;
    /// Any entry's text.
    fn read(&mut self, entry: &str) -> Result<Option<SecretString>, VaultError>;
    /// Writes or replaces an entry.
    fn write(&mut self, entry: &str, secret: &SecretString) -> Result<(), VaultError>;
    /// Deletes an entry; one that is not there is no error.
    fn delete(&mut self, entry: &str) -> Result<(), VaultError>;
}

/// What the callers and the thread share.
pub(crate) struct Shared {
    ledger: Mutex<Ledger>,
    pub(crate) status: watch::Sender<VaultStatus>,
    /// The thread is in a call for longer than anybody waits.
    stuck: AtomicBool,
}

impl Default for Shared {
    fn default() -> Self {
        let (status, _) = watch::channel(VaultStatus::Available);
        Self { ledger: Mutex::default(), status, stuck: AtomicBool::new(false) }
    }
}

impl Shared {
    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, status: VaultStatus) {
        let before = self.status.send_replace(status);
        if before != status {
            tracing::info!(?before, now = ?status, "keyring");
        }
    }
}

/// Something to do.
pub(crate) enum Act {
    /// See how the store stands.
    Look,
    /// Read one secret.
    Read(Key),
    /// Carry out everything the ledger says.
    Save,
}

type Outcome = Result<Option<SecretString>, VaultError>;

struct Job {
    act: Act,
    reply: oneshot::Sender<Outcome>,
}

pub(crate) struct Worker {
    queue: mpsc::Sender<Job>,
    shared: Arc<Shared>,
    patience: Duration,
}

impl Worker {
    pub(crate) fn start(store: impl Store, shared: Arc<Shared>, patience: Duration, recheck: Duration) -> Self {
        let (queue, jobs) = mpsc::channel();
        let mut desk = Desk { store, shared: Arc::clone(&shared), asked: false };
        let spawned = std::thread::Builder::new().name("vault".to_owned()).spawn(move || {
            // The status tells the outcome.
            let _ = desk.look();
            desk.work(&jobs, recheck);
        });
        if let Err(error) = spawned {
            // The queue is closed then, and every call says `Failed`.
            tracing::error!(%error, "the keyring's thread cannot be started");
            shared.show(VaultStatus::Failed);
        }
        Self { queue, shared, patience }
    }

    pub(crate) async fn run(&self, act: Act) -> Outcome {
        // The user is being asked. What is in the ledger is saved when the answer is there.
        if self.shared.stuck.load(Ordering::Acquire) {
            return Err(VaultError::Locked);
        }
        let (reply, outcome) = oneshot::channel();
        self.queue.send(Job { act, reply }).map_err(|_| VaultError::Failed)?;
        match tokio::time::timeout(self.patience, outcome).await {
            Ok(outcome) => outcome.unwrap_or(Err(VaultError::Failed)),
            Err(_) => {
                self.shared.stuck.store(true, Ordering::Release);
                self.shared.show(VaultStatus::Locked);
                Err(VaultError::Locked)
            }
        }
    }
}

/// The thread's own side.
struct Desk<S> {
    store: S,
    shared: Arc<Shared>,
    /// The system has asked the user for the password since it was last open.
    asked: bool,
}

impl<S: Store> Desk<S> {
    fn work(&mut self, jobs: &mpsc::Receiver<Job>, recheck: Duration) {
        loop {
            let job = jobs.recv_timeout(recheck);
            self.shared.stuck.store(false, Ordering::Release);
            match job {
                Ok(job) => {
                    let outcome = self.carry_out(&job.act);
                    self.shared.stuck.store(false, Ordering::Release);
                    // Nobody waits any more: what was to be saved was saved all the same.
                    let _ = job.reply.send(outcome);
                }
                Err(RecvTimeoutError::Timeout) => {
                    let well = *self.shared.status.borrow() == VaultStatus::Available;
                    if !well || self.shared.ledger().has_work() {
                        // Likewise.
                        let _ = self.look();
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn carry_out(&mut self, act: &Act) -> Outcome {
        if matches!(act, Act::Look) {
            return self.look().map(|()| None);
        }
        let outcome = self.gate().and_then(|()| match act {
            Act::Read(key) => self.store.read(&entry(&key.account, &key.name)),
            Act::Save | Act::Look => self.save().map(|()| None),
        });
        match &outcome {
            Err(error) => {
                self.asked |= *error == VaultError::Locked;
                self.shared.show((*error).into());
            }
            // Looking for a secret that is not there works on a locked keyring too.
            Ok(_) => {
                let _ = self.look();
            }
        }
        outcome
    }

    /// Sees how the store stands, and when it is open saves what is unsaved.
    fn look(&mut self) -> Result<(), VaultError> {
        let mut seen = self.store.look();
        if seen.is_ok() {
            self.asked = false;
            if self.shared.ledger().has_work() {
                seen = self.save();
            }
        }
        self.shared.show(seen.map_or_else(VaultStatus::from, |()| VaultStatus::Available));
        seen
    }

    /// Whether a call may be made now.
    fn gate(&mut self) -> Result<(), VaultError> {
        match self.store.look() {
            Ok(()) => {
                self.asked = false;
                Ok(())
            }
            Err(VaultError::Locked) if !self.asked => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Carries out the ledger. Goes on after a failure of one entry, but not
    /// when the whole store is away: each call would make it prompt again.
    fn save(&mut self) -> Result<(), VaultError> {
        let mut result = Ok(());
        let forgotten = self.shared.ledger().to_forget();
        for account in forgotten {
            match self.delete_all(&account) {
                Ok(()) => self.shared.ledger().forgot(&account),
                Err(VaultError::Failed) => result = Err(VaultError::Failed),
                Err(away) => return Err(away),
            }
        }
        let unsaved = self.shared.ledger().unsaved();
        for change in unsaved {
            // Written after the account was forgotten: must not be deleted with the old ones.
            if self.shared.ledger().is_forgetting(&change.key.account) {
                continue;
            }
            match self.save_one(&change.key, change.secret.as_ref()) {
                Ok(()) => self.shared.ledger().saved(&change.key, change.revision),
                Err(VaultError::Failed) => result = Err(VaultError::Failed),
                Err(away) => return Err(away),
            }
        }
        result
    }

    fn save_one(&mut self, key: &Key, secret: Option<&SecretString>) -> Result<(), VaultError> {
        let mut names = self.names(&key.account)?;
        match secret {
            // First the name, then the secret: what is in the keyring can always be found again.
            Some(secret) => {
                if names.insert(key.name.clone()) {
                    self.write_names(&key.account, &names)?;
                }
                self.store.write(&entry(&key.account, &key.name), secret)
            }
            None => {
                self.store.delete(&entry(&key.account, &key.name))?;
                if names.remove(&key.name) { self.write_names(&key.account, &names) } else { Ok(()) }
            }
        }
    }

    fn delete_all(&mut self, account: &AccountId) -> Result<(), VaultError> {
        for name in self.names(account)? {
            self.store.delete(&entry(account, &name))?;
        }
        self.store.delete(&index(account))
    }

    fn names(&mut self, account: &AccountId) -> Result<BTreeSet<String>, VaultError> {
        let list = self.store.read(&index(account))?;
        Ok(list.map(|list| list.expose_secret().lines().map(unescaped).collect()).unwrap_or_default())
    }

    fn write_names(&mut self, account: &AccountId, names: &BTreeSet<String>) -> Result<(), VaultError> {
        if names.is_empty() {
            return self.store.delete(&index(account));
        }
        let list = names.iter().map(|name| escaped(name)).collect::<Vec<_>>().join("\n");
        self.store.write(&index(account), &list.into())
    }
}

/// `ACCOUNT/NAME`.
fn entry(account: &AccountId, name: &str) -> String {
    format!("{}/{}", escaped(account.as_str()), escaped(name))
}

/// The names of an account's secrets, one a line. No name is escaped to this.
fn index(account: &AccountId) -> String {
    format!("{}/#names", escaped(account.as_str()))
}

/// Keeps our own marks out of names.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('/', "%2F").replace('#', "%23").replace('\n', "%0A").replace('\r', "%0D")
}

fn unescaped(text: &str) -> String {
    text.replace("%0D", "\r").replace("%0A", "\n").replace("%23", "#").replace("%2F", "/").replace("%25", "%")
}

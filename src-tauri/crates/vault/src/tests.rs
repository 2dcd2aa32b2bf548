//! The vault over a store that the test makes absent, locked, slow or failing.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex};

use secrecy::{ExposeSecret as _, SecretString};

use super::*;

/// Short, so that tests are; long enough for a loaded computer to do a call within.
const SHORT: Duration = Duration::from_millis(400);

/// A keyring that does what the test says. Clones are the same keyring, as
/// two runs of the program would see it.
#[derive(Clone, Default)]
struct FakeStore(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    entries: BTreeMap<String, String>,
    away: Option<VaultError>,
    /// The prompt stays open: calls on the locked keyring block.
    user_is_thinking: bool,
    prompts: usize,
    fails_for: Option<&'static str>,
}

impl FakeStore {
    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.0.lock().unwrap());
        self.0.1.notify_all();
    }

    fn see<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.0.0.lock().unwrap())
    }

    fn run(&self) -> Vault {
        Vault::over(self.clone(), SHORT, Duration::from_millis(20))
    }

    /// As the real one: a call on a locked keyring opens a prompt and waits for the user.
    fn call(&self, entry: &str, changes: bool) -> Result<(), VaultError> {
        let mut state = self.0.0.lock().unwrap();
        if state.away == Some(VaultError::Locked) && (changes || state.entries.contains_key(entry)) {
            state.prompts += 1;
            while state.user_is_thinking {
                state = self.0.1.wait(state).unwrap();
            }
        } else if state.away == Some(VaultError::Locked) {
            return Ok(());
        }
        if state.fails_for.is_some_and(|part| entry.contains(part)) {
            return Err(VaultError::Failed);
        }
        state.away.map_or(Ok(()), Err)
    }
}

impl Store for FakeStore {
    fn look(&mut self) -> Result<(), VaultError> {
        self.see(|state| state.away.map_or(Ok(()), Err))
    }

    fn read(&mut self, entry: &str) -> Result<Option<SecretString>, VaultError> {
        self.call(entry, false)?;
        Ok(self.see(|state| state.entries.get(entry).map(|text| text.as_str().into())))
    }

    fn write(&mut self, entry: &str, secret: &SecretString) -> Result<(), VaultError> {
        self.call(entry, true)?;
        self.set(|state| drop(state.entries.insert(entry.to_owned(), secret.expose_secret().to_owned())));
        Ok(())
    }

    fn delete(&mut self, entry: &str) -> Result<(), VaultError> {
        self.call(entry, false)?;
        self.set(|state| drop(state.entries.remove(entry)));
        Ok(())
    }
}

fn one() -> AccountId {
    AccountId::from("account-one")
}

async fn text(vault: &Vault, name: &str) -> Result<Option<String>, VaultError> {
    let found = vault.account(&one()).get(name).await?;
    Ok(found.map(|secret| secret.expose_secret().to_owned()))
}

async fn becomes(vault: &Vault, status: VaultStatus) {
    let mut watch = vault.watch();
    let reached = watch.wait_for(|now| *now == status);
    let reached = tokio::time::timeout(Duration::from_secs(10), reached).await;
    assert!(reached.is_ok_and(|reached| reached.is_ok()), "the status becomes {status:?}, is {:?}", vault.status());
}

#[tokio::test]
async fn secrets_outlive_a_run_and_accounts_do_not_see_each_other() {
    let store = FakeStore::default();
    let first = store.run();
    first.account(&one()).set("token", "secret one".into()).await.unwrap();
    drop(first);
    let second = store.run();
    assert_eq!(text(&second, "token").await, Ok(Some("secret one".to_owned())), "the next run reads it");
    let other = second.account(&"account-two".into()).get("token").await.unwrap();
    assert!(other.is_none(), "the other account has none");
    second.account(&one()).remove("token").await.unwrap();
    assert_eq!(text(&store.run(), "token").await, Ok(None), "what was removed is gone for the run after it");
    assert!(store.see(|state| state.entries.is_empty()), "with its name");
}

#[tokio::test]
async fn forgetting_an_account_deletes_what_earlier_runs_wrote_too() {
    let store = FakeStore::default();
    store.run().account(&one()).set("token", "first".into()).await.unwrap();
    let vault = store.run();
    // Both at once: neither may lose the other's name.
    let account = vault.account(&one());
    let (a, b) = tokio::join!(account.set("cookies", "second".into()), account.set("a/b#c%", "third".into()));
    a.and(b).unwrap();
    vault.account(&"account-two".into()).set("token", "other".into()).await.unwrap();
    vault.forget(&one()).await.unwrap();
    let left: Vec<String> = store.see(|state| state.entries.keys().cloned().collect());
    assert_eq!(left, ["account-two/#names", "account-two/token"], "only the other account's are left");
    assert_eq!(text(&vault, "token").await, Ok(None), "and this run cannot read them either");
}

#[tokio::test]
async fn without_a_keyring_secrets_live_for_the_run_and_are_kept_when_it_comes() {
    let store = FakeStore::default();
    store.set(|state| state.away = Some(VaultError::NoService));
    let vault = store.run();
    let outcome = vault.account(&one()).set("token", "secret".into()).await;
    assert_eq!(outcome, Err(VaultError::NoService), "the agent is told");
    assert_eq!(vault.status(), VaultStatus::NoService, "the status says why");
    assert_eq!(text(&vault, "token").await, Ok(Some("secret".to_owned())), "but this run can read it");
    assert_eq!(text(&vault, "other").await, Err(VaultError::NoService), "what it never had, it cannot know");
    store.set(|state| state.away = None);
    becomes(&vault, VaultStatus::Available).await;
    assert_eq!(text(&store.run(), "token").await, Ok(Some("secret".to_owned())), "it was written by itself");
}

#[tokio::test]
async fn the_user_is_asked_once_and_not_for_every_secret() {
    let store = FakeStore::default();
    store.run().account(&one()).set("token", "old".into()).await.unwrap();
    store.set(|state| state.away = Some(VaultError::Locked));
    let vault = store.run();
    becomes(&vault, VaultStatus::Locked).await;
    assert_eq!(store.see(|state| state.prompts), 0, "finding out that it is locked asks nobody");
    assert_eq!(text(&vault, "token").await, Err(VaultError::Locked), "the user closes the prompt");
    for name in ["a", "b", "c"] {
        let outcome = vault.account(&one()).set(name, name.into()).await;
        assert_eq!(outcome, Err(VaultError::Locked), "{name} lives for this run");
    }
    assert_eq!(vault.probe().await, VaultStatus::Locked, "asking how it stands");
    assert_eq!(store.see(|state| state.prompts), 1, "one prompt in all");
    store.set(|state| state.away = None);
    becomes(&vault, VaultStatus::Available).await;
    let names = store.see(|state| state.entries["account-one/#names"].clone());
    assert_eq!(names, "a\nb\nc\ntoken", "unlocked elsewhere: all are saved, and the old one's name is not lost");
    store.set(|state| state.away = Some(VaultError::Locked));
    let _ = vault.account(&one()).set("d", "d".into()).await;
    assert_eq!(store.see(|state| state.prompts), 2, "locked anew, the user may be asked anew");
}

#[tokio::test]
async fn a_prompt_that_stays_open_holds_nobody_up() {
    let store = FakeStore::default();
    store.set(|state| {
        state.away = Some(VaultError::Locked);
        state.user_is_thinking = true;
    });
    let vault = store.run();
    let started = std::time::Instant::now();
    assert_eq!(vault.account(&one()).set("a", "1".into()).await, Err(VaultError::Locked), "nobody waits for a user");
    assert!(started.elapsed() >= SHORT, "only as long as it has patience");
    let started = std::time::Instant::now();
    for name in ["b", "c", "d"] {
        assert_eq!(vault.account(&one()).set(name, "2".into()).await, Err(VaultError::Locked), "{name} at once");
    }
    assert_eq!(text(&vault, "b").await, Ok(Some("2".to_owned())), "this run can read them");
    assert!(started.elapsed() < SHORT, "behind an open prompt nobody waits again: {:?}", started.elapsed());
    store.set(|state| {
        state.away = None;
        state.user_is_thinking = false;
    });
    becomes(&vault, VaultStatus::Available).await;
    for name in ["a", "b", "c", "d"] {
        assert!(text(&store.run(), name).await.unwrap().is_some(), "{name} is saved once the password was typed");
    }
    assert_eq!(store.see(|state| state.prompts), 1, "after one prompt");
}

#[tokio::test]
async fn what_is_removed_while_locked_does_not_come_back() {
    let store = FakeStore::default();
    let vault = store.run();
    vault.account(&one()).set("token", "old".into()).await.unwrap();
    vault.account(&"account-two".into()).set("token", "two".into()).await.unwrap();
    store.set(|state| state.away = Some(VaultError::Locked));
    assert_eq!(vault.account(&one()).remove("token").await, Err(VaultError::Locked), "it is told");
    assert_eq!(vault.forget(&"account-two".into()).await, Err(VaultError::Locked), "for an account too");
    assert_eq!(text(&vault, "token").await, Ok(None), "for this run it is gone");
    store.set(|state| state.away = None);
    becomes(&vault, VaultStatus::Available).await;
    assert!(store.see(|state| state.entries.is_empty()), "and in the keyring once that opens");
}

#[tokio::test]
async fn the_newest_of_several_changes_counts() {
    let store = FakeStore::default();
    store.set(|state| state.away = Some(VaultError::NoService));
    let vault = store.run();
    for value in ["1", "2", "3"] {
        let _ = vault.account(&one()).set("token", value.into()).await;
    }
    store.set(|state| state.away = None);
    becomes(&vault, VaultStatus::Available).await;
    assert_eq!(text(&store.run(), "token").await, Ok(Some("3".to_owned())), "the last value");
}

#[tokio::test]
async fn one_failing_entry_does_not_stop_the_others() {
    let store = FakeStore::default();
    store.set(|state| state.fails_for = Some("/bad"));
    let vault = store.run();
    assert_eq!(vault.account(&one()).set("bad", "1".into()).await, Err(VaultError::Failed), "the bad one is told");
    assert_eq!(vault.account(&one()).set("good", "2".into()).await, Ok(()), "the good one is kept, and told so");
    assert_eq!(text(&vault, "bad").await, Ok(Some("1".to_owned())), "the bad one lives for this run");
}

#[tokio::test]
async fn a_secret_read_before_the_keyring_was_locked_can_be_read_after() {
    let store = FakeStore::default();
    store.run().account(&one()).set("token", "old".into()).await.unwrap();
    let vault = store.run();
    assert_eq!(text(&vault, "token").await, Ok(Some("old".to_owned())), "it is open");
    store.set(|state| state.away = Some(VaultError::Locked));
    assert_eq!(
        text(&vault, "token").await,
        Ok(Some("old".to_owned())),
        "locked in the middle of a shift: work goes on"
    );
}

#[tokio::test]
async fn memory_is_a_vault_of_this_run() {
    let vault = Vault::open(VaultKind::Memory);
    vault.account(&one()).set("token", "secret".into()).await.unwrap();
    assert_eq!(text(&vault, "token").await, Ok(Some("secret".to_owned())), "it is there");
    vault.forget(&one()).await.unwrap();
    assert_eq!(text(&vault, "token").await, Ok(None), "until it is forgotten");
    assert_eq!(text(&Vault::open(VaultKind::Memory), "token").await, Ok(None), "another vault has none of it");
    assert_eq!(vault.probe().await, VaultStatus::Available, "and nothing is amiss");
}

#[tokio::test]
async fn the_development_file_is_private_and_never_written_over_when_it_is_not_ours() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secrets.json");
    let vault = Vault::open(VaultKind::DevFile(file.clone()));
    vault.account(&one()).set("token", "secret".into()).await.unwrap();
    let again = Vault::open(VaultKind::DevFile(file.clone()));
    assert_eq!(text(&again, "token").await, Ok(Some("secret".to_owned())), "the next run reads it");
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "nobody else may read it");
    }
    std::fs::write(&file, "[not ours]").unwrap();
    let third = Vault::open(VaultKind::DevFile(file.clone()));
    assert_eq!(third.account(&one()).set("token", "new".into()).await, Err(VaultError::Failed), "it is told");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "[not ours]", "and the file is as it was");
}

#[test]
fn a_vault_does_not_print_its_secrets() {
    let vault = Vault::open(VaultKind::Memory);
    assert_eq!(format!("{vault:?}"), "Vault(Available)", "status only");
}

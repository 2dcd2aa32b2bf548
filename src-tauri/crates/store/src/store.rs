//! Settings in layers: built-in, then the machine's policy, then the user's.
//!
//! The policy file has two tables: `[defaults]`, which a user may change, and
//! `[enforced]`, which nobody may. A change is drafted on a copy and committed
//! whole: checked, written beside the old file, renamed over it. Where writing
//! fails the change holds for this run, and the next writing that succeeds
//! takes it along.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use toml::{Table, Value};
use trunkline_model::AccountId;

use crate::StoreError;
use crate::settings::{Settings, VERSION};

/// A settings or policy file that could not be used, and what was done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsProblem {
    /// The file.
    pub file: PathBuf,
    /// Where the bad file was kept, for the user's own file.
    pub kept_as: Option<PathBuf>,
    /// Key or line, and what is wrong with it.
    pub what: String,
}

impl fmt::Display for SettingsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.what)?;
        match &self.kept_as {
            Some(kept) => write!(f, " (kept as {})", kept.display()),
            None => Ok(()),
        }
    }
}

/// A change that is in force.
#[derive(Debug)]
pub struct Committed {
    /// All settings, with it.
    pub settings: Settings,
    /// Why the file has it not: it then lasts until the program ends, unless
    /// it is written after all (see [`SettingsStore::save`]).
    pub unsaved: Option<StoreError>,
}

/// The settings of this user on this machine.
#[derive(Debug)]
pub struct SettingsStore {
    file: PathBuf,
    enforced: Table,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The user's own file as it is, unknown keys included.
    user: Table,
    settings: Settings,
    /// `user` is not on disk as it is here.
    unsaved: bool,
    /// Accounts that the next run will have.
    lasting: BTreeSet<AccountId>,
}

impl State {
    fn write(&mut self, file: &Path) -> Result<(), StoreError> {
        self.unsaved = true;
        write_whole(file, &toml::to_string_pretty(&self.user)?)?;
        self.unsaved = false;
        self.lasting = ids(&self.settings);
        Ok(())
    }
}

fn ids(settings: &Settings) -> BTreeSet<AccountId> {
    settings.accounts.iter().map(|record| record.id.clone()).collect()
}

impl SettingsStore {
    /// Reads `settings.toml` in `folder` and the machine's policy (default:
    /// the system's place for it). A file that cannot be used never stops the
    /// program: the user's own is set aside, and what is wrong is reported.
    pub fn open(folder: &Path, policy: Option<&Path>) -> Result<(Self, Option<SettingsProblem>), StoreError> {
        let file = folder.join("settings.toml");
        let policy_file = policy.unwrap_or(Path::new("/etc/trunkline/policy.toml"));
        let (policy_table, policy_problem) = read_policy(policy_file);
        let table = |key: &str| policy_table.get(key).and_then(Value::as_table).cloned().unwrap_or_default();
        let (defaults, enforced) = (table("defaults"), table("enforced"));

        let (user, problem) = match read_user(&file) {
            Ok(user) => (user, None),
            Err(what) => (Table::new(), Some(put_away(&file, what))),
        };
        // A policy that does not fit the schema must not take the user's settings down with it.
        let (settings, misfit) = match layered(&defaults, &user, &enforced) {
            Ok(settings) => (settings, None),
            Err(what) => {
                let what = format!("the policy does not fit and is not in force: {what}");
                let settings = layered(&Table::new(), &user, &Table::new()).unwrap_or_default();
                (settings, Some(SettingsProblem { file: policy_file.to_path_buf(), kept_as: None, what }))
            }
        };
        // One is told; the others are in the log.
        let mut problems = [problem, policy_problem, misfit].into_iter().flatten();
        let first = problems.next();
        problems.for_each(|problem| tracing::error!(%problem, "one more settings problem"));
        let lasting = ids(&settings);
        let state = Mutex::new(State { user, settings, unsaved: false, lasting });
        Ok((Self { file, enforced, state }, first))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All settings as they are in force.
    pub fn get(&self) -> Settings {
        self.lock().settings.clone()
    }

    /// The administrator has fixed this key (`audio.processing`).
    pub fn is_enforced(&self, key: &str) -> bool {
        find(&self.enforced, key).is_some()
    }

    /// Drafts a change on a copy and commits it whole: afterwards it is in
    /// force, and on disk unless [`Committed::unsaved`] says why not.
    ///
    /// # Errors
    /// `Enforced` or `Serialise`: nothing has changed.
    pub fn commit(&self, change: impl FnOnce(&mut Settings)) -> Result<Committed, StoreError> {
        let mut state = self.lock();
        let mut draft = state.settings.clone();
        change(&mut draft);
        draft.version = VERSION;
        let before = Table::try_from(&state.settings)?;
        let after = Table::try_from(&draft)?;
        let mut user = state.user.clone();
        user.insert("version".to_owned(), Value::Integer(i64::from(VERSION)));
        let mut path = Vec::new();
        self.carry_over(&before, &after, &mut user, &mut path)?;
        (state.user, state.settings) = (user, draft);
        let unsaved = state.write(&self.file).err();
        Ok(Committed { settings: state.settings.clone(), unsaved })
    }

    /// Some change is not on disk.
    pub fn is_unsaved(&self) -> bool {
        self.lock().unsaved
    }

    /// Writes the changes that are not on disk; does nothing when all are.
    ///
    /// # Errors
    /// The file still cannot be written; the changes are in force as before.
    pub fn save(&self) -> Result<(), StoreError> {
        let mut state = self.lock();
        if state.unsaved { state.write(&self.file) } else { Ok(()) }
    }

    /// Accounts in force that the file has not: the next run will not know them.
    pub fn accounts_of_this_run(&self) -> Vec<AccountId> {
        let state = self.lock();
        ids(&state.settings).difference(&state.lasting).cloned().collect()
    }

    /// Puts what differs into the user's table, key by key, so that defaults
    /// that were not touched go on following the policy.
    fn carry_over(
        &self,
        before: &Table,
        after: &Table,
        user: &mut Table,
        path: &mut Vec<String>,
    ) -> Result<(), StoreError> {
        let gone = before.keys().filter(|key| !after.contains_key(*key));
        for key in gone.chain(after.keys()) {
            path.push(key.clone());
            match (before.get(key), after.get(key)) {
                (old, new) if old == new => {}
                (Some(Value::Table(old)), Some(Value::Table(new))) => {
                    let entry = user.entry(key.clone()).or_insert_with(|| Value::Table(Table::new()));
                    if !entry.is_table() {
                        *entry = Value::Table(Table::new());
                    }
                    if let Value::Table(inner) = entry {
                        self.carry_over(old, new, inner, path)?;
                    }
                }
                (_, new) => {
                    let name = path.join(".");
                    if self.is_enforced(&name) {
                        return Err(StoreError::Enforced(name));
                    }
                    match new {
                        Some(value) => user.insert(key.clone(), value.clone()),
                        None => user.remove(key),
                    };
                }
            }
            path.pop();
        }
        Ok(())
    }
}

/// The user's table; empty when there is no file.
fn read_user(file: &Path) -> Result<Table, String> {
    match std::fs::read(file) {
        Ok(bytes) => parse(std::str::from_utf8(&bytes).map_err(|error| format!("not UTF-8 text: {error}"))?),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(Table::new()),
        Err(cause) => Err(cause.to_string()),
    }
}

/// Sets a file that cannot be used aside, where that is possible.
fn put_away(file: &Path, what: String) -> SettingsProblem {
    match set_aside(file) {
        Ok(kept) => SettingsProblem { file: file.to_path_buf(), kept_as: Some(kept), what },
        Err(error) => {
            let what = format!("{what}; it cannot be kept aside either: {error}");
            SettingsProblem { file: file.to_path_buf(), kept_as: None, what }
        }
    }
}

fn read_policy(file: &Path) -> (Table, Option<SettingsProblem>) {
    let problem = |what: String| Some(SettingsProblem { file: file.to_path_buf(), kept_as: None, what });
    match std::fs::read_to_string(file) {
        Ok(text) => match text.parse::<Table>() {
            Ok(table) => (table, None),
            Err(error) => (Table::new(), problem(format!("the policy is not in force: {}", describe(&error)))),
        },
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => (Table::new(), None),
        Err(cause) => (Table::new(), problem(cause.to_string())),
    }
}

/// The user's table, when it is TOML, of a version we know, and fits.
fn parse(text: &str) -> Result<Table, String> {
    let user: Table = text.parse().map_err(|error| describe(&error))?;
    let version = user.get("version").and_then(Value::as_integer).unwrap_or(i64::from(VERSION));
    if version > i64::from(VERSION) {
        return Err(format!("version {version} is of a newer program; this one knows {VERSION}"));
    }
    // The policy is checked apart: a misfit there is not the user's.
    layered(&Table::new(), &user, &Table::new())?;
    Ok(user)
}

fn describe(error: &toml::de::Error) -> String {
    // The first line names the place; the rest draws the source, which may be long.
    error.to_string().lines().next().unwrap_or("not TOML").to_owned()
}

fn layered(defaults: &Table, user: &Table, enforced: &Table) -> Result<Settings, String> {
    let mut whole = defaults.clone();
    merge(&mut whole, user);
    merge(&mut whole, enforced);
    Value::Table(whole)
        .try_into()
        .map_err(|error: toml::de::Error| error.to_string().lines().collect::<Vec<_>>().join(" "))
}

/// Tables are merged, everything else is replaced.
fn merge(into: &mut Table, from: &Table) {
    for (key, value) in from {
        match (into.get_mut(key), value) {
            (Some(Value::Table(inner)), Value::Table(more)) => merge(inner, more),
            _ => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}

fn find<'a>(table: &'a Table, path: &str) -> Option<&'a Value> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    match (table.get(first)?, rest) {
        (value, None) => Some(value),
        (Value::Table(inner), Some(rest)) => find(inner, rest),
        _ => None,
    }
}

/// Keeps a file that cannot be used under a free name beside it.
fn set_aside(file: &Path) -> Result<PathBuf, StoreError> {
    let mut number = 1;
    let kept = loop {
        let candidate = file.with_extension(format!("broken-{number}.toml"));
        if !candidate.exists() {
            break candidate;
        }
        number += 1;
    };
    std::fs::rename(file, &kept).map_err(|cause| StoreError::File { path: file.to_path_buf(), cause })?;
    Ok(kept)
}

/// The new file is complete on disk before it takes the old one's place.
fn write_whole(file: &Path, text: &str) -> Result<(), StoreError> {
    use std::io::Write as _;
    let failed = |cause| StoreError::File { path: file.to_path_buf(), cause };
    let draft = file.with_extension("toml.new");
    let mut out = std::fs::File::create(&draft).map_err(failed)?;
    out.write_all(text.as_bytes()).and_then(|()| out.sync_all()).map_err(failed)?;
    std::fs::rename(&draft, file).map_err(failed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn open(folder: &Path, policy: Option<&Path>) -> (SettingsStore, Option<SettingsProblem>) {
        SettingsStore::open(folder, Some(policy.unwrap_or(Path::new("/nonexistent/policy.toml")))).unwrap()
    }

    #[test]
    fn a_broken_file_is_kept_reported_and_replaced_by_defaults() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("settings.toml"), "[audio\nprocessing = maybe").unwrap();
        let (store, problem) = open(folder.path(), None);
        let problem = problem.expect("the agent is told");
        assert_eq!(store.get(), Settings::default(), "defaults serve");
        let kept = std::fs::read_to_string(problem.kept_as.unwrap()).unwrap();
        assert!(kept.contains("maybe"), "nothing of the broken file is lost");
    }

    #[test]
    fn a_value_of_the_wrong_kind_names_its_key() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("settings.toml"), "[audio.ringtone]\nvolume = \"loud\"\n").unwrap();
        let (_, problem) = open(folder.path(), None);
        let what = problem.unwrap().what;
        assert!(what.contains("volume") || what.contains("string"), "the message leads to the key: {what}");
    }

    #[test]
    fn a_change_survives_the_next_start_and_unknown_keys_stay() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.toml");
        std::fs::write(&file, "version = 1\n[future]\nkey = 7\n").unwrap();
        let (store, problem) = open(folder.path(), None);
        assert_eq!(problem, None, "unknown keys are no problem");
        store.commit(|settings| settings.audio.ringer = Some("Desk speaker".to_owned())).unwrap();
        let (again, _) = open(folder.path(), None);
        assert_eq!(again.get().audio.ringer.as_deref(), Some("Desk speaker"), "the change is on disk");
        assert!(std::fs::read_to_string(&file).unwrap().contains("key = 7"), "a newer program's keys are kept");
        again.commit(|settings| settings.audio.ringer = None).unwrap();
        let (third, _) = open(folder.path(), None);
        assert_eq!(third.get().audio.ringer, None, "going back to the system's default is kept too");
    }

    #[test]
    fn the_policy_gives_defaults_and_fixes_keys() {
        let folder = tempfile::tempdir().unwrap();
        let policy = folder.path().join("policy.toml");
        std::fs::write(&policy, "[defaults.panel]\ntheme = \"dark\"\n[enforced.audio]\nprocessing = true\n").unwrap();
        let (store, _) = open(folder.path(), Some(&policy));
        assert_eq!(store.get().panel.theme, "dark", "the administrator's default serves");
        store.commit(|settings| settings.panel.theme = "light".to_owned()).unwrap();
        assert_eq!(store.get().panel.theme, "light", "a default may be changed");
        let refused = store.commit(|settings| settings.audio.processing = false).unwrap_err();
        assert!(refused.is_enforced(), "an enforced key may not: {refused}");
        assert!(store.get().audio.processing, "and nothing has changed");
    }

    #[test]
    fn a_change_that_cannot_be_written_holds_for_this_run_and_goes_along_with_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = open(folder.path(), None);
        // A directory in the draft's place fails for root as well, who may write anywhere.
        std::fs::create_dir(folder.path().join("settings.toml.new")).unwrap();
        let blocker = folder.path().join("settings.toml.new");
        let committed = store.commit(|settings| settings.panel.theme = "dark".to_owned()).unwrap();
        let error = committed.unsaved.expect("it is reported");
        assert!(matches!(error, StoreError::File { .. }), "with the file's name: {error}");
        assert_eq!(committed.settings.panel.theme, "dark", "the change is given back");
        assert_eq!(store.get().panel.theme, "dark", "and in force");
        assert!(store.is_unsaved() && store.save().is_err(), "and is still to be written");

        std::fs::remove_dir(&blocker).unwrap();
        let committed = store.commit(|settings| settings.audio.processing = false).unwrap();
        assert!(committed.unsaved.is_none() && !store.is_unsaved(), "the next change is written");
        let (again, problem) = open(folder.path(), None);
        assert_eq!(problem, None, "whole");
        assert_eq!(again.get(), store.get(), "with the one before it");
    }

    #[test]
    fn what_could_not_be_written_is_written_without_another_change() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = open(folder.path(), None);
        store.save().unwrap();
        assert!(!folder.path().join("settings.toml").exists(), "nothing is written that nobody changed");
        let blocker = folder.path().join("settings.toml.new");
        std::fs::create_dir(&blocker).unwrap();
        let account = crate::AccountRecord {
            id: "a-1".into(),
            platform: "amazon-connect".into(),
            name: "Sales".to_owned(),
            settings: serde_json::Map::new(),
        };
        store.commit(move |settings| settings.accounts.push(account)).unwrap();
        assert_eq!(store.accounts_of_this_run(), ["a-1".into()], "the next run would not know it");
        std::fs::remove_dir(&blocker).unwrap();
        store.save().unwrap();
        assert!(store.accounts_of_this_run().is_empty(), "now it would");
        let (again, _) = open(folder.path(), None);
        assert_eq!(again.get(), store.get(), "the file has it");
        assert!(again.accounts_of_this_run().is_empty(), "and so has the next run");
    }

    #[test]
    fn a_file_that_is_no_text_is_kept_too() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("settings.toml"), b"name = \"\xff\xfe\"\n").unwrap();
        let (store, problem) = open(folder.path(), None);
        let problem = problem.expect("the agent is told");
        assert_eq!(store.get(), Settings::default(), "defaults serve");
        assert!(std::fs::read(problem.kept_as.unwrap()).unwrap().contains(&0xff), "nothing of the file is lost");
    }

    #[test]
    fn a_file_that_cannot_be_read_does_not_stop_the_program() {
        let folder = tempfile::tempdir().unwrap();
        // A directory in its place cannot be read by root either.
        std::fs::create_dir(folder.path().join("settings.toml")).unwrap();
        std::fs::write(folder.path().join("settings.toml").join("inside"), "kept").unwrap();
        let (store, problem) = open(folder.path(), None);
        let problem = problem.expect("the agent is told");
        assert_eq!(store.get(), Settings::default(), "defaults serve");
        let kept = std::fs::read_to_string(problem.kept_as.unwrap().join("inside")).unwrap();
        assert_eq!(kept, "kept", "what was there is kept");

        let no_folder = folder.path().join("file");
        std::fs::write(&no_folder, "in the folder's place").unwrap();
        let (store, problem) = open(&no_folder, None);
        assert!(problem.is_some(), "a folder that is none is reported");
        let committed = store.commit(|settings| settings.panel.theme = "dark".to_owned()).unwrap();
        assert!(committed.unsaved.is_some(), "and writing says so");
    }

    #[test]
    fn a_policy_that_does_not_fit_is_reported_with_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let policy = folder.path().join("policy.toml");
        std::fs::write(&policy, "[enforced.audio]\nprocessing = \"always\"\n").unwrap();
        let (store, problem) = open(folder.path(), Some(&policy));
        let problem = problem.expect("a policy that is not in force must not go unseen");
        assert_eq!(problem.file, policy, "the policy's file is named");
        assert!(problem.what.contains("processing"), "and its key: {}", problem.what);
        assert_eq!(store.get(), Settings::default(), "the rest works");
    }

    #[test]
    fn a_newer_version_is_set_aside_and_not_misread() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("settings.toml"), "version = 99\n").unwrap();
        let (_, problem) = open(folder.path(), None);
        assert!(problem.unwrap().what.contains("newer"), "the agent learns why");
    }

    #[test]
    fn an_administrators_accounts_are_there_at_the_first_start_and_the_users_own_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        let policy = folder.path().join("policy.toml");
        let text = "[[defaults.accounts]]\nid = \"support\"\nplatform = \"amazon-connect\"\nname = \"Support\"\n\
                    [defaults.accounts.settings]\naddress = \"https://my-company.my.connect.aws\"\nstandby_ms = 0\n";
        std::fs::write(&policy, text).unwrap();
        let (store, problem) = open(folder.path(), Some(&policy));
        assert!(problem.is_none(), "{problem:?}");
        let accounts = store.get().accounts;
        assert_eq!(accounts.len(), 1, "there without the user");
        assert_eq!(accounts[0].settings["standby_ms"], 0, "with an override");
        let own = crate::AccountRecord { id: "own".into(), name: "Own".to_owned(), ..accounts[0].clone() };
        store.commit(move |settings| settings.accounts.push(own)).unwrap();
        let (again, _) = open(folder.path(), Some(&policy));
        let ids: Vec<String> = again.get().accounts.iter().map(|account| account.id.to_string()).collect();
        assert_eq!(ids, ["support", "own"], "both, after a restart");
    }

    #[test]
    fn accounts_are_kept_with_an_administrators_overrides() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = open(folder.path(), None);
        let record = crate::AccountRecord {
            id: "a-1".into(),
            platform: "amazon-connect".into(),
            name: "Sales".to_owned(),
            settings: serde_json::json!({ "address": "https://example.my.connect.aws", "ring_seconds": 30 })
                .as_object()
                .cloned()
                .unwrap(),
        };
        let saved = record.clone();
        store.commit(move |settings| settings.accounts.push(saved)).unwrap();
        let (again, problem) = open(folder.path(), None);
        assert_eq!(problem, None, "what we write we can read");
        assert_eq!(again.get().accounts, vec![record], "numbers stay numbers");
    }
}

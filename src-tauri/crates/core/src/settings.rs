//! The settings at work, and what the agent hears when they cannot be written.
//!
//! A change always holds for this run. When the file cannot be written, a
//! notice and a limit say so until it can; that is tried again with every
//! change, every half minute, and on quitting.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use trunkline_desk::Input;
use trunkline_model::{AccountId, Notice, NoticeLevel};
use trunkline_rpc::{RpcCode, RpcError};
use trunkline_store::{Settings, SettingsStore, StoreError};

use crate::desk::SharedDesk;
use crate::rpc_error;

/// Between two tries to write what could not be written: a full disk is soon noticed to have room again.
const RETRY: Duration = Duration::from_secs(30);

const LIMIT: &str = "limit_settings_not_saved";
const NOTICE: &str = "notice_settings_not_saved";
const NOTICE_ID: &str = "settings-not-saved";

pub(crate) struct KeptSettings {
    store: SettingsStore,
    desk: Arc<SharedDesk>,
    /// Writing and telling are one: of two changes at once, the last word is about the last writing.
    turn: Mutex<()>,
}

impl KeptSettings {
    pub(crate) fn new(store: SettingsStore, desk: Arc<SharedDesk>) -> Self {
        Self { store, desk, turn: Mutex::default() }
    }

    /// As they are in force.
    pub(crate) fn get(&self) -> Settings {
        self.store.get()
    }

    /// The administrator has fixed this key (`screen_pops.templates`).
    pub(crate) fn is_enforced(&self, key: &str) -> bool {
        self.store.is_enforced(key)
    }

    /// Changes them, for this run at least. An error is given only where
    /// nothing has changed.
    pub(crate) fn commit(&self, change: impl FnOnce(&mut Settings)) -> Result<Settings, RpcError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        match self.store.commit(change) {
            Ok(committed) => {
                self.tell(committed.unsaved.as_ref());
                Ok(committed.settings)
            }
            Err(error) if error.is_enforced() => {
                tracing::info!(%error, "change refused");
                Err(RpcError::new(RpcCode::NotAllowed, "error_enforced"))
            }
            Err(error) => Err(rpc_error::internal("settings", &error)),
        }
    }

    /// Writes what is not on disk yet. A failure was told when the change was made.
    pub(crate) fn save(&self) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.store.is_unsaved() {
            return;
        }
        match self.store.save() {
            Ok(()) => self.tell(None),
            Err(error) => tracing::debug!(%error, "the settings still cannot be written"),
        }
    }

    /// Accounts that the next run will not know.
    pub(crate) fn accounts_of_this_run(&self) -> Vec<AccountId> {
        self.store.accounts_of_this_run()
    }

    /// Tries again from time to time.
    pub(crate) async fn keep_saving(self: Arc<Self>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(RETRY) => self.save(),
            }
        }
    }

    fn tell(&self, failure: Option<&StoreError>) {
        self.desk.apply(Input::Limit { key: LIMIT.to_owned(), present: failure.is_some() });
        let Some(error) = failure else {
            self.desk.apply(Input::NoticeGone(NOTICE_ID.to_owned()));
            return;
        };
        tracing::error!(%error, "a change of the settings holds for this run only");
        self.desk.apply(Input::Notice(Notice {
            id: NOTICE_ID.to_owned(),
            level: NoticeLevel::Warning,
            message_key: NOTICE.to_owned(),
            params: [("detail".to_owned(), error.to_string())].into(),
            account: None,
            contact: None,
            action: None,
            at: self.desk.now(),
        }));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use serde_json::json;
    use trunkline_rpc::Window;

    use crate::{Core, CoreConfig};

    /// Adds an account while nothing can be written, and quits; gives whether
    /// its secret is left.
    async fn secret_left(writable_on_quitting: bool) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let core = Core::start(CoreConfig::in_folder(folder.path())).await.unwrap();
        // A directory in the draft's place fails for every user, root included.
        let blocker = folder.path().join("config/settings.toml.new");
        std::fs::create_dir(&blocker).unwrap();
        let account = json!({
            "account": null,
            "platform": "amazon-connect",
            "name": "Sales",
            "settings": {"address": "http://127.0.0.1:9"},
            "secrets": {"token": "t-1"},
        });
        let form = core.router().call(Window::Panel, "account_save", account).await.unwrap();
        let vault = core.parts.vault.account(&form["account"].as_str().unwrap().into());
        assert!(vault.get("token").await.unwrap().is_some(), "in this run it is there");
        if writable_on_quitting {
            std::fs::remove_dir(&blocker).unwrap();
        }
        core.shut_down().await;
        vault.get("token").await.unwrap().is_some()
    }

    #[tokio::test]
    async fn no_secret_is_left_of_an_account_that_the_next_run_will_not_know() {
        assert!(!secret_left(false).await, "the account could not be written: its secret goes");
        assert!(secret_left(true).await, "it was written after all: its secret stays");
    }
}

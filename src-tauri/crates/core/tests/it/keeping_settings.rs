//! Settings that cannot be written: changes hold for this run, the agent is
//! told, and nothing is half done.

use std::path::{Path, PathBuf};

use crate::config::config;
use serde_json::{Value, json};
use trunkline_core::Core;
use trunkline_model::NoticeLevel;
use trunkline_rpc::{RpcCode, RpcError, Window};

const NOTICE: &str = "notice_settings_not_saved";
const LIMIT: &str = "limit_settings_not_saved";

struct Panel {
    core: Core,
    folder: tempfile::TempDir,
}

impl Panel {
    async fn open(policy: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("policy.toml"), policy).unwrap();
        let core = start(folder.path()).await;
        Self { core, folder }
    }

    /// A directory in the draft's place fails for every user, root included.
    fn blocker(&self) -> PathBuf {
        self.folder.path().join("config/settings.toml.new")
    }

    fn block(&self) {
        std::fs::create_dir_all(self.blocker()).unwrap();
    }

    async fn call(&self, name: &str, payload: Value) -> Result<Value, RpcError> {
        self.core.router().call(Window::Panel, name, payload).await
    }

    async fn set_theme(&self, theme: &str) {
        let mut panel = self.call("panel_settings", json!({})).await.unwrap();
        panel["theme"] = json!(theme);
        let saved = self.call("panel_settings_save", panel).await.expect("the change holds");
        assert_eq!(saved["theme"], theme, "as the window is told");
    }

    /// How often the agent is told; the limit and the notice go together.
    fn told(&self) -> usize {
        let desk = self.core.snapshot();
        let notices: Vec<_> = desk.notices.iter().filter(|notice| notice.message_key == NOTICE).collect();
        assert_eq!(desk.limits.contains(LIMIT), !notices.is_empty(), "notice and limit: {notices:?}");
        for notice in &notices {
            assert_eq!(notice.level, NoticeLevel::Warning, "it does not go by itself");
            assert!(notice.params["detail"].contains("settings.toml"), "the file is named: {notice:?}");
        }
        notices.len()
    }

    async fn add_account(&self, secrets: Value) -> Result<Value, RpcError> {
        let account = json!({
            "account": null,
            "platform": "amazon-connect",
            "name": "Sales",
            // Nobody listens there.
            "settings": {"address": "http://127.0.0.1:9"},
            "secrets": secrets,
        });
        self.call("account_save", account).await
    }

    fn accounts(&self) -> usize {
        self.core.snapshot().accounts.len()
    }
}

async fn start(folder: &Path) -> Core {
    Core::start(config(folder)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_cannot_be_written_holds_and_is_told_until_one_can() {
    let panel = Panel::open("").await;
    panel.block();
    panel.set_theme("dark").await;
    assert_eq!(panel.told(), 1, "told once");
    panel.call("audio_processing", json!({"on": false})).await.expect("the next change holds too");
    assert_eq!(panel.told(), 1, "and is not told a second time");
    assert_eq!(panel.core.panel_settings().theme, "dark", "the first is still in force");

    std::fs::remove_dir(panel.blocker()).unwrap();
    panel.set_theme("light").await;
    assert_eq!(panel.told(), 0, "a writing that succeeds takes the message away");
    panel.core.shut_down().await;
    let text = std::fs::read_to_string(panel.folder.path().join("config/settings.toml")).unwrap();
    assert!(text.contains("theme = \"light\"") && text.contains("processing = false"), "all of it is kept: {text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_language_is_one_of_the_catalogues_or_the_systems() {
    let panel = Panel::open("").await;
    let mut settings = panel.call("panel_settings", json!({})).await.unwrap();
    assert_eq!(settings["language"], "system", "nobody has chosen yet");
    settings["language"] = json!("ru");
    panel.call("panel_settings_save", settings.clone()).await.expect("Russian is there");
    settings["language"] = json!("kl");
    let refused = panel.call("panel_settings_save", settings).await.unwrap_err();
    assert_eq!(refused.message_key, "error_invalid", "a language that is not there is refused");
    assert_eq!(panel.core.panel_settings().language, "ru", "and the one before holds");
    panel.core.shut_down().await;
    let text = std::fs::read_to_string(panel.folder.path().join("config/settings.toml")).unwrap();
    assert!(text.contains("language = \"ru\""), "it is kept: {text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_can_be_added_and_removed_while_nothing_can_be_written() {
    let panel = Panel::open("").await;
    panel.block();
    let form = panel.add_account(json!({"token": "t-1"})).await.expect("the account works in this run");
    assert_eq!(form["secrets_set"], json!(["token"]), "with its secret");
    assert_eq!((panel.accounts(), panel.told()), (1, 1), "it is on the desk, and that it will not last is told");
    panel.call("account_remove", json!({"account": form["account"]})).await.expect("it can be removed again");
    assert_eq!(panel.accounts(), 0, "no dead account stays on the desk");
    panel.core.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_could_not_be_written_is_written_on_quitting() {
    let panel = Panel::open("").await;
    panel.block();
    panel.add_account(json!({"token": "t-1"})).await.unwrap();
    std::fs::remove_dir(panel.blocker()).unwrap();
    panel.core.shut_down().await;
    let again = start(panel.folder.path()).await;
    assert_eq!(again.snapshot().accounts.len(), 1, "the next run has the account");
    again.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_account_leaves_nothing_and_a_refused_removal_leaves_it_whole() {
    let panel = Panel::open("").await;
    let error = panel.add_account(json!({"token": "t-1", "strange": "s"})).await.unwrap_err();
    assert_eq!(error.field.as_deref(), Some("strange"), "the secret nobody asked for is named");
    assert_eq!(panel.accounts(), 0, "no account of it is left");
    panel.core.shut_down().await;

    let account = "[[enforced.accounts]]\nid = \"fixed\"\nplatform = \"amazon-connect\"\nname = \"Fixed\"\n\
                   [enforced.accounts.settings]\naddress = \"http://127.0.0.1:9\"\n";
    let panel = Panel::open(account).await;
    assert_eq!(panel.accounts(), 1, "the administrator's account");
    for refused in [
        panel.call("account_remove", json!({"account": "fixed"})).await.unwrap_err(),
        panel.add_account(json!({"token": "t-1"})).await.unwrap_err(),
    ] {
        assert_eq!((refused.code, refused.message_key.as_str()), (RpcCode::NotAllowed, "error_enforced"));
    }
    assert_eq!((panel.accounts(), panel.told()), (1, 0), "it is as it was, and there is nothing to save");
    let state = panel.call("account_sign_out", json!({"account": "fixed"})).await;
    assert!(
        !matches!(&state, Err(error) if error.code == RpcCode::NotSignedIn),
        "its connector still takes commands: {state:?}"
    );
    panel.core.shut_down().await;
}

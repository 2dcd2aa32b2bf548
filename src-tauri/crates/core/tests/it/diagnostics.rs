//! The log as the panel's settings show it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::config::config;
use serde_json::{Value, json};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::SubscriberExt as _;
use trunkline_core::{Core, CoreConfig, ShellEvent};
use trunkline_log::{Levels, Limits, LogConfig, Override, WorkerGuard, begin};
use trunkline_net::SystemClock;
use trunkline_rpc::{RpcCode, RpcError, Window};

struct Panel {
    core: Core,
    folder: tempfile::TempDir,
    _written: WorkerGuard,
    _subscriber: DefaultGuard,
}

impl Panel {
    async fn open(policy: &str, filter: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::open_in(folder, policy, filter).await
    }

    async fn open_in(folder: tempfile::TempDir, policy: &str, filter: Option<&str>) -> Self {
        std::fs::write(folder.path().join("policy.toml"), policy).unwrap();
        let (log, layers, written) = begin(LogConfig {
            folder: folder.path().join("logs"),
            limits: Limits::default(),
            levels: Levels::default(),
            filter: filter
                .map(|directives| Override { variable: "TRUNKLINE_LOG".to_owned(), directives: directives.to_owned() }),
            echo: std::io::sink,
            clock: Arc::new(SystemClock),
        });
        // Of this thread: these tests have one each.
        let subscriber = tracing::subscriber::set_default(tracing_subscriber::registry().with(layers));
        let core = Core::start(CoreConfig { log: Some(log), version: "1.2.3".to_owned(), ..config(folder.path()) })
            .await
            .unwrap();
        Self { core, folder, _written: written, _subscriber: subscriber }
    }

    async fn call(&self, name: &str, payload: Value) -> Result<Value, RpcError> {
        self.core.router().call(Window::Panel, name, payload).await
    }

    async fn read(&self, query: Value) -> Value {
        let request = json!({ "query": query, "limit": 500, "end": null, "before": null });
        self.call("log_read", request).await.expect("the log can be read")
    }

    /// The page, once this text is in it: lines are on disk a moment after they are said.
    async fn read_until(&self, query: Value, text: &str) -> Value {
        for _ in 0..500 {
            let page = self.read(query.clone()).await;
            if page.to_string().contains(text) {
                return page;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{text} is not in the log");
    }

    fn downloads(&self) -> std::path::PathBuf {
        self.folder.path().join("downloads")
    }
}

fn all() -> Value {
    json!({ "since": null, "level": "trace", "text": "" })
}

fn lines(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

#[tokio::test]
async fn what_is_exported_is_what_was_looked_at() {
    let panel = Panel::open("", None).await;
    tracing::warn!(target: "trunkline_x", auth_token = "xyzzy", account = "account-one", "calling +12025550123");
    let page = panel.read_until(all(), "calling").await;
    tracing::warn!(target: "trunkline_x", "said later");
    panel.read_until(all(), "said later").await;

    let saved = panel.call("log_export", json!({ "query": all(), "end": page["end"] })).await.unwrap();
    let file = Path::new(saved["path"].as_str().unwrap());
    assert!(file.starts_with(panel.downloads()), "where files of conversations are put, too: {saved}");
    let given = lines(file);
    let shown = page["entries"].as_array().unwrap();
    assert_eq!(saved["entries"], given.len(), "the number that is told");
    let texts = |entries: &[Value]| entries.iter().map(|entry| entry["message"].clone()).collect::<Vec<_>>();
    let mut newest_first = texts(&given);
    newest_first.reverse();
    assert_eq!(newest_first, texts(shown), "the same entries, and none of those said later");
    let called = |entry: &&Value| entry["message"].as_str().unwrap().starts_with("calling");
    let warned = given.iter().find(called).expect("the warning is there");
    assert_eq!(warned["account"], "account-one", "with its account: {warned}");
    let text = std::fs::read_to_string(file).unwrap();
    assert!(!text.contains("xyzzy") && !text.contains("2025550123"), "secrets and numbers are not in it: {text}");
    assert!(text.contains("[secret ") && text.contains("[number "), "it says what was left out: {text}");
    let begin = shown.iter().find(|entry| entry["message"] == "Trunkline begins").expect("the beginning is there");
    let version = json!({ "name": "version", "value": "1.2.3" });
    assert!(begin["fields"].as_array().unwrap().contains(&version), "support sees the version: {begin}");

    let again = panel.call("log_export", json!({ "query": all(), "end": page["end"] })).await.unwrap();
    assert_ne!(again["path"], saved["path"], "an earlier export is not replaced");
    panel.core.shut_down().await;
}

#[tokio::test]
async fn the_version_is_told_to_the_panel() {
    let panel = Panel::open("", None).await;
    let info = panel.call("app_info", json!({})).await.unwrap();
    assert_eq!((&info["version"], &info["demo"]), (&json!("1.2.3"), &json!(false)));
    let folder = panel.folder.path().join("logs").display().to_string();
    assert_eq!(info["log_folder"], folder, "and where the log is");
    panel.core.shut_down().await;
}

#[tokio::test]
async fn levels_hold_at_once_and_in_the_next_run() {
    let panel = Panel::open("", None).await;
    tracing::debug!(target: "trunkline_x", "too early");
    let saved = panel.call("log_settings_save", json!({ "written": "debug", "echoed": "error" })).await.unwrap();
    assert_eq!((&saved["written"], &saved["echoed"]), (&json!("debug"), &json!("error")));
    tracing::debug!(target: "trunkline_x", "in time");
    let page = panel.read_until(all(), "in time").await;
    assert!(!page.to_string().contains("too early"), "it was not written at that time");
    let found = panel.read(json!({ "since": null, "level": "info", "text": "" })).await;
    assert!(!found.to_string().contains("in time"), "a look at worse entries leaves it out");
    let found = panel.read(json!({ "since": null, "level": "debug", "text": "IN TIME" })).await;
    assert_eq!(found["total"], 1, "found by its words");
    let now = panel.call("log_settings", json!({})).await.unwrap();
    assert!(now["bytes"].as_u64().unwrap() > 0 && now["most_bytes"].as_u64().unwrap() > 1 << 20, "{now}");
    panel.core.shut_down().await;

    let Panel { folder, .. } = panel;
    let panel = Panel::open_in(folder, "", None).await;
    let kept = panel.call("log_settings", json!({})).await.unwrap();
    assert_eq!((&kept["written"], &kept["echoed"]), (&json!("debug"), &json!("error")), "kept with the settings");
    tracing::debug!(target: "trunkline_x", "next run");
    panel.read_until(all(), "next run").await;
    panel.core.shut_down().await;
}

#[tokio::test]
async fn an_administrators_level_and_a_filter_of_the_environment_are_told() {
    let panel = Panel::open("[enforced.log]\nwritten = \"warn\"\n", Some("trunkline_x=trace")).await;
    let settings = panel.call("log_settings", json!({})).await.unwrap();
    assert_eq!(settings["fixed"], json!(["written"]));
    assert_eq!(settings["written"], "warn");
    assert_eq!(settings["overridden_by"], "TRUNKLINE_LOG");
    let refused = panel.call("log_settings_save", json!({ "written": "trace", "echoed": "warn" })).await.unwrap_err();
    assert_eq!((refused.code, refused.message_key.as_str()), (RpcCode::NotAllowed, "error_enforced"));
    panel.call("log_settings_save", json!({ "written": "warn", "echoed": "info" })).await.expect("the other is free");
    tracing::trace!(target: "trunkline_x", "by the filter");
    panel.read_until(all(), "by the filter").await;
    panel.core.shut_down().await;
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_told_with_its_name_and_leaves_nothing() {
    let panel = Panel::open("", None).await;
    // A file in the folder's place fails for every user, root included.
    std::fs::write(panel.downloads(), "").unwrap();
    let page = panel.read(all()).await;
    let error = panel.call("log_export", json!({ "query": all(), "end": page["end"] })).await.unwrap_err();
    assert_eq!(error.message_key, "error_log_not_exported");
    let detail = error.detail.unwrap();
    assert!(detail.contains(&panel.downloads().display().to_string()), "the folder is named: {detail}");
    std::fs::remove_file(panel.downloads()).unwrap();
    panel.call("log_export", json!({ "query": all(), "end": page["end"] })).await.expect("the next try succeeds");
    let strange = panel.call("log_export", json!({ "query": all(), "end": "../../etc" })).await.unwrap_err();
    assert_eq!((strange.code, strange.field.as_deref()), (RpcCode::Invalid, Some("end")), "a place is no path");
    panel.core.shut_down().await;
}

#[tokio::test]
async fn the_folder_that_is_opened_is_the_one_with_the_export() {
    let panel = Panel::open("", None).await;
    let nobody = panel.call("downloads_open", json!({})).await.unwrap_err();
    assert_eq!(nobody.message_key, "error_folder_not_opened", "without a desktop that is said");
    let mut events = panel.core.shell_events();
    panel.call("downloads_open", json!({})).await.unwrap();
    let opened = loop {
        if let ShellEvent::OpenFolder(folder) = events.recv().await.unwrap() {
            break folder;
        }
    };
    assert_eq!(opened, panel.downloads());
    panel.core.shut_down().await;
}

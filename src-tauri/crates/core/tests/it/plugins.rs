//! Plugins joined to everything else: from a folder or a web server to the
//! settings, from a page's words to the contact, the history and the next run.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use trunkline_core::{Core, CoreConfig, PresetAccount};
use trunkline_model::{ContactState, LinkState, PluginId};
use trunkline_plugins::{FrameNews, FrameSink, FrameSpec, Frames, Posted};
use trunkline_rpc::schema::PluginArea;
use trunkline_rpc::{RpcError, Window};
use trunkline_simulators::amazon_connect::{AmazonConnectSim, OfferCall, SimOptions};
use trunkline_simulators::olos::{HubEvent, OlosOptions, OlosSim};
use trunkline_store::AccountRecord;

use crate::config::{account, config};

const SOON: Duration = Duration::from_secs(20);

/// Frames that are this test.
#[derive(Default)]
struct Pages {
    sink: Mutex<Option<FrameSink>>,
    opened: Mutex<Vec<FrameSpec>>,
    closed: Mutex<Vec<PluginId>>,
    posted: Mutex<VecDeque<Value>>,
}

impl Frames for Pages {
    fn listen(&self, sink: FrameSink) {
        *self.sink.lock().unwrap() = Some(sink);
    }
    fn supported(&self) -> bool {
        true
    }
    fn built_in(&self) -> Vec<(String, String)> {
        vec![("card".to_owned(), manifest("built-in-card"))]
    }
    fn open(&self, spec: FrameSpec) {
        let plugin = spec.plugin.clone();
        self.opened.lock().unwrap().push(spec);
        self.tell(&plugin, FrameNews::Loaded);
    }
    fn post(&self, _: &PluginId, message: Posted) {
        let (Posted::Object(text) | Posted::Text(text)) = message;
        self.posted.lock().unwrap().push_back(serde_json::from_str(&text).unwrap());
    }
    fn arrange(&self, _: BTreeMap<PluginId, PluginArea>) {}
    fn widen(&self, _: bool) {}
    fn close(&self, plugin: &PluginId) {
        self.closed.lock().unwrap().push(plugin.clone());
    }
}

impl Pages {
    fn tell(&self, plugin: &PluginId, news: FrameNews) {
        self.sink.lock().unwrap().as_ref().unwrap().try_send((plugin.clone(), news)).unwrap();
    }

    /// The page sends a message and gets its answer.
    async fn ask(&self, name: &str, payload: Value) -> Value {
        let id = uuid::Uuid::new_v4().to_string();
        let data = json!({"source": "smartagent-plugin-sdk", "v": 1, "id": id, "event": name, "message": payload});
        self.tell(&"orders".into(), FrameNews::Message(json!({"text": false, "data": data}).to_string()));
        self.heard(name, |posted| posted["id"] == id).await
    }

    async fn heard(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = tokio::time::Instant::now() + SOON;
        loop {
            while let Some(posted) = self.posted.lock().unwrap().pop_front() {
                if wanted(&posted) {
                    return posted;
                }
            }
            assert!(tokio::time::Instant::now() < deadline, "waited in vain for {what}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn opened(&self) -> usize {
        self.opened.lock().unwrap().len()
    }
}

fn manifest(id: &str) -> String {
    json!({
        "manifest": 1, "id": id, "name": "Orders", "place": "default", "permissions": ["contacts", "annotate", "platform-events"],
        "settings": [{"key": "server", "label": "Server", "kind": "url"}],
    })
    .to_string()
}

fn folder_with_a_plugin(id: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("plugin.json"), manifest(id)).unwrap();
    std::fs::write(folder.path().join("index.html"), "<p>Orders</p>").unwrap();
    folder
}

struct Panel {
    core: Core,
    pages: Arc<Pages>,
}

impl Panel {
    async fn open(config: CoreConfig) -> Self {
        let pages = Arc::new(Pages::default());
        let frames: Arc<dyn Frames> = pages.clone();
        Self { core: Core::start(CoreConfig { frames: Some(frames), ..config }).await.unwrap(), pages }
    }

    async fn call(&self, name: &str, payload: Value) -> Result<Value, RpcError> {
        self.core.router().call(Window::Panel, name, payload).await
    }

    async fn add(&self, path: &Path) -> Result<Value, RpcError> {
        self.call("plugin_add", json!({"source": {"kind": "folder", "path": path}})).await
    }

    async fn agree(&self) {
        let rights = json!({"contacts": true, "annotate": true, "platform-events": true});
        self.call("plugin_grant", json!({"plugin": "orders", "rights": rights})).await.unwrap();
    }

    /// The plugin, once it is as wanted.
    async fn plugin(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = tokio::time::Instant::now() + SOON;
        loop {
            let all = self.call("plugin_list", json!({})).await.unwrap();
            match all["plugins"].get(0).filter(|plugin| wanted(plugin)) {
                Some(plugin) => return plugin.clone(),
                None => assert!(tokio::time::Instant::now() < deadline, "waited in vain for {what}: {all}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn is(state: &'static str) -> impl Fn(&Value) -> bool {
    move |plugin| plugin["state"]["kind"] == state
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_agreed_holds_in_the_next_run() {
    let (home, folder) = (tempfile::tempdir().unwrap(), folder_with_a_plugin("orders"));
    let panel = Panel::open(config(home.path())).await;
    panel.add(folder.path()).await.unwrap();
    panel.plugin("to be asked about it", is("awaits_consent")).await;
    assert_eq!(panel.pages.opened(), 0, "nothing is loaded before the agent has said yes");
    panel.agree().await;
    panel.plugin("it to be loaded", is("loading")).await;
    assert_eq!(panel.pages.ask("init", json!({})).await["message"]["pluginId"], "orders", "its page is at work");
    let wish = json!({"plugin": "orders", "values": {"server": "http://crm.example.com/"}});
    let refused = panel.call("plugin_settings_save", wish).await.unwrap_err();
    assert_eq!(refused.message_key, "error_plugin_address", "an address without https is none");
    let wish = json!({"plugin": "orders", "values": {"server": "https://crm.example.com/find?q={number}"}});
    panel.call("plugin_settings_save", wish).await.unwrap();
    let plugin = panel.plugin("the server to be let in", |plugin| plugin["origins"][0] == "https://crm.example.com");
    plugin.await;
    assert_eq!(panel.add(folder.path()).await.unwrap_err().message_key, "error_plugin_known", "added once");
    panel.core.shut_down().await;

    let panel = Panel::open(config(home.path())).await;
    panel.plugin("it to be loaded without a question", is("loading")).await;
    let answer = panel.pages.ask("init", json!({})).await;
    assert_eq!(answer["message"]["settings"]["server"], "https://crm.example.com/find?q={number}", "as it was set");
    let storage = panel.pages.opened.lock().unwrap()[0].storage.clone();
    std::fs::create_dir_all(&storage).unwrap();
    panel.call("plugin_remove", json!({"plugin": "orders"})).await.unwrap();
    let deadline = tokio::time::Instant::now() + SOON;
    while storage.exists() {
        assert!(tokio::time::Instant::now() < deadline, "what it kept goes with it");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panel.core.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_page_puts_onto_a_call_is_there_after_a_restart_and_in_the_history() {
    let sim = AmazonConnectSim::start(SimOptions::default()).await.unwrap();
    let (home, folder) = (tempfile::tempdir().unwrap(), folder_with_a_plugin("orders"));
    let settings = json!({"address": sim.base_url()});
    let with_account =
        || CoreConfig { preset_accounts: vec![account(&settings, sim.token("agent.one"))], ..config(home.path()) };
    let panel = Panel::open(with_account()).await;
    panel.add(folder.path()).await.unwrap();
    panel.agree().await;
    until(&panel.core, "the account", |desk| desk.accounts.iter().any(|one| one.link.state == LinkState::Online)).await;
    let call = sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
    let heard = panel.pages.heard("the call", |posted| posted["event"] == "incoming_call").await;
    assert_eq!(heard["message"]["contact"]["channel"], "VOICE", "the page hears of the call");
    let answer = panel.pages.ask("update_contact", json!({"order": "4711"})).await;
    assert_eq!(answer["ok"], true, "it puts an attribute onto it: {answer}");
    let updated = panel.pages.heard("the change", |posted| posted["event"] == "contact_updated").await;
    assert_eq!(updated["message"]["contact"]["attributes"]["order"], "4711", "and hears of it as everybody does");
    let answer =
        panel.pages.ask("transfer_call", json!({"endpoint": {"type": "queue"}, "number": "", "name": ""})).await;
    assert_eq!(answer["error"]["code"], "not_allowed", "what it never asked for it may not");
    panel.core.shut_down().await;

    let panel = Panel::open(with_account()).await;
    let has_it = |desk: &trunkline_desk::DeskSnapshot| {
        desk.contacts.iter().any(|view| view.contact.attributes.iter().any(|one| one.name == "order"))
    };
    until(&panel.core, "the attribute after a restart", has_it).await;
    call.customer().hang_up().unwrap();
    let gone = |desk: &trunkline_desk::DeskSnapshot| {
        desk.contacts.iter().all(|view| view.contact.state != ContactState::Offered)
    };
    until(&panel.core, "the end", gone).await;
    let deadline = tokio::time::Instant::now() + SOON;
    loop {
        let history = panel.call("history_read", json!({"limit": 5, "offset": 0})).await.unwrap();
        if history[0]["annotations"]["attributes"]["order"] == "4711" {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "the history has it: {history}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panel.core.shut_down().await;
}

async fn until(core: &Core, what: &str, wanted: impl Fn(&trunkline_desk::DeskSnapshot) -> bool) {
    let deadline = tokio::time::Instant::now() + SOON;
    while !wanted(&core.snapshot()) {
        assert!(tokio::time::Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_file_is_loaded_and_a_broken_manifest_is_told() {
    let (home, folder) = (tempfile::tempdir().unwrap(), folder_with_a_plugin("orders"));
    let panel = Panel::open(config(home.path())).await;
    panel.add(&folder.path().join("plugin.json")).await.expect("the manifest's own path is as good");
    panel.agree().await;
    panel.plugin("it to be loaded", is("loading")).await;
    // The first look at the folder is what later ones are compared with.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let before = panel.pages.opened();
    std::fs::write(folder.path().join("index.html"), "<p>Orders, better</p>").unwrap();
    let deadline = tokio::time::Instant::now() + SOON;
    while panel.pages.opened() == before {
        assert!(tokio::time::Instant::now() < deadline, "the new page is loaded by itself");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    std::fs::write(folder.path().join("plugin.json"), "{\"manifest\": 1, \"ipc\": true}").unwrap();
    let broken = panel.plugin("what is wrong to be told", is("broken")).await;
    assert_eq!(broken["state"]["message_key"], "plugin_manifest_unreadable", "the manifest is");
    assert!(broken["state"]["cause"].as_str().unwrap().contains("ipc"), "by its unknown member: {broken}");
    std::fs::write(folder.path().join("plugin.json"), manifest("orders")).unwrap();
    panel.plugin("it to be back", is("loading")).await;
    panel.core.shut_down().await;
}

/// Answers every request with this, once a connection.
async fn server(answer: String) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    format!("http://{address}/plugin.json")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_added_is_told_with_its_reason() {
    let home = tempfile::tempdir().unwrap();
    let panel = Panel::open(config(home.path())).await;
    let answer = |head: &str, body: &str| {
        format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
    };
    let redirect = server(answer("302 Found\r\nLocation: https://evil.example/plugin.json", "")).await;
    let huge = server(answer("200 OK", &" ".repeat(200_000))).await;
    let hostile = server(answer("200 OK", "{\"manifest\": 1, \"__TAURI__\": {}}")).await;
    for (source, key) in [
        (json!({"kind": "folder", "path": "relative"}), "error_plugin_address"),
        (json!({"kind": "folder", "path": "/nonexistent/plugin"}), "error_plugin_folder"),
        (json!({"kind": "web", "address": "http://plugins.example.com/plugin.json"}), "error_plugin_address"),
        (json!({"kind": "web", "address": "javascript:alert(1)"}), "error_plugin_address"),
        (json!({"kind": "web", "address": redirect}), "error_plugin_unreachable"),
        (json!({"kind": "web", "address": huge}), "error_plugin_unreachable"),
        (json!({"kind": "web", "address": hostile}), "error_plugin_manifest"),
        (json!({"kind": "built_in", "name": "nobody"}), "error_plugin_not_found"),
    ] {
        let refused = panel.call("plugin_add", json!({"source": source})).await.unwrap_err();
        assert_eq!(refused.message_key, key, "{source}: {:?}", refused.detail);
        assert!(refused.detail.is_some(), "{source}: with the system's words");
    }
    assert_eq!(panel.call("plugin_list", json!({})).await.unwrap()["plugins"], json!([]), "nothing was added");
    let good = server(answer("200 OK", &manifest("orders"))).await;
    panel.call("plugin_add", json!({"source": {"kind": "web", "address": good}})).await.unwrap();
    panel.plugin("the one in order", is("awaits_consent")).await;
    panel.core.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_of_the_administrators_stays() {
    let (home, folder) = (tempfile::tempdir().unwrap(), folder_with_a_plugin("orders"));
    let policy = format!(
        "[enforced.plugins.list.orders]\nsource = {:?}\nenabled = true\n[enforced.plugins.list.orders.rights]\ncontacts = true\nannotate = true\nplatform-events = false\n",
        folder.path().display().to_string()
    );
    std::fs::write(home.path().join("policy.toml"), policy).unwrap();
    let panel = Panel::open(config(home.path())).await;
    let plugin = panel.plugin("it to be there", is("loading")).await;
    assert_eq!(plugin["fixed"], true, "and said to be the administrator's");
    for (name, payload) in [
        ("plugin_remove", json!({"plugin": "orders"})),
        ("plugin_enable", json!({"plugin": "orders", "on": false})),
        ("plugin_grant", json!({"plugin": "orders", "rights": {"contacts": false}})),
    ] {
        let refused = panel.call(name, payload).await.unwrap_err();
        assert_eq!(refused.message_key, "error_enforced", "{name} is not the agent's to do");
    }
    panel.call("plugin_show", json!({"plugin": "orders", "on": true})).await.expect("whether it is seen is");
    panel.core.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_third_party_event_of_agenthub_reaches_the_plugin() {
    let sim = OlosSim::start(OlosOptions::default()).await.unwrap();
    let (home, folder) = (tempfile::tempdir().unwrap(), folder_with_a_plugin("orders"));
    let record = AccountRecord {
        id: "hub".into(),
        platform: "olos".into(),
        name: "Hub".to_owned(),
        settings: json!({ "address": sim.base_url() }).as_object().unwrap().clone(),
    };
    let hub = PresetAccount { record, secrets: vec![("token".to_owned(), sim.token("52").into())] };
    let panel = Panel::open(CoreConfig { preset_accounts: vec![hub], ..config(home.path()) }).await;
    panel.add(folder.path()).await.unwrap();
    panel.agree().await;
    panel.plugin("it to be loaded", is("loading")).await;
    until(&panel.core, "the account", |desk| desk.accounts.iter().any(|one| one.link.state == LinkState::Online)).await;
    sim.push("52", &HubEvent::voice("ThirdPartyEvent", json!({ "data": "{\"ticket\":\"T-1\"}" })));
    let told = panel.pages.heard("the event", |posted| posted["event"] == "platform_event").await;
    assert_eq!(told["message"]["type"], "ThirdPartyEvent", "by its own type");
    let fields = told["message"]["fields"].to_string();
    assert!(fields.contains("T-1"), "with all it carries: {fields}");
    panel.core.shut_down().await;
}

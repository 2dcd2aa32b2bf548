//! A client at the other end of a real loopback socket.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::SinkExt;
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::broadcast;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use trunkline_bridge::{Bridge, BridgeConfig, MESSAGE_LIMIT, serve};
use trunkline_desk::{Desk, DeskSnapshot, HistoryEntry};
use trunkline_model::{
    ArchivePage, CannedMessage, CustomerCard, CustomerPage, PastPage, Supervision, TaskTemplate, TaskTemplateEntry,
};
use trunkline_rpc::schema::*;
use trunkline_rpc::{Handler, Push, Router, RpcCode, RpcError};

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Answers what these tests ask; refuses everything else.
struct Panel;

fn no<T>() -> Result<T, RpcError> {
    Err(RpcError::new(RpcCode::NotPossible, "error_not_possible"))
}

#[async_trait]
impl Handler for Panel {
    async fn desk_snapshot(&self, _: Empty) -> Result<DeskSnapshot, RpcError> {
        Ok(Desk::new().snapshot())
    }
    async fn ui_alive(&self, _: Alive) -> Result<Empty, RpcError> {
        Ok(Empty {})
    }
    /// Never answers: stands for a platform that is slow.
    async fn account_sign_in(&self, _: OnAccount) -> Result<Empty, RpcError> {
        std::future::pending().await
    }
    async fn contact_end_consult(&self, _: EndConsult) -> Result<Empty, RpcError> {
        no()
    }
    async fn contact_customer(&self, _: OnContact) -> Result<CustomerCard, RpcError> {
        no()
    }
    async fn contact_link_customer(&self, _: LinkCustomer) -> Result<Empty, RpcError> {
        no()
    }
    async fn contact_past(&self, _: PastConversations) -> Result<PastPage, RpcError> {
        no()
    }
    async fn contact_rename(&self, _: RenameContact) -> Result<Empty, RpcError> {
        no()
    }
    async fn contact_ban(&self, _: BanCustomer) -> Result<Empty, RpcError> {
        no()
    }
    async fn message_edit(&self, _: EditMessage) -> Result<Empty, RpcError> {
        no()
    }
    async fn message_remove(&self, _: OnMessage) -> Result<Empty, RpcError> {
        no()
    }
    async fn archive(&self, _: FindArchived) -> Result<ArchivePage, RpcError> {
        no()
    }
    async fn archive_messages(&self, _: ArchivedMessages) -> Result<PastPage, RpcError> {
        no()
    }
    async fn customer_find(&self, _: FindCustomers) -> Result<CustomerPage, RpcError> {
        no()
    }
    async fn canned_messages(&self, _: OnAccount) -> Result<Vec<CannedMessage>, RpcError> {
        no()
    }
    async fn supervision(&self, _: OnAccount) -> Result<Supervision, RpcError> {
        no()
    }
    async fn supervision_listen(&self, _: OnContact) -> Result<Empty, RpcError> {
        no()
    }
    async fn work_list_subscribe(&self, _: SubscribeList) -> Result<Empty, RpcError> {
        no()
    }
    async fn work_take(&self, _: OnWorkItem) -> Result<Empty, RpcError> {
        no()
    }
    async fn work_close(&self, _: OnWorkItem) -> Result<Empty, RpcError> {
        no()
    }
    async fn conversation_send_place(&self, _: SendPlace) -> Result<OnOutgoing, RpcError> {
        no()
    }
    async fn conversation_send_cards(&self, _: SendCards) -> Result<OnOutgoing, RpcError> {
        no()
    }
    async fn contact_add_party(&self, _: AddParty) -> Result<Empty, RpcError> {
        no()
    }
    async fn contact_conference(&self, _: OnContact) -> Result<Empty, RpcError> {
        no()
    }
    async fn contact_swap(&self, _: OnContact) -> Result<Empty, RpcError> {
        no()
    }
    async fn agent_dial(&self, _: Dial) -> Result<Empty, RpcError> {
        no()
    }
    async fn endpoint_list(&self, _: ListEndpoints) -> Result<EndpointPage, RpcError> {
        no()
    }
    async fn contact_accept(&self, _: OnContact) -> Result<Empty, RpcError> {
        no()
    }
    async fn contact_reject(&self, _: OnContact) -> Result<Empty, RpcError> {
        no()
    }
    async fn contact_clear(&self, _: OnContact) -> Result<Empty, RpcError> {
        no()
    }
    async fn contact_end(&self, _: OnConnection) -> Result<Empty, RpcError> {
        no()
    }
    async fn contact_hold(&self, _: OnConnection) -> Result<Empty, RpcError> {
        no()
    }
    async fn contact_resume(&self, _: OnConnection) -> Result<Empty, RpcError> {
        no()
    }
    async fn contact_mute(&self, _: MuteContact) -> Result<Empty, RpcError> {
        no()
    }
    async fn contact_mute_party(&self, _: MuteParty) -> Result<Empty, RpcError> {
        no()
    }
    async fn contact_digits(&self, _: SendDigits) -> Result<Empty, RpcError> {
        no()
    }
    async fn agent_set_state(&self, _: SetAgentState) -> Result<Empty, RpcError> {
        no()
    }
    async fn platform_list(&self, _: Empty) -> Result<Vec<PlatformInfo>, RpcError> {
        no()
    }
    async fn account_form(&self, _: OnAccount) -> Result<AccountForm, RpcError> {
        no()
    }
    async fn account_save(&self, _: SaveAccount) -> Result<AccountForm, RpcError> {
        no()
    }
    async fn account_remove(&self, _: OnAccount) -> Result<Empty, RpcError> {
        no()
    }
    async fn account_sign_out(&self, _: SignOut) -> Result<Empty, RpcError> {
        no()
    }
    async fn account_open_panel(&self, _: OnAccount) -> Result<Empty, RpcError> {
        no()
    }
    async fn account_switch_instance(&self, _: OnAccount) -> Result<Empty, RpcError> {
        no()
    }
    async fn audio_choose(&self, _: ChooseDevice) -> Result<Empty, RpcError> {
        no()
    }
    async fn audio_test_sound(&self, _: OnDevice) -> Result<Empty, RpcError> {
        no()
    }
    async fn audio_test_microphone(&self, _: Switch) -> Result<Empty, RpcError> {
        no()
    }
    async fn audio_processing(&self, _: Switch) -> Result<Empty, RpcError> {
        no()
    }
    async fn audio_enhancement(&self, _: ChooseEnhancement) -> Result<Empty, RpcError> {
        no()
    }
    async fn audio_early_microphone(&self, _: Switch) -> Result<Empty, RpcError> {
        no()
    }
    async fn audio_ringtone(&self, _: ChooseRingtone) -> Result<Empty, RpcError> {
        no()
    }
    async fn panel_settings(&self, _: Empty) -> Result<PanelSettings, RpcError> {
        no()
    }
    async fn panel_settings_save(&self, _: PanelSettings) -> Result<PanelSettings, RpcError> {
        no()
    }
    async fn contact_show(&self, _: OnContact) -> Result<Empty, RpcError> {
        no()
    }
    async fn view_show(&self, _: ShowView) -> Result<Empty, RpcError> {
        no()
    }
    async fn notice_dismiss(&self, _: DismissNotice) -> Result<Empty, RpcError> {
        no()
    }
    async fn events_seen(&self, _: SeenEvents) -> Result<Empty, RpcError> {
        no()
    }
    async fn events_find(&self, _: FindEvents) -> Result<Vec<FoundEvent>, RpcError> {
        no()
    }
    async fn event_rules(&self, _: Empty) -> Result<EventRules, RpcError> {
        no()
    }
    async fn event_rules_save(&self, _: SaveEventRules) -> Result<EventRules, RpcError> {
        no()
    }
    async fn event_rules_try(&self, _: TryEventRules) -> Result<Vec<TriedEvent>, RpcError> {
        no()
    }
    async fn event_pops(&self, _: OnEvent) -> Result<Vec<PopChoice>, RpcError> {
        no()
    }
    async fn event_pop_open(&self, _: OpenEventPop) -> Result<PopOpened, RpcError> {
        no()
    }
    async fn contact_annotate(&self, _: AnnotateContact) -> Result<Empty, RpcError> {
        no()
    }
    async fn plugin_list(&self, _: Empty) -> Result<PluginDesk, RpcError> {
        no()
    }
    async fn plugin_add(&self, _: AddPlugin) -> Result<OnPlugin, RpcError> {
        no()
    }
    async fn plugin_remove(&self, _: OnPlugin) -> Result<Empty, RpcError> {
        no()
    }
    async fn plugin_enable(&self, _: SwitchPlugin) -> Result<Empty, RpcError> {
        no()
    }
    async fn plugin_grant(&self, _: GrantPlugin) -> Result<Empty, RpcError> {
        no()
    }
    async fn plugin_trust(&self, _: SwitchPlugin) -> Result<Empty, RpcError> {
        no()
    }
    async fn plugin_reload(&self, _: OnPlugin) -> Result<Empty, RpcError> {
        no()
    }
    async fn plugin_show(&self, _: SwitchPlugin) -> Result<Empty, RpcError> {
        no()
    }
    async fn plugin_arrange(&self, _: ArrangePlugins) -> Result<Empty, RpcError> {
        no()
    }
    async fn plugin_settings_save(&self, _: SavePluginSettings) -> Result<Empty, RpcError> {
        no()
    }
    async fn plugin_answer(&self, _: AnswerPlugin) -> Result<Empty, RpcError> {
        no()
    }
    async fn plugin_log(&self, _: OnPlugin) -> Result<Vec<PluginLogLine>, RpcError> {
        no()
    }
    async fn history_read(&self, _: ReadHistory) -> Result<Vec<HistoryEntry>, RpcError> {
        no()
    }
    async fn contact_transfer(&self, _: TransferContact) -> Result<Empty, RpcError> {
        no()
    }
    async fn contact_consult(&self, _: TransferContact) -> Result<Empty, RpcError> {
        no()
    }
    async fn contact_wrap_up(&self, _: WrapUpContact) -> Result<Empty, RpcError> {
        no()
    }
    async fn conversation_line(&self, _: ChooseLine) -> Result<Empty, RpcError> {
        no()
    }
    async fn agent_set_media(&self, _: SetMedia) -> Result<Empty, RpcError> {
        no()
    }
    async fn account_answer(&self, _: AnswerChallenge) -> Result<Empty, RpcError> {
        no()
    }
    async fn account_resend(&self, _: OnAccount) -> Result<Empty, RpcError> {
        no()
    }
    async fn contact_pause(&self, _: OnContact) -> Result<Empty, RpcError> {
        no()
    }
    async fn contact_unpause(&self, _: OnContact) -> Result<Empty, RpcError> {
        no()
    }
    async fn contact_monitor(&self, _: MonitorContact) -> Result<Empty, RpcError> {
        no()
    }
    async fn task_create(&self, _: CreateTask) -> Result<Empty, RpcError> {
        no()
    }
    async fn task_update(&self, _: UpdateTask) -> Result<Empty, RpcError> {
        no()
    }
    async fn task_templates(&self, _: OnAccount) -> Result<Vec<TaskTemplateEntry>, RpcError> {
        no()
    }
    async fn task_template(&self, _: OnTaskTemplate) -> Result<TaskTemplate, RpcError> {
        no()
    }
    async fn agent_preferences(&self, _: AgentPreferences) -> Result<Empty, RpcError> {
        no()
    }
    async fn conversation_send(&self, _: SendText) -> Result<OnOutgoing, RpcError> {
        no()
    }
    async fn conversation_send_file(&self, _: SendFile) -> Result<OnOutgoing, RpcError> {
        no()
    }
    async fn conversation_retry(&self, _: OnOutgoing) -> Result<Empty, RpcError> {
        no()
    }
    async fn conversation_discard(&self, _: OnOutgoing) -> Result<Empty, RpcError> {
        no()
    }
    async fn conversation_typing(&self, _: OnContact) -> Result<Empty, RpcError> {
        no()
    }
    async fn conversation_read(&self, _: MarkRead) -> Result<Empty, RpcError> {
        no()
    }
    async fn conversation_draft(&self, _: SaveDraft) -> Result<Empty, RpcError> {
        no()
    }
    async fn conversation_older(&self, _: OnContact) -> Result<Empty, RpcError> {
        no()
    }
    async fn attachment_save(&self, _: OnAttachment) -> Result<Empty, RpcError> {
        no()
    }
    async fn attachment_cancel(&self, _: OnAttachment) -> Result<Empty, RpcError> {
        no()
    }
    async fn link_open(&self, _: OpenLink) -> Result<Empty, RpcError> {
        no()
    }
    async fn audio_sound(&self, _: ChooseSound) -> Result<Empty, RpcError> {
        no()
    }
    async fn audio_try_sound(&self, _: OnSound) -> Result<Empty, RpcError> {
        no()
    }
    async fn screen_pops(&self, _: Empty) -> Result<ScreenPops, RpcError> {
        no()
    }
    async fn screen_pops_save(&self, _: SaveScreenPops) -> Result<ScreenPops, RpcError> {
        no()
    }
    async fn screen_pop_preview(&self, _: PreviewPop) -> Result<PopPreview, RpcError> {
        no()
    }
    async fn screen_pops_forget(&self, _: Empty) -> Result<Empty, RpcError> {
        no()
    }
    async fn contact_pops(&self, _: OnContact) -> Result<Vec<PopChoice>, RpcError> {
        no()
    }
    async fn contact_pop_open(&self, _: OpenPop) -> Result<PopOpened, RpcError> {
        no()
    }
    async fn contact_report(&self, _: ReportIssue) -> Result<Empty, RpcError> {
        no()
    }
    async fn log_settings(&self, _: Empty) -> Result<LogSettings, RpcError> {
        no()
    }
    async fn log_settings_save(&self, _: SaveLogSettings) -> Result<LogSettings, RpcError> {
        no()
    }
    async fn log_read(&self, _: ReadLog) -> Result<LogPage, RpcError> {
        no()
    }
    async fn log_export(&self, _: ExportLog) -> Result<LogExport, RpcError> {
        no()
    }
    async fn downloads_open(&self, _: Empty) -> Result<Empty, RpcError> {
        no()
    }
    async fn app_info(&self, _: Empty) -> Result<AppInfo, RpcError> {
        no()
    }
}

struct Scene {
    bridge: Bridge,
    pushes: broadcast::Sender<Push>,
}

impl Scene {
    async fn new() -> Self {
        Self::with(BridgeConfig::default()).await
    }

    async fn with(config: BridgeConfig) -> Self {
        let (pushes, _) = broadcast::channel(16);
        let sender = pushes.clone();
        let subscribe = move || {
            let first = stream::once(async { Push::Show("first".to_owned()) });
            let later = stream::unfold(sender.subscribe(), |mut receiver| async {
                receiver.recv().await.ok().map(|push| (push, receiver))
            });
            first.chain(later).boxed()
        };
        let bridge = serve(Router::new(Arc::new(Panel)), subscribe, config).await.unwrap();
        Self { bridge, pushes }
    }

    async fn dial(&self, token: &str, origin: Option<&str>) -> Result<Client, Error> {
        let mut request = format!("{}?token={token}", self.bridge.url).into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        connect_async(request).await.map(|(client, _)| client)
    }

    /// A client that has had its first push.
    async fn client(&self) -> Client {
        let mut client = self.dial(&self.bridge.token, Some("http://localhost:5173")).await.unwrap();
        assert_eq!(next(&mut client).await["push"]["value"], "first", "the first push comes by itself");
        client
    }

    /// One plain HTTP exchange.
    async fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.bridge.port)).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

async fn message(client: &mut Client) -> Option<Result<Message, Error>> {
    tokio::time::timeout(Duration::from_secs(20), client.next()).await.expect("something comes in time")
}

async fn next(client: &mut Client) -> Value {
    match message(client).await {
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
        other => panic!("a text frame comes, not {other:?}"),
    }
}

async fn say(client: &mut Client, text: impl Into<String>) {
    client.send(Message::text(text.into())).await.unwrap();
}

fn refused_with(result: Result<Client, Error>) -> u16 {
    match result {
        Err(Error::Http(response)) => response.status().as_u16(),
        other => panic!("the upgrade is refused, not {other:?}"),
    }
}

#[tokio::test]
async fn a_wrong_token_is_refused() {
    let scene = Scene::new().await;
    let right = scene.bridge.token.clone();
    assert_eq!(right.len(), 64, "256 bits");
    let flipped = format!("{}{}", &right[..63], if right.ends_with('0') { '1' } else { '0' });
    for wrong in ["", "x", &right[..63], &flipped, &right.to_uppercase().replace(char::is_numeric, "A")] {
        assert_eq!(refused_with(scene.dial(wrong, None).await), 401, "{} characters of wrong token", wrong.len());
    }
    assert!(!format!("{:?}", scene.bridge).contains(&right), "the token is not in the debug text");
    assert!(Scene::new().await.bridge.token != right, "every bridge has its own token");
}

#[tokio::test]
async fn a_page_from_elsewhere_is_refused_with_the_right_token_too() {
    let scene = Scene::new().await;
    let token = &scene.bridge.token;
    for origin in ["https://example.com", "null", "http://127.0.0.1.example.com", "file://"] {
        assert_eq!(refused_with(scene.dial(token, Some(origin)).await), 403, "{origin} is elsewhere");
    }
    for origin in [None, Some("http://127.0.0.1:5173"), Some("http://localhost")] {
        assert!(scene.dial(token, origin).await.is_ok(), "{origin:?} is here");
    }
}

#[tokio::test]
async fn commands_are_answered_by_id() {
    let scene = Scene::new().await;
    let mut client = scene.client().await;
    say(&mut client, json!({ "id": 7, "name": "desk_snapshot", "payload": {} }).to_string()).await;
    let answer = next(&mut client).await;
    assert_eq!((&answer["id"], &answer["ok"]["revision"]), (&json!(7), &json!(0)), "the answer of the handler");
    say(&mut client, json!({ "id": 8, "name": "app_info" }).to_string()).await;
    let answer = next(&mut client).await;
    assert_eq!((&answer["id"], &answer["err"]["code"]), (&json!(8), &json!("not_possible")), "the handler's refusal");
    say(&mut client, json!({ "id": 9, "name": "format_disk", "payload": {} }).to_string()).await;
    let answer = next(&mut client).await;
    assert_eq!((&answer["id"], &answer["err"]["code"]), (&json!(9), &json!("unknown_command")), "the router's refusal");
}

#[tokio::test]
async fn a_slow_command_holds_nothing_up() {
    let scene = Scene::new().await;
    let mut client = scene.client().await;
    say(&mut client, json!({ "id": 1, "name": "account_sign_in", "payload": { "account": "a" } }).to_string()).await;
    say(&mut client, json!({ "id": 2, "name": "ui_alive", "payload": { "revision": 1 } }).to_string()).await;
    assert_eq!(next(&mut client).await, json!({ "id": 2, "ok": {} }), "the second command overtakes the first");
    scene.pushes.send(Push::Show("later".to_owned())).unwrap();
    assert_eq!(next(&mut client).await["push"]["value"], "later", "and so do pushes");
}

#[tokio::test]
async fn every_client_gets_every_push_in_order() {
    let scene = Scene::new().await;
    let mut clients = [scene.client().await, scene.client().await, scene.client().await];
    for number in 0..10 {
        scene.pushes.send(Push::Show(number.to_string())).unwrap();
    }
    drop(clients[2].close(None).await);
    for client in &mut clients[..2] {
        for number in 0..10 {
            assert_eq!(next(client).await["push"]["value"], number.to_string(), "in order, to each");
        }
    }
}

#[tokio::test]
async fn a_malformed_frame_is_answered_and_not_fatal() {
    let scene = Scene::new().await;
    let mut client = scene.client().await;
    for (frame, id) in [
        ("", json!(null)),
        ("{", json!(null)),
        ("[1]", json!(null)),
        ("{\"id\":-1,\"name\":\"app_info\"}", json!(null)),
        ("{\"id\":3}", json!(3)),
        ("{\"id\":4,\"name\":5}", json!(4)),
    ] {
        say(&mut client, frame).await;
        let answer = next(&mut client).await;
        assert_eq!((&answer["id"], &answer["err"]["code"]), (&id, &json!("invalid")), "{frame:?} is answered");
        assert!(answer["err"]["trace_id"].as_str().is_some_and(|id| !id.is_empty()), "{frame:?} leaves a trace");
    }
    client.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert_eq!(next(&mut client).await["err"]["code"], "invalid", "bytes are answered too");
    say(&mut client, json!({ "id": 5, "name": "ui_alive", "payload": { "revision": 1 } }).to_string()).await;
    assert_eq!(next(&mut client).await, json!({ "id": 5, "ok": {} }), "the connection goes on");
}

#[tokio::test]
async fn a_message_over_the_limit_closes_this_client_only() {
    let scene = Scene::new().await;
    let (mut large, mut other) = (scene.client().await, scene.client().await);
    // The server may close before it has taken everything.
    let _ = large.send(Message::text("x".repeat(MESSAGE_LIMIT + 1))).await;
    loop {
        match message(&mut large).await {
            None | Some(Err(_) | Ok(Message::Close(_))) => break,
            Some(Ok(other)) => assert!(!other.is_text(), "an oversized message is not answered"),
        }
    }
    say(&mut other, json!({ "id": 1, "name": "ui_alive", "payload": { "revision": 1 } }).to_string()).await;
    assert_eq!(next(&mut other).await, json!({ "id": 1, "ok": {} }), "the other client is served on");
}

#[tokio::test]
async fn dropping_the_bridge_closes_clients_and_port() {
    let scene = Scene::new().await;
    let mut client = scene.client().await;
    let address = ("127.0.0.1", scene.bridge.port);
    drop(scene.bridge);
    match message(&mut client).await {
        Some(Ok(Message::Close(Some(frame)))) => assert_eq!(u16::from(frame.code), 1001, "going away"),
        other => panic!("the client is told, not {other:?}"),
    }
    drop(client);
    let mut tries = 0;
    while TcpStream::connect(address).await.is_ok() {
        tries += 1;
        assert!(tries < 200, "the port is closed soon");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_taken_port_says_so() {
    let scene = Scene::new().await;
    let config = BridgeConfig { port: scene.bridge.port, ui: None };
    let error = serve(Router::new(Arc::new(Panel)), || stream::pending().boxed(), config).await.unwrap_err();
    assert!(error.is_port_taken(), "the caller can tell: {error}");
    assert!(error.to_string().contains(&scene.bridge.port.to_string()), "and the message names the port");
}

#[tokio::test]
async fn the_ui_is_served_and_nothing_outside_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let ui = folder.path().join("dist");
    std::fs::create_dir_all(ui.join("assets")).unwrap();
    std::fs::write(ui.join("index.html"), "<p>panel</p>").unwrap();
    std::fs::write(ui.join("assets/app.js"), "let a = 1;").unwrap();
    std::fs::write(folder.path().join("secret.txt"), "outside").unwrap();
    let scene = Scene::with(BridgeConfig { port: 0, ui: Some(ui) }).await;
    let page = scene.get("/").await;
    assert!(page.starts_with("HTTP/1.1 200") && page.ends_with("<p>panel</p>"), "the page: {page}");
    let script = scene.get("/assets/app.js").await;
    assert!(script.contains("content-type: text/javascript"), "a script is a script: {script}");
    for path in [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/none.js",
        "//etc/passwd",
        "/assets",
    ] {
        let answer = scene.get(path).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path} is not found: {answer}");
    }
    assert!(scene.get("/rpc").await.starts_with("HTTP/1.1 401"), "the socket wants its token");
    let page = scene.bridge.page();
    assert!(page.contains(&format!("/#bridge={},", scene.bridge.port)), "the page's address carries port and token");
}

//! What is asked of a real Centrifugo, at a stub that records it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use http::{HeaderMap, StatusCode, Uri};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use trunkline_simulators::centrifugo::{
    ApiError, CentrifugoApi, CentrifugoGeneration, CentrifugoLaunch, RunningCentrifugo, configuration,
};
use trunkline_simulators::twin24::{ClientOffer, EventsThrough, OperatorStatus, Twin24Options, Twin24Sim};

use crate::wire::request;

/// Path, key, body.
type Call = (String, String, Value);

#[derive(Clone, Default)]
struct Stub {
    calls: Arc<Mutex<Vec<Call>>>,
    answer: Arc<Mutex<Option<(u16, String)>>>,
}

impl Stub {
    async fn start() -> (Self, String) {
        let stub = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api", listener.local_addr().unwrap());
        let router = Router::new().fallback(record).with_state(stub.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (stub, url)
    }

    fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    async fn until(&self, count: usize) -> Vec<Call> {
        let waited = tokio::time::timeout(Duration::from_secs(10), async {
            while self.calls().len() < count {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        waited.await.unwrap_or_else(|_| panic!("{count} calls, not {:?}", self.calls()));
        self.calls()
    }
}

async fn record(State(stub): State<Stub>, uri: Uri, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let key = headers.get("x-api-key").map(|key| key.to_str().unwrap().to_owned()).unwrap_or_default();
    stub.calls.lock().unwrap().push((uri.path().to_owned(), key, serde_json::from_slice(&body).unwrap()));
    let (status, text) = stub.answer.lock().unwrap().clone().unwrap_or((200, "{\"result\":{\"offset\":3}}".to_owned()));
    (StatusCode::from_u16(status).unwrap(), text)
}

#[tokio::test]
async fn the_server_api_is_asked_as_documented() {
    let (stub, url) = Stub::start().await;
    let api = CentrifugoApi::new(&url, "secret");
    assert_eq!(api.publish("notifications:#42", &json!({ "event": "typing" })).await.unwrap(), json!({ "offset": 3 }));
    api.subscribe("42", "news").await.unwrap();
    api.unsubscribe("42", "news").await.unwrap();
    api.disconnect("42", 4501, "unauthorized").await.unwrap();
    api.history_remove("notifications:#42").await.unwrap();
    let call = |path: &str, body: Value| (format!("/api/{path}"), "secret".to_owned(), body);
    assert_eq!(
        stub.calls(),
        [
            call("publish", json!({ "channel": "notifications:#42", "data": { "event": "typing" } })),
            call("subscribe", json!({ "user": "42", "channel": "news" })),
            call("unsubscribe", json!({ "user": "42", "channel": "news" })),
            call("disconnect", json!({ "user": "42", "disconnect": { "code": 4501, "reason": "unauthorized" } })),
            call("history_remove", json!({ "channel": "notifications:#42" })),
        ]
    );
    let answer = |status: u16, text: &str| *stub.answer.lock().unwrap() = Some((status, text.to_owned()));
    answer(200, "{\"error\":{\"code\":102,\"message\":\"unknown channel\"}}");
    assert!(matches!(api.publish("a:b", &json!(1)).await, Err(ApiError::Refused { code: 102, .. })));
    answer(401, "");
    assert!(matches!(api.publish("a:b", &json!(1)).await, Err(ApiError::Status(401))));
    answer(200, "nonsense");
    assert!(matches!(api.publish("a:b", &json!(1)).await, Err(ApiError::Unreadable)));
    assert!(matches!(CentrifugoApi::new("ftp://x", "").publish("a", &json!(1)).await, Err(ApiError::Address(_))));
}

#[tokio::test]
async fn events_of_the_platform_go_through_it_in_order_and_its_proxy_is_answered() {
    let (stub, url) = Stub::start().await;
    let events = EventsThrough::Running {
        api_url: url,
        api_key: "secret".to_owned(),
        events_url: "ws://127.0.0.1:1/connection/websocket".to_owned(),
    };
    let sim = Twin24Sim::start(Twin24Options { events, ..Twin24Options::default() }).await.unwrap();
    assert_eq!(sim.events_url(), "ws://127.0.0.1:1/connection/websocket");
    sim.sets_status("boris@example.com", OperatorStatus::Online).unwrap();
    let session = sim.client_starts(ClientOffer::named("Иван").saying("Здравствуйте")).unwrap();
    session.client_writes("Ау").unwrap();
    let calls = stub.until(4).await;
    let told: Vec<(&str, &str)> = calls
        .iter()
        .map(|(_, _, body)| (body["channel"].as_str().unwrap(), body["data"]["event"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("notifications:#42", "chatSessionStarted"),
            ("notifications:#43", "chatSessionStarted"),
            ("notifications:#43", "chatSessionAdded"),
            ("notifications:#43", "chatMessageCreated"),
        ]
    );
    sim.disconnect("boris@example.com", 3503, "force disconnect").await.unwrap();
    assert_eq!(stub.until(5).await[4].0, "/api/disconnect");

    let login = json!({ "email": "boris@example.com", "password": sim.options().password("boris@example.com") });
    let headers = [("Content-Type", "application/json")];
    let base = sim.iam_url().replace("/iam/api/v1", "");
    let answer = request(&base, "POST", "/iam/api/v1/auth/login", &headers, &login.to_string()).await.unwrap();
    let token = answer.json()["token"].clone();
    let proxy = async |data: Value| {
        let body =
            json!({ "client": "c", "transport": "websocket", "protocol": "json", "encoding": "json", "data": data });
        let path = sim.connect_proxy_url().replace(&base, "");
        request(&base, "POST", &path, &headers, &body.to_string()).await.unwrap().json()
    };
    let good = json!({ "application": "notifications", "settings": { "token": token } });
    assert_eq!(proxy(good).await, json!({ "result": { "user": "43", "channels": ["notifications:#43"] } }));
    let bad = json!({ "application": "notifications", "settings": { "token": "x" } });
    assert_eq!(proxy(bad).await, json!({ "disconnect": { "code": 4501, "reason": "unauthorized" } }));
    assert_eq!(proxy(json!({ "application": "other" })).await["error"]["code"], 1000);
}

fn launch(program: &str, generation: CentrifugoGeneration) -> CentrifugoLaunch {
    CentrifugoLaunch {
        program: program.into(),
        generation,
        connect_proxy: "http://127.0.0.1:9/centrifugo/connect".to_owned(),
        namespace: "notifications".to_owned(),
        recoverable: true,
        ping: Duration::from_secs(25),
    }
}

#[test]
fn both_generations_have_their_configuration() {
    let v6 = configuration(&launch("centrifugo", CentrifugoGeneration::V6), 8123, "secret");
    assert_eq!(v6["http_server"], json!({ "address": "127.0.0.1", "port": "8123" }));
    assert_eq!(v6["http_api"]["key"], "secret");
    assert_eq!(v6["client"]["proxy"]["connect"]["endpoint"], "http://127.0.0.1:9/centrifugo/connect");
    assert_eq!(v6["channel"]["namespaces"][0]["force_recovery"], true);
    let v5 = configuration(&launch("centrifugo", CentrifugoGeneration::V5), 8123, "secret");
    assert_eq!((&v5["port"], &v5["api_key"]), (&json!(8123), &json!("secret")));
    assert_eq!(v5["proxy_connect_endpoint"], "http://127.0.0.1:9/centrifugo/connect");
    assert_eq!(v5["namespaces"][0]["name"], "notifications");
    let mut plain = launch("centrifugo", CentrifugoGeneration::V5);
    plain.recoverable = false;
    assert_eq!(configuration(&plain, 1, "")["namespaces"], json!([{ "name": "notifications" }]));
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_is_started_with_its_file_and_waited_for() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("centrifugo");
    // Answers the health check, as the real one does on the port of its file.
    let script = "#!/usr/bin/env python3\nimport http.server, json, sys\n\
        port = int(json.load(open(sys.argv[sys.argv.index('--config') + 1]))['http_server']['port'])\n\
        class Handler(http.server.BaseHTTPRequestHandler):\n    \
            def do_GET(self):\n        \
                self.send_response(200 if self.path == '/health' else 404)\n        \
                self.end_headers()\n    \
            def log_message(self, *_):\n        \
                pass\n\
        http.server.HTTPServer(('127.0.0.1', port), Handler).serve_forever()\n";
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = program.display().to_string();
    let running = RunningCentrifugo::start(&launch(&path, CentrifugoGeneration::V6)).await.unwrap();
    assert!(running.url().starts_with("ws://127.0.0.1:") && running.url().ends_with("/connection/websocket"));
    drop(running);
    assert!(RunningCentrifugo::start(&launch("/nowhere/centrifugo", CentrifugoGeneration::V5)).await.is_err());
    let broken = launch("/bin/false", CentrifugoGeneration::V5);
    assert!(RunningCentrifugo::start(&broken).await.is_err(), "one that ends at once is not waited for");
}

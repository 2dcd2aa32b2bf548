//! phoenix.js of two generations, unmodified, against the simulators.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;
use trunkline_simulators::olos::{HubEvent, OlosOptions, OlosSim, OnlineUser};
use trunkline_simulators::phoenix::PhoenixSim;

const SOON: Duration = Duration::from_secs(15);
const VERSIONS: [(&str, &str); 2] = [("phoenix-18", "1.8.16"), ("phoenix-16", "1.6.16")];

/// A phoenix.js in Node. Ends when dropped.
struct Client {
    node: Child,
    input: ChildStdin,
    told: mpsc::UnboundedReceiver<Value>,
    /// What came and was not waited for yet.
    kept: Vec<Value>,
}

impl Client {
    fn start(package: &str, endpoint: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("phoenix-client");
        assert!(
            folder.join("node_modules").join(package).is_dir(),
            "the vendor's library is not installed; run `npm ci` in src-tauri/crates/simulators/phoenix-client"
        );
        let mut node = Command::new("node")
            .args(["client.mjs", package, endpoint])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node");
        let input = node.stdin.take().unwrap();
        let output = BufReader::new(node.stdout.take().unwrap());
        let (tell, told) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = tell.send(serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}")));
            }
        });
        Self { node, input, told, kept: Vec::new() }
    }

    fn act(&mut self, act: &Value) {
        writeln!(self.input, "{act}").unwrap();
    }

    fn join(&mut self, topic: &str) {
        self.act(&json!({ "act": "join", "topic": topic, "params": { "device": "d1" } }));
    }

    fn push(&mut self, topic: &str, name: &str, payload: &Value) {
        self.act(&json!({ "act": "push", "topic": topic, "name": name, "payload": payload }));
    }

    /// Waits for the first that is wanted, in the order they came; earlier ones stay.
    async fn expect(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.kept.iter().position(&wanted) {
            return self.kept.remove(at);
        }
        let found = timeout(SOON, async {
            loop {
                let value = self.told.recv().await.expect("node ended");
                if wanted(&value) {
                    return value;
                }
                self.kept.push(value);
            }
        });
        match found.await {
            Ok(value) => value,
            Err(_) => panic!("waited in vain for {what}; kept {:?}", self.kept),
        }
    }

    async fn event(&mut self, name: &str) -> Value {
        self.expect(name, |value| value["event"] == name).await
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_generations_join_push_are_present_and_come_back() {
    for (package, version) in VERSIONS {
        let sim = PhoenixSim::start().await.unwrap();
        let mut client = Client::start(package, &sim.endpoint());
        client.act(&json!({ "act": "version" }));
        assert_eq!(client.event("version").await["version"], version, "the version this proof is about");
        client.act(&json!({ "act": "connect", "param": "name", "tokens": ["ana"] }));
        client.event("open").await;

        client.join("room:1");
        assert_eq!(client.event("joined").await["response"], json!({ "hello": "ana" }), "{version}: join");
        let present = |value: &Value| value["event"] == "presence" && value["list"] == json!([["ana", 1]]);
        client.expect("own presence", present).await;

        let deep = json!({ "text": "Olá 🙂", "list": [1, [2, { "three": null }]] });
        client.push("room:1", "echo", &deep);
        assert_eq!(client.event("ok").await["response"], deep, "{version}: push and answer");
        client.push("room:1", "refuse", &json!({}));
        assert_eq!(client.event("no").await["response"], json!({ "reason": "no" }), "{version}: an error as answer");
        client.push("room:1", "nothing", &json!({}));
        assert_eq!(client.event("timeout").await["name"], "nothing", "{version}: no answer");
        client.push("room:1", "whisper", &json!({ "a": 1 }));
        assert_eq!(client.event("message").await["payload"], json!({ "a": 1 }), "{version}: push of the server");
        client.push("room:1", "shout", &json!({ "b": 2 }));
        assert_eq!(client.event("message").await["payload"], json!({ "b": 2 }), "{version}: broadcast");
        for name in ["echo", "whisper", "shout"] {
            client.act(&json!({ "act": "push", "topic": "room:1", "name": name, "bytes": [1, 2, 255] }));
            let answer = client.expect(name, |value| value["event"] == "ok" || value["event"] == "message").await;
            let got = if name == "echo" { &answer["response"] } else { &answer["payload"] };
            assert_eq!(*got, json!({ "bytes": [1, 2, 255] }), "{version}: {name} in a binary frame");
        }

        for (topic, reason) in
            [("room:refused", "unauthorized"), ("room:crashed", "join crashed"), ("other:1", "unmatched topic")]
        {
            client.join(topic);
            let refused = client.expect(topic, |value| value["event"] == "refused" && value["topic"] == topic).await;
            assert_eq!(refused["response"]["reason"], reason, "{version}: {topic}");
            client.act(&json!({ "act": "leave", "topic": topic }));
        }

        client.push("room:1", "crash", &json!({}));
        client.expect("the error", |value| value["event"] == "channel-error" && value["topic"] == "room:1").await;
        client.event("joined").await;
        sim.drop_sockets();
        client.event("close").await;
        client.event("open").await;
        client.event("joined").await;
        client.expect("presence after coming back", present).await;
        assert_eq!(sim.members("room:1"), 1, "{version}: one member, not two");
        // Three heartbeats of 0.4 s, each answered, or the socket would have been closed.
        tokio::time::sleep(Duration::from_millis(1400)).await;
        assert_eq!(sim.attempts().iter().filter(|attempt| attempt.status == 101).count(), 2, "{version}: heartbeats");

        client.push("room:1", "stop", &json!({}));
        client.expect("the close", |value| value["event"] == "channel-close" && value["topic"] == "room:1").await;
        client.join("room:2");
        client.event("joined").await;
        client.act(&json!({ "act": "leave", "topic": "room:2" }));
        client.expect("the leave", |value| value["event"] == "left" && value["topic"] == "room:2").await;
        client.act(&json!({ "act": "disconnect" }));
        client.event("disconnected").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_generations_notice_a_server_that_goes_silent() {
    for (package, version) in VERSIONS {
        let sim = PhoenixSim::start().await.unwrap();
        let mut client = Client::start(package, &sim.endpoint());
        client.act(&json!({ "act": "connect", "param": "name", "tokens": ["ana"] }));
        client.event("open").await;
        client.join("room:1");
        client.event("joined").await;
        sim.weather(|weather| weather.silent = true);
        client.event("channel-error").await;
        sim.weather(|weather| weather.silent = false);
        client.event("joined").await;
        let opened = sim.attempts().iter().filter(|attempt| attempt.status == 101).count();
        assert!(opened >= 2, "{version}: an unanswered heartbeat ends the socket, and it came back");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_generations_are_an_agenthub_client() {
    for (package, version) in VERSIONS {
        let sim = OlosSim::start(OlosOptions::default()).await.unwrap();
        let endpoint = format!("{}/socket", sim.base_url().replace("http", "ws"));
        let mut client = Client::start(package, &endpoint);
        let good = sim.token("52");
        client.act(&json!({ "act": "connect", "param": "token", "tokens": ["nonsense", good, sim.token("52")] }));
        client.event("open").await;
        let statuses: Vec<u16> = sim.attempts().iter().map(|attempt| attempt.status).collect();
        assert_eq!(statuses, [403, 101], "{version}: a bad token is refused, the next one is taken");

        client.join("agents:52");
        let joined = client.event("joined").await;
        assert_eq!(joined["response"], json!({ "sub": "52", "username": "adams", "tid": "acme" }), "{version}");
        client.join("agents:53");
        assert_eq!(client.event("refused").await["response"]["reason"], "unauthorized", "{version}: another's topic");
        client.join("wrong:52");
        assert_eq!(client.event("refused").await["response"]["reason"], "unmatched topic", "{version}: no topic");

        let id = sim.push("52", &HubEvent::screen_pop(91079, "5511900000000", "Cliente"));
        let message = client.event("message").await;
        assert_eq!(message["name"], "ScreenPopVoice", "{version}: named by its type");
        assert_eq!(message["payload"]["eventId"], id, "{version}: the event");
        assert_eq!(message["payload"]["eventData"]["phoneNumber"], "5511900000000", "{version}: with its data");

        client.join("admin:acme");
        client.expect("the roster", |value| value["event"] == "presence").await;
        let user = OnlineUser {
            user_id: "someone".to_owned(),
            username: "brown".to_owned(),
            online_at: 1,
            ip_address: "203.0.113.9".to_owned(),
        };
        let reference = sim.come_online(&user);
        sim.come_online(&user);
        let twice = |value: &Value| {
            let list = value["list"].as_array();
            value["event"] == "presence" && list.is_some_and(|list| list.contains(&json!(["someone", 2])))
        };
        client.expect("one user on two devices", twice).await;
        sim.go_offline("someone", &reference);
        let once = |value: &Value| {
            let list = value["list"].as_array();
            value["event"] == "presence" && list.is_some_and(|list| list.contains(&json!(["someone", 1])))
        };
        client.kept.clear();
        client.expect("one device gone", once).await;

        sim.end_channel("52", true);
        client.expect("the crash", |value| value["event"] == "channel-error" && value["topic"] == "agents:52").await;
        client.expect("the rejoin", |value| value["event"] == "joined" && value["topic"] == "agents:52").await;
        client.kept.clear();
        sim.restart(Duration::from_millis(300)).await;
        client.expect("coming back", |value| value["event"] == "joined" && value["topic"] == "agents:52").await;
        let tokens: Vec<_> = sim.attempts().into_iter().filter_map(|attempt| attempt.token).collect();
        assert!(tokens.len() >= 3 && tokens.last() != tokens.get(1), "{version}: a token a connect");
        sim.weather(|weather| weather.refuse_joins = Some(("agents:".to_owned(), "unauthorized".to_owned())));
        sim.push_stale("52", &HubEvent::status(2, 0));
        sim.drop_sockets();
        client.expect("a refused rejoin", |value| value["event"] == "refused" && value["topic"] == "agents:52").await;
        let messages = client.kept.iter().filter(|value| value["event"] == "message").count();
        assert_eq!(messages, 0, "{version}: an event for an old join is not told");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_may_come_as_a_subprotocol() {
    let sim = OlosSim::start(OlosOptions::default()).await.unwrap();
    let endpoint = format!("{}/socket", sim.base_url().replace("http", "ws"));
    let mut client = Client::start("phoenix-18", &endpoint);
    client.act(&json!({ "act": "connect", "protocol": true, "tokens": [sim.token("53")] }));
    client.event("open").await;
    client.join("agents:53");
    client.event("joined").await;
    client.join("admin:acme");
    assert_eq!(client.event("refused").await["response"]["reason"], "unauthorized", "the roster is for administrators");
}

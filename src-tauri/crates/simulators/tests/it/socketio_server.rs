//! Our Socket.IO client against the unmodified socket.io server of npm.
//!
//! What the server keeps where recovery is on, and the counts rest on: every event to
//! the namespace that wants no answer and is not volatile, for
//! `maxDisconnectionDuration` (two minutes unless said otherwise), for a socket that
//! has been told one event at least. Where recovery is off it keeps nothing: what it
//! emits while no socket is connected is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};
use trunkline_wire::socketio::{
    AckHandle, CallId, Client, EmitError, Event, LostBy, NoAnswer, Output, Timing, endpoint,
};
use url::Url;

const SOON: Duration = Duration::from_secs(15);
const VERSION: &str = "4.8.4";
const DROPS: u64 = 500;

/// Short waits, none longer or shorter by chance.
fn timing() -> Timing {
    Timing {
        first_wait: Duration::from_millis(1),
        longest_wait: Duration::from_millis(4),
        spread: 0.0,
        ..Timing::default()
    }
}

/// The server in Node. Ends when dropped.
struct Server {
    node: Child,
    input: ChildStdin,
    told: mpsc::UnboundedReceiver<Value>,
    /// What came and was not waited for yet.
    kept: Vec<Value>,
    port: u64,
}

impl Server {
    async fn start(options: &Value) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("socketio-client");
        assert!(
            folder.join("node_modules/socket.io").is_dir(),
            "the server is not installed; run `npm ci` in src-tauri/crates/simulators/socketio-client"
        );
        let mut node = Command::new("node")
            .args(["server.mjs", &options.to_string()])
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
        let mut server = Self { node, input, told, kept: Vec::new(), port: 0 };
        let listening = server.event("listening").await;
        assert_eq!(listening["version"], VERSION, "the version this proof is about");
        server.port = listening["port"].as_u64().unwrap();
        server
    }

    fn act(&mut self, act: &Value) {
        writeln!(self.input, "{act}").unwrap();
    }

    fn emit(&mut self, name: &str, args: &Value) {
        self.act(&json!({ "act": "emit", "name": name, "args": args }));
    }

    /// The first of this name that was not waited for yet.
    async fn event(&mut self, name: &str) -> Value {
        if let Some(at) = self.kept.iter().position(|value| value["event"] == name) {
            return self.kept.remove(at);
        }
        let found = timeout(SOON, async {
            loop {
                let value = self.told.recv().await.expect("node ended");
                if value["event"] == name {
                    return value;
                }
                self.kept.push(value);
            }
        });
        match found.await {
            Ok(value) => value,
            Err(_) => panic!("waited in vain for {name}; kept {:?}", self.kept),
        }
    }

    fn url(&self) -> Url {
        let base = Url::parse(&format!("http://127.0.0.1:{}", self.port)).unwrap();
        endpoint(&base, "socket.io", &[("username".to_owned(), "a b&c".to_owned())]).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

/// What the application wants of the driver.
enum Act {
    Connect(Value),
    Disconnect,
    Emit(String, Vec<Value>, oneshot::Sender<Result<(), EmitError>>),
    Call(String, Vec<Value>, Duration, oneshot::Sender<Result<CallId, EmitError>>),
    Answer(AckHandle, Vec<Value>, oneshot::Sender<bool>),
    /// Neither reads nor writes for so long.
    Sleep(Duration),
}

/// The application's end of a driver.
struct Desk {
    acts: mpsc::UnboundedSender<Act>,
    events: mpsc::UnboundedReceiver<Event>,
    dials: Arc<AtomicU64>,
    driver: JoinHandle<()>,
}

impl Desk {
    fn new(server: &Server, namespace: &str, timing: Timing) -> Self {
        let (acts, wanted) = mpsc::unbounded_channel();
        let (told, events) = mpsc::unbounded_channel();
        let dials = Arc::new(AtomicU64::new(0));
        let driver = Driver {
            client: Client::new(timing, namespace, || 0.5),
            url: server.url(),
            auth: json!({}),
            socket: None,
            told,
            dials: Arc::clone(&dials),
        };
        Self { acts, events, dials, driver: tokio::spawn(driver.run(wanted)) }
    }

    /// One that is accepted in the root.
    async fn ready(server: &Server) -> Self {
        let mut desk = Self::new(server, "/", timing());
        desk.act(Act::Connect(json!({})));
        assert!(matches!(desk.event().await, Event::Ready { recovered: false, .. }), "accepted");
        desk
    }

    fn act(&self, act: Act) {
        assert!(self.acts.send(act).is_ok(), "the driver runs");
    }

    async fn event(&mut self) -> Event {
        timeout(SOON, self.events.recv()).await.expect("an event in time").expect("the driver runs")
    }

    /// The next event, which is one of the server's without a wish for an answer.
    async fn received(&mut self) -> (String, Vec<Value>, usize) {
        match self.event().await {
            Event::Received { name, args, ack: None, attachments } => (name, args, attachments),
            other => panic!("not an event of the server's: {other:?}"),
        }
    }

    async fn emit(&self, name: &str, args: Vec<Value>) -> Result<(), EmitError> {
        let (reply, answer) = oneshot::channel();
        self.act(Act::Emit(name.to_owned(), args, reply));
        answer.await.unwrap()
    }

    async fn call(&self, name: &str, args: Vec<Value>, limit: Duration) -> Result<CallId, EmitError> {
        let (reply, answer) = oneshot::channel();
        self.act(Act::Call(name.to_owned(), args, limit, reply));
        answer.await.unwrap()
    }

    async fn answer(&self, ack: AckHandle, args: Vec<Value>) -> bool {
        let (reply, answer) = oneshot::channel();
        self.act(Act::Answer(ack, args, reply));
        answer.await.unwrap()
    }

    fn dials(&self) -> u64 {
        self.dials.load(Ordering::Relaxed)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The connection and the clock around a client.
struct Driver {
    client: Client,
    url: Url,
    auth: Value,
    socket: Option<(u64, Socket)>,
    told: mpsc::UnboundedSender<Event>,
    dials: Arc<AtomicU64>,
}

impl Driver {
    async fn run(mut self, mut wanted: mpsc::UnboundedReceiver<Act>) {
        loop {
            self.perform().await;
            let deadline = self.client.deadline();
            let timer = async {
                match deadline {
                    Some(at) => sleep_until(at.into()).await,
                    None => pending().await,
                }
            };
            let frame = async {
                match &mut self.socket {
                    Some((_, socket)) => socket.next().await,
                    None => pending().await,
                }
            };
            tokio::select! {
                act = wanted.recv() => match act {
                    Some(act) => self.take_act(act).await,
                    None => return,
                },
                frame = frame => self.take_frame(frame.and_then(Result::ok)),
                () = timer => self.client.tick(Instant::now()),
            }
        }
    }

    async fn perform(&mut self) {
        while let Some(output) = self.client.poll() {
            match output {
                Output::Open { attempt } => {
                    self.dials.fetch_add(1, Ordering::Relaxed);
                    match connect_async_with_config(self.url.as_str(), None, true).await {
                        Ok((socket, _)) => {
                            self.socket = Some((attempt, socket));
                            self.client.opened(attempt, self.auth.clone(), Instant::now());
                        }
                        Err(_) => self.client.failed(attempt, Instant::now()),
                    }
                }
                Output::Send(frame) => {
                    let Some((attempt, socket)) = &mut self.socket else { continue };
                    let attempt = *attempt;
                    if socket.send(Message::text(frame)).await.is_err() {
                        self.socket = None;
                        self.client.closed(attempt, 1006, Instant::now());
                    }
                }
                Output::Close(code) => {
                    if let Some((_, mut socket)) = self.socket.take() {
                        let frame = CloseFrame { code: code.into(), reason: "".into() };
                        let _ = timeout(Duration::from_millis(300), socket.close(Some(frame))).await;
                    }
                }
                Output::Event(event) => {
                    let _ = self.told.send(event);
                }
            }
        }
    }

    fn take_frame(&mut self, frame: Option<Message>) {
        let Some((attempt, _)) = &self.socket else { return };
        let (attempt, now) = (*attempt, Instant::now());
        let code = match frame {
            Some(Message::Text(text)) => return self.client.text(attempt, &text, now),
            Some(Message::Binary(_)) => return self.client.binary(attempt, now),
            Some(Message::Close(frame)) => frame.map_or(1005, |frame| frame.code.into()),
            Some(_) => return,
            None => 1006,
        };
        self.socket = None;
        self.client.closed(attempt, code, now);
    }

    async fn take_act(&mut self, act: Act) {
        match act {
            Act::Connect(auth) => {
                self.auth = auth;
                self.client.connect();
            }
            Act::Disconnect => self.client.disconnect(),
            Act::Emit(name, args, reply) => {
                let _ = reply.send(self.client.emit(&name, args));
            }
            Act::Call(name, args, limit, reply) => {
                let _ = reply.send(self.client.call(&name, args, limit, Instant::now()));
            }
            Act::Answer(ack, args, reply) => {
                let _ = reply.send(self.client.answer(ack, args));
            }
            Act::Sleep(time) => sleep(time).await,
        }
    }
}

#[tokio::test]
async fn what_it_signs_in_with_arrives_and_the_id_is_the_servers() {
    let mut server = Server::start(&json!({})).await;
    let mut desk = Desk::new(&server, "/", timing());
    let auth = json!({ "agent": "{\"id\":\"ä🙂\"}", "fcm": { "key": null }, "list": [1, 2.5, true] });
    desk.act(Act::Connect(auth.clone()));
    let Event::Ready { sid, recovered: false } = desk.event().await else { panic!("accepted") };
    let connection = server.event("connection").await;
    assert_eq!(connection["auth"], auth);
    assert_eq!(connection["id"], sid);
    assert_eq!(connection["query"]["username"], "a b&c", "and the parameters of the address");

    desk.emit("echo", vec![json!({ "text": "Olá 🙂\u{2028}\"\\" }), Value::Null, json!(7)]).await.unwrap();
    let echo = ("echo".to_owned(), vec![json!({ "text": "Olá 🙂\u{2028}\"\\" }), Value::Null, json!(7)], 0);
    assert_eq!(desk.received().await, echo, "any text goes there and back");
    server.emit("nothing", &json!([]));
    assert_eq!(desk.received().await, ("nothing".to_owned(), Vec::new(), 0), "as does an event without arguments");

    desk.act(Act::Disconnect);
    assert_eq!(server.event("disconnect").await["reason"], "client namespace disconnect", "leaving is said");
    assert_eq!(desk.dials(), 1);
}

#[tokio::test]
async fn a_refusal_of_the_middleware_comes_with_its_data_and_is_final_until_somebody_connects() {
    let mut server = Server::start(&json!({})).await;
    let mut desk = Desk::new(&server, "/", timing());
    desk.act(Act::Connect(json!({ "word": "refuse me" })));
    let data = json!({ "content": { "key": "AUTH", "words": [1, null, "ä🙂"] } });
    assert_eq!(desk.event().await, Event::Refused { message: "login-failed".to_owned(), data });
    sleep(Duration::from_millis(200)).await;
    assert_eq!(desk.dials(), 1, "not tried again");
    desk.act(Act::Connect(json!({ "word": "please" })));
    assert!(matches!(desk.event().await, Event::Ready { .. }), "unless somebody says so");
    assert_eq!(server.event("connection").await["auth"]["word"], "please");

    let mut stranger = Desk::new(&server, "/nowhere", timing());
    stranger.act(Act::Connect(json!({})));
    let refused = Event::Refused { message: "Invalid namespace".to_owned(), data: Value::Null };
    assert_eq!(stranger.event().await, refused, "a namespace that the server does not have");
}

#[tokio::test]
async fn answers_go_both_ways_and_none_comes_after_its_time() {
    for options in [json!({}), json!({ "connectionStateRecovery": {} })] {
        let mut server = Server::start(&options).await;
        let mut desk = Desk::ready(&server).await;
        let call = desk.call("echo", vec![json!({ "a": [1] }), json!("word")], SOON).await.unwrap();
        assert_eq!(desk.event().await, Event::Answered { call, args: vec![json!({ "a": [1] }), json!("word")] });
        let empty = desk.call("echo", Vec::new(), SOON).await.unwrap();
        assert_eq!(desk.event().await, Event::Answered { call: empty, args: Vec::new() });

        let limit = Duration::from_millis(100);
        let never = desk.call("never", Vec::new(), limit).await.unwrap();
        assert_eq!(desk.event().await, Event::Unanswered { call: never, why: NoAnswer::TimedOut });
        let late = desk.call("late", vec![json!(250)], limit).await.unwrap();
        assert_eq!(desk.event().await, Event::Unanswered { call: late, why: NoAnswer::TimedOut });
        sleep(Duration::from_millis(300)).await;
        let next = desk.call("echo", Vec::new(), SOON).await.unwrap();
        assert_eq!(desk.event().await, Event::Answered { call: next, args: Vec::new() }, "a late answer is none");

        server.act(&json!({ "act": "ask", "args": ["one", "word"], "limit": 5000 }));
        let Event::Received { name, args, ack: Some(ack), .. } = desk.event().await else { panic!("it wants one") };
        assert_eq!((name.as_str(), args), ("asked", vec![json!("one"), json!("word")]), "{options}");
        assert!(desk.answer(ack, vec![json!({ "status": "ok" }), json!(2)]).await);
        assert!(!desk.answer(ack, Vec::new()).await, "once");
        let answer = server.event("answer").await;
        assert_eq!((&answer["late"], &answer["answer"]), (&json!(false), &json!([{ "status": "ok" }, 2])));
        server.act(&json!({ "act": "ask", "args": [], "limit": 50 }));
        assert_eq!(server.event("answer").await["late"], true, "no answer is none there, too");
        assert!(matches!(desk.event().await, Event::Received { ack: Some(_), .. }));
    }
}

#[tokio::test]
async fn an_answer_to_an_earlier_connection_is_not_sent() {
    let mut server = Server::start(&json!({ "connectionStateRecovery": {} })).await;
    let mut desk = Desk::ready(&server).await;
    server.emit("first", &json!([]));
    desk.received().await;
    server.act(&json!({ "act": "ask", "args": [], "limit": 600 }));
    let Event::Received { ack: Some(ack), .. } = desk.event().await else { panic!("it wants one") };
    server.act(&json!({ "act": "drop" }));
    assert!(matches!(desk.event().await, Event::Lost { by: LostBy::Closed(1006), .. }));
    assert!(matches!(desk.event().await, Event::Ready { recovered: true, .. }));
    assert!(!desk.answer(ack, Vec::new()).await, "even though the server knows the socket again");
    assert_eq!(server.event("answer").await["late"], true);
}

#[tokio::test]
async fn bytes_are_left_out_and_the_rest_is_told_with_their_number() {
    for options in [json!({}), json!({ "connectionStateRecovery": {} })] {
        let mut server = Server::start(&options).await;
        let mut desk = Desk::ready(&server).await;
        server.act(&json!({ "act": "bytes" }));
        server.emit("after", &json!([1]));
        let args = vec![json!({ "name": "a.bin", "body": null }), Value::Null, json!("tail")];
        assert_eq!(desk.received().await, ("file".to_owned(), args, 2), "{options}");
        assert_eq!(desk.received().await, ("after".to_owned(), vec![json!(1)], 0), "and what follows is not moved");
        let call = desk.call("bytes back", Vec::new(), SOON).await.unwrap();
        let args = vec![json!("two"), Value::Null, json!({ "deep": [null] })];
        assert_eq!(desk.event().await, Event::Answered { call, args }, "nor has an answer any");
        server.act(&json!({ "act": "bytes asked" }));
        let Event::Received { args, ack: Some(ack), attachments: 1, .. } = desk.event().await else { panic!("asked") };
        assert_eq!(args, [Value::Null]);
        assert!(desk.answer(ack, vec![json!("got it")]).await);
        assert_eq!(server.event("answer").await["answer"], json!(["got it"]));
        assert_eq!(desk.dials(), 1, "{options}: no connection was lost by it");
    }
}

#[tokio::test]
async fn half_a_letter_costs_neither_the_event_nor_the_connection() {
    let mut server = Server::start(&json!({})).await;
    let mut desk = Desk::ready(&server).await;
    server.act(&json!({ "act": "half" }));
    let (name, args, _) = desk.received().await;
    let whole = vec![json!("Hello \u{fffd}"), json!({ "\u{fffd}": "\\ud83d 😀" })];
    assert_eq!((name.as_str(), args), ("half", whole), "it stands as the sign for what cannot be shown");
    assert_eq!(desk.dials(), 1);
}

#[tokio::test]
async fn the_largest_that_the_server_takes_is_sent_and_one_byte_more_is_not() {
    let server = Server::start(&json!({ "maxHttpBufferSize": 1000 })).await;
    let mut desk = Desk::ready(&server).await;
    let around = "420[\"echo\",\"\"]".len();
    let whole = json!("x".repeat(1000 - around));
    let call = desk.call("echo", vec![whole.clone()], SOON).await.unwrap();
    assert_eq!(desk.event().await, Event::Answered { call, args: vec![whole] });
    let more = json!("x".repeat(1001 - around));
    assert_eq!(desk.call("echo", vec![more], SOON).await, Err(EmitError::TooLarge(1001)));
    assert_eq!(desk.dials(), 1);
}

#[tokio::test]
async fn a_namespace_has_its_own_events_answers_and_end() {
    let mut server = Server::start(&json!({ "connectionStateRecovery": {} })).await;
    let mut desk = Desk::new(&server, "/desk", timing());
    desk.act(Act::Connect(json!({ "word": "mine" })));
    let Event::Ready { sid, .. } = desk.event().await else { panic!("accepted") };
    let connection = server.event("connection").await;
    assert_eq!((&connection["namespace"], &connection["auth"]["word"]), (&json!("/desk"), &json!("mine")));
    assert_eq!(connection["id"], sid);
    server.emit("other", &json!([]));
    server.act(&json!({ "act": "emit", "namespace": "/desk", "name": "own", "args": ["word"] }));
    assert_eq!(desk.received().await, ("own".to_owned(), vec![json!("word")], 0), "the root's are not told");
    let call = desk.call("echo", vec![json!(1)], SOON).await.unwrap();
    assert_eq!(desk.event().await, Event::Answered { call, args: vec![json!(1)] });
    server.act(&json!({ "act": "ask", "namespace": "/desk", "args": [], "limit": 5000 }));
    let Event::Received { ack: Some(ack), .. } = desk.event().await else { panic!("it wants one") };
    assert!(desk.answer(ack, vec![json!("here")]).await);
    assert_eq!(server.event("answer").await["answer"], json!(["here"]));
    desk.act(Act::Disconnect);
    assert_eq!(server.event("disconnect").await["reason"], "client namespace disconnect");

    let mut refused = Desk::new(&server, "/desk", timing());
    refused.act(Act::Connect(json!({ "word": "refuse me" })));
    assert!(matches!(refused.event().await, Event::Refused { message, .. } if message == "login-failed"));
}

#[tokio::test]
async fn pings_are_answered_however_slow_the_application_is() {
    let mut server = Server::start(&json!({ "pingInterval": 150, "pingTimeout": 600 })).await;
    let mut desk = Desk::ready(&server).await;
    for number in 0..500 {
        server.emit("number", &json!([number]));
    }
    // Ten intervals, in which nobody takes an event.
    sleep(Duration::from_millis(1600)).await;
    server.act(&json!({ "act": "beats" }));
    let beats = server.event("beats").await["beats"].as_u64().unwrap();
    assert!(beats >= 6, "the server had its pongs: {beats}");
    for number in 0..500 {
        assert_eq!(desk.received().await.1, [json!(number)], "all of them are still there");
    }
    assert_eq!(desk.dials(), 1, "on the one connection");

    desk.act(Act::Sleep(Duration::from_millis(1200)));
    assert_eq!(server.event("disconnect").await["reason"], "ping timeout", "a driver that sleeps is put out");
    assert!(matches!(desk.event().await, Event::Lost { .. }), "and knows it when it wakes");
    assert!(matches!(desk.event().await, Event::Ready { .. }));
    println!("pings: {beats} answered in 1.6 s at one every 150 ms");
}

#[tokio::test]
async fn a_server_that_stands_still_is_left_after_its_own_time_and_found_again() {
    let mut server = Server::start(&json!({ "pingInterval": 100, "pingTimeout": 500 })).await;
    let mut desk = Desk::ready(&server).await;
    server.act(&json!({ "act": "freeze", "ms": 1500 }));
    assert!(matches!(desk.event().await, Event::Lost { by: LostBy::PingTimeout, .. }));
    loop {
        match desk.event().await {
            Event::Ready { .. } => break,
            Event::NotOpened { .. } => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn being_put_out_is_told_and_not_dialled_again_but_a_closed_engine_is() {
    let mut server = Server::start(&json!({ "connectionStateRecovery": {} })).await;
    for close in [false, true] {
        let mut desk = Desk::ready(&server).await;
        let call = desk.call("never", Vec::new(), SOON).await.unwrap();
        // In order, so that the server has it.
        let known = desk.call("echo", Vec::new(), SOON).await.unwrap();
        assert_eq!(desk.event().await, Event::Answered { call: known, args: Vec::new() });
        server.act(&json!({ "act": "kick", "close": close }));
        assert_eq!(desk.event().await, Event::Unanswered { call, why: NoAnswer::Lost });
        assert_eq!(desk.event().await, Event::Kicked, "with {close}");
        assert_eq!(server.event("disconnect").await["reason"], "server namespace disconnect");
        sleep(Duration::from_millis(200)).await;
        assert_eq!(desk.dials(), 1, "nobody dials");
        desk.act(Act::Connect(json!({})));
        assert!(matches!(desk.event().await, Event::Ready { recovered: false, .. }), "as a new one");
        server.act(&json!({ "act": "close" }));
        assert!(matches!(desk.event().await, Event::Lost { by: LostBy::Closed(1005), .. }));
        assert!(matches!(desk.event().await, Event::Ready { .. }), "the end of the engine alone is a loss");
        desk.act(Act::Disconnect);
        server.event("disconnect").await;
        server.event("disconnect").await;
    }
}

#[tokio::test]
async fn what_is_older_than_the_server_keeps_is_lost_and_said_so() {
    let mut server = Server::start(&json!({ "connectionStateRecovery": { "maxDisconnectionDuration": 500 } })).await;
    for (wait, kept) in [(20, true), (1200, false)] {
        let waits = Timing { first_wait: Duration::from_millis(wait), ..timing() };
        let waits = Timing { longest_wait: waits.first_wait, ..waits };
        let mut desk = Desk::new(&server, "/", waits);
        desk.act(Act::Connect(json!({})));
        assert!(matches!(desk.event().await, Event::Ready { recovered: false, .. }));
        server.emit("first", &json!([]));
        desk.received().await;
        server.act(&json!({ "act": "drop" }));
        server.event("disconnect").await;
        server.emit("missed", &json!([1]));
        assert!(matches!(desk.event().await, Event::Lost { .. }));
        let Event::Ready { recovered, .. } = desk.event().await else { panic!("back") };
        assert_eq!(recovered, kept, "after {wait} ms of the 500 that it keeps");
        server.emit("next", &json!([2]));
        let mut names = vec![desk.received().await.0];
        if kept {
            names.push(desk.received().await.0);
        }
        assert_eq!(names, if kept { vec!["missed", "next"] } else { vec!["next"] });
        desk.act(Act::Disconnect);
        server.event("disconnect").await;
    }
}

#[tokio::test]
async fn the_last_word_of_a_volatile_event_is_taken_for_its_place_and_recovery_is_not_claimed_after_it() {
    let mut server = Server::start(&json!({ "connectionStateRecovery": {} })).await;
    let mut desk = Desk::ready(&server).await;
    server.act(&json!({ "act": "volatile", "name": "typing", "args": [1, "word"] }));
    assert_eq!(desk.received().await.1, [json!(1)], "such events have no place, and nothing marks them");
    server.act(&json!({ "act": "drop" }));
    assert!(matches!(desk.event().await, Event::Lost { .. }));
    assert!(matches!(desk.event().await, Event::Ready { recovered: false, .. }), "the server does not know that place");
    server.emit("first", &json!([]));
    desk.received().await;
    server.act(&json!({ "act": "volatile", "name": "typing", "args": ["word", 2] }));
    assert_eq!(desk.received().await.1, [json!("word"), json!(2)], "which goes for words at the end alone");
    server.act(&json!({ "act": "drop" }));
    assert!(matches!(desk.event().await, Event::Lost { .. }));
    assert!(matches!(desk.event().await, Event::Ready { recovered: true, .. }));
}

/// What a desk saw in the weather.
#[derive(Default)]
struct Seen {
    numbers: Vec<u64>,
    ready: u64,
    recovered: u64,
    lost: u64,
    not_opened: u64,
    /// Numbers that we counted to the server, by their calls.
    calls: BTreeMap<CallId, u64>,
    answered: Vec<u64>,
    timed_out: u64,
    unanswered: u64,
    not_sent: u64,
}

impl Seen {
    /// False where it was the last.
    fn take(&mut self, event: Event) -> bool {
        match event {
            Event::Ready { recovered, .. } => {
                self.ready += 1;
                self.recovered += u64::from(recovered);
            }
            Event::Lost { .. } => self.lost += 1,
            Event::NotOpened { .. } => self.not_opened += 1,
            Event::Received { name, args, .. } if name == "number" => {
                assert_eq!(args.len(), 1, "the place is no argument: {args:?}");
                self.numbers.push(args[0].as_u64().unwrap());
            }
            Event::Received { name, .. } => return name != "end",
            Event::Answered { call, args } => {
                let number = self.calls.remove(&call).expect("one that waits, once");
                assert_eq!(args, [json!(number)], "the answer to it, not to another");
                self.answered.push(number);
            }
            Event::Unanswered { call, why } => {
                assert!(self.calls.remove(&call).is_some(), "one that waits, once");
                match why {
                    NoAnswer::TimedOut => self.timed_out += 1,
                    NoAnswer::Lost => self.unanswered += 1,
                }
            }
            other @ (Event::Kicked | Event::Refused { .. } | Event::Unread { .. }) => panic!("{other:?}"),
        }
        true
    }
}

/// Drops until there were [`DROPS`] of a socket that was accepted; what the desk saw,
/// how many numbers it counted, and what the server says of it.
async fn in_the_weather(server: &mut Server, gently: bool, counting: bool) -> (Seen, u64, Value) {
    let mut desk = Desk::ready(server).await;
    // Without a place from which to go on the server cannot recover.
    server.emit("first", &json!([]));
    desk.received().await;
    server.act(&json!({ "act": "weather", "wanted": DROPS, "within": 20, "gently": gently }));
    let mut seen = Seen::default();
    let mut counted = 0;
    let mut beat = tokio::time::interval(Duration::from_millis(2));
    let over = timeout(Duration::from_secs(120), async {
        loop {
            tokio::select! {
                event = desk.events.recv() => if !seen.take(event.expect("the driver runs")) { break },
                _ = beat.tick(), if counting => {
                    match desk.call("count", vec![json!(counted)], Duration::from_millis(200)).await {
                        Ok(call) => {
                            seen.calls.insert(call, counted);
                            counted += 1;
                        }
                        Err(EmitError::NotReady) => seen.not_sent += 1,
                        Err(error) => panic!("{error}"),
                    }
                }
            }
        }
        while !seen.calls.is_empty() {
            seen.take(desk.event().await);
        }
    });
    over.await.expect("the weather is over in time");
    let told = server.event("over").await;
    sleep(Duration::from_millis(50)).await;
    assert!(desk.events.try_recv().is_err(), "nothing comes after the end");
    (seen, counted, told)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_recovery_no_event_is_lost_or_doubled_over_500_drops_and_every_call_is_accounted_for() {
    let mut server =
        Server::start(&json!({ "connectionStateRecovery": { "maxDisconnectionDuration": 120_000 } })).await;
    let (seen, counted, told) = in_the_weather(&mut server, false, true).await;
    let numbers = told["numbers"].as_u64().unwrap();
    println!(
        "recovery on: {} drops ({} of an accepted socket, {} in the midst of what is made good), {numbers} numbers \
         emitted, {} told; ready {} times, {} recovered, lost {}, not opened {}",
        told["drops"],
        told["ready"],
        told["cuts"],
        seen.numbers.len(),
        seen.ready,
        seen.recovered,
        seen.lost,
        seen.not_opened
    );
    assert!(told["ready"].as_u64().unwrap() >= DROPS);
    assert!(told["cuts"].as_u64().unwrap() > 0, "some were cut in the midst of what is made good");
    assert_eq!(seen.recovered, seen.ready, "the server knew the socket each time");
    let told: BTreeSet<u64> = seen.numbers.iter().copied().collect();
    assert_eq!(numbers - told.len() as u64, 0, "numbers that are missing");
    assert!(seen.numbers.iter().copied().eq(0..numbers), "each once, in order");

    server.act(&json!({ "act": "counted" }));
    let told = server.event("counted").await;
    let received = told["counted"].as_object().unwrap();
    let times = |number: u64| received.get(&number.to_string()).and_then(Value::as_u64).unwrap_or(0);
    println!(
        "calls: {counted} sent, {} answered, {} unanswered by a loss, {} by time; {} not sent; the server received {}",
        seen.answered.len(),
        seen.unanswered,
        seen.timed_out,
        seen.not_sent,
        received.len()
    );
    assert!(seen.answered.iter().all(|number| times(*number) == 1), "what was answered was received once");
    assert!((0..counted).all(|number| times(number) <= 1), "nothing was received twice");
    assert_eq!(seen.answered.len() as u64 + seen.unanswered + seen.timed_out, counted, "each has its end");
    assert!(seen.answered.len() > 100 && seen.unanswered > 0, "both happened");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_recovery_what_is_lost_over_500_drops_is_what_was_emitted_to_nobody() {
    let mut server = Server::start(&json!({})).await;
    let (seen, _, told) = in_the_weather(&mut server, true, false).await;
    let (numbers, nobody) = (told["numbers"].as_u64().unwrap(), told["nobody"].as_u64().unwrap());
    println!(
        "recovery off: {} drops ({} of an accepted socket), {numbers} numbers emitted, {nobody} to nobody, {} told; \
         ready {} times, lost {}, not opened {}",
        told["drops"],
        told["ready"],
        seen.numbers.len(),
        seen.ready,
        seen.lost,
        seen.not_opened
    );
    assert!(told["ready"].as_u64().unwrap() >= DROPS);
    assert_eq!(seen.recovered, 0);
    assert!(seen.numbers.windows(2).all(|pair| pair[0] < pair[1]), "none doubled, none out of order");
    assert!(nobody > 0, "something was lost");
    assert_eq!(seen.numbers.len() as u64 + nobody, numbers, "lost is what was emitted to nobody, to the number");
}

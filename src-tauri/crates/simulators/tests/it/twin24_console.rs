//! An operator's console in small: the services, and the live events.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use trunkline_simulators::twin24::{Twin24Options, Twin24Sim};

use crate::centrifugo_socket::{Said, Socket};
use crate::wire::{Answer, request};

pub const ANNA: &str = "anna@example.com";
pub const BORIS: &str = "boris@example.com";
pub const VERA: &str = "vera@example.com";

pub async fn start(change: impl FnOnce(&mut Twin24Options)) -> Twin24Sim {
    let mut options = Twin24Options::default();
    change(&mut options);
    Twin24Sim::start(options).await.expect("it starts")
}

/// A recorded example of the connector's.
pub fn fixture(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors/twin24/tests/fixtures/twin24");
    serde_json::from_slice(&std::fs::read(folder.join(format!("{name}.json"))).expect(name)).expect(name)
}

/// The body of a recorded answer.
pub fn recorded(name: &str) -> Value {
    fixture(name)["response"]["body"].clone()
}

/// A request to an address, with any headers.
pub async fn ask(url: &str, method: &str, headers: &[(&str, &str)], body: &str) -> std::io::Result<Answer> {
    let rest = url.trim_start_matches("http://");
    let (host, path) = rest.split_once('/').expect("a path");
    request(&format!("http://{host}"), method, &format!("/{path}"), headers, body).await
}

pub async fn post(url: &str, body: &Value) -> Answer {
    ask(url, "POST", &[("Content-Type", "application/json")], &body.to_string()).await.expect("an answer")
}

/// The tokens of a log-in.
pub async fn tokens(sim: &Twin24Sim, email: &str) -> Value {
    let body = json!({ "email": email, "password": sim.options().password(email), "ttl": 86_400 });
    let answer = post(&format!("{}/auth/login", sim.iam_url()), &body).await;
    assert_eq!(answer.status, 200, "logged in: {}", answer.body);
    answer.json()
}

/// Data of a connect command.
pub fn connect_data(token: &str) -> Value {
    json!({ "application": "notifications", "settings": { "token": token } })
}

pub struct Console {
    pub sim: Twin24Sim,
    pub token: String,
    pub socket: Option<Socket>,
}

impl Console {
    /// Signed in, without events.
    pub async fn signed_in(sim: &Twin24Sim, email: &str) -> Self {
        let token = tokens(sim, email).await["token"].as_str().unwrap().to_owned();
        Self { sim: sim.clone(), token, socket: None }
    }

    /// Signed in, active, and listening.
    pub async fn open(sim: &Twin24Sim, email: &str) -> Self {
        let mut console = Self::signed_in(sim, email).await;
        let mut socket = Socket::open(&sim.events_url()).await;
        socket.say(&json!({ "id": 1, "connect": { "data": connect_data(&console.token) } })).await;
        let reply = socket.reply(1).await;
        assert_ne!(reply["connect"], Value::Null, "connected: {reply}");
        console.socket = Some(socket);
        console.done("PATCH", "/users/me/activate").await;
        console
    }

    pub async fn try_ask(&self, method: &str, path: &str, body: &Value) -> std::io::Result<Answer> {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("Content-Type", "application/json"), ("Authorization", bearer.as_str())];
        let text = if body.is_null() { String::new() } else { body.to_string() };
        ask(&format!("{}{path}", self.sim.chat_url()), method, &headers, &text).await
    }

    pub async fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.try_ask(method, path, body).await.expect("an answer")
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, &Value::Null).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    /// A change without a body and without an answer.
    pub async fn done(&self, method: &str, path: &str) {
        let answer = self.ask(method, path, &Value::Null).await;
        assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{method} {path}");
    }

    /// Status and error text of something that is refused.
    pub async fn refused(&self, method: &str, path: &str, body: &Value) -> (u16, String) {
        let answer = self.ask(method, path, body).await;
        (answer.status, answer.json()["error"].as_str().unwrap_or_default().to_owned())
    }

    /// Writes into a session; gives the message's id.
    pub async fn writes(&self, session: &str, text: &str) -> String {
        let answer =
            self.ask("POST", &format!("/sessions/{session}/operators/messages"), &json!({ "body": text })).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// Data of the next event.
    pub async fn event(&mut self) -> Value {
        self.socket.as_mut().unwrap().message().await["push"]["pub"]["data"].clone()
    }

    /// Data of the next event, which has to be that one.
    pub async fn expect(&mut self, name: &str) -> Value {
        let event = self.event().await;
        assert_eq!(event["event"], name, "{event}");
        event
    }

    /// Nothing more comes.
    pub async fn hears_nothing(&mut self) {
        let said = self.socket.as_mut().unwrap().within(Duration::from_millis(250)).await;
        assert!(matches!(said, None | Some(Said::Message(Value::Object(_)))), "{said:?}");
        if let Some(Said::Message(value)) = said {
            assert_eq!(value, json!({}), "nothing but a ping");
        }
    }
}

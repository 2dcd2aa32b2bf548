//! An agent's chat client of a few lines, for the tests of the simulator.

use std::time::Duration;

use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::{AmazonConnectSim, SimChat, SimOptions, TurnKind};

use crate::wire::{Answer, Cti, request};

pub const EVENT: &str = "application/vnd.amazonaws.connect.event.";

/// Chats have no media.
pub fn quick() -> SimOptions {
    SimOptions { turn: TurnKind::Unreachable, ..SimOptions::default() }
}

pub async fn start(options: SimOptions) -> (AmazonConnectSim, Cti) {
    let sim = AmazonConnectSim::start(options).await.unwrap();
    let cti = Cti { base: sim.base_url(), token: sim.token("agent.one") };
    (sim, cti)
}

pub async fn address(cti: &Cti) -> String {
    let made = cti.done("CreateTransport", json!({ "transportType": "web_socket" })).await;
    made["webSocketTransport"]["url"].as_str().unwrap().to_owned()
}

/// An agent in a connected chat.
pub struct Agent {
    pub chat: SimChat,
    pub token: String,
    pub base: String,
}

impl Agent {
    /// Accepts and gets a token.
    pub async fn take(cti: &Cti, chat: SimChat) -> Self {
        cti.done("AcceptContact", json!({ "contactId": chat.contact_id() })).await;
        Self::of(cti, chat).await
    }

    /// Of a chat that is accepted.
    pub async fn of(cti: &Cti, chat: SimChat) -> Self {
        chat.expect_accepted(Duration::from_secs(10)).await.unwrap();
        let token = Self::fresh_token(cti, &chat).await;
        Self { chat, token, base: cti.base.clone() }
    }

    pub async fn fresh_token(cti: &Cti, chat: &SimChat) -> String {
        let body = json!({ "transportType": "chat_token", "contactId": chat.contact_id(),
            "participantId": chat.agent_connection_id() });
        let made = cti.done("CreateTransport", body).await;
        let wanted = crate::wire::fixture("chat.create-transport-chat-token.response.json");
        crate::wire::assert_form("chat_token", &wanted, &made);
        made["chatTokenTransport"]["participantToken"].as_str().unwrap().to_owned()
    }

    pub async fn ask(&self, path: &str, body: Value) -> Answer {
        self.ask_as(&self.token, path, body).await
    }

    pub async fn ask_as(&self, token: &str, path: &str, body: Value) -> Answer {
        self.try_ask(token, path, body).await.unwrap_or_else(|e| panic!("{path} is answered: {e}"))
    }

    pub async fn try_ask(&self, token: &str, path: &str, body: Value) -> std::io::Result<Answer> {
        let headers = [("Content-Type", "application/json"), ("X-Amz-Bearer", token)];
        request(&self.base, "POST", &format!("/participant/{path}"), &headers, &body.to_string()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        let headers = [("X-Amz-Bearer", self.token.as_str())];
        request(&self.base, "GET", &format!("/participant/{path}"), &headers, "").await.unwrap()
    }

    /// Sends a text; the answer, and the ClientToken.
    pub async fn say(&self, text: &str) -> (Value, String) {
        let token = format!("token-{text}");
        let body = json!({ "ContentType": "text/plain", "Content": text, "ClientToken": token });
        let answer = self.ask("message", body).await;
        assert_eq!(answer.status, 200, "the message is sent: {}", answer.body);
        (answer.json(), token)
    }

    pub async fn end(&self, cti: &Cti) {
        let own = json!({ "contactId": self.chat.contact_id(), "connectionId": self.chat.agent_connection_id() });
        cti.done("DestroyConnection", own).await;
        self.chat.expect_ended(Duration::from_secs(10)).await.unwrap();
    }
}

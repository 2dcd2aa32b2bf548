//! The simulator as the conformance suite needs it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::json;
use trunkline_connector::testing::{ConformanceFixture, Credentials, PlatformView, Ports, Seat, Written};
use trunkline_connector::{AccountSettings, Registration};
use trunkline_model::ContactId;
use trunkline_simulators::amazon_connect::{
    AmazonConnectSim, EndedBy, Fault, OfferCall, OfferChat, QuickConnect, SimCall, SimChat, SimOptions, SnapshotTwist,
    TurnKind,
};
use trunkline_testkit::FakeVault;

/// The simulator with two agents, and what was begun on it.
pub struct Fixture {
    pub sim: AmazonConnectSim,
    calls: Mutex<BTreeMap<String, SimCall>>,
    chats: Mutex<BTreeMap<String, SimChat>>,
    vaults: [FakeVault; 2],
    media: [super::SdpMedia; 2],
}

fn login(seat: Seat) -> &'static str {
    match seat {
        Seat::One => "agent.one",
        Seat::Two => "agent.two",
    }
}

impl Fixture {
    /// With a simulator of one's own making.
    pub async fn with(options: SimOptions) -> Self {
        let sim = AmazonConnectSim::start(options).await.expect("the simulator starts");
        Self {
            sim,
            calls: Mutex::default(),
            chats: Mutex::default(),
            vaults: [FakeVault::new(), FakeVault::new()],
            media: [super::SdpMedia::default(), super::SdpMedia::default()],
        }
    }

    fn vault(&self, seat: Seat) -> FakeVault {
        self.vaults[seat as usize].clone()
    }

    pub fn media(&self, seat: Seat) -> super::SdpMedia {
        self.media[seat as usize].clone()
    }

    async fn call(&self, offer: OfferCall) -> ContactId {
        let call = self.sim.offer_call(offer).await.expect("the simulator offers a call");
        let id = call.contact_id().to_owned();
        self.calls.lock().unwrap().insert(id.clone(), call);
        ContactId::new(id)
    }

    pub fn sim_chat(&self, contact: &ContactId) -> SimChat {
        self.chats.lock().unwrap().get(contact.as_str()).expect("a chat of this case").clone()
    }

    fn sim_call(&self, contact: &ContactId) -> SimCall {
        self.calls.lock().unwrap().get(contact.as_str()).expect("a call of this case").clone()
    }
}

impl ConformanceFixture for Fixture {
    async fn start() -> Self {
        Self::with(SimOptions { turn: TurnKind::Unreachable, directory_page: 10, ..SimOptions::default() }).await
    }

    fn registration() -> Registration {
        trunkline_amazon_connect::registration()
    }

    fn settings(&self, _seat: Seat) -> AccountSettings {
        let settings = json!({
            "address": self.sim.base_url(), "retry_ms": [300, 500], "socket_retry_ms": 300, "chat_retry_ms": [300, 500],
        });
        settings.as_object().unwrap().clone()
    }

    fn ports(&self, seat: Seat) -> Ports {
        super::ports(self.vault(seat), self.media(seat))
    }

    async fn put_credentials(&self, seat: Seat, which: Credentials) {
        use trunkline_connector::ports::AccountVault;
        let token = match which {
            Credentials::Right => self.sim.token(login(seat)),
            Credentials::Wrong => "a-token-that-nobody-issued".to_owned(),
        };
        self.vault(seat).set("token", token.into()).await.expect("the vault takes it");
    }

    fn secrets(&self, seat: Seat) -> Vec<String> {
        vec![
            self.sim.token(login(seat)),
            "a-token-that-nobody-issued".to_owned(),
            OfferCall::default().customer_number,
            self.number(),
            OfferCall::default().customer_name,
            // Of the pre-signed socket address, and of the offer's ICE credentials.
            "AuthToken=".to_owned(),
            // Of the pre-signed addresses of files.
            "X-Amz-Signature=".to_owned(),
            "ice-pwd".to_owned(),
        ]
    }

    fn break_state(&self) -> &'static str {
        "Lunch"
    }

    fn state_at_platform(&self, seat: Seat) -> String {
        self.sim.agent(login(seat)).state()
    }

    async fn offer(&self, seat: Seat, even_when_busy: bool) -> ContactId {
        self.call(OfferCall { force: even_when_busy, ..OfferCall::to(login(seat)) }).await
    }

    async fn offer_that_rings(&self, seat: Seat, ring: Duration) -> ContactId {
        self.call(OfferCall { ring: Some(ring), ..OfferCall::to(login(seat)) }).await
    }

    async fn customer_leaves(&self, contact: &ContactId) {
        self.sim_call(contact).customer_hangs_up().await.expect("the customer hangs up");
    }

    fn view(&self, contact: &ContactId) -> PlatformView {
        let facts = self.sim_call(contact).facts();
        PlatformView {
            accepted: facts.accepted.is_some(),
            rejected: facts.rejected.is_some(),
            ended_by_agent: matches!(facts.ended, Some((EndedBy::Agent, _))),
            holds: facts.holds.len(),
            resumes: facts.resumes.len(),
            digits: facts.digits.clone(),
            cleared: facts.cleared.is_some(),
            issues: self.sim.issues_of(contact.as_str()).into_iter().map(|issue| issue.description).collect(),
        }
    }

    fn calls_made(&self, _seat: Seat) -> usize {
        self.sim.requests_of("CreateOutboundContact").len()
    }

    fn parties_called(&self, contact: &ContactId) -> usize {
        self.sim_call(contact).third_parties().len()
    }

    fn others_talk(&self, contact: &ContactId) -> bool {
        let call = self.sim_call(contact);
        let third = call.third_parties();
        call.customer().state() == "connected" && third.iter().any(|party| party.state() == "connected")
    }

    fn colleague(&self) -> Option<&'static str> {
        Some("Agent Two")
    }

    fn fill_directory(&self, entries: usize) -> Vec<String> {
        let directory = QuickConnect::branches(entries);
        let names = directory.iter().map(|entry| entry.name.clone()).collect();
        self.sim.set_directory(directory);
        names
    }

    fn fail_directory(&self) {
        self.sim.fail_endpoint_page(1, Fault::Status(500));
    }

    async fn offer_chat(&self, seat: Seat, first_words: &str) -> ContactId {
        let offer = OfferChat { first_words: Some(first_words.to_owned()), ..OfferChat::to(login(seat)) };
        let chat = self.sim.offer_chat(offer).await.expect("the simulator offers a chat");
        let id = chat.contact_id().to_owned();
        self.chats.lock().unwrap().insert(id.clone(), chat);
        ContactId::new(id)
    }

    fn customer_writes(&self, contact: &ContactId, text: &str) {
        self.sim_chat(contact).say(text).expect("the customer writes");
    }

    fn customer_leaves_chat(&self, contact: &ContactId) {
        self.sim_chat(contact).leave().expect("the customer leaves");
    }

    fn written(&self, contact: &ContactId) -> Vec<Written> {
        let all = self.sim_chat(contact).agent_messages().into_iter();
        all.map(|message| Written { token: message.client_token, text: message.content }).collect()
    }

    fn lose_next_answer(&self) {
        self.sim.fail_next("SendMessage", Fault::LoseAnswer, 1);
    }

    fn fail_messages(&self, times: usize) {
        self.sim.fail_next("SendMessage", Fault::Status(500), times);
    }

    fn expire_conversation_token(&self) {
        self.sim.expire_chat_tokens();
    }

    fn customer_sends_file(&self, contact: &ContactId, name: &str, bytes: Vec<u8>) -> String {
        self.sim_chat(contact).send_file(name, "image/png", bytes).expect("the customer sends a file")
    }

    fn file_at_platform(&self, contact: &ContactId, name: &str) -> Option<Vec<u8>> {
        let files = self.sim_chat(contact).files();
        let file = files.into_iter().find(|file| file.name == name)?;
        file.bytes.map(|bytes| bytes.to_vec())
    }

    fn refuse_next_state_change(&self) {
        self.sim.fail_next("PutAgentState", Fault::Exception("InvalidStateException"), 1);
    }

    fn expire_token(&self) {
        self.sim.expire_tokens();
    }

    fn end_session(&self) {
        self.sim.revoke_session();
        self.sim.expire_tokens();
    }

    fn drop_sockets(&self) {
        self.sim.drop_sockets();
    }

    async fn restart(&self, down: Duration) {
        self.sim.restart(down).await;
    }

    fn slow_down(&self, delay: Duration) {
        self.sim.slow_down(delay);
    }

    fn silence(&self, silent: bool) {
        self.sim.silent(silent);
    }

    fn duplicate_events(&self, duplicate: bool) {
        self.sim.duplicate_events(duplicate);
    }

    fn stale_events(&self) {
        let content = |rpc: serde_json::Value| {
            let content = json!({"connectionId": "long-gone", "jsonRpcMsg": rpc}).to_string();
            json!({"topic": "aws/softphone", "content": content}).to_string()
        };
        self.sim.send_frame(&content(json!({"jsonrpc": "2.0", "method": "bye", "id": "srv-1"})));
        self.sim.send_frame(&content(json!({"jsonrpc": "2.0", "id": "never-sent", "result": {"sdp": "v=0"}})));
        self.sim.send_frame(&content(json!({"jsonrpc": "2.0", "id": "never-sent", "error": {"code": 486}})));
    }

    fn unknown_event(&self, seat: Seat) {
        let agent = self.sim.agent(login(seat));
        for twist in [
            SnapshotTwist::UnknownMembers,
            SnapshotTwist::UnknownContact,
            SnapshotTwist::UnknownAgentState,
            SnapshotTwist::WrongTypes,
            SnapshotTwist::MissingState,
            SnapshotTwist::Malformed,
        ] {
            agent.push_unknown(twist);
        }
        for frame in
            ["", "[]", "{", r#"{"topic":"aws/hologram","content":"?"}"#, r#"{"topic":"aws/softphone","content":"?"}"#]
        {
            self.sim.send_frame(frame);
        }
    }

    fn oversized_frame(&self) {
        self.sim.oversized_frame();
    }

    fn skew_clock(&self, seconds: f64) {
        self.sim.set_clock_skew(seconds);
    }
}

//! The simulator as the conformance suite and the other tests need it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use trunkline_connector::ports::AccountVault;
use trunkline_connector::testing::{
    ConformanceFixture, Credentials, LogLines, PlatformView, Ports, Seat, Seated, Written,
};
use trunkline_connector::{AccountSettings, Command, Registration, Target};
use trunkline_expertflow::PASSWORD;
use trunkline_model::{ContactId, ContactState, ConversationState, EndpointKind, LinkState, Message, MessageBody};
use trunkline_net::{Network, NetworkConfig, SystemClock};
use trunkline_simulators::expertflow::{CustomerOffer, ExpertflowOptions, ExpertflowSim, SimChat};
use trunkline_testkit::{FakeLogin, FakeMedia, FakeVault};

const CUSTOMER: &str = "Chris Sample";
const NUMBER: &str = "+12025550123";
/// As `offer_that_rings` is asked for: a desk knows how long offers stand from its settings alone.
const OFFER_STANDS_MS: u64 = 1_500;
pub const SOON: Duration = Duration::from_secs(10);

/// The simulator with two agents.
pub struct Fixture {
    pub sim: ExpertflowSim,
    vaults: [FakeVault; 2],
    /// In place of the usual settings.
    extra: AccountSettings,
}

pub fn username(seat: Seat) -> &'static str {
    match seat {
        Seat::One => "adams",
        Seat::Two => "brown",
    }
}

fn queue(seat: Seat) -> &'static str {
    match seat {
        Seat::One => "Web Care",
        Seat::Two => "Billing",
    }
}

/// Two agents, each on a queue of their own.
pub fn options() -> ExpertflowOptions {
    let mut options = ExpertflowOptions::default();
    for (agent, seat) in options.agents.iter_mut().zip([Seat::One, Seat::Two]) {
        agent.queues = vec![queue(seat).to_owned()];
    }
    options
}

impl Fixture {
    pub async fn with(options: ExpertflowOptions) -> Self {
        let sim = ExpertflowSim::start(options).await.expect("the simulator starts");
        Self { sim, vaults: [FakeVault::new(), FakeVault::new()], extra: AccountSettings::default() }
    }

    /// With another setting of the account.
    pub fn set(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(key.to_owned(), value.into());
        self
    }

    /// Signed in.
    pub async fn online(&self, seat: Seat, log: &LogLines) -> Seated {
        self.put_credentials(seat, Credentials::Right).await;
        let mut seated = Seated::sit(self, seat, log);
        seated.until_link(LinkState::Online).await;
        seated
    }

    /// Signed in, and offers come.
    pub async fn ready(&self, seat: Seat, log: &LogLines) -> Seated {
        let mut seated = self.online(seat, log).await;
        self.make_available(seat).await;
        let on = |agent: &trunkline_model::Agent| agent.media.iter().any(trunkline_model::MediaDomain::is_on);
        seated.until("chats to be switched on", |picture| picture.agent.as_ref().is_some_and(on)).await;
        seated
    }

    /// With a chat at work.
    pub async fn chatting(&self, log: &LogLines) -> (Seated, ContactId) {
        self.chatting_with(customer(), log).await
    }

    /// With a chat of that customer's at work.
    pub async fn chatting_with(&self, offer: CustomerOffer, log: &LogLines) -> (Seated, ContactId) {
        let mut seated = self.ready(Seat::One, log).await;
        let contact = self.chat_for(Seat::One, offer).await;
        take(&mut seated, &contact).await;
        (seated, contact)
    }

    pub fn vault(&self, seat: Seat) -> FakeVault {
        self.vaults[seat as usize].clone()
    }

    pub fn password(&self, seat: Seat) -> String {
        let agents = &self.sim.options().agents;
        agents.iter().find(|agent| agent.username == username(seat)).expect("the agent").password.clone()
    }

    pub fn chat(&self, contact: &ContactId) -> SimChat {
        self.sim.chats().into_iter().find(|chat| chat.id() == contact.as_str()).expect("a chat with that id")
    }

    /// A chat that is offered to that agent and nobody else: each works on a queue of their own.
    pub async fn chat_for(&self, seat: Seat, offer: CustomerOffer) -> ContactId {
        let offer = CustomerOffer { queue: queue(seat).to_owned(), ..offer };
        let chat = self.sim.customer_chats(offer).expect("a chat");
        chat.expect_offered(SOON).await.expect("offered");
        ContactId::new(chat.id())
    }
}

/// Takes an offer.
pub async fn take(seated: &mut Seated, contact: &ContactId) {
    seated.until_contact(contact, ContactState::Offered).await;
    seated.command(Command::Accept { contact: contact.clone() }).await.expect("accepted");
    seated.until_conversation(contact, ConversationState::Open).await;
}

/// The other agent, as the directory of a conversation names them.
pub async fn colleague(seated: &mut Seated, contact: &ContactId) -> Target {
    endpoint(seated, contact, EndpointKind::Agent).await
}

/// The first of that kind in the directory of a conversation.
pub async fn endpoint(seated: &mut Seated, contact: &ContactId, kind: EndpointKind) -> Target {
    let list = seated.endpoints(Some(contact.clone())).await.expect("a directory");
    let found = list.items.into_iter().find(|endpoint| endpoint.kind == kind);
    Target::Endpoint { id: found.expect("one of that kind").id }
}

/// Words of a message; what it is where it has none.
pub fn text(message: &Message) -> String {
    match &message.body {
        MessageBody::Text { text } => text.clone(),
        other => format!("{other:?}"),
    }
}

/// The reason of the link.
pub fn reason(seated: &Seated) -> &str {
    seated.picture.link.reason.as_deref().unwrap_or_default()
}

pub fn customer() -> CustomerOffer {
    CustomerOffer::of(CUSTOMER, "Web Care").number(NUMBER)
}

impl ConformanceFixture for Fixture {
    async fn start() -> Self {
        Self::with(options()).await
    }

    fn registration() -> Registration {
        trunkline_expertflow::registration()
    }

    fn settings(&self, seat: Seat) -> AccountSettings {
        let settings = json!({
            "address": self.sim.base_url(),
            "username": username(seat),
            "message_confirm_ms": 1_500,
            "accept_timeout_ms": OFFER_STANDS_MS,
            "longest_message": 4 << 20,
        });
        let mut settings = settings.as_object().unwrap().clone();
        settings.extend(self.extra.clone());
        settings
    }

    fn ports(&self, seat: Seat) -> Ports {
        let network = Network::new(NetworkConfig::default()).expect("a network");
        Ports {
            http: network.http(),
            websocket: network.websocket(),
            centrifugo: network.centrifugo(),
            vault: Arc::new(self.vault(seat)),
            media: Arc::new(FakeMedia::new()),
            login: Arc::new(FakeLogin::new()),
            clock: Arc::new(SystemClock),
        }
    }

    async fn put_credentials(&self, seat: Seat, which: Credentials) {
        let password = match which {
            Credentials::Right => self.password(seat),
            Credentials::Wrong => "not-the-password".to_owned(),
        };
        self.vault(seat).set(PASSWORD, password.into()).await.expect("the vault takes it");
    }

    fn secrets(&self, seat: Seat) -> Vec<String> {
        vec![self.password(seat), "not-the-password".to_owned(), CUSTOMER.to_owned(), NUMBER.to_owned()]
    }

    async fn make_available(&self, seat: Seat) {
        self.sim.expect_online(username(seat), SOON).await.expect("online");
        self.sim.set_ready(username(seat)).expect("made ready");
    }

    fn break_state(&self) -> &'static str {
        "Short break"
    }

    fn state_at_platform(&self, seat: Seat) -> String {
        let reason = self.sim.reason(username(seat));
        reason["name"].as_str().unwrap_or(self.sim.state(username(seat))).to_owned()
    }

    async fn offer(&self, seat: Seat, _even_when_busy: bool) -> ContactId {
        self.chat_for(seat, customer()).await
    }

    async fn offer_that_rings(&self, seat: Seat, ring: Duration) -> ContactId {
        // How long an offer stands is the installation's; the agent's desk only shows it.
        self.sim.set_accept_timeout(ring);
        self.chat_for(seat, customer()).await
    }

    async fn customer_leaves(&self, contact: &ContactId) {
        self.chat(contact).customer_leaves();
    }

    fn view(&self, contact: &ContactId) -> PlatformView {
        let chat = self.chat(contact);
        let facts = chat.facts();
        PlatformView {
            accepted: facts.accepted_by().is_some(),
            ended_by_agent: !facts.left.is_empty(),
            cleared: !facts.left.is_empty(),
            ..PlatformView::default()
        }
    }

    fn fill_directory(&self, _entries: usize) -> Vec<String> {
        vec!["Web Care".to_owned(), "Billing".to_owned()]
    }

    fn directory_has_pages(&self) -> bool {
        false
    }

    async fn offer_chat(&self, seat: Seat, first_words: &str) -> ContactId {
        self.chat_for(seat, customer().saying(first_words)).await
    }

    fn customer_writes(&self, contact: &ContactId, text: &str) {
        self.chat(contact).customer_writes(text).expect("written");
    }

    fn customer_leaves_chat(&self, contact: &ContactId) {
        self.chat(contact).customer_leaves();
    }

    fn written(&self, contact: &ContactId) -> Vec<Written> {
        let messages = self.chat(contact).messages().into_iter();
        let one = |message: trunkline_simulators::expertflow::SentMessage| Written {
            token: Some(message.id.clone()),
            text: message.text().to_owned(),
        };
        messages.map(one).collect()
    }

    fn lose_next_answer(&self) {
        self.sim.lose_echoes(1);
    }

    fn fail_messages(&self, times: usize) {
        self.sim.ignore_events(times);
    }

    fn customer_sends_file(&self, contact: &ContactId, name: &str, bytes: Vec<u8>) -> String {
        let kind = if name.ends_with(".png") { "image/png" } else { "application/octet-stream" };
        let size = bytes.len();
        let url = self.sim.store_file(name, kind, bytes);
        let body = json!({
            "type": "IMAGE", "markdownText": "", "additionalDetails": { "fileName": name },
            "attachment": { "mediaUrl": url, "mimeType": kind, "size": size, "thumbnail": "" },
        });
        self.chat(contact).customer_sends(body).expect("a file");
        url
    }

    fn file_at_platform(&self, contact: &ContactId, name: &str) -> Option<Vec<u8>> {
        let messages = self.chat(contact).messages();
        let said = messages.iter().find(|message| message.body["additionalDetails"]["fileName"] == name)?;
        let address = said.body["attachment"]["mediaUrl"].as_str()?.to_owned();
        let files = self.sim.files();
        files.into_iter().find(|(stored, ..)| address.ends_with(stored.as_str())).map(|(.., bytes)| bytes.to_vec())
    }

    fn work_waits(&self) -> (String, ContactId) {
        let list = self.sim.options().pull_lists[0].name.clone();
        let chat = self.sim.customer_waits_in(&list, customer()).expect("a request");
        (list, ContactId::new(chat.id()))
    }

    fn refuse_next_state_change(&self) {
        self.sim.refuse_state_changes(1);
    }

    fn expire_token(&self) {
        self.sim.expire_tokens(false);
    }

    fn end_session(&self) {
        self.sim.expire_tokens(true);
        for agent in ["adams", "brown"] {
            let _ = self.sim.kick(agent);
        }
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
        self.sim.silence(silent);
    }

    fn duplicate_events(&self, duplicate: bool) {
        self.sim.duplicate_events(duplicate);
    }

    fn stale_events(&self) {
        let gone = json!({ "conversationId": "68a10000000000000000dead" });
        for name in ["revokeTask", "topicUnsubscription", "wrapupTimerStarted", "onCimEvent"] {
            let _ = self.sim.raw_event("adams", name, gone.clone());
        }
    }

    fn unknown_event(&self, seat: Seat) {
        let odd = [
            json!(null),
            json!([]),
            json!(7),
            json!("?"),
            json!({}),
            json!({ "conversationId": [1], "cimEvent": "{" }),
        ];
        let names = [
            "hologram",
            "agentPresence",
            "taskRequest",
            "revokeTask",
            "onCimEvent",
            "onTopicData",
            "topicUnsubscription",
            "errors",
        ];
        for name in names {
            for payload in &odd {
                let _ = self.sim.raw_event(username(seat), name, payload.clone());
            }
        }
    }

    fn oversized_frame(&self) {
        let _ = self.sim.big_frame("adams", 5 << 20);
    }

    fn skew_clock(&self, seconds: f64) {
        self.sim.skew_clock(seconds);
    }
}

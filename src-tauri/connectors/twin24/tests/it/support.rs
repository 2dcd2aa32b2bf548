//! The simulator as the conformance suite and the other tests need it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use trunkline_connector::ports::AccountVault;
use trunkline_connector::testing::{
    ConformanceFixture, Credentials, LogLines, PlatformView, Ports, Seat, Seated, Written,
};
use trunkline_connector::{AccountSettings, Command, Registration};
use trunkline_model::{ContactId, ContactState, ConversationState, LinkState, Message, MessageBody};
use trunkline_net::{Network, NetworkConfig, SystemClock};
use trunkline_simulators::twin24::{
    ClientOffer, Failure, OperatorStatus, SimSession, TokenRefusal, Twin24Operator, Twin24Options, Twin24Sim,
};
use trunkline_testkit::{FakeLogin, FakeMedia, FakeVault};
use trunkline_twin24::PASSWORD;

const CUSTOMER: &str = "Chris Sample";
pub const SOON: Duration = Duration::from_secs(10);

/// The simulator with two operators.
pub struct Fixture {
    pub sim: Twin24Sim,
    vaults: [FakeVault; 2],
    /// In place of the usual settings.
    extra: AccountSettings,
}

pub fn email(seat: Seat) -> &'static str {
    match seat {
        Seat::One => "anna@example.com",
        Seat::Two => "boris@example.com",
    }
}

/// Two operators, and a colleague who is played.
pub fn options() -> Twin24Options {
    // Otherwise a colleague's taking it would show at the next reading of all alone.
    let mut options = Twin24Options { tell_former_operator: true, fractional_times: true, ..Twin24Options::default() };
    options.operators.push(Twin24Operator::named(45, "galina@example.com", "Galina", "Ivanova").played());
    options
}

impl Fixture {
    pub async fn with(options: Twin24Options) -> Self {
        let sim = Twin24Sim::start(options).await.expect("the simulator starts");
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

    /// With a chat at work.
    pub async fn chatting(&self, log: &LogLines) -> (Seated, SimSession, ContactId) {
        let mut seated = self.online(Seat::One, log).await;
        let session = self.begin(Seat::One, client());
        let contact = ContactId::new(session.id());
        take(&mut seated, &contact).await;
        (seated, session, contact)
    }

    pub fn vault(&self, seat: Seat) -> FakeVault {
        self.vaults[seat as usize].clone()
    }

    pub fn session(&self, contact: &ContactId) -> SimSession {
        self.sim.sessions().into_iter().find(|one| one.id() == contact.as_str()).expect("a session with that id")
    }

    /// A session that comes to that operator.
    pub fn begin(&self, seat: Seat, offer: ClientOffer) -> SimSession {
        self.sim.client_starts(offer.to_operator(email(seat))).expect("a session")
    }
}

/// Takes an offer.
pub async fn take(seated: &mut Seated, contact: &ContactId) {
    seated.until_contact(contact, ContactState::Offered).await;
    seated.command(Command::Accept { contact: contact.clone() }).await.expect("accepted");
    seated.until_conversation(contact, ConversationState::Open).await;
}

/// Words of a message; what it is where it has none.
pub fn text(message: &Message) -> String {
    match &message.body {
        MessageBody::Text { text } => text.clone(),
        other => format!("{other:?}"),
    }
}

/// What stands in a conversation, in order.
pub fn said(seated: &Seated, contact: &ContactId) -> Vec<String> {
    let mut messages: Vec<_> = seated.picture.messages.get(contact).cloned().unwrap_or_default();
    messages.sort_by_key(|message| (message.at, message.order));
    messages.iter().map(text).collect()
}

/// The reason of the link.
pub fn reason(seated: &Seated) -> &str {
    seated.picture.link.reason.as_deref().unwrap_or_default()
}

pub fn client() -> ClientOffer {
    ClientOffer::named(CUSTOMER).saying("Hello")
}

impl ConformanceFixture for Fixture {
    async fn start() -> Self {
        Self::with(options()).await
    }

    fn registration() -> Registration {
        trunkline_twin24::registration()
    }

    fn settings(&self, seat: Seat) -> AccountSettings {
        let settings = json!({
            "email": email(seat),
            "iam": self.sim.iam_url(),
            "chat": self.sim.chat_url(),
            "events": self.sim.events_url(),
            "settle_ms": 50,
            "doubt_ms": 200,
            "first_wait_ms": 100,
            "longest_wait_ms": 500,
            "poll_offline_ms": 1_000,
            "rest_limit_ms": 3_000,
            "ping_delay_ms": 2_000,
            "longest_event": 4 << 20,
            "final_wait_ms": 1_000,
            "file_types": ["png", "pdf", "txt"],
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
            Credentials::Right => self.sim.options().password(email(seat)),
            Credentials::Wrong => "not-the-password".to_owned(),
        };
        self.vault(seat).set(PASSWORD, password.into()).await.expect("the vault takes it");
    }

    fn secrets(&self, seat: Seat) -> Vec<String> {
        vec![self.sim.options().password(email(seat)), "not-the-password".to_owned(), CUSTOMER.to_owned()]
    }

    async fn make_available(&self, seat: Seat) {
        self.sim.sets_status(email(seat), OperatorStatus::Online).expect("made available");
        self.sim.operator_status_is_read(email(seat));
    }

    fn break_state(&self) -> &'static str {
        "Pause"
    }

    fn state_at_platform(&self, seat: Seat) -> String {
        match self.sim.status(email(seat)) {
            OperatorStatus::Pause => "Pause".to_owned(),
            other => other.wire().to_owned(),
        }
    }

    async fn offer(&self, seat: Seat, _even_when_busy: bool) -> ContactId {
        ContactId::new(self.begin(seat, client()).id())
    }

    async fn offer_that_rings(&self, seat: Seat, ring: Duration) -> ContactId {
        let session = self.begin(seat, client());
        // The platform knows no ringing: who does not answer loses it to a colleague.
        let moved = session.clone();
        tokio::spawn(async move {
            tokio::time::sleep(ring).await;
            let _ = moved.moves_to("galina@example.com");
        });
        ContactId::new(session.id())
    }

    async fn customer_leaves(&self, contact: &ContactId) {
        let _ = self.session(contact).client_closes();
    }

    fn view(&self, contact: &ContactId) -> PlatformView {
        let facts = self.session(contact).facts();
        PlatformView {
            // A session is the operator's as soon as it comes; there is nothing to say.
            accepted: !facts.assigned.is_empty(),
            ended_by_agent: facts.closed.as_ref().is_some_and(|closed| closed.by.is_some()),
            cleared: true,
            ..PlatformView::default()
        }
    }

    fn fill_directory(&self, _entries: usize) -> Vec<String> {
        ["Billing", "Boris", "Galina Ivanova", "Support", "Vera Sidorova"].map(str::to_owned).to_vec()
    }

    fn directory_has_pages(&self) -> bool {
        false
    }

    async fn offer_chat(&self, seat: Seat, first_words: &str) -> ContactId {
        ContactId::new(self.begin(seat, ClientOffer::named(CUSTOMER).saying(first_words)).id())
    }

    fn customer_writes(&self, contact: &ContactId, text: &str) {
        self.session(contact).client_writes(text).expect("written");
    }

    fn customer_leaves_chat(&self, contact: &ContactId) {
        self.session(contact).client_closes().expect("closed");
    }

    fn written(&self, contact: &ContactId) -> Vec<Written> {
        let names = self.sim.files();
        let one = |message: trunkline_simulators::twin24::SentMessage| {
            let file = message.attachments.first().and_then(|id| names.iter().find(|file| file.0 == *id));
            let text = file.map_or(message.body, |file| file.1.clone());
            Written { token: None, text }
        };
        self.session(contact).facts().sent.into_iter().map(one).collect()
    }

    fn takes_tokens(&self) -> bool {
        false
    }

    fn hears_accepting(&self) -> bool {
        false
    }

    fn lose_next_answer(&self) {
        self.sim.fail_next("POST /sessions/", Failure::LoseAnswer, 1);
    }

    fn fail_messages(&self, times: usize) {
        self.sim.fail_next("POST /sessions/", Failure::Status(503), times);
    }

    fn customer_sends_file(&self, contact: &ContactId, name: &str, bytes: Vec<u8>) -> String {
        let kind = if name.ends_with(".png") { "image/png" } else { "application/octet-stream" };
        let id = self.session(contact).client_sends_file("", name, kind, &bytes).expect("a file");
        let messages = self.session(contact).messages();
        let sent = messages.iter().find(|message| message["id"] == json!(id)).expect("the message");
        let file = &sent["attachments"][0];
        file["downloadLink"].as_str().or_else(|| file["url"].as_str()).unwrap_or_default().to_owned()
    }

    fn file_at_platform(&self, contact: &ContactId, name: &str) -> Option<Vec<u8>> {
        let sent = self.session(contact).facts().sent;
        let files = self.sim.files();
        let ids: Vec<&String> = sent.iter().flat_map(|message| &message.attachments).collect();
        files.iter().find(|file| file.1 == name && ids.contains(&&file.0)).map(|file| file.3.to_vec())
    }

    fn work_waits(&self) -> (String, ContactId) {
        let session = self.sim.client_starts(ClientOffer::named(CUSTOMER).saying("Anybody?").in_help()).expect("help");
        ("Help".to_owned(), ContactId::new(session.id()))
    }

    fn refuse_next_state_change(&self) {
        self.sim.fail_next("/users/me/", Failure::Status(409), 1);
    }

    fn expire_token(&self) {
        self.sim.expire_tokens(TokenRefusal::Expired);
    }

    fn end_session(&self) {
        self.sim.expire_tokens(TokenRefusal::Expired);
        self.sim.refuse_refreshes(Some(401));
        self.sim.refuse_logins(Some(401));
        self.sim.drop_sockets();
    }

    fn drop_sockets(&self) {
        self.sim.drop_sockets();
    }

    async fn restart(&self, down: Duration) {
        tokio::join!(self.sim.restart(down), self.sim.restart_events(down));
    }

    fn slow_down(&self, delay: Duration) {
        self.sim.slow_down(delay);
        self.sim.slow_events(delay);
    }

    fn silence(&self, silent: bool) {
        self.sim.silence(silent);
    }

    fn duplicate_events(&self, duplicate: bool) {
        self.sim.duplicate_events(duplicate);
    }

    fn stale_events(&self) {
        for event in ["chatMessageCreated", "sessionClosedByClient", "chatSessionDeleted", "typing", "chatMessageRead"]
        {
            let _ = self
                .sim
                .publish_raw(email(Seat::One), json!({ "event": event, "sessionId": "gone", "messageId": "m" }));
        }
    }

    fn unknown_event(&self, seat: Seat) {
        let odd = [
            json!(null),
            json!([]),
            json!(7),
            json!("?"),
            json!({}),
            json!({ "event": 5 }),
            json!({ "event": "hologram", "sessionId": [1] }),
            json!({ "event": "chatSessionAdded", "session": "x" }),
        ];
        for data in odd {
            let _ = self.sim.publish_raw(email(seat), data);
        }
    }

    fn oversized_frame(&self) {
        let _ = self.sim.publish_raw(email(Seat::One), json!({ "event": "x", "filler": "x".repeat(5 << 20) }));
    }

    fn skew_clock(&self, seconds: f64) {
        self.sim.set_clock_offset(seconds as i64);
    }
}

/// What the handle does not know by itself.
trait Reading {
    /// The next reading of everything shows the state: an event that is a hint leads to it.
    fn operator_status_is_read(&self, email: &str);
}

impl Reading for Twin24Sim {
    fn operator_status_is_read(&self, email: &str) {
        // The platform has no event for a state that a supervisor changed; any unknown one makes the panel read anew.
        let _ = self.publish_raw(email, json!({ "event": "operatorStatusChanged" }));
    }
}

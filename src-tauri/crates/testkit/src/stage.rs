use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use trunkline_connector::ports::{
    Centrifugo, CentrifugoConfig, CentrifugoLink, CentrifugoProblem, Http, WebSocketDial,
};
use trunkline_connector::{
    AccountSettings, Command, CommandError, CommandRequest, Context, EndpointList, EventSink, Lookup,
};
use trunkline_model::{AccountId, CommandId, ContactId};

use crate::cast::AGENT_ONE;
use crate::{EventLog, FakeClock, FakeHttp, FakeLogin, FakeMedia, FakePrograms, FakeVault, FakeWebSocket};

/// The test's side of one connector: fakes for all it gets from outside, its
/// commands, and its events.
#[derive(Debug)]
pub struct Stage {
    /// The account.
    pub account: AccountId,
    /// Events, read here.
    pub events: EventLog,
    /// Scripted HTTP (unless the builder was given another).
    pub http: FakeHttp,
    /// Scripted WebSockets (unless the builder was given others).
    pub websocket: FakeWebSocket,
    /// Secrets.
    pub vault: FakeVault,
    /// Media.
    pub media: FakeMedia,
    /// Login window.
    pub login: FakeLogin,
    /// Programs.
    pub programs: FakePrograms,
    /// Wall clock.
    pub clock: FakeClock,
    /// Stops the connector.
    pub cancel: CancellationToken,
    commands: mpsc::Sender<CommandRequest>,
    lookups: mpsc::Sender<Lookup>,
    next_command: AtomicU64,
}

/// What differs from the usual stage.
pub struct StageBuilder {
    account: AccountId,
    settings: AccountSettings,
    http: Option<Arc<dyn Http>>,
    websocket: Option<Arc<dyn WebSocketDial>>,
    vault: FakeVault,
    clock: FakeClock,
}

impl Stage {
    /// For agent one's account, without settings or secrets.
    pub fn builder() -> StageBuilder {
        StageBuilder {
            account: AGENT_ONE.account(),
            settings: AccountSettings::new(),
            http: None,
            websocket: None,
            vault: FakeVault::new(),
            clock: FakeClock::default(),
        }
    }

    /// Sends a command and gives its outcome; the deadline is ten seconds ahead.
    pub async fn command(&self, command: Command) -> Result<(), CommandError> {
        let number = self.next_command.fetch_add(1, Ordering::Relaxed);
        self.command_as(CommandId::new(format!("command-{number}")), command, Duration::from_secs(10)).await
    }

    /// Likewise with an id and a deadline of the test's.
    pub async fn command_as(&self, id: CommandId, command: Command, deadline: Duration) -> Result<(), CommandError> {
        let what = format!("{command:?}");
        let (reply, outcome) = oneshot::channel();
        let request = CommandRequest { id, deadline: Instant::now() + deadline, command, reply };
        assert!(self.commands.send(request).await.is_ok(), "the connector has ended before {what}");
        // The contract: answered by the deadline. A little more shows who is late.
        match tokio::time::timeout(deadline + Duration::from_secs(2), outcome).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => panic!("{what} was dropped without an answer"),
            Err(_) => panic!("{what} was not answered by its deadline"),
        }
    }

    /// Asks for the directory; the deadline is ten seconds ahead.
    pub async fn endpoints(&self, contact: Option<ContactId>) -> Result<EndpointList, CommandError> {
        let (reply, answer) = oneshot::channel();
        let deadline = Instant::now() + Duration::from_secs(10);
        let lookup = Lookup::Endpoints { contact, deadline, reply };
        assert!(self.lookups.send(lookup).await.is_ok(), "the connector has ended before the directory was asked for");
        match tokio::time::timeout(Duration::from_secs(12), answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => panic!("the lookup was dropped without an answer"),
            Err(_) => panic!("the lookup was not answered by its deadline"),
        }
    }
}

impl StageBuilder {
    /// Another account.
    pub fn account(mut self, account: AccountId) -> Self {
        self.account = account;
        self
    }

    /// One setting.
    pub fn setting(mut self, key: &str, value: impl Into<serde_json::Value>) -> Self {
        self.settings.insert(key.to_owned(), value.into());
        self
    }

    /// One secret that the vault holds already.
    pub fn secret(mut self, name: &str, secret: &str) -> Self {
        self.vault = self.vault.with(name, secret);
        self
    }

    /// The real network, against a simulator.
    pub fn network(mut self, http: Arc<dyn Http>, websocket: Arc<dyn WebSocketDial>) -> Self {
        self.http = Some(http);
        self.websocket = Some(websocket);
        self
    }

    /// Another clock.
    pub fn clock(mut self, clock: FakeClock) -> Self {
        self.clock = clock;
        self
    }

    /// The connector's context and the test's side of it.
    pub fn build(self) -> (Context, Stage) {
        let (event_sender, event_receiver) = mpsc::channel(1024);
        let (command_sender, command_receiver) = mpsc::channel(64);
        let (lookup_sender, lookup_receiver) = mpsc::channel(64);
        let (http, websocket) = (FakeHttp::new(), FakeWebSocket::new());
        let (media, login, programs) = (FakeMedia::new(), FakeLogin::new(), FakePrograms::default());
        let cancel = CancellationToken::new();
        let context = Context {
            account: self.account.clone(),
            settings: self.settings,
            commands: command_receiver,
            lookups: lookup_receiver,
            events: EventSink::new(self.account.clone(), event_sender),
            http: self.http.unwrap_or_else(|| Arc::new(http.clone())),
            websocket: self.websocket.unwrap_or_else(|| Arc::new(websocket.clone())),
            centrifugo: Arc::new(NoCentrifugo),
            vault: Arc::new(self.vault.clone()),
            media: Arc::new(media.clone()),
            login: Arc::new(login.clone()),
            programs: Arc::new(programs.clone()),
            clock: Arc::new(self.clock.clone()),
            cancel: cancel.clone(),
            span: tracing::info_span!("account", account = %self.account),
        };
        let stage = Stage {
            account: self.account,
            events: EventLog::new(event_receiver),
            http,
            websocket,
            vault: self.vault,
            media,
            login,
            programs,
            clock: self.clock,
            cancel,
            commands: command_sender,
            lookups: lookup_sender,
            next_command: AtomicU64::new(1),
        };
        (context, stage)
    }
}

/// No event server can be reached.
struct NoCentrifugo;

impl Centrifugo for NoCentrifugo {
    fn link(&self, _: CentrifugoConfig) -> Result<Box<dyn CentrifugoLink>, CentrifugoProblem> {
        Err(CentrifugoProblem("there is none on this stage".to_owned()))
    }
}

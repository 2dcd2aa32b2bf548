//! What a connector is given, and the trait it implements.

use std::sync::Arc;

use async_trait::async_trait;
use thiserror::Error;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use trunkline_model::AccountId;

use crate::ports::{AccountVault, Centrifugo, Http, LoginWindow, MediaPort, Programs, WallClock, WebSocketDial};
use crate::{CommandRequest, Envelope, Event, Lookup};

/// An account's own settings: the platform's table from the settings file, as
/// JSON. Holds no secrets.
pub type AccountSettings = serde_json::Map<String, serde_json::Value>;

/// Where events go. Clones share one ordered channel; events of one account
/// arrive in the order they were sent.
#[derive(Clone, Debug)]
pub struct EventSink {
    account: AccountId,
    channel: mpsc::Sender<Envelope>,
}

/// The desk has gone: the program is shutting down.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the desk no longer takes events")]
pub struct SinkClosed;

impl EventSink {
    /// A sink for one account on the desk's channel.
    pub fn new(account: AccountId, channel: mpsc::Sender<Envelope>) -> Self {
        Self { account, channel }
    }

    /// Sends one event, waiting while the desk is behind.
    pub async fn send(&self, event: Event) -> Result<(), SinkClosed> {
        self.channel.send(Envelope { account: self.account.clone(), event }).await.map_err(|_| SinkClosed)
    }
}

/// Everything a connector gets from the outside.
pub struct Context {
    /// The account it serves.
    pub account: AccountId,
    /// The account's settings.
    pub settings: AccountSettings,
    /// The agent's commands.
    pub commands: mpsc::Receiver<CommandRequest>,
    /// Questions with an answer. A closed channel is nothing to act on.
    pub lookups: mpsc::Receiver<Lookup>,
    /// To the desk.
    pub events: EventSink,
    /// HTTP with the company's CAs and proxy, a cookie jar of its own.
    pub http: Arc<dyn Http>,
    /// WebSocket dialling with the same TLS configuration.
    pub websocket: Arc<dyn WebSocketDial>,
    /// Links to Centrifugo servers, likewise.
    pub centrifugo: Arc<dyn Centrifugo>,
    /// This account's secrets.
    pub vault: Arc<dyn AccountVault>,
    /// Voice media.
    pub media: Arc<dyn MediaPort>,
    /// The platform's login page in a window.
    pub login: Arc<dyn LoginWindow>,
    /// Programs that an administrator has named.
    pub programs: Arc<dyn Programs>,
    /// Wall clock. For durations and timers use `tokio::time`, which tests can pause.
    pub clock: Arc<dyn WallClock>,
    /// Cancelled when the account is stopped; `run` then returns within a second.
    pub cancel: CancellationToken,
    /// Span of the account; `run` is polled inside it.
    pub span: tracing::Span,
}

/// Why a connector ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// `Context::cancel`.
    Cancelled,
    /// The agent signed out.
    SignedOut,
    /// The platform refused for good; message key of the reason.
    Refused(String),
    /// The account's settings cannot be used; message key of the reason.
    BadSettings(String),
}

/// One account's connection to its platform.
#[async_trait]
pub trait Connector: Send + 'static {
    /// Owns the connection until it ends. Never panics on what a platform sends.
    async fn run(self: Box<Self>, context: Context) -> Ended;
}

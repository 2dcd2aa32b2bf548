use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use thiserror::Error;
use url::Url;

use super::Secret;

/// How to reach a Centrifugo server (docs/connectors/centrifugo.md).
pub struct CentrifugoConfig {
    /// `ws` or `wss`.
    pub url: Url,
    /// JSON that goes along with every attempt to connect. May hold a token.
    pub data: Secret,
    /// What the program calls itself there: at most 16 letters.
    pub name: String,
    /// Headers of the upgrade.
    pub headers: http::HeaderMap,
    /// For opening the socket and for each answer.
    pub timeout: Duration,
    /// Least and most between two attempts.
    pub backoff: (Duration, Duration),
    /// How much longer than announced the server's pings may take.
    pub ping_delay: Duration,
    /// Largest message taken, bytes.
    pub longest: usize,
}

impl std::fmt::Debug for CentrifugoConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CentrifugoConfig({}{})", self.url.host_str().unwrap_or_default(), self.url.path())
    }
}

/// The link cannot be made with these settings.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the event server cannot be set up: {0}")]
pub struct CentrifugoProblem(pub String);

/// What comes over the link. `Debug` shows no content.
#[derive(Clone, PartialEq, Eq)]
pub enum CentrifugoEvent {
    /// Being connected, or again: the code says why the last connection ended.
    Connecting {
        /// Codes of the protocol; below 3000 the client's own.
        code: u32,
    },
    /// Connected. The channels that the server subscribes it to follow.
    Connected,
    /// Over for good: nothing more is tried until `connect`.
    Disconnected {
        /// Codes of the protocol; below 3000 the client's own.
        code: u32,
        /// The server's words.
        reason: String,
    },
    /// The server brings this channel from now on.
    Subscribed {
        /// Its name.
        channel: String,
        /// What was missed while away is not brought: `Some(false)`. Brought: `Some(true)`.
        /// `None`: nothing was asked for, it is new.
        recovered: Option<bool>,
    },
    /// The server does not bring it any more.
    Unsubscribed {
        /// Its name.
        channel: String,
    },
    /// Something was published.
    Publication {
        /// Where.
        channel: String,
        /// JSON, unless the server is broken.
        data: Bytes,
    },
    /// The server says something outside of channels.
    Message {
        /// JSON, unless the server is broken.
        data: Bytes,
    },
    /// An attempt failed; another follows.
    Trouble {
        /// The server's code for it, or 0.
        code: u32,
        /// In words, for the log.
        words: String,
    },
}

impl std::fmt::Debug for CentrifugoEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Connecting { code } => write!(f, "Connecting({code})"),
            Self::Connected => write!(f, "Connected"),
            Self::Disconnected { code, .. } => write!(f, "Disconnected({code})"),
            Self::Subscribed { recovered, .. } => write!(f, "Subscribed({recovered:?})"),
            Self::Unsubscribed { .. } => write!(f, "Unsubscribed"),
            Self::Publication { data, .. } => write!(f, "Publication({} bytes)", data.len()),
            Self::Message { data } => write!(f, "Message({} bytes)", data.len()),
            Self::Trouble { code, .. } => write!(f, "Trouble({code})"),
        }
    }
}

/// Makes links to Centrifugo servers, with the same trust and proxies as HTTP.
pub trait Centrifugo: Send + Sync + 'static {
    /// One that is not connected yet.
    ///
    /// # Errors
    /// When an address or a time in the settings cannot be used.
    fn link(&self, config: CentrifugoConfig) -> Result<Box<dyn CentrifugoLink>, CentrifugoProblem>;
}

/// One link. It connects again by itself after everything but a final close, and
/// asks for what was missed where channels can bring it. Dropping it closes it.
#[async_trait]
pub trait CentrifugoLink: Send + 'static {
    /// Connects, also after a final close. Nothing happens while it is connected.
    fn connect(&mut self);
    /// Closes it; `connect` opens it again.
    fn disconnect(&mut self);
    /// What goes along with the next attempts; an open connection stays.
    fn set_data(&mut self, data: Secret);
    /// Next event; never, once there can be none. Cancel-safe.
    async fn next(&mut self) -> CentrifugoEvent;
}

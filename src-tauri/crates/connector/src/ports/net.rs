use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use thiserror::Error;
use tokio::sync::watch;
use url::Url;

/// Bytes moved so far, told to whoever watches. Clones tell the same watchers;
/// two are equal when they do.
#[derive(Clone, Debug)]
pub struct Progress {
    told: Arc<watch::Sender<u64>>,
    most: u64,
}

impl Progress {
    /// One that begins at 0, and where it can be watched.
    pub fn new() -> (Self, watch::Receiver<u64>) {
        let (sender, receiver) = watch::channel(0);
        (Self { told: Arc::new(sender), most: u64::MAX }, receiver)
    }

    /// The same, told no more than this: what is wrapped around a file does not count.
    #[must_use]
    pub fn at_most(&self, bytes: u64) -> Self {
        Self { told: Arc::clone(&self.told), most: bytes }
    }

    /// This many by now.
    pub fn tell(&self, bytes: u64) {
        let bytes = bytes.min(self.most);
        self.told.send_if_modified(|told| std::mem::replace(told, bytes) != bytes);
    }
}

impl PartialEq for Progress {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.told, &other.told)
    }
}
impl Eq for Progress {}

/// How large an exchange may be, and who watches it.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// Largest answer taken, bytes.
    pub longest: usize,
    /// Bytes of the request's body that have gone out.
    pub sent: Option<Progress>,
    /// Bytes of the answer's body that have come in.
    pub received: Option<Progress>,
}

impl Default for Transfer {
    /// Nobody watches; an answer of 8 MiB at most.
    fn default() -> Self {
        Self { longest: 8 << 20, sent: None, received: None }
    }
}

/// One HTTP request. Its `Debug` shows method, host and path only.
pub struct HttpRequest {
    /// Method.
    pub method: http::Method,
    /// Address.
    pub url: Url,
    /// Headers.
    pub headers: http::HeaderMap,
    /// Body.
    pub body: Bytes,
    /// Whole exchange must be over by then.
    pub timeout: Duration,
    /// Size and progress.
    pub transfer: Transfer,
}

impl std::fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}{}", self.method, self.url.host_str().unwrap_or_default(), self.url.path())
    }
}

/// A whole HTTP response of any status. Its `Debug` shows status and length only.
pub struct HttpResponse {
    /// Status.
    pub status: http::StatusCode,
    /// Headers.
    pub headers: http::HeaderMap,
    /// Body, at most `Transfer::longest`.
    pub body: Bytes,
}

impl std::fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} bytes)", self.status, self.body.len())
    }
}

/// No response at all.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HttpFailure {
    /// The name or address cannot be reached.
    #[error("cannot connect")]
    Connect,
    /// TLS refused: certificate or protocol.
    #[error("the secure connection failed")]
    Tls,
    /// Not over in time.
    #[error("timed out")]
    Timeout,
    /// Body over the limit.
    #[error("the answer is too large")]
    TooLarge,
    /// Broke off, or any other.
    #[error("the connection broke off")]
    Broken,
}

/// HTTP client of one account, with its own cookie jar. Redirects are followed
/// up to 5 times on the same host only.
#[async_trait]
pub trait Http: Send + Sync + 'static {
    /// One exchange. Any status is `Ok`.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpFailure>;
    /// Puts a cookie into the jar, as if `url` had set it.
    fn set_cookie(&self, url: &Url, name: &str, value: &str);
    /// Empties the jar.
    fn clear_cookies(&self);
}

/// One WebSocket message.
#[derive(Clone, PartialEq, Eq)]
pub enum Frame {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Bytes),
    /// The peer closed, with its code (1005 when it gave none).
    Close(u16),
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Binary(bytes) => write!(f, "Binary({} bytes)", bytes.len()),
            Self::Close(code) => write!(f, "Close({code})"),
        }
    }
}

/// Why a socket could not be opened, or broke.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum WebSocketFailure {
    /// The name or address cannot be reached.
    #[error("cannot connect")]
    Connect,
    /// TLS refused.
    #[error("the secure connection failed")]
    Tls,
    /// The server answered with an HTTP status instead.
    #[error("refused with status {0}")]
    Refused(u16),
    /// Not open in time.
    #[error("timed out")]
    Timeout,
    /// A message over the limit (1 MiB unless said otherwise).
    #[error("a message is too large")]
    TooLarge,
    /// Broke off.
    #[error("the connection broke off")]
    Broken,
}

/// Dials WebSockets.
#[async_trait]
pub trait WebSocketDial: Send + Sync + 'static {
    /// Opens one. Protocol pings are answered underneath.
    async fn dial(
        &self,
        url: Url,
        headers: http::HeaderMap,
        timeout: Duration,
    ) -> Result<(Box<dyn WebSocketSend>, Box<dyn WebSocketReceive>), WebSocketFailure>;

    /// Opens one that takes messages of up to `longest` bytes.
    async fn dial_large(
        &self,
        url: Url,
        headers: http::HeaderMap,
        timeout: Duration,
        longest: usize,
    ) -> Result<(Box<dyn WebSocketSend>, Box<dyn WebSocketReceive>), WebSocketFailure> {
        let _ = longest;
        self.dial(url, headers, timeout).await
    }
}

/// Writing half.
#[async_trait]
pub trait WebSocketSend: Send + 'static {
    /// Sends one message; `Close` begins closing.
    async fn send(&mut self, frame: Frame) -> Result<(), WebSocketFailure>;
}

/// Reading half. Cancel-safe.
#[async_trait]
pub trait WebSocketReceive: Send + 'static {
    /// Next message. After `Close` or an error it is over.
    async fn receive(&mut self) -> Result<Frame, WebSocketFailure>;
}

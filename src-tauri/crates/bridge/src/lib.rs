//! The panel API over a loopback WebSocket, for the UI in a browser.
//!
//! | inputs by origin | what happens |
//! | --- | --- |
//! | browser: `GET /rpc?token=...` (upgrade) | wrong token 401, foreign origin 403, else a client |
//! | browser: any other `GET` | a file of the UI's folder, when one is given |
//! | client: `{"id":1,"name":"...","payload":{}}` | `{"id":1,"ok":...}` or `{"id":1,"err":{...}}` |
//! | client: anything else | `{"id":null,"err":{...}}`; the connection goes on |
//! | client: a message over [`MESSAGE_LIMIT`] | closed with code 1009 |
//! | core: a push | `{"push":{...}}`, in order |
//! | owner: [`Bridge`] dropped | every client closed with code 1001 |
//!
//! It listens on 127.0.0.1 only. Any page in any browser can dial a loopback
//! port, so a client must know the token, and a browser must say that its page
//! came from this computer.

mod client;
mod door;
mod files;

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router as Routes;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Query, State, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream::BoxStream;
use rand::RngCore;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use trunkline_rpc::{Push, Router};

/// Largest message taken from a client, in bytes: a ringtone of 8 MiB in base64 with its envelope.
pub const MESSAGE_LIMIT: usize = 12 * 1024 * 1024;

/// How to serve.
#[derive(Clone, Debug, Default)]
pub struct BridgeConfig {
    /// Port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Folder of the built UI (`ui/dist`), to open it in a browser from here.
    pub ui: Option<PathBuf>,
}

/// Why the bridge does not serve.
#[derive(Debug, Error)]
pub enum BridgeError {
    /// The port cannot be listened on.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
}

impl BridgeError {
    /// Another program has the port: a different one may do.
    pub fn is_port_taken(&self) -> bool {
        let Self::Listen { source, .. } = self;
        source.kind() == io::ErrorKind::AddrInUse
    }
}

/// A serving bridge; it stops when this is dropped.
pub struct Bridge {
    /// `ws://127.0.0.1:PORT/rpc`, to which `?token=TOKEN` is added.
    pub url: String,
    /// Whoever has it acts as the agent: a secret.
    pub token: String,
    /// The port.
    pub port: u16,
    cancel: CancellationToken,
}

impl Bridge {
    /// Address of the UI in a browser. The token stands in the fragment, which
    /// is never sent to a server. A secret, as the token is.
    pub fn page(&self) -> String {
        format!("http://127.0.0.1:{0}/#bridge={0},{1}", self.port, self.token)
    }
}

impl fmt::Debug for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bridge({})", self.url)
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

type Subscribe = dyn Fn() -> BoxStream<'static, Push> + Send + Sync;

/// What every connection needs.
struct Desk {
    router: Router,
    subscribe: Box<Subscribe>,
    token: String,
    cancel: CancellationToken,
}

/// Serves a router's commands as the panel window, and to each client its own
/// stream of pushes (a snapshot first, as `subscribe` makes it).
pub async fn serve<F>(router: Router, subscribe: F, config: BridgeConfig) -> Result<Bridge, BridgeError>
where
    F: Fn() -> BoxStream<'static, Push> + Send + Sync + 'static,
{
    let port = config.port;
    let refused = |source| BridgeError::Listen { port, source };
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.map_err(refused)?;
    let port = listener.local_addr().map_err(refused)?.port();
    let token = fresh_token();
    let cancel = CancellationToken::new();
    let desk =
        Arc::new(Desk { router, subscribe: Box::new(subscribe), token: token.clone(), cancel: cancel.child_token() });
    let mut routes = Routes::new().route("/rpc", get(upgrade)).with_state(desk);
    if let Some(folder) = config.ui {
        routes = routes.fallback_service(get(files::serve).with_state(Arc::new(folder)));
    }
    let stopped = cancel.clone();
    tokio::spawn(async move {
        let serving = axum::serve(listener, routes).with_graceful_shutdown(stopped.cancelled_owned());
        if let Err(error) = serving.await {
            tracing::error!(%error, "the bridge stopped");
        }
    });
    tracing::info!(port, "the bridge listens");
    Ok(Bridge { url: format!("ws://127.0.0.1:{port}/rpc"), token, port, cancel })
}

/// 256 bits from the thread's generator, which is seeded by the system and fit for keys.
fn fresh_token() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn upgrade(
    State(desk): State<Arc<Desk>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    socket: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if !door::is_from_here(&headers) {
        tracing::warn!("a page from elsewhere was refused");
        return StatusCode::FORBIDDEN.into_response();
    }
    let ticket = query.get("token").map(String::as_str).unwrap_or_default();
    if !door::same_secret(ticket, &desk.token) {
        tracing::warn!("a client with a wrong token was refused");
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match socket {
        Ok(socket) => socket
            .max_message_size(MESSAGE_LIMIT)
            .max_frame_size(MESSAGE_LIMIT)
            .on_upgrade(move |socket| client::attend(socket, desk)),
        Err(rejection) => rejection.into_response(),
    }
}

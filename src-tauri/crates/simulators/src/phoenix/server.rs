//! The listener and the sockets.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use futures_util::{SinkExt, StreamExt};
use http::{HeaderMap, StatusCode, header};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::frame::{Line, read_bytes, read_text};
use super::hub::{Asked, Hub, Out};

/// The server closes a socket without a word from the client for so long.
const IDLE: Duration = Duration::from_secs(60);

const TOKEN_PROTOCOL: &str = "base64url.bearer.phx.";

/// Serves a hub under `mount`, with further routes, until the hub stops.
pub(crate) async fn serve(hub: Arc<Hub>, port: u16, mount: &str, more: Router) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    let path = format!("{}/websocket", mount.trim_end_matches('/'));
    let router = Router::new().route(&path, get(upgrade)).with_state(hub.clone()).merge(more);
    let door = Door { listener, address, hub: hub.clone() };
    tokio::spawn(async move {
        let stop = hub.stop.clone();
        tokio::select! {
            served = axum::serve(door, router) => {
                if let Err(error) = served {
                    tracing::warn!(%error, "the simulator's listener ended");
                }
            }
            () = stop.cancelled() => hub.cut_all(),
        }
    });
    Ok(address)
}

/// Takes nobody while the server is down.
struct Door {
    listener: TcpListener,
    address: SocketAddr,
    hub: Arc<Hub>,
}

impl axum::serve::Listener for Door {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok(_) if self.hub.weather().down => {}
                Ok((stream, peer)) => {
                    let _ = stream.set_nodelay(true);
                    return (stream, peer);
                }
                Err(_) => sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

async fn upgrade(
    State(hub): State<Arc<Hub>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let offered = headers.get(header::SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok());
    let protocol_token = offered
        .and_then(|list| list.split(',').find_map(|name| name.trim().strip_prefix(TOKEN_PROTOCOL)))
        .and_then(|token| STANDARD_NO_PAD.decode(token).ok())
        .and_then(|token| String::from_utf8(token).ok());
    let asked = Asked { query, protocol_token };
    let weather = hub.weather();
    let token = hub.app.token(&asked);
    let who = match weather.refuse {
        Some(status) => Err(status),
        // A version that the server does not speak is refused as a bad token is: without a reason.
        None if asked.query.get("vsn").is_none_or(|vsn| !vsn.starts_with("2.")) => Err(403),
        None => hub.app.connect(&asked),
    };
    match who {
        Ok(who) => {
            hub.note(101, token);
            let upgrade = if offered.is_some() { upgrade.protocols(["phoenix"]) } else { upgrade };
            upgrade.on_upgrade(move |socket| attend(hub, who, socket))
        }
        Err(status) => {
            hub.note(status, token);
            StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN).into_response()
        }
    }
}

async fn attend(hub: Arc<Hub>, who: String, socket: WebSocket) {
    let (mut write, mut read) = socket.split();
    let (out, mut lines) = mpsc::unbounded_channel();
    let (id, cut) = hub.add(who, out);
    let sending = async {
        while let Some(out) = lines.recv().await {
            let weather = hub.weather();
            if !weather.delay.is_zero() {
                sleep(weather.delay).await;
            }
            let message = match out {
                Out::Line(_) if weather.silent => continue,
                Out::Line(Line::Text(text)) => Message::Text(text.into()),
                Out::Line(Line::Bytes(bytes)) => Message::Binary(bytes.into()),
                Out::Close(code) => {
                    let _ = write.send(Message::Close(Some(CloseFrame { code, reason: "".into() }))).await;
                    break;
                }
            };
            if write.send(message).await.is_err() {
                break;
            }
        }
    };
    let receiving = async {
        while let Ok(Some(Ok(message))) = timeout(IDLE, read.next()).await {
            let message = match message {
                Message::Text(text) => read_text(text.as_str()),
                Message::Binary(bytes) => read_bytes(&bytes),
                Message::Close(_) => break,
                Message::Ping(_) | Message::Pong(_) => continue,
            };
            // As the real one: what cannot be read ends the socket.
            let Some(message) = message else { break };
            hub.receive(id, message);
        }
    };
    tokio::select! {
        () = sending => {}
        () = receiving => {}
        () = cut.cancelled() => {}
    }
    hub.remove(id);
}

//! The listener, and who is let in.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, StatusCode, header};
use tokio::net::TcpListener;

use super::connection::attend;
use super::door::{Door, Doors};
use super::hub::Hub;

/// Frames longer than this end the connection without a word; shorter ones, but too long for the options, with one.
const FRAME_LIMIT: usize = 64 << 20;

/// Serves a hub until it stops.
pub(crate) async fn serve(hub: Arc<Hub>, doors: Arc<Doors>) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, hub.options.port)).await?;
    let address = listener.local_addr()?;
    let router = Router::new().route(&hub.options.path, get(upgrade)).with_state(hub.clone());
    let door = Door { listener, doors: doors.clone() };
    tokio::spawn(async move {
        tokio::select! {
            served = axum::serve(door, router) => {
                if let Err(error) = served {
                    tracing::warn!(%error, "the simulator's listener ended");
                }
            }
            () = hub.stop.cancelled() => doors.cut_all(),
        }
    });
    Ok(address)
}

async fn upgrade(State(hub): State<Arc<Hub>>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let options = &hub.options;
    let welcome = match &origin {
        None => !options.origin_required,
        Some(origin) => options.origins.is_empty() || options.origins.contains(origin),
    };
    let status = hub.weather().refuse.unwrap_or(if welcome { 101 } else { 403 });
    hub.note_dialled(status, origin);
    if status == 101 {
        let upgrade = upgrade.max_message_size(FRAME_LIMIT).max_frame_size(FRAME_LIMIT);
        upgrade.protocols(["centrifuge-json"]).on_upgrade(move |socket| attend(hub, socket))
    } else {
        StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN).into_response()
    }
}

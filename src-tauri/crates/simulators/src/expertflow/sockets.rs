//! The Socket.IO server: who is let in, and what they say.

use std::future::ready;
use std::sync::Arc;

use serde_json::Value;
use socketioxide::SocketIo;
use socketioxide::extract::{Event, SocketRef, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::layer::SocketIoLayer;
use socketioxide::socket::DisconnectReason;

use super::faults::Handshake;
use super::hub::{Hub, refusal_content};

/// The largest message that a server takes by default, in bytes.
const LARGEST: usize = 1_000_000;

/// Who the middleware let in, for the handlers after it.
#[derive(Clone)]
struct Admitted(String);

/// The server at `/agent-manager/socket.io`.
pub(super) fn serve(hub: &Arc<Hub>) -> SocketIoLayer {
    let options = &hub.options;
    let (layer, io) = SocketIo::builder()
        .req_path("/agent-manager/socket.io")
        .ping_interval(options.ping_interval)
        .ping_timeout(options.ping_timeout)
        .ack_timeout(options.ack_timeout)
        .max_buffer_size(65_536)
        .max_payload(LARGEST as u64)
        .ws_max_message_size(LARGEST)
        .ws_max_frame_size(LARGEST)
        .build_layer();
    let (enter, inside) = (hub.clone(), hub.clone());
    let greet = move |socket: SocketRef| {
        attend(&inside, &socket);
        ready(())
    };
    let admit = move |socket: SocketRef, auth: TryData<Value>| {
        let auth = auth.0.unwrap_or_default();
        ready(admit(&enter, &socket, &auth))
    };
    io.ns("/", greet.with(admit));
    layer
}

/// Checks the handshake. The error's text is what CONNECT_ERROR says.
fn admit(hub: &Hub, socket: &SocketRef, auth: &Value) -> Result<(), String> {
    let query = socket.req_parts().uri.query().unwrap_or_default();
    let username =
        url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "username").map(|(_, v)| v.into_owned());
    let text = auth["agent"].as_str();
    // The desk sends a text; documents show an object, which this server does not take.
    let user: Value = text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let id = user["id"].as_str().unwrap_or_default();
    let known = hub.options.agents.iter().find(|agent| {
        agent.id == id && user["username"] == agent.username.as_str() && auth["fcm"].is_object() && !agent.played
    });
    let faults = hub.faults();
    let known = known.filter(|_| !faults.not_authorised);
    let licence = faults.licence.or_else(|| hub.options.licence_refusal.clone());
    let refused = match (&licence, known) {
        (Some(status), _) => Some(("license", refusal_content("", Some(status)))),
        (None, None) => Some(("login-failed", refusal_content("agent is not authorised", None))),
        (None, Some(_)) => None,
    };
    hub.note_handshake(Handshake {
        username,
        auth: auth.clone(),
        agent_was_text: text.is_some(),
        refused: refused.as_ref().map(|(message, _)| (*message).to_owned()),
    });
    if let Some((message, data)) = refused {
        return Err(hub.doors.refusal(message, &data));
    }
    socket.extensions.insert(Admitted(id.to_owned()));
    Ok(())
}

fn attend(hub: &Arc<Hub>, socket: &SocketRef) {
    let Some(Admitted(agent)) = socket.extensions.get() else { return };
    let number = hub.arrive(&agent, socket.clone());
    let (hears, leaves) = (Arc::downgrade(hub), Arc::downgrade(hub));
    // The body runs at once and in order; the future is only what the library asks for.
    socket.on_fallback(move |Event(name): Event, data: TryData<Value>| {
        if let Some(hub) = hears.upgrade() {
            hub.hear(number, &name, data.0.unwrap_or_default());
        }
        ready(())
    });
    socket.on_disconnect(async move |_: SocketRef, reason: DisconnectReason| {
        tracing::debug!(%reason, "a socket of the simulator is gone");
        if let Some(hub) = leaves.upgrade() {
            hub.depart(number);
        }
    });
}

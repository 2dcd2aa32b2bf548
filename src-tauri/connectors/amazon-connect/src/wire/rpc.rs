//! JSON-RPC of the softphone on topic `aws/softphone`: softphone document,
//! sections 4.1 and 5.

use serde::Deserialize;
use serde_json::{Value, json};
use trunkline_connector::ports::CandidateInit;

use super::basics::{Private, lenient};
use super::socket::Topic;

/// What the service gave to name a peer connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    /// `peerConnectionId`.
    pub id: Option<String>,
    /// `peerConnectionToken`: without it ICE cannot be restarted.
    pub token: Option<Private>,
}

/// Whether the peer connection is to outlive the call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// `persistentConnection`.
    pub persistent: bool,
    /// `allowExtendedPersistentConnection`; its meaning on the server is not known.
    pub extended: bool,
}

/// A message of ours.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "member names are those of section 5.1")]
pub enum Outgoing {
    Invite {
        sdp: String,
        candidates: Vec<CandidateInit>,
        call_context_token: Option<Private>,
        contact_id: String,
        browser_id: String,
        keep: Keep,
    },
    InviteRestart {
        sdp: String,
        candidates: Vec<CandidateInit>,
        browser_id: String,
        peer: Peer,
        keep: Keep,
    },
    Accept {
        contact_id: String,
        peer: Peer,
        keep: Keep,
    },
    /// A call on a peer connection that is up.
    ConnectContact {
        contact_id: String,
        call_context_token: Option<Private>,
        peer: Peer,
    },
    /// Ends such a call; the connection stays.
    DisconnectContact {
        contact_id: String,
        peer: Peer,
    },
    Bye {
        contact_id: String,
        call_context_token: Option<Private>,
        peer: Peer,
        keep: Keep,
    },
    /// Answer to the service's own bye.
    Done,
}

impl Outgoing {
    /// The frame on the agent socket. `id` is a fresh UUID of ours, or the
    /// service's own id for [`Outgoing::Done`].
    pub fn frame(&self, connection_id: &str, id: &Value) -> String {
        let rpc = match self {
            Self::Done => json!({"jsonrpc": "2.0", "result": {}, "id": id}),
            call => {
                let (method, mut params) = call.method_and_params();
                if let Value::Object(members) = &mut params {
                    // Undefined members are absent in the vendor's messages.
                    members.retain(|_, value| !value.is_null());
                }
                json!({"jsonrpc": "2.0", "method": method, "params": params, "id": id})
            }
        };
        json!({"topic": Topic::Softphone.as_str(), "connectionId": connection_id, "jsonRpcMsg": rpc}).to_string()
    }

    fn method_and_params(&self) -> (&'static str, Value) {
        let token = |token: &Option<Private>| token.as_ref().map(|token| token.expose().to_owned());
        match self {
            Self::Invite { sdp, candidates, call_context_token, contact_id, browser_id, keep } => (
                "invite",
                json!({
                    "sdp": sdp, "candidates": candidates, "callContextToken": token(call_context_token),
                    "contactId": contact_id, "browserId": browser_id, "persistentConnection": keep.persistent,
                    "iceRestart": false, "allowExtendedPersistentConnection": keep.extended,
                }),
            ),
            Self::InviteRestart { sdp, candidates, browser_id, peer, keep } => (
                "invite",
                json!({
                    "sdp": sdp, "candidates": candidates, "browserId": browser_id,
                    "persistentConnection": keep.persistent,
                    "peerConnectionToken": token(&peer.token), "peerConnectionId": peer.id,
                    "iceRestart": true, "allowExtendedPersistentConnection": keep.extended,
                }),
            ),
            Self::Accept { contact_id, peer, keep } => (
                "accept",
                json!({
                    "contactId": contact_id, "persistentConnection": keep.persistent,
                    "peerConnectionId": peer.id, "peerConnectionToken": token(&peer.token),
                }),
            ),
            Self::ConnectContact { contact_id, call_context_token, peer } => (
                "connectContact",
                json!({
                    "contactId": contact_id, "persistentConnection": true, "peerConnectionId": peer.id,
                    "peerConnectionToken": token(&peer.token), "callContextToken": token(call_context_token),
                }),
            ),
            Self::DisconnectContact { contact_id, peer } => (
                "disconnectContact",
                json!({
                    "contactId": contact_id, "peerConnectionId": peer.id,
                    "peerConnectionToken": token(&peer.token),
                }),
            ),
            Self::Bye { contact_id, call_context_token, peer, keep } => (
                "bye",
                json!({
                    "contactId": contact_id, "persistentConnection": keep.persistent, "peerConnectionId": peer.id,
                    "peerConnectionToken": token(&peer.token), "callContextToken": token(call_context_token),
                }),
            ),
            Self::Done => ("", json!({})),
        }
    }
}

/// Error member of a reply.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RpcError {
    /// Code of section 5.3.
    #[serde(default, deserialize_with = "lenient")]
    pub code: i64,
    /// The service's words.
    #[serde(default, deserialize_with = "lenient")]
    pub message: String,
}

/// What a message from the service is.
#[derive(Clone, PartialEq)]
pub enum RpcBody {
    /// A good reply to the request with this id.
    Result {
        /// Our id.
        id: String,
        /// Result object.
        result: Value,
    },
    /// A bad reply.
    Failure {
        /// Our id.
        id: String,
        /// Why.
        error: RpcError,
    },
    /// A call by the service.
    Call {
        /// Method: `bye`, `PCBye`, `renewClientToken`, `idleConnection`, `quotaBreached` ...
        method: String,
        /// Its id, when it wants an answer.
        id: Option<Value>,
        /// Beside the method, not inside the parameters (PCBye).
        peer_connection_id: Option<String>,
    },
}

impl std::fmt::Debug for RpcBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Result { id, .. } => write!(f, "Result({id})"),
            Self::Failure { id, error } => write!(f, "Failure({id}, {})", error.code),
            Self::Call { method, .. } => write!(f, "Call({method})"),
        }
    }
}

/// A message from the service.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    /// The call's agent connection id.
    pub connection_id: Option<String>,
    /// For notices to a whole client.
    pub client_id: Option<String>,
    /// Content.
    pub body: RpcBody,
}

/// Reads the content of a softphone frame; `None` when it is nothing known.
pub fn decode_content(content: &str) -> Option<Incoming> {
    let value: Value = serde_json::from_str(content).ok()?;
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let rpc = value.get("jsonRpcMsg")?;
    let body = if let Some(method) = text(rpc, "method") {
        RpcBody::Call {
            method,
            id: rpc.get("id").filter(|id| !id.is_null()).cloned(),
            peer_connection_id: text(rpc, "peerConnectionId"),
        }
    } else {
        let id = text(rpc, "id")?;
        match rpc.get("error").filter(|error| !error.is_null()) {
            Some(error) => RpcBody::Failure { id, error: RpcError::deserialize(error).ok()? },
            None => RpcBody::Result { id, result: rpc.get("result").cloned().unwrap_or(Value::Null) },
        }
    };
    Some(Incoming { connection_id: text(&value, "connectionId"), client_id: text(&value, "clientId"), body })
}

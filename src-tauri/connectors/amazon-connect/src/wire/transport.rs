//! CreateTransport replies (section 4.4), the authorize reply (2.3) and the
//! call configuration inside `softphoneMediaInfo` (softphone document, section 2).

use serde::{Deserialize, Serialize};

use super::basics::{Private, Timestamp, Unknown, lenient};
use super::{Malformed, describe};

/// Reply of CreateTransport: one member per transport type.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransportReply {
    /// For `web_socket`.
    #[serde(default, deserialize_with = "lenient")]
    pub web_socket_transport: Option<WebSocketTransport>,
    /// For `softphone`.
    #[serde(default, deserialize_with = "lenient")]
    pub softphone_transport: Option<SoftphoneTransport>,
    /// For `chat_token`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub chat_token_transport: Option<ChatTokenTransport>,
    /// For `agent_discovery`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub agent_discovery_transport: Option<DiscoveryTransport>,
}

/// Where it is said which of two instances serves.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscoveryTransport {
    /// Pre-signed: a secret.
    pub presigned_url: Private,
}

/// The connection token of a chat; its member's name is the vendor's mistake.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatTokenTransport {
    /// A connection token in spite of its name.
    pub participant_token: Private,
    /// Its end, by the service's clock.
    #[serde(default, deserialize_with = "lenient")]
    pub expiry: Option<Timestamp>,
}

/// Where the agent WebSocket is.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WebSocketTransport {
    /// Pre-signed: a secret.
    pub url: Private,
    /// Life of the socket in seconds.
    #[serde(rename = "transportLifeTimeInSeconds")]
    pub life_seconds: u64,
    /// End of its life, ISO 8601.
    #[serde(default, deserialize_with = "lenient")]
    pub expiry: Option<Timestamp>,
}

/// Fresh TURN credentials.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SoftphoneTransport {
    /// TURN servers.
    #[serde(default, deserialize_with = "lenient")]
    pub softphone_media_connections: Vec<IceServerEntry>,
}

/// A TURN server with credentials.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct IceServerEntry {
    /// `turn:HOST.:3478?transport=udp`, mind the dot after the host.
    #[serde(default, deserialize_with = "lenient")]
    pub urls: Vec<String>,
    /// User name.
    #[serde(default, deserialize_with = "lenient")]
    pub username: Private,
    /// Password.
    #[serde(default, deserialize_with = "lenient")]
    pub credential: Private,
}

/// Decoded `callConfigJson`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallConfig {
    /// TURN servers.
    #[serde(default, deserialize_with = "lenient")]
    pub ice_servers: Vec<IceServerEntry>,
    /// Signal over the shared agent socket. Absent on the 2017 form.
    #[serde(default, deserialize_with = "lenient")]
    pub use_web_socket_provider: bool,
    /// `signalingEndpoint`, `protocol` and members beyond the known ones.
    #[serde(flatten)]
    pub unknown: Unknown,
}

impl CallConfig {
    /// Reads the text of `callConfigJson`, HTML-escaped or not.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        serde_json::from_str(text)
            .or_else(|_| serde_json::from_str(&unescape_html(text)))
            .map_err(|error| Malformed::new(describe(&error)))
    }
}

/// Undoes the five escapes an HTML template makes. `&amp;` goes last, so that
/// nothing is unescaped twice.
pub fn unescape_html(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

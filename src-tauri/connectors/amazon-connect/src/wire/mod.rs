//! The platform's JSON as serde types: what `docs/connectors/amazon-connect.md`
//! sections 3.5, 4.2, 4.4 and 5 `amazon-connect-softphone.md` section 5 and
//! `amazon-connect-chat.md` sections 3 to 6 describe, member by member.
//!
//! Rules of decoding: members that the service model does not require may be
//! absent, null or of an unexpected type (then they count as absent, and the
//! log says so); enumerations are open; unknown members are kept so that the
//! log can name them. Only a snapshot without an agent state is refused.

mod basics;
mod configuration;
mod error;
mod metrics;
mod operation;
mod participant;
mod rpc;
mod snapshot;
mod socket;
mod templates;
mod transport;

pub use basics::{Private, Timestamp, Unknown, lenient};
pub use configuration::{
    Configuration, ConfigurationReply, CountryCodesPage, PermissionsPage, QueuesPage, RoutingProfile, StatesPage,
};
pub use error::{ErrorCode, ServiceError};
pub use metrics::{CallReport, StreamStatistics, StreamType};
pub use operation::{Operation, StateChoice, TaskToCreate};
pub use participant::{
    AttachmentReply, AttachmentStatus, ConnectionCredentials, ConnectionReply, EVENT_PREFIX, EventType, INTERACTIVE,
    INTERACTIVE_RESPONSE, Item, ItemFile, ItemType, MessageMetadata, ParticipantCall, ParticipantRole, Receipt,
    SentReply, TranscriptReply, UploadMetadata, UploadReply, View, ViewReply,
};
pub use rpc::{Incoming, Keep, Outgoing, Peer, RpcBody, RpcError, decode_content};
pub use snapshot::{
    AgentState, AgentStateType, Attribute, AvailabilityState, CallType, Capabilities, ChatMediaInfo, Connection,
    ConnectionState, ConnectionStateType, ConnectionType, Contact, ContactFeatures, ContactState, ContactStateType,
    ContactType, EmailAddress, EmailRecipients, Endpoint, EndpointsPage, HandlingConfig, InitiationMethod,
    MonitoringAgent, MonitoringInfo, MonitoringMode, Queue, Reference, SegmentAttribute, Snapshot, SnapshotReply,
    SoftphoneMediaInfo, UnreadableContact,
};
pub use socket::{Topic, WireFrame};
pub use templates::{
    Constraints, ContactUpdate, DefaultValue, Defaults, FieldEntry, FieldName, FieldType, OutgoingReference,
    TaskServiceCall, TemplateEntry, TemplateField, TemplateReply, TemplatedTask, TemplatesPage, faulty_properties,
};
pub use transport::{
    CallConfig, ChatTokenTransport, IceServerEntry, SoftphoneTransport, TransportReply, WebSocketTransport,
    unescape_html,
};

/// A body that does not hold what its operation promises.
#[derive(Debug, thiserror::Error)]
#[error("malformed answer: {0}")]
pub struct Malformed(String);

impl Malformed {
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self(problem.into())
    }
}

/// Decodes a reply body. The error tells line and column, never the text.
pub fn decode<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Malformed> {
    serde_json::from_slice(body).map_err(|error| Malformed::new(describe(&error)))
}

/// Position and kind of a JSON error without the value that serde would quote:
/// a reply may hold numbers and names.
pub(crate) fn describe(error: &serde_json::Error) -> String {
    let kind = match error.classify() {
        serde_json::error::Category::Io => "unreadable",
        serde_json::error::Category::Syntax => "not JSON",
        serde_json::error::Category::Data => "a member is missing or of another type",
        serde_json::error::Category::Eof => "cut off",
    };
    format!("{kind} at line {} column {}", error.line(), error.column())
}

#[cfg(test)]
mod tests;

//! The Participant Service: chat document, sections 5 and 6.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::basics::{Private, Timestamp, lenient, open_enum};

/// Begins the content types of events.
pub const EVENT_PREFIX: &str = "application/vnd.amazonaws.connect.event.";
/// Content type of a message with things to choose from.
pub const INTERACTIVE: &str = "application/vnd.amazonaws.connect.message.interactive";
/// Content type of what was chosen.
pub const INTERACTIVE_RESPONSE: &str = "application/vnd.amazonaws.connect.message.interactive.response";

open_enum!(
    /// `Type` of an item: the three of the socket, and those of the API.
    ItemType {
        Message = "MESSAGE", Event = "EVENT", Attachment = "ATTACHMENT", Metadata = "MESSAGEMETADATA",
        Typing = "TYPING", Joined = "PARTICIPANT_JOINED", Left = "PARTICIPANT_LEFT", Ended = "CHAT_ENDED",
        Acknowledged = "CONNECTION_ACK", TransferSucceeded = "TRANSFER_SUCCEEDED", TransferFailed = "TRANSFER_FAILED",
        Delivered = "MESSAGE_DELIVERED", Read = "MESSAGE_READ",
    }
);
open_enum!(
    /// `ParticipantRole`.
    ParticipantRole {
        Agent = "AGENT", Customer = "CUSTOMER", CustomBot = "CUSTOM_BOT", Supervisor = "SUPERVISOR", System = "SYSTEM",
    }
);
open_enum!(
    /// What follows [`EVENT_PREFIX`] in a content type; also of tasks.
    EventType {
        Typing = "typing", Read = "message.read", Delivered = "message.delivered",
        Joined = "participant.joined", Left = "participant.left", Invited = "participant.invited",
        Active = "participant.active", Inactive = "participant.inactive",
        Idle = "participant.idle", Returned = "participant.returned",
        AutoDisconnection = "participant.autodisconnection", Renamed = "participant.displayname.updated",
        TransferInitiated = "transfer.initiated", TransferSucceeded = "transfer.succeeded",
        TransferFailed = "transfer.failed", Ended = "chat.ended", Rehydrated = "chat.rehydrated",
        AuthenticationInitiated = "authentication.initiated", AuthenticationSucceeded = "authentication.succeeded",
        AuthenticationFailed = "authentication.failed", AuthenticationTimeout = "authentication.timeout",
        AuthenticationExpired = "authentication.expired", AuthenticationCancelled = "authentication.cancelled",
        Acknowledged = "connection.acknowledged", ExpireWarning = "expire.warning", ExpireComplete = "expire.complete",
    }
);
open_enum!(
    /// `Status` of an attachment.
    AttachmentStatus { Approved = "APPROVED", InProgress = "IN_PROGRESS", Rejected = "REJECTED" }
);

/// One call of the service. Texts and names are not shown by `Debug`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "member names are those of section 5")]
pub enum ParticipantCall {
    /// CreateParticipantConnection with ConnectParticipant alone: the agent is there.
    Acknowledge,
    /// CreateParticipantConnection for a connection token, when CreateTransport fails.
    Connect,
    SendMessage {
        content_type: &'static str,
        content: Private,
        client_token: String,
    },
    SendEvent {
        event: EventType,
        message_id: Option<String>,
        client_token: String,
    },
    /// Backwards from the newest, from where a page ended, or from an item on.
    GetTranscript {
        most: u32,
        next_token: Option<String>,
        from: Option<String>,
    },
    StartUpload {
        name: Private,
        content_type: String,
        size: u64,
        client_token: String,
    },
    CompleteUpload {
        attachment: String,
        client_token: String,
    },
    GetAttachment {
        attachment: String,
    },
    /// A view that a message names; the token is part of the path.
    DescribeView {
        token: Private,
    },
}

impl ParticipantCall {
    /// The last part of the path.
    pub fn path(&self) -> &'static str {
        match self {
            Self::Acknowledge | Self::Connect => "connection",
            Self::SendMessage { .. } => "message",
            Self::SendEvent { .. } => "event",
            Self::GetTranscript { .. } => "transcript",
            Self::StartUpload { .. } => "start-attachment-upload",
            Self::CompleteUpload { .. } => "complete-attachment-upload",
            Self::GetAttachment { .. } => "attachment",
            Self::DescribeView { .. } => "views",
        }
    }

    /// Below the service's own path, which ends with a slash.
    pub fn address(&self, base: &Url) -> Option<Url> {
        let mut url = base.join(self.path()).ok()?;
        if let Self::DescribeView { token } = self {
            url.path_segments_mut().ok()?.push(token.expose());
        }
        Some(url)
    }

    /// A GET, without a body.
    pub fn reads(&self) -> bool {
        matches!(self, Self::DescribeView { .. })
    }

    /// The participant token opens it; all others want the connection token.
    pub fn takes_participant_token(&self) -> bool {
        matches!(self, Self::Acknowledge | Self::Connect)
    }

    /// Request body.
    pub fn body(&self) -> Value {
        match self {
            Self::Acknowledge => json!({"ConnectParticipant": true}),
            Self::Connect => json!({"Type": ["WEBSOCKET", "CONNECTION_CREDENTIALS"], "ConnectParticipant": true}),
            Self::SendMessage { content_type, content, client_token } => {
                json!({"ClientToken": client_token, "Content": content.expose(), "ContentType": content_type})
            }
            Self::SendEvent { event, message_id, client_token } => {
                let mut body =
                    json!({"ClientToken": client_token, "ContentType": format!("{EVENT_PREFIX}{}", event.as_str())});
                if let Some(id) = message_id {
                    // JSON as text: without the id the receipt is refused (section 7).
                    body["Content"] = json!(json!({"messageId": id}).to_string());
                }
                body
            }
            Self::GetTranscript { most, next_token, from } => {
                let start = from.as_ref().map_or_else(|| json!({}), |id| json!({"Id": id}));
                let mut body = json!({
                    "MaxResults": most, "ScanDirection": "BACKWARD", "SortOrder": "ASCENDING", "StartPosition": start,
                });
                if let Some(token) = next_token {
                    body["NextToken"] = json!(token);
                }
                body
            }
            Self::StartUpload { name, content_type, size, client_token } => json!({
                "AttachmentName": name.expose(), "AttachmentSizeInBytes": size,
                "ClientToken": client_token, "ContentType": content_type,
            }),
            Self::CompleteUpload { attachment, client_token } => {
                json!({"AttachmentIds": [attachment], "ClientToken": client_token})
            }
            Self::GetAttachment { attachment } => json!({"AttachmentId": attachment}),
            Self::DescribeView { .. } => Value::Null,
        }
    }
}

/// Reply of DescribeView.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ViewReply {
    /// The view.
    pub view: View,
}

/// `View`, as far as it is shown.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct View {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "lenient")]
    pub name: Option<String>,
    /// What is in it.
    #[serde(default)]
    pub content: ViewContent,
}

/// `Content` of a view.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ViewContent {
    /// Names of what can be pressed.
    #[serde(deserialize_with = "lenient_texts")]
    pub actions: Vec<String>,
    /// JSON Schema of what it wants to be given, as text.
    pub input_schema: Option<Value>,
    /// How it is built, JSON as text.
    pub template: Option<Value>,
}

/// Texts of a list; anything else in it is left out.
fn lenient_texts<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let list = Value::deserialize(deserializer)?;
    Ok(list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// Reply of SendMessage.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SentReply {
    /// Id that the socket and the transcript have it under.
    pub id: String,
    /// When the service took it.
    #[serde(default, deserialize_with = "lenient")]
    pub absolute_time: Option<Timestamp>,
}

/// Reply of CreateParticipantConnection, as far as an agent needs it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConnectionReply {
    /// The connection token.
    pub connection_credentials: ConnectionCredentials,
}

/// `ConnectionCredentials`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConnectionCredentials {
    /// The token.
    pub connection_token: Private,
    /// Its end, by the service's clock.
    #[serde(default, deserialize_with = "lenient")]
    pub expiry: Option<Timestamp>,
}

/// Reply of GetTranscript.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TranscriptReply {
    /// The page before this one.
    #[serde(default, deserialize_with = "lenient")]
    pub next_token: Option<String>,
    /// Items, oldest first; each read for itself with [`Item::read`].
    pub transcript: Vec<Value>,
}

/// Reply of StartAttachmentUpload.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UploadReply {
    /// Id of the file.
    pub attachment_id: String,
    /// Where it goes.
    pub upload_metadata: UploadMetadata,
}

/// `UploadMetadata`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UploadMetadata {
    /// Pre-signed: a secret.
    pub url: Private,
    /// Sent as they are.
    #[serde(default, deserialize_with = "lenient")]
    pub headers_to_include: BTreeMap<String, Private>,
}

/// Reply of GetAttachment.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttachmentReply {
    /// Pre-signed: a secret.
    pub url: Private,
}

/// One item of a conversation. Everything may be missing: what cannot be used
/// without it is decided where it is used.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Item {
    /// Id; a metadata item may carry it inside only.
    #[serde(default, deserialize_with = "lenient")]
    pub id: Option<String>,
    /// Class.
    #[serde(rename = "Type", default, deserialize_with = "lenient")]
    pub kind: Option<ItemType>,
    /// What the content is.
    #[serde(default, deserialize_with = "lenient")]
    pub content_type: String,
    /// When, by the service's clock.
    #[serde(default, deserialize_with = "lenient")]
    pub absolute_time: Option<Timestamp>,
    /// Whose.
    #[serde(default, deserialize_with = "lenient")]
    pub participant_id: Option<String>,
    /// Name.
    #[serde(default, deserialize_with = "lenient")]
    pub display_name: Option<Private>,
    /// Role.
    #[serde(default, deserialize_with = "lenient")]
    pub participant_role: Option<ParticipantRole>,
    /// First contact of the conversation.
    #[serde(default, deserialize_with = "lenient")]
    pub initial_contact_id: Option<String>,
    /// Contact in which it happened.
    #[serde(default, deserialize_with = "lenient")]
    pub contact_id: Option<String>,
    /// Text, or JSON as text.
    #[serde(default, deserialize_with = "lenient")]
    pub content: Option<Private>,
    /// Files.
    #[serde(default, deserialize_with = "lenient")]
    pub attachments: Vec<ItemFile>,
    /// Receipts and pieces.
    #[serde(default, deserialize_with = "lenient")]
    pub message_metadata: Option<MessageMetadata>,
}

/// One file of an item.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ItemFile {
    /// Id.
    #[serde(default, deserialize_with = "lenient")]
    pub attachment_id: Option<String>,
    /// Name.
    #[serde(default, deserialize_with = "lenient")]
    pub attachment_name: Option<Private>,
    /// Media type.
    #[serde(default, deserialize_with = "lenient")]
    pub content_type: Option<String>,
    /// Checked or not.
    #[serde(default, deserialize_with = "lenient")]
    pub status: Option<AttachmentStatus>,
    /// Bytes; not in the reference, taken when it comes.
    #[serde(default, deserialize_with = "lenient")]
    pub attachment_size_in_bytes: Option<u64>,
}

/// `MessageMetadata`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MessageMetadata {
    /// The message it speaks of.
    #[serde(default, deserialize_with = "lenient")]
    pub message_id: Option<String>,
    /// Who got or read it.
    #[serde(default, deserialize_with = "lenient")]
    pub receipts: Vec<Receipt>,
    /// Present on text that comes in pieces.
    #[serde(default, deserialize_with = "lenient")]
    pub message_completed: Option<bool>,
    /// 1, 2, 3 ...
    #[serde(default, deserialize_with = "lenient")]
    pub chunk_number: Option<u64>,
}

/// One receipt.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Receipt {
    /// Who did so.
    #[serde(default, deserialize_with = "lenient")]
    pub recipient_participant_id: Option<String>,
    /// Got it.
    #[serde(default, deserialize_with = "lenient")]
    pub delivered_timestamp: Option<Value>,
    /// Saw it.
    #[serde(default, deserialize_with = "lenient")]
    pub read_timestamp: Option<Value>,
}

impl Item {
    /// Reads one item; `None` when it is no object.
    pub fn read(value: Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }

    /// Reads the content of a frame.
    pub fn read_text(text: &str) -> Option<Self> {
        Self::read(serde_json::from_str(text).ok()?)
    }

    /// Which event it is, by content type or else by its type; `None` for
    /// messages, files and receipts without an event's content type.
    pub fn event(&self) -> Option<EventType> {
        if let Some(suffix) = self.content_type.strip_prefix(EVENT_PREFIX) {
            return Some(EventType::from(suffix));
        }
        Some(match self.kind.as_ref()? {
            ItemType::Typing => EventType::Typing,
            ItemType::Joined => EventType::Joined,
            ItemType::Left => EventType::Left,
            ItemType::Ended => EventType::Ended,
            ItemType::Acknowledged => EventType::Acknowledged,
            ItemType::TransferSucceeded => EventType::TransferSucceeded,
            ItemType::TransferFailed => EventType::TransferFailed,
            ItemType::Delivered => EventType::Delivered,
            ItemType::Read => EventType::Read,
            ItemType::Event => EventType::Other(self.content_type.clone()),
            ItemType::Message | ItemType::Attachment | ItemType::Metadata | ItemType::Other(_) => return None,
        })
    }
}

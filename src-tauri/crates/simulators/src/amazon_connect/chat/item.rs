//! One item of a conversation, and its JSON.

use serde_json::{Value, json};

use super::conversation::{AttachmentStatus, ChatRole};
use crate::Moment;
use crate::amazon_connect::server::iso_time;

/// Prefix of the content types of events.
pub(crate) const EVENT: &str = "application/vnd.amazonaws.connect.event.";
pub(crate) const INTERACTIVE: &str = "application/vnd.amazonaws.connect.message.interactive";
pub(crate) const RESPONSE: &str = "application/vnd.amazonaws.connect.message.interactive.response";

/// Who says something.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    pub id: String,
    pub role: ChatRole,
    pub name: String,
}

/// What one recipient has done with a message, in seconds since 1970.
#[derive(Clone, Debug)]
pub(crate) struct Receipt {
    pub recipient: String,
    pub delivered: f64,
    pub read: Option<f64>,
}

#[derive(Clone, Debug)]
pub(crate) struct ItemFile {
    pub id: String,
    pub name: String,
    pub content_type: String,
    pub status: AttachmentStatus,
}

#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub id: String,
    /// `MESSAGE`, `EVENT` or `ATTACHMENT`.
    pub kind: &'static str,
    /// Seconds since 1970, by the service's clock.
    pub time: f64,
    pub at: Moment,
    pub content_type: String,
    pub content: Option<String>,
    pub sender: Option<Sender>,
    pub contact_id: String,
    pub file: Option<ItemFile>,
    /// Streamed text: whether it is whole.
    pub completed: Option<bool>,
    pub client_token: Option<String>,
    pub receipts: Vec<Receipt>,
}

impl Item {
    /// As the socket and GetTranscript show it.
    pub(crate) fn json(&self, initial_contact_id: &str) -> Value {
        let mut value = json!({
            "AbsoluteTime": iso_time(self.time),
            "ContentType": self.content_type,
            "Id": self.id,
            "Type": self.kind,
            "InitialContactId": initial_contact_id,
            "ContactId": self.contact_id,
        });
        if let Some(sender) = &self.sender {
            value["ParticipantId"] = json!(sender.id);
            value["DisplayName"] = json!(sender.name);
            value["ParticipantRole"] = json!(sender.role.wire_name());
        }
        if let Some(content) = &self.content {
            value["Content"] = json!(content);
        }
        if let Some(file) = &self.file {
            value["Attachments"] = json!([{
                "AttachmentId": file.id,
                "AttachmentName": file.name,
                "ContentType": file.content_type,
                "Status": file.status.wire_name(),
            }]);
        }
        if let Some(completed) = self.completed {
            value["MessageMetadata"] = json!({ "MessageId": self.id, "MessageCompleted": completed });
        }
        value
    }

    /// The same with its receipts, as GetTranscript shows it.
    pub(crate) fn transcript_json(&self, initial_contact_id: &str) -> Value {
        let mut value = self.json(initial_contact_id);
        if !self.receipts.is_empty() {
            value["MessageMetadata"]["MessageId"] = json!(self.id);
            value["MessageMetadata"]["Receipts"] = self.receipts.iter().map(receipt).collect();
        }
        value
    }

    /// The frame that tells of the receipt of one recipient.
    pub(crate) fn metadata_json(&self, initial_contact_id: &str, recipient: &str, time: f64) -> Option<Value> {
        let found = self.receipts.iter().find(|r| r.recipient == recipient)?;
        let kind = if found.read.is_some() { "message.read" } else { "message.delivered" };
        Some(json!({
            "AbsoluteTime": iso_time(time),
            "Type": "MESSAGEMETADATA",
            "ContentType": format!("{EVENT}{kind}"),
            "Id": self.id,
            "InitialContactId": initial_contact_id,
            "ContactId": self.contact_id,
            "MessageMetadata": { "MessageId": self.id, "Receipts": [receipt(found)] },
        }))
    }

    pub(crate) fn is_message(&self) -> bool {
        self.kind != "EVENT"
    }

    pub(crate) fn message(&self) -> ChatMessage {
        let sender = self.sender.as_ref();
        ChatMessage {
            id: self.id.clone(),
            role: sender.map_or(ChatRole::System, |s| s.role),
            participant_id: sender.map(|s| s.id.clone()).unwrap_or_default(),
            name: sender.map(|s| s.name.clone()).unwrap_or_default(),
            content_type: self.content_type.clone(),
            content: self.content.clone().unwrap_or_default(),
            attachment_id: self.file.as_ref().map(|f| f.id.clone()),
            client_token: self.client_token.clone(),
            delivered_to: self.receipts.iter().map(|r| r.recipient.clone()).collect(),
            read_by: self.receipts.iter().filter(|r| r.read.is_some()).map(|r| r.recipient.clone()).collect(),
            completed: self.completed.unwrap_or(true),
            at: self.at,
        }
    }
}

fn receipt(receipt: &Receipt) -> Value {
    let mut value = json!({
        "RecipientParticipantId": receipt.recipient,
        "DeliveredTimestamp": iso_time(receipt.delivered),
    });
    if let Some(read) = receipt.read {
        value["ReadTimestamp"] = json!(iso_time(read));
    }
    value
}

/// A message or attachment as the people in the conversation see it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChatMessage {
    /// The item's id, which SendMessage has answered with.
    pub id: String,
    /// Who sent it.
    pub role: ChatRole,
    /// The sender's participant id.
    pub participant_id: String,
    /// The sender's display name.
    pub name: String,
    /// `text/plain`, `text/markdown`, ...; the file's type for an attachment.
    pub content_type: String,
    /// The text exactly as sent; empty for an attachment.
    pub content: String,
    /// Set for an attachment; see [`super::SimChat::files`].
    pub attachment_id: Option<String>,
    /// ClientToken of the request, when it came over HTTP.
    pub client_token: Option<String>,
    /// Participant ids of those who have received it, by their receipts.
    pub delivered_to: Vec<String>,
    /// Participant ids of those who have read it.
    pub read_by: Vec<String>,
    /// False while a streamed text is not whole.
    pub completed: bool,
    /// When the service got it.
    pub at: Moment,
}

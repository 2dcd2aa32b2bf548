//! Items of a conversation, read: what each means for what is shown. Pure; an
//! item that makes no sense reads as [`Meaning::Nothing`].

use trunkline_model::{
    Attachment, AttachmentState, Author, AuthorRole, ConversationEvent, Delivery, Message, MessageBody, MessageId,
    UnixMillis,
};

use super::interactive;
use crate::wire::{
    AttachmentStatus, EVENT_PREFIX, EventType, INTERACTIVE, INTERACTIVE_RESPONSE, Item, ItemFile, ItemType,
    ParticipantRole, Private, Receipt,
};

/// A piece of streamed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// 1, 2, 3 ...
    pub number: Option<u64>,
    /// The text is whole.
    pub completed: bool,
}

/// What an item means.
#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// Something to show.
    Message {
        /// As shown; its delivery from the receipts it carries.
        message: Box<Message>,
        /// It comes in pieces.
        chunk: Option<Chunk>,
    },
    /// How far a message got.
    Receipt {
        /// Which message.
        id: MessageId,
        /// How far.
        delivery: Delivery,
    },
    /// Somebody types.
    Typing,
    /// Nothing to show.
    Nothing,
}

/// Ours by participant id, else by the role; a SYSTEM that speaks as a bot
/// does (pieces, things to choose from, its usual name) is one.
pub fn author(item: &Item, me: &str) -> Author {
    let name = item.display_name.as_ref().map(Private::expose).filter(|name| !name.trim().is_empty());
    let speaks = item.kind == Some(ItemType::Message);
    let streamed = item.message_metadata.as_ref().is_some_and(|data| data.message_completed.is_some());
    let bot = speaks && (streamed || item.content_type == INTERACTIVE || name == Some("BOT"));
    let role = match &item.participant_role {
        _ if item.participant_id.as_deref() == Some(me) => AuthorRole::Me,
        Some(ParticipantRole::Customer) => AuthorRole::Customer,
        Some(ParticipantRole::Agent) => AuthorRole::Agent,
        Some(ParticipantRole::Supervisor) => AuthorRole::Supervisor,
        Some(ParticipantRole::CustomBot) => AuthorRole::Bot,
        _ if bot => AuthorRole::Bot,
        Some(ParticipantRole::System | ParticipantRole::Other(_)) | None => AuthorRole::System,
    };
    Author { role, name: name.map(str::to_owned) }
}

/// The time of an item by the platform's clock.
pub fn time(item: &Item) -> Option<UnixMillis> {
    item.absolute_time.and_then(|time| UnixMillis::from_seconds(time.0))
}

/// How far others got with it, by the receipts.
fn delivery(receipts: &[Receipt], me: &str) -> Option<Delivery> {
    // What we did with it is told to its sender, not to us (section 7).
    let others = receipts.iter().filter(|receipt| receipt.recipient_participant_id.as_deref() != Some(me));
    others
        .filter_map(|receipt| match (&receipt.read_timestamp, &receipt.delivered_timestamp) {
            (Some(_), _) => Some(Delivery::Read),
            (None, Some(_)) => Some(Delivery::Delivered),
            (None, None) => None,
        })
        .max()
}

/// How far we told the sender that we got.
pub fn settled_by_us(item: &Item, me: &str) -> Option<Delivery> {
    let receipts = &item.message_metadata.as_ref()?.receipts;
    let ours = receipts.iter().filter(|receipt| receipt.recipient_participant_id.as_deref() == Some(me));
    ours.filter_map(|receipt| match (&receipt.read_timestamp, &receipt.delivered_timestamp) {
        (Some(_), _) => Some(Delivery::Read),
        (None, Some(_)) => Some(Delivery::Delivered),
        (None, None) => None,
    })
    .max()
}

/// What an item means. `now` (the platform's clock, as far as we know it)
/// serves an item without a time.
pub fn read(item: &Item, me: &str, now: UnixMillis) -> Meaning {
    let metadata = item.message_metadata.as_ref();
    let receipts = metadata.map(|data| data.receipts.as_slice()).unwrap_or_default();
    let event = item.event();
    let is_receipt = item.kind == Some(ItemType::Metadata)
        || matches!(event, Some(EventType::Read | EventType::Delivered))
        || matches!(item.kind, Some(ItemType::Read | ItemType::Delivered));
    if is_receipt {
        let id = metadata.and_then(|data| data.message_id.clone()).or_else(|| item.id.clone());
        return match (id, delivery(receipts, me)) {
            (Some(id), Some(delivery)) => Meaning::Receipt { id: MessageId::new(id), delivery },
            _ => Meaning::Nothing,
        };
    }
    if event == Some(EventType::Typing) {
        return Meaning::Typing;
    }
    let Some(id) = item.id.as_deref().filter(|id| !id.is_empty()) else {
        return Meaning::Nothing;
    };
    let Some(body) = body(item, event.as_ref()) else {
        return Meaning::Nothing;
    };
    let author = author(item, me);
    let is_words = !matches!(body, MessageBody::Event { .. });
    let delivery =
        (author.role == AuthorRole::Me && is_words).then(|| delivery(receipts, me).unwrap_or(Delivery::Sent));
    let chunk = metadata
        .filter(|_| item.kind == Some(ItemType::Message))
        .and_then(|data| data.message_completed.map(|completed| Chunk { number: data.chunk_number, completed }));
    let message = Message {
        id: MessageId::new(id),
        token: None,
        at: time(item).unwrap_or(now),
        order: 0,
        author,
        body,
        delivery,
        partial: chunk.is_some_and(|chunk| !chunk.completed),
        internal: false,
        edited: false,
        reply_to: None,
        line: None,
        suggestions: Vec::new(),
    };
    Meaning::Message { message: Box::new(message), chunk }
}

fn body(item: &Item, event: Option<&EventType>) -> Option<MessageBody> {
    let content = item.content.as_ref().map(|content| content.expose().to_owned());
    if let Some(event) = event {
        return event_body(event, content);
    }
    if item.kind == Some(ItemType::Attachment) || (!item.attachments.is_empty() && content.is_none()) {
        let files: Vec<Attachment> = item.attachments.iter().filter_map(file).collect();
        return (!files.is_empty()).then_some(MessageBody::Attachments { files, caption: None });
    }
    let text = content.unwrap_or_default();
    // A media type may carry parameters.
    let kind = item.content_type.split(';').next().unwrap_or_default().trim();
    Some(match kind {
        "text/plain" => MessageBody::Text { text },
        "text/markdown" => MessageBody::Markdown { text },
        INTERACTIVE => {
            interactive::message(&text).unwrap_or_else(|| MessageBody::Unknown { content_type: kind.to_owned(), text })
        }
        INTERACTIVE_RESPONSE => interactive::answer(&text),
        _ if kind.is_empty() && text.is_empty() => return None,
        _ => MessageBody::Unknown { content_type: item.content_type.clone(), text },
    })
}

fn file(file: &ItemFile) -> Option<Attachment> {
    Some(Attachment {
        id: file.attachment_id.clone().filter(|id| !id.is_empty())?,
        name: file.attachment_name.as_ref().map(|name| name.expose().to_owned()).unwrap_or_default(),
        content_type: file.content_type.clone().unwrap_or_default(),
        size: file.attachment_size_in_bytes,
        state: match file.status {
            Some(AttachmentStatus::InProgress) => AttachmentState::Checking,
            Some(AttachmentStatus::Rejected) => AttachmentState::Refused,
            // A state we do not know must not keep a file from the agent: the service refuses if need be.
            _ => AttachmentState::Ready,
        },
    })
}

fn event_body(event: &EventType, content: Option<String>) -> Option<MessageBody> {
    let failed = |word: &str| ConversationEvent::AuthenticationFailed(word.to_owned());
    let event = match event {
        EventType::Joined => ConversationEvent::Joined,
        EventType::Left => ConversationEvent::Left,
        EventType::Invited => ConversationEvent::Invited,
        EventType::Renamed => ConversationEvent::Renamed,
        EventType::Idle => ConversationEvent::Idle,
        EventType::Returned => ConversationEvent::Returned,
        EventType::AutoDisconnection => ConversationEvent::AutoDisconnected,
        EventType::TransferSucceeded => ConversationEvent::Transferred,
        EventType::TransferFailed => ConversationEvent::TransferFailed,
        EventType::Rehydrated => ConversationEvent::Resumed,
        EventType::Ended => ConversationEvent::Ended,
        EventType::AuthenticationInitiated => ConversationEvent::AuthenticationStarted,
        EventType::AuthenticationSucceeded => ConversationEvent::AuthenticationSucceeded,
        EventType::AuthenticationFailed => failed("failed"),
        EventType::AuthenticationTimeout => failed("timeout"),
        EventType::AuthenticationExpired => failed("expired"),
        EventType::AuthenticationCancelled => failed("cancelled"),
        EventType::Typing
        | EventType::Read
        | EventType::Delivered
        | EventType::Active
        | EventType::Inactive
        | EventType::Acknowledged
        | EventType::TransferInitiated
        | EventType::ExpireWarning
        | EventType::ExpireComplete => return None,
        EventType::Other(name) => {
            let text = content.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| name.replace(['.', '_'], " "));
            return Some(MessageBody::Unknown { content_type: format!("{EVENT_PREFIX}{name}"), text });
        }
    };
    Some(MessageBody::Event { event })
}

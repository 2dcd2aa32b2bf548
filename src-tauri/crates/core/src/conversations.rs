//! Carries out what the agent does in conversations.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use trunkline_connector::Command;
use trunkline_desk::{ConversationView, Input, OutgoingItem};
use trunkline_model::{AuthorRole, ContactKey, ConversationState};
use trunkline_rpc::schema::{
    Empty, MarkRead, OnAttachment, OnOutgoing, SaveDraft, SendCards, SendFile, SendPlace, SendText,
};
use trunkline_rpc::{RpcCode, RpcError};
use trunkline_store::Note;

use crate::accounts::{COMMAND_DEADLINE, new_command_id};
use crate::outbox::{self, Said};
use crate::{Parts, cards, downloads, rpc_error};

/// For what only helps: typing and read marks are of no use later.
const PASSING: Duration = Duration::from_secs(3);
/// A page of a long conversation.
const PAGE_LIMIT: Duration = Duration::from_secs(20);
/// Longest draft kept, bytes.
const DRAFT_KEPT: usize = 64 << 10;

/// The conversation, when one can still write in it.
pub(crate) fn writable(parts: &Parts, contact: &ContactKey) -> Result<ConversationView, RpcError> {
    let view = parts.desk.look(|desk| desk.conversation(contact));
    let Some(view) = view else { return Err(RpcError::new(RpcCode::NotPossible, "error_no_conversation")) };
    match view.conversation.state {
        ConversationState::Ended => Err(RpcError::new(RpcCode::NotPossible, "error_conversation_over")),
        ConversationState::Joining | ConversationState::Open | ConversationState::Broken => Ok(view),
    }
}

pub(crate) async fn send(parts: &Arc<Parts>, request: SendText) -> Result<OnOutgoing, RpcError> {
    let SendText { contact, text, markdown, reply_to, internal } = request;
    let view = writable(parts, &contact)?;
    if text.trim().is_empty() {
        return Err(rpc_error::field("text", "error_message_empty"));
    }
    if text.len() > view.conversation.longest as usize {
        return Err(rpc_error::field("text", "error_message_too_long"));
    }
    let conversation = &view.conversation;
    // Said to the customer what was meant for a colleague cannot be taken back:
    // where it cannot be whispered it is not said.
    if internal && !conversation.whispers {
        return Err(RpcError::new(RpcCode::NotPossible, "error_nobody_to_whisper_to"));
    }
    if !internal && conversation.only_whispers {
        return Err(RpcError::new(RpcCode::NotAllowed, "error_only_whispers"));
    }
    let item = OutgoingItem::Text {
        text,
        markdown: markdown && conversation.markdown,
        reply_to: reply_to.filter(|_| conversation.replies),
        internal,
    };
    let token = outbox::say(parts, &contact, Said { item, file: None }).await?;
    // What was sent is no longer begun.
    parts.desk.apply(Input::Draft { contact: contact.clone(), text: String::new() });
    Ok(OnOutgoing { contact, token })
}

pub(crate) async fn send_file(parts: &Arc<Parts>, request: SendFile) -> Result<OnOutgoing, RpcError> {
    let SendFile { contact, name, content_type, base64 } = request;
    let conversation = writable(parts, &contact)?.conversation;
    if conversation.only_whispers {
        return Err(RpcError::new(RpcCode::NotAllowed, "error_only_whispers"));
    }
    if !conversation.attachments {
        return Err(RpcError::new(RpcCode::NotAllowed, "error_no_files_here"));
    }
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().trim().to_owned();
    if name.is_empty() {
        return Err(rpc_error::field("file", "error_invalid"));
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    if !conversation.file_types.is_empty() && !conversation.file_types.contains(&ending) {
        return Err(rpc_error::field("file", "error_file_type"));
    }
    let content = base64::engine::general_purpose::STANDARD.decode(base64);
    let content = content.map_err(|_| rpc_error::field("file", "error_invalid"))?;
    if content.is_empty() {
        return Err(rpc_error::field("file", "error_file_empty"));
    }
    if content.len() as u64 > conversation.largest_file {
        return Err(rpc_error::field("file", "error_file_too_large"));
    }
    let item = OutgoingItem::File { name, size: content.len() as u64, sent: 0 };
    let token = outbox::say(parts, &contact, Said { item, file: Some((content_type, content)) }).await?;
    Ok(OnOutgoing { contact, token })
}

pub(crate) async fn send_place(parts: &Arc<Parts>, request: SendPlace) -> Result<OnOutgoing, RpcError> {
    let SendPlace { contact, place } = request;
    send_card(parts, contact, OutgoingItem::Place { place: cards::place(place)? }).await
}

pub(crate) async fn send_cards(parts: &Arc<Parts>, request: SendCards) -> Result<OnOutgoing, RpcError> {
    let SendCards { contact, cards } = request;
    send_card(parts, contact, OutgoingItem::Cards { cards: cards::cards(cards)? }).await
}

async fn send_card(parts: &Arc<Parts>, contact: ContactKey, item: OutgoingItem) -> Result<OnOutgoing, RpcError> {
    let conversation = writable(parts, &contact)?.conversation;
    if conversation.only_whispers {
        return Err(RpcError::new(RpcCode::NotAllowed, "error_only_whispers"));
    }
    if !conversation.cards {
        return Err(RpcError::new(RpcCode::NotAllowed, "error_no_cards_here"));
    }
    let token = outbox::say(parts, &contact, Said { item, file: None }).await?;
    Ok(OnOutgoing { contact, token })
}

/// Sends a command whose failure concerns nobody.
fn in_passing(parts: &Arc<Parts>, contact: &ContactKey, command: Command) {
    let parts = Arc::clone(parts);
    let account = contact.account.clone();
    tokio::spawn(async move {
        if let Err(error) = parts.accounts.command(&account, new_command_id(), command, PASSING).await {
            tracing::debug!(code = ?error.code, "typing or read mark not sent");
        }
    });
}

pub(crate) fn typing(parts: &Arc<Parts>, contact: &ContactKey) -> Result<Empty, RpcError> {
    writable(parts, contact)?;
    in_passing(parts, contact, Command::Typing { contact: contact.contact.clone() });
    Ok(Empty {})
}

pub(crate) fn read(parts: &Arc<Parts>, request: MarkRead) -> Empty {
    let MarkRead { contact, message } = request;
    let before = parts.desk.look(|desk| desk.conversation(&contact).and_then(|view| view.read_up_to));
    parts.desk.apply(Input::ReadUpTo { contact: contact.clone(), message });
    let after = parts.desk.look(|desk| {
        let read = desk.conversation(&contact)?.read_up_to?;
        let author = desk.message(&contact, &read)?.author.role;
        Some((read, author))
    });
    // Only what moved the mark, and only others' words, are told to the other side.
    if let Some((read, author)) = after
        && Some(&read) != before.as_ref()
        && author != AuthorRole::Me
    {
        in_passing(parts, &contact, Command::MarkRead { contact: contact.contact.clone(), message: read });
    }
    Empty {}
}

pub(crate) fn draft(parts: &Parts, request: SaveDraft) -> Result<Empty, RpcError> {
    if request.text.len() > DRAFT_KEPT {
        return Err(rpc_error::field("text", "error_message_too_long"));
    }
    parts.desk.apply(Input::Draft { contact: request.contact, text: request.text });
    Ok(Empty {})
}

pub(crate) async fn older(parts: &Arc<Parts>, contact: &ContactKey) -> Result<Empty, RpcError> {
    let view = parts.desk.look(|desk| desk.conversation(contact));
    if !view.is_some_and(|view| view.conversation.has_older) {
        return Ok(Empty {});
    }
    let command = Command::LoadOlder { contact: contact.contact.clone() };
    parts.accounts.command(&contact.account, new_command_id(), command, PAGE_LIMIT.max(COMMAND_DEADLINE)).await?;
    Ok(Empty {})
}

pub(crate) fn save_attachment(parts: &Arc<Parts>, request: OnAttachment) -> Result<Empty, RpcError> {
    let OnAttachment { contact, attachment } = request;
    let known = parts.desk.look(|desk| desk.attachment_name(&contact, &attachment).is_some());
    if !known {
        return Err(RpcError::new(RpcCode::NotPossible, "error_file_gone"));
    }
    downloads::begin(parts, contact, attachment);
    Ok(Empty {})
}

/// What an earlier run kept of contacts.
pub(crate) async fn restore_notes(parts: &Arc<Parts>) {
    match parts.database.notes().await {
        Ok(notes) => {
            for Note { contact, draft, read } in notes {
                parts.desk.apply(Input::Notes { contact, read, draft });
            }
        }
        Err(error) => tracing::warn!(%error, "notes on conversations cannot be read"),
    }
}

/// What agent and plugins put onto contacts in an earlier run.
pub(crate) async fn restore_annotations(parts: &Arc<Parts>) {
    match parts.database.annotations().await {
        Ok(kept) => {
            for (contact, document) in kept {
                match serde_json::from_value(document) {
                    Ok(annotations) => parts.desk.apply(Input::Annotated { contact, annotations }),
                    Err(error) => tracing::warn!(%contact, %error, "what was put onto a contact cannot be read"),
                }
            }
        }
        Err(error) => tracing::warn!(%error, "what was put onto contacts cannot be read"),
    }
}

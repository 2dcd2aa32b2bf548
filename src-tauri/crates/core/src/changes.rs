//! What the agent changes of a contact and of what was said, and contacts that are over.

use trunkline_connector::{Command, Lookup};
use trunkline_desk::CommandKind;
use trunkline_model::{ArchivePage, AuthorRole, ContactAction, ContactKey, MessageBody, MessageId, PastPage};
use trunkline_rpc::schema::{ArchivedMessages, BanCustomer, EditMessage, FindArchived, OnMessage, RenameContact};
use trunkline_rpc::{RpcCode, RpcError};

use crate::accounts::COMMAND_DEADLINE;
use crate::conversations::writable;
use crate::handler::{About, send};
use crate::{Parts, rpc_error};

/// Longest name of a contact, characters.
const NAME: usize = 200;
/// Longest words to find a contact by, characters.
const WORDS: usize = 100;

/// The contact is there and allows it.
fn allowed(parts: &Parts, contact: &ContactKey, action: ContactAction) -> Result<(), RpcError> {
    let view = parts.desk.contact(contact).ok_or_else(rpc_error::contact_gone)?;
    if view.contact.allowed.contains(&action) {
        return Ok(());
    }
    Err(RpcError::new(RpcCode::NotPossible, "error_not_possible"))
}

pub(crate) async fn rename(parts: &Parts, request: RenameContact) -> Result<(), RpcError> {
    let RenameContact { contact, name } = request;
    let name = name.trim().to_owned();
    if name.is_empty() {
        return Err(rpc_error::field("name", "error_field_missing"));
    }
    if name.chars().count() > NAME {
        return Err(rpc_error::field("name", "error_too_long"));
    }
    allowed(parts, &contact, ContactAction::Rename)?;
    let about = About::contact(&contact, CommandKind::Rename).called(Some(name.clone()));
    send(parts, about, Command::Rename { contact: contact.contact, name }).await
}

pub(crate) async fn ban(parts: &Parts, request: BanCustomer) -> Result<(), RpcError> {
    let BanCustomer { contact, banned } = request;
    let (kind, action) =
        if banned { (CommandKind::Ban, ContactAction::Ban) } else { (CommandKind::Unban, ContactAction::Unban) };
    allowed(parts, &contact, action)?;
    send(parts, About::contact(&contact, kind), Command::Ban { contact: contact.contact, banned }).await
}

/// A message is the agent's own and still has its words.
fn own(parts: &Parts, contact: &ContactKey, message: &MessageId) -> Result<MessageBody, RpcError> {
    let found = parts.desk.look(|desk| desk.message(contact, message).cloned());
    match found {
        Some(found) if found.author.role == AuthorRole::Me && found.body != MessageBody::Removed => Ok(found.body),
        _ => Err(RpcError::new(RpcCode::NotPossible, "error_message_gone")),
    }
}

pub(crate) async fn edit(parts: &Parts, request: EditMessage) -> Result<(), RpcError> {
    let EditMessage { contact, message, text } = request;
    let conversation = writable(parts, &contact)?.conversation;
    if text.trim().is_empty() {
        return Err(rpc_error::field("text", "error_message_empty"));
    }
    if text.len() > conversation.longest as usize {
        return Err(rpc_error::field("text", "error_message_too_long"));
    }
    let body = own(parts, &contact, &message)?;
    if !conversation.edits || !matches!(body, MessageBody::Text { .. } | MessageBody::Markdown { .. }) {
        return Err(RpcError::new(RpcCode::NotPossible, "error_not_possible"));
    }
    let about = About::contact(&contact, CommandKind::EditMessage);
    send(parts, about, Command::EditMessage { contact: contact.contact, message, text }).await
}

pub(crate) async fn remove(parts: &Parts, request: OnMessage) -> Result<(), RpcError> {
    let OnMessage { contact, message } = request;
    let conversation = writable(parts, &contact)?.conversation;
    own(parts, &contact, &message)?;
    if !conversation.removes {
        return Err(RpcError::new(RpcCode::NotPossible, "error_not_possible"));
    }
    let about = About::contact(&contact, CommandKind::RemoveMessage);
    send(parts, about, Command::RemoveMessage { contact: contact.contact, message }).await
}

pub(crate) async fn archive(parts: &Parts, request: FindArchived) -> Result<ArchivePage, RpcError> {
    let FindArchived { account, words, page } = request;
    let words = words.trim().to_owned();
    if words.chars().count() > WORDS {
        return Err(rpc_error::field("words", "error_too_long"));
    }
    let lookup = parts.accounts.look_up(&account, COMMAND_DEADLINE, |deadline, reply| Lookup::Archive {
        words,
        page,
        deadline,
        reply,
    });
    Ok(lookup.await?)
}

pub(crate) async fn archived(parts: &Parts, request: ArchivedMessages) -> Result<PastPage, RpcError> {
    let ArchivedMessages { contact, page } = request;
    let lookup = parts.accounts.look_up(&contact.account, COMMAND_DEADLINE, |deadline, reply| {
        Lookup::ArchivedMessages { contact: contact.contact.clone(), page, deadline, reply }
    });
    Ok(lookup.await?)
}

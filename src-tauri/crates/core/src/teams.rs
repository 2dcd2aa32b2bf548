//! Customers, colleagues and supervised teams: what is asked of a connector, and
//! what is checked before.

use trunkline_connector::{Command, Lookup};
use trunkline_desk::{CommandKind, Desk};
use trunkline_model::{AccountId, CannedMessage, CustomerCard, CustomerPage, PastPage, Supervision, WorkItem};
use trunkline_rpc::schema::{
    EndConsult, FindCustomers, LinkCustomer, OnContact, OnWorkItem, PastConversations, SubscribeList,
};
use trunkline_rpc::{RpcCode, RpcError};

use crate::accounts::COMMAND_DEADLINE;
use crate::handler::{About, send};
use crate::{Parts, rpc_error};

/// Longest note to whoever takes a contact over, characters.
const NOTE: usize = 1_000;
/// Longest words to find a customer by, characters.
const WORDS: usize = 100;

/// A note to whoever takes a contact over.
pub(crate) fn note(typed: &str) -> Result<String, RpcError> {
    let note = typed.trim();
    if note.chars().count() > NOTE {
        return Err(rpc_error::field("note", "error_too_long"));
    }
    Ok(note.to_owned())
}

pub(crate) async fn end_consult(parts: &Parts, request: EndConsult) -> Result<(), RpcError> {
    let EndConsult { contact, adviser, stay } = request;
    let name = parts.desk.look(|desk| {
        let view = desk.contact(&contact).ok_or_else(rpc_error::contact_gone)?;
        let known = view.contact.advisers.iter().find(|known| known.id == adviser);
        let known = known.ok_or_else(|| RpcError::new(RpcCode::NotPossible, "error_adviser_gone"))?;
        Ok::<_, RpcError>(known.name.clone())
    })?;
    let about = About::contact(&contact, CommandKind::EndConsult).called(Some(name));
    send(parts, about, Command::EndConsult { contact: contact.contact, adviser, stay }).await
}

pub(crate) async fn customer(parts: &Parts, request: OnContact) -> Result<CustomerCard, RpcError> {
    let OnContact { contact } = request;
    let lookup = parts.accounts.look_up(&contact.account, COMMAND_DEADLINE, |deadline, reply| Lookup::Customer {
        contact: contact.contact.clone(),
        deadline,
        reply,
    });
    Ok(lookup.await?)
}

pub(crate) async fn link_customer(parts: &Parts, request: LinkCustomer) -> Result<(), RpcError> {
    let LinkCustomer { contact, customer } = request;
    if parts.desk.look(|desk| desk.contact(&contact).is_none()) {
        return Err(rpc_error::contact_gone());
    }
    let about = About::contact(&contact, CommandKind::LinkCustomer);
    send(parts, about, Command::LinkCustomer { contact: contact.contact, customer }).await
}

pub(crate) async fn past(parts: &Parts, request: PastConversations) -> Result<PastPage, RpcError> {
    let PastConversations { contact, page } = request;
    let lookup = parts.accounts.look_up(&contact.account, COMMAND_DEADLINE, |deadline, reply| {
        Lookup::PastConversations { contact: contact.contact.clone(), page, deadline, reply }
    });
    Ok(lookup.await?)
}

pub(crate) async fn find_customers(parts: &Parts, request: FindCustomers) -> Result<CustomerPage, RpcError> {
    let FindCustomers { account, words, page } = request;
    let words = words.trim().to_owned();
    if words.is_empty() {
        return Err(rpc_error::field("words", "error_field_missing"));
    }
    if words.chars().count() > WORDS {
        return Err(rpc_error::field("words", "error_too_long"));
    }
    let lookup = parts.accounts.look_up(&account, COMMAND_DEADLINE, |deadline, reply| Lookup::FindCustomers {
        words,
        page,
        deadline,
        reply,
    });
    Ok(lookup.await?)
}

pub(crate) async fn canned_messages(parts: &Parts, account: &AccountId) -> Result<Vec<CannedMessage>, RpcError> {
    let lookup =
        parts.accounts.look_up(account, COMMAND_DEADLINE, |deadline, reply| Lookup::CannedMessages { deadline, reply });
    Ok(lookup.await?)
}

pub(crate) async fn supervision(parts: &Parts, account: &AccountId) -> Result<Supervision, RpcError> {
    let lookup =
        parts.accounts.look_up(account, COMMAND_DEADLINE, |deadline, reply| Lookup::Supervision { deadline, reply });
    Ok(lookup.await?)
}

pub(crate) async fn listen(parts: &Parts, request: OnContact) -> Result<(), RpcError> {
    let OnContact { contact } = request;
    let about = About::account(&contact.account, CommandKind::Monitor);
    send(parts, about, Command::Monitor { contact: contact.contact }).await
}

pub(crate) async fn subscribe_list(parts: &Parts, request: SubscribeList) -> Result<(), RpcError> {
    let SubscribeList { account, list, subscribed } = request;
    let name = parts.desk.look(|desk| {
        let lists = &desk.account(&account)?.work_lists;
        lists.iter().find(|known| known.id == list).map(|known| known.name.clone())
    });
    let Some(name) = name else { return Err(RpcError::new(RpcCode::NotPossible, "error_list_gone")) };
    let about = About::account(&account, CommandKind::SubscribeList).called(Some(name));
    send(parts, about, Command::SubscribeList { list, subscribed }).await
}

fn work_item<'a>(desk: &'a Desk, request: &OnWorkItem) -> Option<&'a WorkItem> {
    let lists = &desk.account(&request.account)?.work_lists;
    lists.iter().find(|list| list.id == request.list)?.items.iter().find(|item| item.id == request.item)
}

pub(crate) async fn work(parts: &Parts, request: OnWorkItem, kind: CommandKind) -> Result<(), RpcError> {
    let name = parts.desk.look(|desk| {
        work_item(desk, &request).map(|item| item.customer.name.clone().or_else(|| item.customer.address.clone()))
    });
    let Some(name) = name else { return Err(RpcError::new(RpcCode::NotPossible, "error_work_gone")) };
    let OnWorkItem { account, list, item } = request;
    let command = match kind {
        CommandKind::CloseWork => Command::CloseWork { list, item },
        _ => Command::TakeWork { list, item },
    };
    send(parts, About::account(&account, kind).called(name), command).await
}

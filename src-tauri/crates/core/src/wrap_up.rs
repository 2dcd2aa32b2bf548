//! What the agent notes at the end of a contact, checked against what can be noted.

use std::collections::BTreeSet;

use trunkline_connector::Command;
use trunkline_desk::Desk;
use trunkline_model::WrapUpForm;
use trunkline_rpc::schema::WrapUpContact;
use trunkline_rpc::{RpcCode, RpcError};

use crate::rpc_error;

/// Longest note, characters.
const NOTE: usize = 1_000;

/// The command for it, or which field is wrong.
pub(crate) fn command(desk: &Desk, request: WrapUpContact) -> Result<Command, RpcError> {
    let WrapUpContact { contact, codes, note } = request;
    if desk.contact(&contact).is_none() {
        return Err(rpc_error::contact_gone());
    }
    let agent = desk.account(&contact.account).and_then(|view| view.agent.as_ref());
    let Some(form) = agent.and_then(|agent| agent.wrap_up.as_ref()) else {
        return Err(RpcError::new(RpcCode::NotAllowed, "error_no_wrap_up_codes"));
    };
    let note = note.trim().to_owned();
    if note.chars().count() > NOTE {
        return Err(rpc_error::field("note", "error_too_long"));
    }
    if codes.is_empty() && (note.is_empty() || !form.note) {
        return Err(rpc_error::field("codes", "error_wrap_up_empty"));
    }
    if codes.len() > form.most as usize {
        return Err(rpc_error::field("codes", "error_wrap_up_too_many"));
    }
    let mut seen = BTreeSet::new();
    if !codes.iter().all(|code| can_be_noted(form, &code.category, &code.value) && seen.insert(code)) {
        return Err(rpc_error::field("codes", "error_invalid"));
    }
    Ok(Command::WrapUp { contact: contact.contact, codes, note: if form.note { note } else { String::new() } })
}

fn can_be_noted(form: &WrapUpForm, category: &str, value: &str) -> bool {
    form.categories.iter().any(|known| known.name == category && known.values.iter().any(|known| known == value))
}

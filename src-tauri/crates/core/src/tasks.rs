//! What the agent fills in for a task or for the own desk phone, checked before
//! the platform sees it: each fault names its field.

use std::collections::BTreeSet;

use trunkline_connector::TaskRequest;
use trunkline_model::{Reference, ReferenceKind, e164};
use trunkline_rpc::RpcError;
use trunkline_rpc::schema::CreateTask;

use crate::{links, rpc_error};

/// Longest title, characters.
const TITLE: usize = 512;
/// Longest text and longest link, characters.
const TEXT: usize = 4096;

pub(crate) fn request(form: CreateTask) -> Result<TaskRequest, RpcError> {
    let name = form.name.trim().to_owned();
    if name.is_empty() {
        return Err(rpc_error::field("name", "error_field_missing"));
    }
    if name.chars().count() > TITLE {
        return Err(rpc_error::field("name", "error_too_long"));
    }
    let description = form.description.trim().to_owned();
    if description.chars().count() > TEXT {
        return Err(rpc_error::field("description", "error_too_long"));
    }
    let mut names = BTreeSet::new();
    let mut references = Vec::new();
    for link in form.links {
        let name = link.name.trim().to_owned();
        let address = links::web_address(&link.address).filter(|address| address.as_str().chars().count() <= TEXT);
        let Some(address) = address else { return Err(rpc_error::field("links", "error_link_refused")) };
        if name.is_empty() || !names.insert(name.clone()) {
            return Err(rpc_error::field("links", "error_link_name"));
        }
        references.push(Reference { name, kind: ReferenceKind::Url, value: address.into() });
    }
    Ok(TaskRequest {
        token: form.token,
        name,
        description: (!description.is_empty()).then_some(description),
        endpoint: form.endpoint,
        references,
        scheduled_for: form.scheduled_for,
        previous: form.previous,
        related: None,
    })
}

/// The desk phone as the platform takes it: E.164 or a `sip:` address.
pub(crate) fn extension(softphone: bool, typed: Option<&str>) -> Result<Option<String>, RpcError> {
    let typed = typed.map(str::trim).filter(|typed| !typed.is_empty());
    let Some(typed) = typed else {
        return if softphone { Ok(None) } else { Err(rpc_error::field("extension", "error_field_missing")) };
    };
    if typed.to_ascii_lowercase().starts_with("sip:") {
        let address = &typed[4..];
        let fine = address.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty())
            && !address.chars().any(|character| character.is_whitespace() || character.is_control());
        return if fine { Ok(Some(typed.to_owned())) } else { Err(rpc_error::field("extension", "error_sip_invalid")) };
    }
    e164(typed).map(Some).map_err(|_| rpc_error::field("extension", "error_number_invalid"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use trunkline_rpc::schema::TaskLink;

    fn form() -> CreateTask {
        CreateTask {
            account: "a".into(),
            token: "t".into(),
            name: " Call back ".to_owned(),
            description: " ".to_owned(),
            endpoint: "e".into(),
            links: vec![TaskLink { name: "Order".to_owned(), address: "https://example.com/1".to_owned() }],
            scheduled_for: None,
            previous: Some("c-1".into()),
        }
    }

    fn field_of(form: CreateTask) -> (Option<String>, String) {
        let error = request(form).expect_err("it is refused");
        (error.field, error.message_key)
    }

    #[test]
    fn a_task_is_taken_as_it_is_meant() {
        let task = request(form()).unwrap();
        assert_eq!((task.name.as_str(), task.description), ("Call back", None), "blanks are not text");
        assert_eq!(task.references[0].value, "https://example.com/1", "with its link");
        assert_eq!(task.previous, Some("c-1".into()), "and where it comes from");
    }

    #[test]
    fn each_fault_names_its_field() {
        let of = |field: &str, key: &str| (Some(field.to_owned()), key.to_owned());
        assert_eq!(field_of(CreateTask { name: "  ".to_owned(), ..form() }), of("name", "error_field_missing"));
        assert_eq!(field_of(CreateTask { name: "x".repeat(513), ..form() }), of("name", "error_too_long"));
        assert_eq!(
            field_of(CreateTask { description: "x".repeat(4097), ..form() }),
            of("description", "error_too_long")
        );
        let link = |name: &str, address: &str| TaskLink { name: name.to_owned(), address: address.to_owned() };
        let with = |links| CreateTask { links, ..form() };
        assert_eq!(field_of(with(vec![link("a", "file:///etc")])), of("links", "error_link_refused"));
        let twice = vec![link("a", "https://example.com"), link("a ", "https://example.org")];
        assert_eq!(field_of(with(twice)), of("links", "error_link_name"));
    }

    #[test]
    fn a_desk_phone_is_a_number_or_a_sip_address() {
        assert_eq!(extension(false, Some("+49 (30) 555-0100")).unwrap(), Some("+49305550100".to_owned()), "as typed");
        assert_eq!(extension(false, Some("sip:one@example.com")).unwrap().as_deref(), Some("sip:one@example.com"));
        assert_eq!(extension(true, None).unwrap(), None, "the softphone needs none");
        assert_eq!(extension(false, None).unwrap_err().message_key, "error_field_missing", "the desk phone does");
        assert_eq!(extension(false, Some("sip:one")).unwrap_err().message_key, "error_sip_invalid");
        assert_eq!(extension(false, Some("12")).unwrap_err().message_key, "error_number_invalid");
    }
}

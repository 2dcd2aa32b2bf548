//! What the agent fills in for a task or for the own desk phone, checked before
//! the platform sees it: each fault names its field.

use std::collections::BTreeSet;

use trunkline_connector::{TaskRequest, TaskUpdate};
use trunkline_model::{FieldValue, IssueKind, Reference, ReferenceKind, e164};
use trunkline_rpc::RpcError;
use trunkline_rpc::schema::{CreateTask, TaskLink, UpdateTask};

use crate::{links, rpc_error};

/// Longest title, characters.
const TITLE: usize = 512;
/// Longest text and longest link, characters.
const TEXT: usize = 4096;

fn title(typed: &str) -> Result<String, RpcError> {
    let name = typed.trim();
    if name.is_empty() {
        return Err(rpc_error::field("name", "error_field_missing"));
    }
    if name.chars().count() > TITLE {
        return Err(rpc_error::field("name", "error_too_long"));
    }
    Ok(name.to_owned())
}

fn text(typed: &str) -> Result<String, RpcError> {
    let description = typed.trim();
    if description.chars().count() > TEXT {
        return Err(rpc_error::field("description", "error_too_long"));
    }
    Ok(description.to_owned())
}

fn read_links(rows: Vec<TaskLink>, names: &mut BTreeSet<String>) -> Result<Vec<(String, String)>, RpcError> {
    let read = rows.into_iter().map(|link| {
        let name = link.name.trim().to_owned();
        let address = links::web_address(&link.address).filter(|address| address.as_str().chars().count() <= TEXT);
        let Some(address) = address else { return Err(rpc_error::field("links", "error_link_refused")) };
        if name.is_empty() || !names.insert(name.clone()) {
            return Err(rpc_error::field("links", "error_link_name"));
        }
        Ok((name, address.into()))
    });
    read.collect()
}

/// Further fields: what each takes is the connector's to know.
fn fields(filled: Vec<FieldValue>, names: &mut BTreeSet<String>) -> Result<Vec<FieldValue>, RpcError> {
    let mut read = Vec::new();
    for FieldValue { name, value } in filled {
        let value = value.trim().to_owned();
        if value.chars().count() > TEXT {
            return Err(rpc_error::field(&name, "error_too_long"));
        }
        if !names.insert(name.clone()) {
            return Err(rpc_error::field(&name, "error_invalid"));
        }
        read.push(FieldValue { name, value });
    }
    Ok(read)
}

pub(crate) fn request(form: CreateTask) -> Result<TaskRequest, RpcError> {
    let name = title(&form.name)?;
    let description = text(&form.description)?;
    if form.endpoint.is_none() && form.template.is_none() {
        return Err(rpc_error::field("endpoint", "error_field_missing"));
    }
    if form.template.is_some() && !form.links.is_empty() {
        return Err(rpc_error::field("links", "error_invalid"));
    }
    let mut names = BTreeSet::new();
    let references = read_links(form.links, &mut names)?
        .into_iter()
        .map(|(name, value)| Reference { name, kind: ReferenceKind::Url, value })
        .collect();
    let mut filled = fields(form.fields, &mut names)?;
    filled.retain(|field| !field.value.is_empty());
    Ok(TaskRequest {
        token: form.token,
        name,
        description: (!description.is_empty()).then_some(description),
        endpoint: form.endpoint,
        references,
        template: form.template,
        fields: filled,
        scheduled_for: form.scheduled_for,
        previous: form.previous,
        related: None,
    })
}

/// A change of a task. What is not named stays as it is; a reference cannot be
/// emptied, only changed.
pub(crate) fn update(form: UpdateTask) -> Result<TaskUpdate, RpcError> {
    let name = form.name.as_deref().map(title).transpose()?;
    let description = form.description.as_deref().map(text).transpose()?;
    let mut names = BTreeSet::new();
    let mut references = fields(form.references, &mut names)?;
    if let Some(empty) = references.iter().find(|field| field.value.is_empty()) {
        return Err(rpc_error::field(&empty.name, "error_field_missing"));
    }
    let new = read_links(form.links, &mut names)?;
    references.extend(new.into_iter().map(|(name, value)| FieldValue { name, value }));
    Ok(TaskUpdate { contact: form.contact.contact, name, description, references })
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

/// Longest report of a problem, characters. The platform names no limit; this is ours.
const ISSUE: usize = 1000;

/// The words of a report as they are sent.
pub(crate) fn issue(kind: IssueKind, typed: &str) -> Result<String, RpcError> {
    let text = typed.trim();
    if text.is_empty() && kind == IssueKind::Other {
        return Err(rpc_error::field("text", "error_field_missing"));
    }
    if text.chars().count() > ISSUE {
        return Err(rpc_error::field("text", "error_too_long"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn form() -> CreateTask {
        CreateTask {
            account: "a".into(),
            token: "t".into(),
            name: " Call back ".to_owned(),
            description: " ".to_owned(),
            endpoint: Some("e".into()),
            links: vec![TaskLink { name: "Order".to_owned(), address: "https://example.com/1".to_owned() }],
            template: None,
            fields: Vec::new(),
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
    fn a_template_can_do_without_somebody_and_takes_no_links_of_its_own() {
        let value = |name: &str, value: &str| FieldValue { name: name.to_owned(), value: value.to_owned() };
        let of = |field: &str, key: &str| (Some(field.to_owned()), key.to_owned());
        let none = CreateTask { endpoint: None, ..form() };
        assert_eq!(field_of(none.clone()), of("endpoint", "error_field_missing"), "without a template");
        let with = CreateTask { template: Some("t".into()), ..none };
        assert_eq!(field_of(with.clone()), of("links", "error_invalid"), "its fields are its references");
        let with = CreateTask { links: Vec::new(), ..with };
        let twice = CreateTask { fields: vec![value("Order", "1"), value("Order", "2")], ..with.clone() };
        assert_eq!(field_of(twice), of("Order", "error_invalid"), "a field has one value");
        let long = CreateTask { fields: vec![value("Order", &"x".repeat(4097))], ..with.clone() };
        assert_eq!(field_of(long), of("Order", "error_too_long"));
        let fine = CreateTask { fields: vec![value("Order", " 17 "), value("Note", " ")], ..with };
        assert_eq!(request(fine).unwrap().fields, [value("Order", "17")], "what is empty is not filled in");
    }

    #[test]
    fn a_change_names_what_is_wrong_and_keeps_what_it_does_not_name() {
        let value = |name: &str, value: &str| FieldValue { name: name.to_owned(), value: value.to_owned() };
        let link = |name: &str| TaskLink { name: name.to_owned(), address: "https://example.com/".to_owned() };
        let change = UpdateTask {
            contact: trunkline_model::ContactKey::new("a".into(), "c-1".into()),
            name: None,
            description: Some(String::new()),
            references: vec![value("Order", "17")],
            links: vec![link("Page")],
        };
        let read = update(change.clone()).unwrap();
        assert_eq!((read.name, read.description.as_deref()), (None, Some("")), "a text can be taken away");
        assert_eq!(read.references, [value("Order", "17"), value("Page", "https://example.com/")], "in order");
        let field_of = |change: UpdateTask| update(change).expect_err("it is refused").field;
        let bad = |field: &str| Some(field.to_owned());
        assert_eq!(field_of(UpdateTask { name: Some(" ".to_owned()), ..change.clone() }), bad("name"));
        assert_eq!(field_of(UpdateTask { references: vec![value("Order", " ")], ..change.clone() }), bad("Order"));
        assert_eq!(field_of(UpdateTask { links: vec![link("Order")], ..change }), bad("links"), "known by that name");
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

    #[test]
    fn a_problem_of_no_kind_needs_words_and_none_may_have_too_many() {
        let field = |kind, text: &str| issue(kind, text).unwrap_err().field;
        assert_eq!(field(IssueKind::Other, " "), Some("text".to_owned()), "nothing would be told");
        assert_eq!(issue(IssueKind::Sound, " ").unwrap(), "", "the kind alone says something");
        assert_eq!(field(IssueKind::Sound, &"ö".repeat(1001)), Some("text".to_owned()), "too long");
        assert_eq!(issue(IssueKind::Other, &format!(" {} ", "ö".repeat(1000))).unwrap().chars().count(), 1000);
    }
}

//! Task templates into the shared vocabulary, and what the agent filled in back
//! into references: section 4.6. Pure.
//!
//! | field's type | reference's type | value | limit |
//! | --- | --- | --- | --- |
//! | TEXT | STRING | text | fewer than 512 characters |
//! | TEXT_AREA | STRING | text | fewer than 4096 characters |
//! | BOOLEAN | STRING | `true` or `false` | |
//! | SINGLE_SELECT | STRING | one of the options | |
//! | NUMBER | NUMBER | number | |
//! | DATE_TIME | DATE | seconds since 1970 | |
//! | URL | URL | text | 4096 characters |
//! | EMAIL | EMAIL | text | 4096 characters |

use serde_json::{Number, Value, json};
use trunkline_connector::{CommandCode, CommandError, TaskRequest};
use trunkline_model::{FieldValue, TaskField, TaskFieldKind, TaskTemplate, TaskTemplateEntry, TaskTemplateId};
use url::Url;

use crate::wire::{self, FieldEntry, FieldType, OutgoingReference, TemplateEntry, TemplateReply, Timestamp};

/// Longest value of any kind, characters.
const LONGEST: usize = 4096;

/// A text that says something.
fn text_of(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn invalid(field: &str, detail: &str) -> CommandError {
    CommandError::new(CommandCode::Invalid, detail).at(field)
}

/// An entry of the list; those that no task can be made from are left out.
pub fn entry(entry: TemplateEntry) -> Option<TaskTemplateEntry> {
    if !entry.is_active() {
        return None;
    }
    let name = text_of(entry.name).unwrap_or_else(|| entry.id.clone());
    Some(TaskTemplateEntry { id: TaskTemplateId::new(entry.id), name, description: text_of(entry.description) })
}

fn kind(kind: &FieldType) -> TaskFieldKind {
    match kind {
        FieldType::Name => TaskFieldKind::Name,
        FieldType::Description => TaskFieldKind::Description,
        FieldType::ScheduledTime => TaskFieldKind::ScheduledTime,
        FieldType::QuickConnect => TaskFieldKind::QuickConnect,
        FieldType::Url => TaskFieldKind::Url,
        FieldType::Number => TaskFieldKind::Number,
        FieldType::Text => TaskFieldKind::Text,
        FieldType::TextArea => TaskFieldKind::TextArea,
        FieldType::DateTime => TaskFieldKind::DateTime,
        FieldType::Boolean => TaskFieldKind::Boolean,
        FieldType::SingleSelect => TaskFieldKind::SingleSelect,
        FieldType::Email => TaskFieldKind::Email,
        FieldType::Other(other) => TaskFieldKind::Unknown(other.clone()),
    }
}

fn longest(kind: &TaskFieldKind) -> Option<u32> {
    match kind {
        TaskFieldKind::Name => Some(512),
        TaskFieldKind::Description | TaskFieldKind::Url | TaskFieldKind::Email => Some(4096),
        TaskFieldKind::Text => Some(511),
        TaskFieldKind::TextArea => Some(4095),
        _ => None,
    }
}

/// A default in the form of its kind; one that has another form is none.
fn default(kind: &TaskFieldKind, given: &str) -> Option<String> {
    let given = given.trim();
    if given.is_empty() {
        return None;
    }
    match kind {
        TaskFieldKind::ScheduledTime | TaskFieldKind::DateTime => {
            // Seconds, milliseconds or ISO 8601: which is not published.
            let time = match given.parse::<f64>() {
                Ok(number) => Timestamp::from_number(number),
                Err(_) => Timestamp::parse(given),
            }?;
            Some(((time.0 * 1000.0).round() as i64).to_string())
        }
        TaskFieldKind::Boolean => {
            let given = given.to_ascii_lowercase();
            matches!(given.as_str(), "true" | "false").then_some(given)
        }
        _ => Some(given.to_owned()),
    }
}

/// The template as the agent gets it, and the fields that are none of the
/// agent's business but have a value.
pub fn template(id: &TaskTemplateId, reply: TemplateReply) -> (TaskTemplate, Vec<FieldFixed>) {
    let named = |list: &[FieldEntry], name: &str| list.iter().any(|entry| entry.id.name == name);
    let constraints = &reply.constraints;
    let (mut fields, mut fixed) = (Vec::new(), Vec::new());
    for field in reply.fields {
        let name = field.id.name;
        if name.trim().is_empty() || fields.iter().any(|known: &TaskField| known.name == name) {
            continue;
        }
        let kind = kind(&field.kind);
        let given = reply.defaults.default_field_values.iter().find(|value| value.id.name == name);
        let default = given.and_then(|value| default(&kind, &value.default_value));
        if named(&constraints.invisible_fields, &name) {
            fixed.extend(default.map(|value| FieldFixed { name, kind, value }));
            continue;
        }
        fields.push(TaskField {
            required: kind == TaskFieldKind::Name || named(&constraints.required_fields, &name),
            read_only: named(&constraints.read_only_fields, &name),
            longest: longest(&kind),
            description: text_of(field.description),
            options: field.single_select_options,
            default,
            name,
            kind,
        });
    }
    let name = text_of(reply.name).unwrap_or_else(|| id.as_str().to_owned());
    (TaskTemplate { id: id.clone(), name, description: text_of(reply.description), fields }, fixed)
}

/// An invisible field with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFixed {
    /// Its name.
    pub name: String,
    /// What it takes.
    pub kind: TaskFieldKind,
    /// In the form of its kind.
    pub value: String,
}

/// A value as a reference. The kinds of the task's own members are none.
pub fn reference(
    name: &str,
    kind: &TaskFieldKind,
    options: &[String],
    value: &str,
) -> Result<OutgoingReference, CommandError> {
    let longest = longest(kind).map_or(LONGEST, |longest| longest as usize);
    if value.chars().count() > longest {
        return Err(invalid(name, "the text is too long"));
    }
    let (kind, value) = match kind {
        TaskFieldKind::Text | TaskFieldKind::TextArea => ("STRING", json!(value)),
        TaskFieldKind::Boolean if matches!(value, "true" | "false") => ("STRING", json!(value)),
        TaskFieldKind::Boolean => return Err(invalid(name, "neither true nor false")),
        TaskFieldKind::SingleSelect if options.iter().any(|option| option == value) => ("STRING", json!(value)),
        TaskFieldKind::SingleSelect => return Err(invalid(name, "not one of the choices")),
        TaskFieldKind::Number => {
            let number: Number = serde_json::from_str(value).map_err(|_| invalid(name, "not a number"))?;
            ("NUMBER", Value::Number(number))
        }
        TaskFieldKind::DateTime => {
            let millis: i64 = value.parse().map_err(|_| invalid(name, "not a time"))?;
            ("DATE", json!(millis.div_euclid(1000)))
        }
        TaskFieldKind::Url if is_web(value) => ("URL", json!(value)),
        TaskFieldKind::Url => return Err(invalid(name, "not a web address")),
        TaskFieldKind::Email if is_mail(value) => ("EMAIL", json!(value)),
        TaskFieldKind::Email => return Err(invalid(name, "not an e-mail address")),
        TaskFieldKind::Name
        | TaskFieldKind::Description
        | TaskFieldKind::ScheduledTime
        | TaskFieldKind::QuickConnect
        | TaskFieldKind::Unknown(_) => return Err(invalid(name, "this field cannot be filled in")),
    };
    Ok(OutgoingReference { name: name.to_owned(), kind, value })
}

fn is_web(value: &str) -> bool {
    Url::parse(value).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn is_mail(value: &str) -> bool {
    let plain = !value.chars().any(|character| character.is_whitespace() || character.is_control());
    plain && value.rsplit_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty())
}

/// The member of a task that a field of the template stands for.
pub fn member(kind: &TaskFieldKind) -> Option<&'static str> {
    match kind {
        TaskFieldKind::Name => Some("name"),
        TaskFieldKind::Description => Some("description"),
        TaskFieldKind::QuickConnect => Some("endpoint"),
        TaskFieldKind::ScheduledTime => Some("scheduled_for"),
        _ => None,
    }
}

/// The task's own members, against what the template says of them.
fn check_members(template: &TaskTemplate, request: &TaskRequest) -> Result<(), CommandError> {
    let scheduled = request.scheduled_for.map(|time| time.0.to_string());
    let endpoint = request.endpoint.as_ref().map(|id| id.as_str().to_owned());
    let given = [
        (TaskFieldKind::Name, Some(request.name.clone()), "name"),
        (TaskFieldKind::Description, request.description.clone(), "description"),
        (TaskFieldKind::QuickConnect, endpoint, "endpoint"),
        (TaskFieldKind::ScheduledTime, scheduled, "scheduled_for"),
    ];
    for (kind, given, member) in given {
        match (template.field_of(&kind), given) {
            // The name is needed whether or not the template speaks of it.
            (None, Some(_)) if kind != TaskFieldKind::Name => {
                return Err(invalid(member, "the template has no such field"));
            }
            (Some(field), None) if field.required && field.default.is_none() => {
                return Err(invalid(member, "the template requires it"));
            }
            (Some(field), Some(given)) if field.read_only && field.default.as_ref() != Some(&given) => {
                return Err(invalid(member, "the template does not let it be changed"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The references of a task made from a template; `fixed` are sent along.
pub fn references(
    template: &TaskTemplate,
    fixed: &[FieldFixed],
    request: &TaskRequest,
) -> Result<Vec<OutgoingReference>, CommandError> {
    check_members(template, request)?;
    let known = |name: &str| template.fields.iter().any(|field| field.name == name && member(&field.kind).is_none());
    if let Some(stray) = request.fields.iter().find(|field| !known(&field.name)) {
        return Err(invalid(&stray.name, "the template has no such field"));
    }
    let mut all = Vec::new();
    for field in template.fields.iter().filter(|field| member(&field.kind).is_none()) {
        let given = request.fields.iter().find(|value| value.name == field.name).map(|value| value.value.trim());
        let given = given.filter(|value| !value.is_empty());
        let value = match (given, field.default.as_deref()) {
            (Some(given), default) if field.read_only && default != Some(given) => {
                return Err(invalid(&field.name, "the template does not let it be changed"));
            }
            // What is fixed holds, whether or not it came along.
            (None, Some(default)) if field.read_only => Some(default),
            (given, _) => given,
        };
        match value {
            Some(value) => all.push(reference(&field.name, &field.kind, &field.options, value)?),
            None if field.required => return Err(invalid(&field.name, "the template requires it")),
            None => {}
        }
    }
    // A default of a form that the service itself would refuse is the template's fault, not the agent's.
    all.extend(fixed.iter().filter_map(|field| {
        let options = std::slice::from_ref(&field.value);
        reference(&field.name, &field.kind, options, &field.value).ok()
    }));
    Ok(all)
}

/// New values of a task's references: what there is keeps its kind, what is new is a link.
pub fn changed(contact: &wire::Contact, values: &[FieldValue]) -> Result<Vec<OutgoingReference>, CommandError> {
    let read = values.iter().map(|change| {
        let kind = match contact.references.get(&change.name) {
            None => TaskFieldKind::Url,
            Some(reference) => match reference.kind.as_deref() {
                Some("URL") => TaskFieldKind::Url,
                Some("STRING") | None => TaskFieldKind::TextArea,
                Some("NUMBER") => TaskFieldKind::Number,
                Some("DATE") => TaskFieldKind::DateTime,
                Some("EMAIL") => TaskFieldKind::Email,
                Some(_) => return Err(invalid(&change.name, "this reference cannot be changed")),
            },
        };
        reference(&change.name, &kind, &[], change.value.trim())
    });
    read.collect()
}

/// What of the task a refusal finds fault with: a member's name or that of a
/// field. `paths` are the service's, dotted.
pub fn faulty(template: Option<&TaskTemplate>, paths: &[String]) -> Option<String> {
    let parts = |path: &String| -> Vec<String> { path.split(['.', '/']).map(str::to_owned).collect() };
    paths.iter().find_map(|path| {
        let hit = |field: &&TaskField| *path == field.name || parts(path).contains(&field.name);
        if let Some(field) = template.and_then(|template| template.fields.iter().find(hit)) {
            return Some(member(&field.kind).map_or_else(|| field.name.clone(), str::to_owned));
        }
        let last = parts(path).pop()?;
        let own = match last.as_str() {
            "Name" | "name" => "name",
            "Description" | "description" => "description",
            "QuickConnectId" | "quickConnectId" => "endpoint",
            "ScheduledTime" | "scheduledTime" => "scheduled_for",
            _ => return None,
        };
        Some(own.to_owned())
    })
}

#[cfg(test)]
#[path = "templates_tests.rs"]
mod tests;

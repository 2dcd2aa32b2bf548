//! The customer's document.

use serde_json::Value;
use trunkline_model::Attribute;

use super::{
    look::{fields, first, flag, list, words},
    text,
};

/// Told elsewhere, or of no use to a person.
const LEFT_OUT: [&str; 10] =
    ["_id", "id", "__v", "firstName", "lastName", "phoneNumber", "isAnonymous", "labels", "createdAt", "updatedAt"];

/// A customer, read as far as it is needed. Text from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// Its id.
    pub id: Option<String>,
    /// First and last name.
    pub name: Option<String>,
    /// Telephone numbers as they stand there.
    pub numbers: Vec<String>,
    /// The platform knows an address and nothing else.
    pub anonymous: bool,
    /// Everything else of the document, by readable names. The platform leaves it
    /// to the caller to hide what this agent must not see.
    pub more: Vec<Attribute>,
}

impl Customer {
    /// Reads what is there.
    pub fn read(raw: &Value) -> Self {
        Self {
            id: words(raw, &["_id"]).or_else(|| words(raw, &["id"])),
            name: name(raw),
            numbers: list(raw, &["phoneNumber"]).filter_map(|number| words(number, &[])).collect(),
            anonymous: flag(raw, &["isAnonymous"]).unwrap_or(false),
            more: if raw.is_object() { fields(raw, &LEFT_OUT) } else { Vec::new() },
        }
    }
}

/// First and last name, as far as they are told.
pub(super) fn name(raw: &Value) -> Option<String> {
    both(first(raw, &["firstName", "first_name"]), first(raw, &["lastName", "last_name"]))
}

/// Two names in one.
pub(super) fn both(first: Option<String>, last: Option<String>) -> Option<String> {
    let names: Vec<String> = [first, last].into_iter().flatten().map(|name| name.trim().to_owned()).collect();
    (!names.is_empty()).then(|| text::short(&names.join(" ")))
}

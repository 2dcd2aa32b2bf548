//! The customer's document.

use serde_json::Value;

use super::{
    look::{first, flag, list, words},
    text,
};

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
}

impl Customer {
    /// Reads what is there.
    pub fn read(raw: &Value) -> Self {
        Self {
            id: words(raw, &["_id"]).or_else(|| words(raw, &["id"])),
            name: name(raw),
            numbers: list(raw, &["phoneNumber"]).filter_map(|number| words(number, &[])).collect(),
            anonymous: flag(raw, &["isAnonymous"]).unwrap_or(false),
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

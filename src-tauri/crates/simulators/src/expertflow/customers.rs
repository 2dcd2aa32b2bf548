//! What the customer service and the conversation manager do with customers.

use serde_json::{Value, json};

use super::shapes::Voice;
use super::world::{World, object_id};

/// Why a service would not: status and text.
pub(super) type Refused = (u16, String);

/// Members of every customer that the schema does not name.
const OWN: [&str; 4] = ["_id", "__v", "isAnonymous", "labels"];

fn refused<T>(status: u16, text: impl Into<String>) -> Result<T, Refused> {
    Err((status, text.into()))
}

/// The text occurs in the value, in whatever case.
fn contains(value: &Value, wanted: &str) -> bool {
    match value {
        Value::Array(all) => all.iter().any(|one| contains(one, wanted)),
        Value::Object(members) => members.get("name").is_some_and(|name| contains(name, wanted)),
        Value::String(text) => text.to_lowercase().contains(&wanted.to_lowercase()),
        Value::Null => false,
        other => other.to_string().contains(wanted),
    }
}

/// Ids of documents are 24 hexadecimal digits.
pub(super) fn is_object_id(id: &str) -> bool {
    id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl World {
    /// The rows of the schema.
    fn attributes(&self) -> &[Value] {
        self.options.customer_schema.as_array().map(Vec::as_slice).unwrap_or_default()
    }

    fn attribute(&self, key: &str) -> Option<&Value> {
        self.attributes().iter().find(|row| row["key"] == key)
    }

    fn knows_field(&self, key: &str) -> bool {
        OWN.contains(&key) || self.attribute(key).is_some()
    }

    /// A customer's document.
    pub fn customer(&self, id: &str) -> Option<&Value> {
        self.customers.iter().find(|row| row["_id"] == id)
    }

    /// The customer whom a channel type knows by exactly that identifier.
    pub fn customer_by(&self, channel_type: &str, identifier: &str) -> Option<&Value> {
        let of_type = |row: &&Value| {
            let types = row["channelTypes"].as_array().map(Vec::as_slice).unwrap_or_default();
            row["isChannelIdentifier"] == true && types.iter().any(|one| *one == channel_type)
        };
        let keys: Vec<&str> = self.attributes().iter().filter(of_type).filter_map(|row| row["key"].as_str()).collect();
        self.customers.iter().find(|customer| {
            let holds = |key: &&str| {
                customer[*key].as_array().is_some_and(|identifiers| identifiers.iter().any(|one| *one == identifier))
            };
            keys.iter().any(holds)
        })
    }

    /// Customers of whom `field` contains a text, in an order such as `firstName:asc`.
    pub fn search(&self, filter: Option<&str>, sort: Option<&str>) -> Result<Vec<Value>, Refused> {
        let mut rows = self.customers.clone();
        if let Some(filter) = filter {
            let Some((field, wanted)) = filter.split_once(':') else {
                return refused(400, "paginateQuery has to be field:value");
            };
            if !self.knows_field(field) {
                return refused(400, format!("{field} is no attribute of a customer"));
            }
            rows.retain(|row| contains(&row[field], wanted));
        }
        if let Some(sort) = sort {
            let Some((field, order @ ("asc" | "desc"))) = sort.split_once(':') else {
                return refused(400, "sort has to be field:asc or field:desc");
            };
            if !self.knows_field(field) {
                return refused(400, format!("{field} is no attribute of a customer"));
            }
            rows.sort_by_cached_key(|row| row[field].to_string());
            if order == "desc" {
                rows.reverse();
            }
        }
        Ok(rows)
    }

    /// The document that `body` makes of a customer, or of a new one without an id.
    pub fn revised(&self, id: Option<&str>, body: &Value) -> Result<Value, Refused> {
        let Some(members) = body.as_object() else { return refused(400, "a customer is an object") };
        let mut row = match id {
            None => json!({ "_id": object_id(), "isAnonymous": false, "__v": 0, "labels": [] }),
            Some(id) => match self.customer(id) {
                Some(row) => row.clone(),
                None => return refused(404, "there is no such customer"),
            },
        };
        for (key, value) in members {
            match (key.as_str(), self.attribute(key)) {
                ("_id", _) if id.is_some_and(|id| *value != *id) => return refused(400, "_id cannot be changed"),
                ("_id" | "__v", _) => {}
                ("isAnonymous", _) if !value.is_boolean() => return refused(400, "isAnonymous has to be a boolean"),
                ("isAnonymous", _) => row[key.as_str()] = value.clone(),
                ("labels", _) => row["labels"] = self.known_labels(value)?,
                (_, None) => return refused(400, format!("{key} is no attribute of a customer")),
                (_, Some(attribute)) => {
                    fits(attribute, value)?;
                    self.is_free(&row, attribute, value)?;
                    row[key.as_str()] = value.clone();
                }
            }
        }
        let empty = |value: &Value| match value {
            Value::Array(list) => list.is_empty(),
            Value::String(text) => text.trim().is_empty(),
            other => other.is_null(),
        };
        for attribute in self.attributes().iter().filter(|one| one["isRequired"] == true) {
            let key = attribute["key"].as_str().unwrap_or_default();
            if empty(&row[key]) {
                return refused(400, format!("{key} is required"));
            }
        }
        row["__v"] = json!(row["__v"].as_u64().unwrap_or(0) + u64::from(id.is_some()));
        Ok(row)
    }

    /// Labels come as documents or as their ids, and are kept as documents.
    fn known_labels(&self, value: &Value) -> Result<Value, Refused> {
        let Some(list) = value.as_array() else { return refused(400, "labels have to be a list") };
        let find = |one: &Value| {
            let id = one["_id"].as_str().or(one.as_str())?;
            self.options.labels.iter().find(|label| label["_id"] == id).cloned()
        };
        match list.iter().map(find).collect::<Option<Vec<Value>>>() {
            Some(labels) => Ok(json!(labels)),
            None => refused(400, "there is no such label"),
        }
    }

    /// Two customers cannot have the same identifier in a channel.
    fn is_free(&self, row: &Value, attribute: &Value, value: &Value) -> Result<(), Refused> {
        let key = attribute["key"].as_str().unwrap_or_default();
        if attribute["isChannelIdentifier"] != true {
            return Ok(());
        }
        let mine = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let taken = self.customers.iter().filter(|other| other["_id"] != row["_id"]).any(|other| {
            other[key].as_array().is_some_and(|theirs| theirs.iter().any(|identifier| mine.contains(identifier)))
        });
        if taken { refused(409, format!("{key} belongs to another customer")) } else { Ok(()) }
    }

    /// Keeps a document, new or in the place of the one with its id.
    pub fn keep_customer(&mut self, document: Value) {
        match self.customers.iter_mut().find(|row| row["_id"] == document["_id"]) {
            Some(row) => *row = document,
            None => self.customers.push(document),
        }
    }

    /// `update-customer`: the conversation is that customer's from now on, and everybody in it is told.
    pub fn link(&mut self, conversation: &str, customer: &Value) -> Result<(), Refused> {
        let Some(id) = customer["_id"].as_str() else { return refused(400, "the customer has no _id") };
        // What the service keeps counts, not what the client sends along.
        let Some(document) = self.customer(id).cloned() else { return refused(404, "there is no such customer") };
        let found = self.conversations.get_mut(conversation).filter(|found| found.state != "CLOSED");
        let Some(found) = found else { return refused(404, "there is no such conversation") };
        found.customer = document.clone();
        found.facts.linked.push(id.to_owned());
        for session in &mut found.sessions {
            session.value["customer"] = document.clone();
        }
        let emitter = Voice::AgentManager.sender();
        self.happen(conversation, "ASSOCIATED_CUSTOMER_CHANGED", "NOTIFICATION", emitter, document);
        Ok(())
    }

    /// `update-past-conversations`: what was one customer's is another's. What goes on at present stays.
    pub fn move_past(&mut self, body: &Value) -> Result<(), Refused> {
        let id = |member: &str| body[member]["_id"].as_str().or(body[member].as_str()).map(str::to_owned);
        let (Some(from), Some(to)) = (id("currentCustomer"), id("newCustomer")) else {
            return refused(400, "currentCustomer and newCustomer are required");
        };
        if self.customer(&from).is_none() {
            return refused(404, "there is no current customer");
        }
        let Some(document) = self.customer(&to).cloned() else { return refused(404, "there is no new customer") };
        for found in self.conversations.values_mut() {
            if found.customer["_id"] == from.as_str() && matches!(found.state, "CLOSED" | "CUSTOMER_LEFT") {
                found.customer = document.clone();
            }
        }
        for owner in self.past_owners.values_mut().filter(|owner| **owner == from) {
            owner.clone_from(&to);
        }
        Ok(())
    }
}

/// The value is one that the attribute can hold.
fn fits(attribute: &Value, value: &Value) -> Result<(), Refused> {
    let key = attribute["key"].as_str().unwrap_or_default();
    if attribute["isChannelIdentifier"] == true {
        let texts =
            value.as_array().is_some_and(|all| all.iter().all(|one| one.as_str().is_some_and(|t| !t.is_empty())));
        return if texts { Ok(()) } else { refused(400, format!("{key} has to be a list of texts")) };
    }
    match value {
        Value::Null => Ok(()),
        Value::String(text) if attribute["type"] != "String50" || text.chars().count() <= 50 => Ok(()),
        Value::String(_) => refused(400, format!("{key} is longer than 50 characters")),
        _ => refused(400, format!("{key} has to be a text")),
    }
}

//! Customers' records, their earlier conversations, and words kept ready
//! (docs/connectors/expertflow.md, sections 7.5 and 10).

use std::collections::BTreeMap;

use serde_json::Value;
use trunkline_model::{
    Attribute, CannedMessage, CustomerField, CustomerId, CustomerPage, CustomerRecord, PastMessage, PastPage,
    UnixMillis,
};

use crate::cim::{self, CimEvent, Customer, Happening};
use crate::reports::labels;
use crate::user::User;

/// Fields of a record, values of a field, and canned messages that are read.
const MOST: usize = 200;
const MOST_CANNED: usize = 5_000;
/// Told elsewhere, or of no use to a person.
const LEFT_OUT: [&str; 9] =
    ["_id", "id", "__v", "firstName", "lastName", "isAnonymous", "labels", "createdAt", "updatedAt"];

#[derive(Clone, Debug, PartialEq)]
struct Attributes {
    label: String,
    order: u64,
    personal: bool,
    address: bool,
}

/// The fields that a customer has at this installation (`customerSchema`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    fields: BTreeMap<String, Attributes>,
}

impl Schema {
    /// Reads it; empty where it cannot be read.
    pub fn read(raw: &Value) -> Self {
        let rows = raw.as_array().or_else(|| raw["data"].as_array()).map(Vec::as_slice).unwrap_or_default();
        let field = |row: &Value| {
            let key = row["key"].as_str().filter(|key| !key.is_empty())?.to_owned();
            let label = row["label"].as_str().filter(|label| !label.trim().is_empty());
            let read = Attributes {
                label: cim::cut(label.unwrap_or(&cim::readable(&key))),
                order: row["sortOrder"].as_u64().unwrap_or(u64::MAX),
                personal: row["isPii"].as_bool().unwrap_or(true),
                address: row["isChannelIdentifier"].as_bool().unwrap_or(false),
            };
            Some((key, read))
        };
        Self { fields: rows.iter().take(MOST).filter_map(field).collect() }
    }

    /// What a field is called, where it stands, and whether it is personal. A field
    /// that the schema does not name is taken as personal: showing it cannot be undone.
    fn of(&self, key: &str) -> Attributes {
        self.fields.get(key).cloned().unwrap_or_else(|| Attributes {
            label: cim::readable(key),
            order: u64::MAX,
            personal: true,
            address: key == "phoneNumber",
        })
    }

    /// The record of a document.
    pub fn record(&self, raw: &Value, user: &User) -> CustomerRecord {
        let customer = Customer::read(raw);
        let sees = user.sees_personal_data();
        let members = raw.as_object().into_iter().flatten().filter(|(key, _)| !LEFT_OUT.contains(&key.as_str()));
        let mut fields: Vec<(u64, CustomerField)> = Vec::new();
        for (key, value) in members.take(MOST) {
            let values = values(value);
            if values.is_empty() {
                continue;
            }
            let Attributes { label, order, personal, address } = self.of(key);
            let hidden = personal && !sees;
            let values = if hidden { Vec::new() } else { values };
            fields.push((order, CustomerField { key: key.clone(), label, values, hidden, address }));
        }
        fields.sort_by(|(a, one), (b, other)| (a, &one.label).cmp(&(b, &other.label)));
        CustomerRecord {
            id: customer.id.map(CustomerId::new),
            name: customer.name,
            anonymous: customer.anonymous,
            fields: fields.into_iter().map(|(_, field)| field).collect(),
            labels: labels(&raw["labels"]),
        }
    }

    /// These words, found elsewhere, are what is hidden of the document.
    pub fn hides(&self, raw: &Value, user: &User, words: &str) -> bool {
        let words = bare(words);
        let personal = |(key, value): (&String, &Value)| {
            !LEFT_OUT.contains(&key.as_str())
                && self.of(key).personal
                && values(value).iter().any(|value| bare(value) == words)
        };
        !user.sees_personal_data() && !words.is_empty() && raw.as_object().into_iter().flatten().any(personal)
    }

    /// What of the document is shown beside a contact: what this agent may see.
    pub fn beside(&self, raw: &Value, user: &User) -> Vec<Attribute> {
        let shown =
            self.record(raw, user).fields.into_iter().filter(|field| !field.hidden && field.key != "phoneNumber");
        shown.map(|field| Attribute { name: field.label, value: field.values.join(", ") }).collect()
    }
}

/// Letters and digits alone: how a number is written does not matter.
fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What stands in a field, in words.
fn values(value: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) if !text.trim().is_empty() => Some(cim::cut(text.trim())),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    };
    match value {
        Value::Array(list) => list.iter().take(MOST).filter_map(text).collect(),
        one => text(one).into_iter().collect(),
    }
}

/// Which field is looked through for these words: a number's, an address's or the name's.
pub fn field_for<'a>(words: &str, name: &'a str, number: &'a str, mail: &'a str) -> &'a str {
    let digits = words.chars().filter(char::is_ascii_digit).count();
    if words.contains('@') {
        mail
    } else if digits >= 2 && !words.chars().any(char::is_alphabetic) {
        number
    } else {
        name
    }
}

/// A page of customers; `limit` were asked for.
pub fn page(raw: &Value, schema: &Schema, user: &User, number: u32, limit: u32) -> Option<CustomerPage> {
    let docs = raw["docs"].as_array().or_else(|| raw.as_array()).or_else(|| raw["data"].as_array())?;
    let items: Vec<CustomerRecord> =
        docs.iter().map(|doc| schema.record(doc, user)).filter(|record| record.id.is_some()).collect();
    let more = raw["hasNextPage"].as_bool().unwrap_or(docs.len() >= limit as usize && limit > 0);
    Some(CustomerPage { items, next: more.then_some(number + 1) })
}

/// A page of what happened in a customer's earlier conversations, newest first.
/// The one at work is left out.
pub fn past(raw: &Value, user: &User, except: &str, number: u32, limit: u32, now: UnixMillis) -> Option<PastPage> {
    let docs = raw["docs"].as_array().or_else(|| raw.as_array())?;
    let role_of = |_: &str| None;
    let me = cim::Me { id: &user.id, username: &user.username, role_of: &role_of };
    let mut items: Vec<PastMessage> = Vec::new();
    for doc in docs {
        let Ok(event) = CimEvent::read(doc) else { continue };
        let Some(conversation) = event.conversation.clone().filter(|id| id != except) else { continue };
        let told = cim::read(&event, &me, now);
        let message = match told.what {
            Happening::Message(message) => Some(message),
            _ => told.line,
        };
        items.extend(message.map(|message| PastMessage { conversation, message: *message }));
    }
    items.sort_by_key(|item| std::cmp::Reverse(item.message.at));
    let more = docs.len() >= limit as usize && limit > 0;
    Some(PastPage { items, next: more.then_some(number + 1) })
}

/// Words kept ready: `{language: {category: [text]}}`.
pub fn canned(raw: &Value) -> Option<Vec<CannedMessage>> {
    let mut found = Vec::new();
    for (language, categories) in raw.as_object()? {
        for (category, texts) in categories.as_object().into_iter().flatten() {
            let texts = texts.as_array().map(Vec::as_slice).unwrap_or_default();
            for text in texts.iter().filter_map(Value::as_str).filter(|text| !text.trim().is_empty()) {
                if found.len() < MOST_CANNED {
                    found.push(CannedMessage {
                        language: language.clone(),
                        category: category.clone(),
                        text: cim::cut(text),
                    });
                }
            }
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn fixture(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    fn user(scopes: &[&str]) -> User {
        let resources = json!({ "Resources": [{ "rsname": "customer", "scopes": scopes }] });
        User::read(&json!({ "id": "u", "username": "u", "permittedResources": resources })).unwrap()
    }

    fn schema() -> Schema {
        Schema::read(&fixture(include_str!("../tests/fixtures/expertflow/rest/customer_schema.json")))
    }

    #[test]
    fn a_record_has_the_schemas_labels_and_order_and_hides_what_is_personal() {
        let mut raw = fixture(include_str!("../tests/fixtures/expertflow/rest/customer.json"));
        raw["city"] = json!("Bern");
        raw["empty"] = json!("");
        raw["labels"] = json!([{ "_id": "1", "name": "VIP" }]);
        let mut schema = schema();
        schema.fields.insert(
            "city".to_owned(),
            Attributes { label: "Town".to_owned(), order: 1, personal: false, address: false },
        );
        let open = schema.record(&raw, &user(&["view_pii"]));
        let read: Vec<_> =
            open.fields.iter().map(|f| (f.label.as_str(), f.values.join("|"), f.hidden, f.address)).collect();
        assert_eq!(
            read,
            [
                ("Town", "Bern".to_owned(), false, false),
                ("Web", "15550100".to_owned(), false, true),
                (cim::readable("phoneNumber").as_str(), "15550100".to_owned(), false, true),
            ]
        );
        assert_eq!(
            (open.name.as_deref(), open.labels.as_slice()),
            (Some("Chris Sample"), ["VIP".to_owned()].as_slice())
        );
        for scopes in [&[][..], &["view_pii", "masked_pii"][..]] {
            let record = schema.record(&raw, &user(scopes));
            let hidden: Vec<bool> = record.fields.iter().map(|field| field.hidden).collect();
            assert_eq!(hidden, [false, true, true], "only what is not personal is shown");
            assert!(record.fields.iter().all(|field| field.hidden == field.values.is_empty()));
            let text = format!("{record:?}");
            assert!(!text.contains("15550100"), "{text}");
        }
        assert!(
            schema.hides(&raw, &user(&[]), "+1 555 01-00") && !schema.hides(&raw, &user(&["view_pii"]), "15550100")
        );
        assert!(!schema.hides(&raw, &user(&[]), "Bern") && !schema.hides(&raw, &user(&[]), " "));
        assert_eq!(schema.beside(&raw, &user(&[])), [Attribute { name: "Town".to_owned(), value: "Bern".to_owned() }]);
    }

    #[test]
    fn without_a_schema_everything_is_personal() {
        let raw = fixture(include_str!("../tests/fixtures/expertflow/rest/customer.json"));
        let record = Schema::default().record(&raw, &user(&[]));
        assert!(!record.fields.is_empty() && record.fields.iter().all(|field| field.hidden));
        for raw in [json!(null), json!([]), json!({ "data": 3 }), json!([7, { "key": "" }, { "label": "x" }])] {
            assert_eq!(Schema::read(&raw), Schema::default(), "{raw}");
        }
    }

    #[test]
    fn customers_come_by_pages_and_are_looked_for_by_what_the_words_are() {
        let doc = fixture(include_str!("../tests/fixtures/expertflow/rest/customer.json"));
        let full = page(&json!({ "docs": [doc, doc] }), &schema(), &user(&[]), 0, 2).unwrap();
        assert_eq!((full.items.len(), full.next), (2, Some(1)));
        let last = page(&json!({ "docs": [doc], "hasNextPage": false }), &schema(), &user(&[]), 1, 1).unwrap();
        assert_eq!(last.next, None);
        assert_eq!(page(&json!("x"), &schema(), &user(&[]), 0, 2), None);
        let field = |words| field_for(words, "name", "number", "mail");
        assert_eq!(
            [field("ana"), field("+49 30 1"), field("a@b"), field("room 12")],
            ["name", "number", "mail", "name"]
        );
    }

    #[test]
    fn earlier_conversations_are_read_newest_first_without_the_one_at_work() {
        let raw = fixture(include_str!("../tests/fixtures/expertflow/rest/past_activities.json"));
        let count = raw["docs"].as_array().unwrap().len();
        let all = past(&raw, &user(&[]), "", 0, 25, UnixMillis(0)).unwrap();
        assert!(!all.items.is_empty() && all.items.len() <= count);
        assert!(all.items.windows(2).all(|pair| pair[0].message.at >= pair[1].message.at));
        assert_eq!(all.next, None);
        let here = all.items[0].conversation.clone();
        assert!(
            past(&raw, &user(&[]), &here, 0, 25, UnixMillis(0)).unwrap().items.iter().all(|i| i.conversation != here)
        );
        let more = past(&raw, &user(&[]), "", 3, u32::try_from(count).unwrap(), UnixMillis(0)).unwrap();
        assert_eq!(more.next, Some(4));
        assert_eq!(past(&json!({ "docs": [1, "{", {}] }), &user(&[]), "", 0, 25, UnixMillis(0)).unwrap().items, []);
        assert_eq!(past(&json!(7), &user(&[]), "", 0, 25, UnixMillis(0)), None);
    }

    #[test]
    fn words_kept_ready_are_read_with_language_and_category() {
        let read = canned(&fixture(include_str!("../tests/fixtures/expertflow/rest/canned_messages.json"))).unwrap();
        assert_eq!(read.len(), 2);
        assert!(read.iter().any(|one| one.category == "greetings" && one.language == "en"));
        assert_eq!(canned(&json!({ "en": 7, "de": { "x": [1, " ", "a"] } })).unwrap().len(), 1);
        assert_eq!(canned(&json!([])), None);
    }
}

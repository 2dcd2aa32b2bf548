//! An event's data as names and values that a person can read. Nothing is left
//! out: what is too deep or too much becomes text.

use serde_json::Value;
use trunkline_model::Attribute;

/// Deeper than any event known.
const DEEPEST: usize = 12;
/// More fields than a person reads; the rest is kept together as text.
const MOST: usize = 1_000;

/// Takes a value apart. `name` is that of the whole; empty for members without a
/// name before them.
pub fn read(name: &str, value: &Value) -> Vec<Attribute> {
    let mut fields = Vec::new();
    take_apart(name, value, 0, &mut fields);
    fields
}

fn take_apart(name: &str, value: &Value, depth: usize, fields: &mut Vec<Attribute>) {
    if depth >= DEEPEST || fields.len() >= MOST {
        return put(name, value.to_string(), fields);
    }
    match value {
        Value::Null => put(name, String::new(), fields),
        Value::Bool(_) | Value::Number(_) => put(name, value.to_string(), fields),
        Value::String(text) => take_text(name, text, depth, fields),
        Value::Array(items) if items.iter().all(is_plain) => {
            let words: Vec<String> = items.iter().map(plain).collect();
            put(name, words.join(", "), fields);
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                if fields.len() >= MOST {
                    return put(name, Value::Array(items[number..].to_vec()).to_string(), fields);
                }
                take_apart(&joined(name, &number.to_string()), item, depth + 1, fields);
            }
        }
        Value::Object(members) if members.is_empty() => put(name, String::new(), fields),
        Value::Object(members) => {
            for (number, (member, value)) in members.iter().enumerate() {
                if fields.len() >= MOST {
                    let rest = members.iter().skip(number).map(|(name, value)| (name.clone(), value.clone()));
                    return put(name, Value::Object(rest.collect()).to_string(), fields);
                }
                take_apart(&joined(name, member), value, depth + 1, fields);
            }
        }
    }
}

/// Text, and what is inside of it where it is JSON or has marks such as
/// `<Nome>Cliente</Nome>`.
fn take_text(name: &str, text: &str, depth: usize, fields: &mut Vec<Attribute>) {
    put(name, text.to_owned(), fields);
    let inner = text.trim_start();
    if inner.starts_with('{') {
        if let Ok(value @ Value::Object(_)) = serde_json::from_str::<Value>(inner) {
            take_apart(name, &value, depth + 1, fields);
        }
    } else if inner.starts_with('<') {
        for (mark, content) in marks(inner) {
            if fields.len() < MOST {
                put(&joined(name, mark), content.to_owned(), fields);
            }
        }
    }
}

fn is_plain(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_))
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn joined(name: &str, member: &str) -> String {
    if name.is_empty() { member.to_owned() } else { format!("{name}.{member}") }
}

fn put(name: &str, value: String, fields: &mut Vec<Attribute>) {
    fields.push(Attribute { name: name.to_owned(), value });
}

/// The innermost marks with their content, in order.
fn marks(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((mark, content)) = after.split_once('>') else { break };
        rest = content;
        let name = mark.split_whitespace().next().unwrap_or_default();
        let word = !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || "_-.:".contains(letter));
        let end = content.find('<').unwrap_or(content.len());
        let closed = content[end..].strip_prefix("</").is_some_and(|close| close.starts_with(name));
        if word && closed {
            found.push((name, content[..end].trim()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn pairs(value: &Value) -> Vec<(String, String)> {
        read("", value).into_iter().map(|field| (field.name, field.value)).collect()
    }

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn members_of_members_have_dots_between_their_names() {
        let value = json!({
            "callId": 91079, "readOnly": false, "nothing": null, "phoneNumberList": ["1", "2"],
            "customers": [{ "index": 0, "name": "Ana" }, { "index": 1 }], "empty": {}, "none": [],
        });
        let wanted = [
            ("callId", "91079"),
            ("customers.0.index", "0"),
            ("customers.0.name", "Ana"),
            ("customers.1.index", "1"),
            ("empty", ""),
            ("none", ""),
            ("nothing", ""),
            ("phoneNumberList", "1, 2"),
            ("readOnly", "false"),
        ];
        let mut got = pairs(&value);
        got.sort();
        assert_eq!(got, owned(&wanted), "all of them, readable");
    }

    #[test]
    fn text_with_marks_or_json_is_shown_whole_and_in_parts() {
        let value = json!({ "campaignData": "<Nome>Cliente</Nome><Saldo moeda=\"BRL\"> 12,50 </Saldo><br>< x>1</x>" });
        let marked = value["campaignData"].as_str().unwrap();
        let wanted = [("campaignData", marked), ("campaignData.Nome", "Cliente"), ("campaignData.Saldo", "12,50")];
        assert_eq!(pairs(&value)[..3], owned(&wanted), "as in the typings' example");
        let value = json!({ "data": "{\"ticket\": {\"id\": 7}}" });
        assert_eq!(pairs(&value), owned(&[("data", "{\"ticket\": {\"id\": 7}}"), ("data.ticket.id", "7")]));
        assert_eq!(pairs(&json!({ "data": "{broken" })), owned(&[("data", "{broken")]), "what is not JSON is text");
    }

    #[test]
    fn what_is_too_deep_or_too_much_becomes_text() {
        let mut deep = json!("end");
        for _ in 0..40 {
            deep = json!({ "a": deep });
        }
        let fields = pairs(&deep);
        assert_eq!(fields.len(), 1, "one field");
        assert!(fields[0].1.contains("end"), "with everything below: {}", fields[0].1);
        let many: Value =
            (0..5_000).map(|number| (format!("m{number:04}"), json!(number))).collect::<serde_json::Map<_, _>>().into();
        let fields = pairs(&many);
        assert_eq!(fields.len(), MOST + 1, "the rest is one field");
        assert!(fields[MOST].1.contains("m4999"), "and nothing is left out");
    }

    fn json_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,30}".prop_map(Value::from)
        ];
        leaf.prop_recursive(6, 60, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::btree_map(".{0,6}", inner, 0..8)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_value_is_taken_apart(value in json_value()) {
            prop_assert!(read("x", &value).len() <= MOST + DEEPEST * 2);
        }

        #[test]
        fn any_text_is_taken_apart(text in "[<>/a {}\":]{0,60}") {
            prop_assert!(!read("x", &json!(text)).is_empty());
        }
    }
}

//! The envelope around messages and events.

use serde_json::{Map, Value, json};

use super::messages::{self, Refusal};

/// Keys that a name was seen or is likely to stand under, first come.
const NAME_KEYS: [&str; 5] = ["event", "type", "eventType", "name", "action"];
/// Likewise for what goes with it.
const PAYLOAD_KEYS: [&str; 4] = ["message", "payload", "data", "body"];
/// Says that the message is our own script's.
const OURS: &str = "smartagent-plugin-sdk";

/// How a page writes, so that it is answered alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    name: &'static str,
    payload: &'static str,
    /// Text that holds JSON, instead of an object.
    pub as_text: bool,
    ours: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { name: "event", payload: "message", as_text: false, ours: true }
    }
}

impl Style {
    /// An event in this style.
    pub fn event(&self, name: &str, payload: &Value) -> Value {
        let mut members = self.head();
        members.insert(self.name.to_owned(), json!(name));
        members.insert(self.payload.to_owned(), payload.clone());
        Value::Object(members)
    }

    /// The answer to a message; to `init` under its own name.
    pub fn reply(&self, to: &Envelope, result: &Result<Value, Refusal>) -> Value {
        let mut members = self.head();
        let name = if to.name == "init" { "init" } else { "reply" };
        members.insert(self.name.to_owned(), json!(name));
        if let Some(id) = &to.id {
            members.insert("id".to_owned(), id.clone());
        }
        match result {
            Ok(answer) => {
                members.insert("ok".to_owned(), json!(true));
                members.insert(self.payload.to_owned(), answer.clone());
            }
            Err(refusal) => {
                members.insert("ok".to_owned(), json!(false));
                let error = json!({"code": refusal.code.name(), "message": refusal.reason});
                members.insert("error".to_owned(), error);
            }
        }
        Value::Object(members)
    }

    fn head(&self) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert("source".to_owned(), json!("smartagent"));
        members.insert("v".to_owned(), json!(1));
        members
    }
}

/// A message of a page, before anybody has looked at what is in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// Canonical name, or the page's own where our script sent one that is not known.
    pub name: String,
    /// Names the message; answered where it is there.
    pub id: Option<Value>,
    /// The contact that it is about, where it names one: an extension of our own script's.
    pub contact: Option<String>,
    /// What goes with it.
    pub payload: Value,
    /// How it was written.
    pub style: Style,
}

impl Envelope {
    /// Reads what a page posted. `None`: not meant for us, for pages, tools and
    /// bundlers post to their parents whatever they like.
    pub fn read(data: &Value) -> Option<Self> {
        if let Value::String(text) = data {
            let inner: Value = serde_json::from_str(text).ok()?;
            let read = if inner.is_object() { Self::read(&inner) } else { None }?;
            return Some(Self { style: Style { as_text: true, ..read.style }, ..read });
        }
        let members = data.as_object()?;
        let ours = members.get("source").and_then(Value::as_str) == Some(OURS);
        let (key, written) =
            NAME_KEYS.iter().find_map(|key| members.get(*key).and_then(Value::as_str).map(|text| (*key, text)))?;
        let name = match messages::canonical(written) {
            Some(name) => name.to_owned(),
            None if ours => written.to_owned(),
            None => return None,
        };
        let found = PAYLOAD_KEYS.iter().find(|other| **other != key && members.contains_key(**other));
        let payload = found.and_then(|key| members.get(*key)).map_or(Value::Null, unfolded);
        let id = members.get("id").filter(|id| is_id(id)).cloned();
        let style = Style { name: key, payload: found.copied().unwrap_or("message"), as_text: false, ours };
        let contact = members.get("contactId").and_then(Value::as_str).filter(|_| ours).map(str::to_owned);
        Some(Self { name, id, contact, payload, style })
    }

    /// An answer is waited for.
    pub fn wants_reply(&self) -> bool {
        // The vendor's own script most likely waits for none: an answer that
        // nobody has asked for could be taken for an event.
        self.id.is_some() || matches!(self.name.as_str(), "init" | "get_user" | "get_company_id")
    }
}

/// Short enough to be sent back.
fn is_id(id: &Value) -> bool {
    id.as_str().is_some_and(|text| text.len() <= 128) || id.is_number()
}

/// Text that holds a JSON object stands for the object.
fn unfolded(payload: &Value) -> Value {
    if let Value::String(text) = payload
        && let Ok(inner @ Value::Object(_)) = serde_json::from_str(text)
    {
        return inner;
    }
    payload.clone()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn fixture(name: &str) -> Value {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/smartagent").join(name);
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    #[test]
    fn every_likely_way_of_writing_is_read_and_answered_alike() {
        let cases = fixture("envelope-variants.json");
        for data in cases["variants"].as_array().unwrap() {
            let read = Envelope::read(data).unwrap_or_else(|| panic!("{data} is a message"));
            assert_eq!(read.name, "update_contact", "{data} is what it is meant to be");
            assert_eq!(read.payload, cases["expect"]["payload"], "{data} carries what it is meant to carry");
            let event = read.style.event("call_ended", &json!({}));
            let key = NAME_KEYS.iter().find(|key| data.get(**key).is_some_and(Value::is_string));
            assert_eq!(event[*key.unwrap_or(&"event")], "call_ended", "{data} is answered under its own keys");
            assert_eq!(read.style.as_text, data.is_string(), "{data} is answered as text if it was text");
        }
    }

    #[test]
    fn what_others_post_is_passed_over() {
        for data in fixture("envelope-variants.json")["ignored"].as_array().unwrap() {
            assert_eq!(Envelope::read(data), None, "{data} is not for us");
        }
        assert_eq!(Envelope::read(&json!("[\"event\"]")), None, "neither is a list in text");
        assert_eq!(Envelope::read(&json!("\"\\\"update_contact\\\"\"")), None, "nor text in text");
    }

    #[test]
    fn our_own_script_hears_of_a_name_that_is_not_known() {
        let read =
            Envelope::read(&json!({"source": "smartagent-plugin-sdk", "event": "nonsense", "id": "p-1"})).unwrap();
        assert_eq!((read.name.as_str(), read.wants_reply()), ("nonsense", true), "it gets its refusal");
    }

    #[test]
    fn answers_look_like_the_reference() {
        let ask = Envelope::read(&fixture("msg-get_user.json")["envelope"]).unwrap();
        let answer = fixture("reply-ok.json")["envelope"].clone();
        assert_eq!(ask.style.reply(&ask, &Ok(answer["message"].clone())), answer, "the good answer");
        let refusal = fixture("reply-error.json")["envelope"].clone();
        let no_contact = Err(Refusal::no_contact());
        assert_eq!(ask.style.reply(&ask, &no_contact), refusal, "the refusal");
        let init = Envelope::read(&fixture("msg-init.json")["envelope"]).unwrap();
        let answer = fixture("init-ack.json")["envelope"].clone();
        assert_eq!(init.style.reply(&init, &Ok(answer["message"].clone())), answer, "the answer to init");
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_the_reader_stumble(text in ".{0,300}") {
            let _ = Envelope::read(&Value::String(text.clone()));
            let _ = serde_json::from_str::<Value>(&text).map(|value| Envelope::read(&value));
        }
    }
}

//! The server's half of the JSON protocol: commands in, replies and pushes out.

use serde_json::{Map, Value, json};

/// One message of a client: an id, and at most one request that is known by its name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Command {
    pub id: u32,
    pub request: Option<(String, Value)>,
}

/// The members of a command that are requests.
const REQUESTS: [&str; 11] = [
    "connect",
    "subscribe",
    "unsubscribe",
    "publish",
    "presence",
    "presence_stats",
    "history",
    "rpc",
    "send",
    "refresh",
    "sub_refresh",
];

/// Reads the commands of a frame: JSON objects with one line feed between them,
/// of which one more may stand at the end. None for anything else.
pub(super) fn read(frame: &str) -> Option<Vec<Command>> {
    frame.strip_suffix('\n').unwrap_or(frame).split('\n').map(command).collect()
}

fn command(line: &str) -> Option<Command> {
    let mut members: Map<String, Value> = serde_json::from_str(line).ok()?;
    let id = match members.get("id") {
        None => 0,
        Some(id) => u32::try_from(id.as_u64()?).ok()?,
    };
    let name = REQUESTS.iter().find(|name| members.get(**name).is_some_and(Value::is_object));
    let request = name.and_then(|name| members.remove(*name).map(|request| ((*name).to_owned(), request)));
    Some(Command { id, request })
}

/// An object without the members that are zero: 0, false and empty. `data` is
/// somebody else's and stays whatever it is.
pub(super) fn fields<const N: usize>(members: [(&str, Value); N]) -> Value {
    let kept = members.into_iter().filter(|(name, value)| *name == "data" || !is_zero(value));
    Value::Object(kept.map(|(name, value)| (name.to_owned(), value)).collect())
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

/// Adds `data` where there is any.
pub(super) fn with_data(mut object: Value, data: Option<Value>) -> Value {
    if let (Some(members), Some(data)) = (object.as_object_mut(), data) {
        members.insert("data".to_owned(), data);
    }
    object
}

/// The reply to a command.
pub(super) fn reply(id: u32, name: &str, result: Value) -> String {
    json!({ "id": id, name: result }).to_string()
}

/// An error in the place of a reply.
pub(super) fn error(id: u32, code: u32, message: &str, temporary: bool) -> String {
    let error = fields([("code", json!(code)), ("message", json!(message)), ("temporary", json!(temporary))]);
    json!({ "id": id, "error": error }).to_string()
}

/// A push, of a channel or, with an empty name, of none.
pub(super) fn push(channel: &str, kind: &str, body: &Value) -> String {
    let mut push = Map::new();
    if !channel.is_empty() {
        push.insert("channel".to_owned(), json!(channel));
    }
    push.insert(kind.to_owned(), body.clone());
    json!({ "push": push }).to_string()
}

/// A ping.
pub(super) const PING: &str = "{}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_separated_by_exactly_one_line_feed() {
        let two = "{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":\"a\"}}";
        assert_eq!(read(two).map(|list| list.len()), Some(2));
        assert_eq!(read(&format!("{two}\n")).map(|list| list.len()), Some(2), "one more at the end is borne");
        assert_eq!(read(&format!("{two}\n\n")), None, "two are not");
        assert_eq!(read(""), None);
        assert_eq!(read("[]"), None);
        assert_eq!(read("{\"id\":-1}"), None, "ids are not negative");
        assert_eq!(read("{}"), Some(vec![Command { id: 0, request: None }]), "a pong");
        let unknown = read("{\"id\":3,\"dance\":{}}").and_then(|mut list| list.pop());
        assert_eq!(unknown, Some(Command { id: 3, request: None }));
    }

    #[test]
    fn zero_values_are_left_out_but_not_of_data() {
        let slim = fields([
            ("a", json!(0)),
            ("b", json!(false)),
            ("c", json!("")),
            ("d", json!([])),
            ("e", json!({})),
            ("data", json!(0)),
            ("f", json!(1)),
        ]);
        assert_eq!(slim, json!({ "data": 0, "f": 1 }));
        let told: Value = serde_json::from_str(&error(1, 103, "permission denied", false)).unwrap_or_default();
        assert_eq!(told, json!({ "error": { "code": 103, "message": "permission denied" }, "id": 1 }));
    }
}

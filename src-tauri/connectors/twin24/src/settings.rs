//! An account's settings. Everything that the vendor does not publish is here and can
//! be overridden, each part for itself (docs/connectors/twin24.md, section 8):
//! marked (guess) where no document says so.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trunkline_connector::{AccountSettings, BuildError, web_address};
use url::Url;

/// One call of the REST services: its verbs, tried in order on 405 alone, and its path.
/// `{name}` in a path stands for a part that is put in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// `GET`, `PATCH` ...
    pub verbs: Vec<String>,
    /// Below the service's address.
    pub path: String,
}

fn call(verbs: &[&str], path: &str) -> Call {
    Call { verbs: verbs.iter().map(|verb| (*verb).to_owned()).collect(), path: path.to_owned() }
}

/// All calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "named as docs/connectors/twin24.md, section 3, names them")]
pub struct Calls {
    pub login: Call,
    pub refresh: Call,
    /// Verb (guess).
    pub me: Call,
    /// Verb (guess).
    pub time: Call,
    /// Verb (guess).
    pub activate: Call,
    /// Verb (guess).
    pub pause: Call,
    pub sessions: Call,
    pub session: Call,
    pub close: Call,
    pub rename: Call,
    pub to_operator: Call,
    pub to_group: Call,
    /// That help is taken by these two (guess): join, then hand over to oneself.
    pub join: Call,
    pub messages: Call,
    pub client_messages: Call,
    /// Verb (guess).
    pub send: Call,
    pub edit: Call,
    pub remove: Call,
    pub read: Call,
    /// Verb (guess).
    pub operators: Call,
    /// Verb (guess).
    pub groups: Call,
    /// Verb (guess).
    pub ban: Call,
    /// Verb (guess).
    pub unban: Call,
    /// At the IAM.
    pub upload: Call,
}

impl Default for Calls {
    fn default() -> Self {
        let changes = ["PATCH", "PUT", "POST"];
        Self {
            login: call(&["POST"], "auth/login"),
            refresh: call(&["POST", "GET"], "auth/refresh"),
            me: call(&["GET"], "users/me"),
            time: call(&["GET"], "timestamp"),
            activate: call(&changes, "users/me/activate"),
            pause: call(&changes, "users/me/pause"),
            sessions: call(&["GET"], "sessions"),
            session: call(&["GET"], "sessions/{session}"),
            close: call(&["DELETE"], "sessions/{session}"),
            rename: call(&["PATCH", "PUT"], "sessions/{session}/names/{name}"),
            to_operator: call(&["PATCH", "PUT"], "sessions/{session}/operators/{operator}"),
            to_group: call(&["PATCH", "PUT"], "sessions/{session}/groupoperators/{group}"),
            join: call(&["PUT"], "sessions/{session}/operators/{operator}"),
            messages: call(&["GET"], "sessions/{session}/messages"),
            client_messages: call(&["GET"], "clients/{client}/messages"),
            send: call(&["POST"], "sessions/{session}/operators/messages"),
            edit: call(&["PUT", "PATCH"], "sessions/{session}/operators/messages/{message}"),
            remove: call(&["DELETE"], "sessions/{session}/operators/messages/{message}"),
            read: call(&["PATCH", "PUT"], "messages/{message}/read"),
            operators: call(&["GET"], "users"),
            groups: call(&["GET"], "groups"),
            ban: call(&changes, "clients/{client}/ban"),
            unban: call(&["PATCH", "PUT", "POST", "DELETE"], "clients/{client}/unban"),
            upload: call(&["POST"], "files"),
        }
    }
}

/// Where the members of an event are looked for, first come first: a name, or two with
/// a full stop between (all of them guesses).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "named for what is looked for")]
pub struct EventFields {
    pub event: Vec<String>,
    /// Objects whose members count as the event's own.
    pub inside: Vec<String>,
    pub session: Vec<String>,
    pub message: Vec<String>,
    pub operator: Vec<String>,
    pub client: Vec<String>,
    pub reason: Vec<String>,
}

impl Default for EventFields {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            event: names(&["event", "type", "name"]),
            inside: names(&["data", "payload"]),
            session: names(&["sessionId", "chatSessionId", "session.id", "message.sessionId"]),
            message: names(&["messageId", "message.id"]),
            operator: names(&["operatorId", "userId", "operator.id", "user.id"]),
            client: names(&["clientId", "client.id", "session.clientId"]),
            reason: names(&["reason", "message", "comment"]),
        }
    }
}

/// The account's table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Twin24Settings {
    /// Log-in name.
    pub email: String,
    /// The IAM service.
    pub iam: String,
    /// The chat service.
    pub chat: String,
    /// Live events: `wss` or `ws`.
    pub events: String,
    /// For users of several companies.
    pub company: Option<u64>,
    /// What the connect data name.
    pub application: String,
    /// `Origin` of the live events; sent only where it is set.
    pub origin: Option<String>,
    /// How long a token is asked for, seconds.
    pub token_ttl_s: u64,
    /// How long before its end it is renewed, seconds.
    pub renew_before_s: u64,
    /// The old token goes with the word Bearer when it is renewed.
    pub refresh_with_bearer: bool,
    /// The calls.
    pub calls: Calls,
    /// The events.
    pub event_fields: EventFields,
    /// Where `/timestamp` has the time, when it is an object (guess).
    pub time_fields: Vec<String>,
    /// Where `/users/me` has the operator's state (guess).
    pub state_fields: Vec<String>,
    /// Its values when sessions come (guess).
    pub active_states: Vec<String>,
    /// Its values when none come, but the operator is there (guess).
    pub pause_states: Vec<String>,
    /// `status` of a session that is over (guess).
    pub closed_statuses: Vec<String>,
    /// `botStatus` while a bot answers (guess).
    pub bot_statuses: Vec<String>,
    /// `authorType` of clients, operators and bots (guess).
    pub client_authors: Vec<String>,
    /// See `client_authors`.
    pub operator_authors: Vec<String>,
    /// See `client_authors`.
    pub bot_authors: Vec<String>,
    /// `sort` for the newest first (the minus is a guess).
    pub newest_sessions: String,
    /// See `newest_sessions`.
    pub newest_messages: String,
    /// `status` that open sessions are asked for by; none: all are asked for, and the newest looked through.
    pub open_status: Option<String>,
    /// `status` that finished sessions are asked for by; none: all.
    pub finished_status: Option<String>,
    /// Entries of one page.
    pub page: u32,
    /// Pages of sessions that are looked through for open ones.
    pub most_pages: u32,
    /// Name of the form's field for a file.
    pub upload_field: String,
    /// Largest file, bytes (guess).
    pub largest_file: u64,
    /// Endings of file names that the platform takes, in lower case; none: any (guess).
    pub file_types: Vec<String>,
    /// Longest message, bytes (guess).
    pub longest_text: u32,
    /// Between an event and the reading that it leads to, ms: more of them are one reading.
    pub settle_ms: u64,
    /// How often all is read while the live events come, ms.
    pub poll_ms: u64,
    /// How often while they do not, ms.
    pub poll_offline_ms: u64,
    /// For one exchange, ms.
    pub rest_limit_ms: u64,
    /// For a file, ms.
    pub upload_limit_ms: u64,
    /// How long the client counts as typing, ms (guess).
    pub typing_shown_ms: u64,
    /// How long after a lost answer a message is looked for before it counts as not sent, ms.
    pub doubt_ms: u64,
    /// Least between two attempts to connect, ms.
    pub first_wait_ms: u64,
    /// Most between two attempts, ms.
    pub longest_wait_ms: u64,
    /// After a final close that signing in anew does not mend, ms.
    pub final_wait_ms: u64,
    /// How much later than announced a ping may come, ms.
    pub ping_delay_ms: u64,
    /// Largest message of the live events, bytes.
    pub longest_event: usize,
    /// Sessions are at work as soon as they come; otherwise they ring until the agent takes them.
    pub auto_accept: bool,
}

impl Default for Twin24Settings {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            email: String::new(),
            iam: "https://iam.twin24.ai/api/v1".to_owned(),
            chat: "https://chat-api.twin24.ai/api/v1".to_owned(),
            events: "wss://twin24.ai/centrifugo/connection/websocket".to_owned(),
            company: None,
            application: "notifications".to_owned(),
            origin: None,
            token_ttl_s: 86_400,
            renew_before_s: 900,
            refresh_with_bearer: false,
            calls: Calls::default(),
            event_fields: EventFields::default(),
            time_fields: names(&["timestamp", "time", "serverTime"]),
            state_fields: names(&["status", "state", "operatorStatus"]),
            active_states: names(&["online", "active", "activated"]),
            pause_states: names(&["pause", "paused", "break"]),
            closed_statuses: names(&["closed", "close", "finished", "completed", "ended", "done", "archived"]),
            bot_statuses: names(&["active", "started", "running", "enabled", "on"]),
            client_authors: names(&["client", "user", "visitor"]),
            operator_authors: names(&["operator", "agent", "manager"]),
            bot_authors: names(&["bot"]),
            newest_sessions: "-lastMessageCreatedAt".to_owned(),
            newest_messages: "-createdAt".to_owned(),
            open_status: None,
            finished_status: None,
            page: 50,
            most_pages: 10,
            upload_field: "file[]".to_owned(),
            largest_file: 20 << 20,
            file_types: Vec::new(),
            longest_text: 4_096,
            settle_ms: 300,
            poll_ms: 60_000,
            poll_offline_ms: 10_000,
            rest_limit_ms: 60_000,
            upload_limit_ms: 300_000,
            typing_shown_ms: 6_000,
            doubt_ms: 2_000,
            first_wait_ms: 500,
            longest_wait_ms: 20_000,
            final_wait_ms: 10_000,
            ping_delay_ms: 10_000,
            longest_event: 16 << 20,
            auto_accept: false,
        }
    }
}

/// Where the services are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// IAM.
    pub iam: Url,
    /// Chats.
    pub chat: Url,
    /// Live events.
    pub events: Url,
}

impl Twin24Settings {
    /// Reads and checks the account's table. What it does not name keeps its default,
    /// also inside of tables.
    pub fn read(settings: &AccountSettings) -> Result<Self, BuildError> {
        let given: Map<String, Value> = settings
            .iter()
            .filter(|(_, value)| !value.is_null() && value.as_str() != Some(""))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let mut table = serde_json::to_value(Self::default()).unwrap_or_default();
        merge(&mut table, Value::Object(given));
        let read: Self = serde_json::from_value(table)
            .map_err(|error| problem("settings", error.to_string(), "error_setting_value_unreadable"))?;
        if read.email.trim().is_empty() {
            return Err(problem("email", "empty", "error_field_missing"));
        }
        read.addresses()?;
        Ok(read)
    }

    /// The services' addresses.
    pub fn addresses(&self) -> Result<Addresses, BuildError> {
        let bad = |_| problem("events", "no address", "error_setting_address_unreadable");
        let events: Url = self.events.trim().parse().map_err(bad)?;
        let local = matches!(events.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        match events.scheme() {
            "wss" => {}
            "ws" if local => {}
            "ws" => return Err(problem("events", "not secure", "error_setting_address_not_secure")),
            _ => return Err(problem("events", "no WebSocket", "error_setting_address_unreadable")),
        }
        Ok(Addresses { iam: web_address("iam", &self.iam)?, chat: web_address("chat", &self.chat)?, events })
    }
}

/// Objects are merged, everything else is replaced.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

impl Twin24Settings {
    /// The platform takes files with this ending.
    pub fn takes_file(&self, name: &str) -> bool {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        self.file_types.is_empty() || self.file_types.contains(&ending)
    }
}

/// One of these words, in any case.
pub fn is_one_of(words: &[String], text: &str) -> bool {
    words.iter().any(|word| word.eq_ignore_ascii_case(text.trim()))
}

/// Milliseconds of a setting as a duration.
pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn problem(field: &str, problem: impl Into<String>, message_key: &str) -> BuildError {
    BuildError { field: field.to_owned(), problem: problem.into(), message_key: message_key.to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn table(value: Value) -> AccountSettings {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn one_part_of_a_guess_can_be_overridden_without_the_others() {
        let given = json!({ "email": "a@b.example", "iam": "", "calls": { "ban": { "verbs": ["PUT"] } },
            "event_fields": { "session": ["dialogId"] }, "page": 20 });
        let read = Twin24Settings::read(&table(given)).unwrap();
        assert_eq!(
            (read.calls.ban.verbs.as_slice(), read.calls.ban.path.as_str()),
            (&["PUT".to_owned()][..], "clients/{client}/ban")
        );
        assert_eq!(read.calls.unban, Calls::default().unban);
        assert_eq!(read.event_fields.session, ["dialogId"]);
        assert_eq!(read.event_fields.message, EventFields::default().message);
        assert_eq!(
            (read.page, read.iam.as_str()),
            (20, "https://iam.twin24.ai/api/v1"),
            "a blank field is the default"
        );
    }

    #[test]
    fn what_cannot_be_used_is_refused_by_its_field() {
        let refused = |value: Value| Twin24Settings::read(&table(value)).unwrap_err().field;
        assert_eq!(refused(json!({})), "email");
        assert_eq!(refused(json!({ "email": "a", "events": "https://x.example" })), "events");
        assert_eq!(refused(json!({ "email": "a", "events": "ws://x.example/a" })), "events", "not in the clear");
        assert_eq!(refused(json!({ "email": "a", "chat": "ftp://x.example" })), "chat");
        assert_eq!(refused(json!({ "email": "a", "page": "many" })), "settings");
        assert!(Twin24Settings::read(&table(json!({ "email": "a", "events": "ws://127.0.0.1:9/a" }))).is_ok());
    }
}

//! The envelope of everything that happens in a conversation.

use std::borrow::Cow;

use serde_json::Value;
use trunkline_model::{Author, AuthorRole, UnixMillis};

use super::{
    customer,
    look::{at, constant, words},
    text,
};

/// Why an event could not be read. Says nothing of what stood in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It came as text that is not JSON.
    #[error("text of {length} bytes is not JSON: line {line}, column {column}")]
    NotJson {
        /// Bytes of the text.
        length: usize,
        /// Where reading stopped.
        line: usize,
        /// Where reading stopped.
        column: usize,
    },
    /// It is JSON but not an object.
    #[error("{0} in place of an event")]
    NotAnEvent(&'static str),
}

impl Unreadable {
    pub(super) fn not_json(text: &str, error: &serde_json::Error) -> Self {
        Self::NotJson { length: text.len(), line: error.line(), column: error.column() }
    }
}

/// An event, read as far as all events are alike. Anything may be missing. What came
/// with it is looked at where it stands: each event repeats the whole channel session,
/// and a conversation can have thousands.
#[derive(Clone, Debug, PartialEq)]
pub struct CimEvent<'v> {
    /// Its id; empty: not told.
    pub id: String,
    /// Name in capitals (`CUSTOMER_MESSAGE` ...); empty: not told.
    pub name: String,
    /// `MESSAGE`, `SUGGESTION`, `ACTIVITY`, `NOTIFICATION`, `CALL`; empty: not told.
    pub kind: String,
    /// When, by the platform's clock.
    pub at: Option<UnixMillis>,
    /// In which conversation.
    pub conversation: Option<String>,
    /// Who caused it.
    pub emitter: Sender,
    /// The channel session as it came; `null`: none.
    pub channel_session: Cow<'v, Value>,
    /// What the event is about, as it came.
    pub data: Cow<'v, Value>,
    /// The room as it came; `null`: none.
    pub room_info: Cow<'v, Value>,
}

impl<'v> CimEvent<'v> {
    /// Reads an event that is an object or an object written as text.
    pub fn read(value: &'v Value) -> Result<Self, Unreadable> {
        let Value::String(json) = value else { return Self::of(value) };
        let parsed = serde_json::from_str::<Value>(json).map_err(|error| Unreadable::not_json(json, &error))?;
        Ok(CimEvent::of(&parsed)?.into_owned())
    }

    fn of(event: &'v Value) -> Result<Self, Unreadable> {
        if !event.is_object() {
            return Err(Unreadable::NotAnEvent(sort(event)));
        }
        let data = at(event, &["data"]);
        Ok(Self {
            id: words(event, &["id"]).unwrap_or_default(),
            name: constant(event, &["name"]).unwrap_or_default(),
            kind: constant(event, &["type"]).unwrap_or_default(),
            at: text::time(at(event, &["timestamp"])).or_else(|| text::time(at(data, &["header", "timestamp"]))),
            conversation: words(event, &["conversationId"]).or_else(|| words(event, &["topicId"])),
            emitter: Sender::read(at(event, &["eventEmitter"])),
            channel_session: Cow::Borrowed(at(event, &["channelSession"])),
            data: Cow::Borrowed(data),
            room_info: Cow::Borrowed(at(event, &["roomInfo"])),
        })
    }

    fn into_owned<'o>(self) -> CimEvent<'o> {
        CimEvent {
            channel_session: Cow::Owned(self.channel_session.into_owned()),
            data: Cow::Owned(self.data.into_owned()),
            room_info: Cow::Owned(self.room_info.into_owned()),
            id: self.id,
            name: self.name,
            kind: self.kind,
            at: self.at,
            conversation: self.conversation,
            emitter: self.emitter,
        }
    }

    /// With the channel session that was read apart from it.
    pub(super) fn with_session(self, session: &'v Value) -> Self {
        Self { channel_session: Cow::Borrowed(session), ..self }
    }

    /// Reads the argument of `onCimEvent`: the event with its conversation and room beside it.
    pub fn read_frame(frame: &'v Value) -> Result<Self, Unreadable> {
        let mut event = Self::read(at(frame, &["cimEvent"]))?;
        if event.conversation.is_none() {
            event.conversation = words(frame, &["conversationId"]).or_else(|| words(frame, &["topicId"]));
        }
        if event.room_info.is_null() {
            event.room_info = Cow::Borrowed(at(frame, &["roomInfo"]));
        }
        Ok(event)
    }

    /// When it happened; `now` where it does not say.
    pub fn time(&self, now: UnixMillis) -> UnixMillis {
        self.at.unwrap_or(now)
    }

    /// An id for what is shown of it: the same however often it comes.
    pub(super) fn shown_id(&self) -> String {
        if self.id.is_empty() {
            format!("no-id-{:016x}", fingerprint(&format!("{} {:?} {}", self.name, self.at, self.data)))
        } else {
            self.id.clone()
        }
    }

    /// The customer's name, from where it is told best.
    pub(super) fn customer_name(&self) -> Option<String> {
        let header = at(&self.data, &["header"]);
        let channel =
            |data: &Value| customer::both(words(data, &["customerFirstName"]), words(data, &["customerLastName"]));
        let emitter = || self.emitter.name.clone().filter(|_| self.emitter.kind == "CUSTOMER");
        customer::name(at(header, &["customer"]))
            .or_else(|| customer::name(at(&self.channel_session, &["customer"])))
            .or_else(emitter)
            .or_else(|| channel(at(header, &["channelData"])))
            .or_else(|| channel(at(&self.channel_session, &["channelData"])))
    }

    /// Who a sender is to this agent.
    pub(super) fn author(&self, sender: &Sender, me: &Me<'_>) -> Author {
        let kind = match sender.kind.as_str() {
            // Events of old releases may have no sender.
            "" if self.name.starts_with("CUSTOMER") => "CUSTOMER",
            "" if self.name.starts_with("BOT") => "BOT",
            "" if self.name.starts_with("AGENT") || self.name.starts_with("WHISPER") => "AGENT",
            kind => kind,
        };
        match kind {
            // A connector writes in the customer's name.
            "CUSTOMER" | "CONNECTOR" => Author { role: AuthorRole::Customer, name: self.customer_name() },
            "AGENT" => Author { role: me.role(&sender.id), name: sender.name.clone() },
            "BOT" => Author { role: AuthorRole::Bot, name: spoken(sender) },
            _ => Author { role: AuthorRole::System, name: spoken(sender) },
        }
    }
}

/// Programs of the platform have constants for names (`CONVERSATION_MONITOR`):
/// they say nothing to an agent.
fn spoken(sender: &Sender) -> Option<String> {
    let constant = |name: &str| name.contains('_') && !name.chars().any(char::is_lowercase);
    sender.name.clone().filter(|name| !constant(name))
}

/// Who sent or caused something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// Its id; empty: not told.
    pub id: String,
    /// `AGENT`, `BOT`, `CUSTOMER`, `APP`, `CONNECTOR`, `SYSTEM`; empty: not told.
    pub kind: String,
    /// First and last name, else the user name. Text from outside.
    pub name: Option<String>,
}

impl Sender {
    /// Reads a sender, or the participant that older releases put in its place.
    pub fn read(value: &Value) -> Self {
        let participant = at(value, &["participant"]);
        let user = at(participant, &["keycloakUser"]);
        let name = customer::name(at(value, &["additionalDetail"]))
            .or_else(|| words(value, &["senderName"]))
            .or_else(|| customer::name(user))
            .or_else(|| words(user, &["username"]));
        let id = words(user, &["id"]).or_else(|| words(participant, &["id"])).or_else(|| words(value, &["id"]));
        Self {
            id: id.unwrap_or_default(),
            kind: constant(value, &["type"]).unwrap_or_default(),
            name: name.map(|name| text::short(name.trim())),
        }
    }
}

/// The agent at this computer, and whom they know.
#[derive(Clone, Copy)]
pub struct Me<'a> {
    /// User id.
    pub id: &'a str,
    /// User name: where the platform names who asked for something, it does so by this.
    pub username: &'a str,
    /// What another user is, where the caller knows more than that they are an agent.
    pub role_of: &'a dyn Fn(&str) -> Option<AuthorRole>,
}

impl Me<'_> {
    /// What a user is to this agent.
    pub fn role(&self, user: &str) -> AuthorRole {
        if !user.is_empty() && user == self.id {
            return AuthorRole::Me;
        }
        (self.role_of)(user).unwrap_or(AuthorRole::Agent)
    }
}

fn sort(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a yes or no",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// FNV-1a: the same in every run, unlike the standard library's.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

//! Live events (docs/connectors/twin24.md, section 6). Nothing in them beside the name
//! is documented, so they are hints: what they are about is read over HTTP.

use serde_json::Value;

use crate::look::{at, first};
use crate::settings::EventFields;

/// What the fifteen documented events mean, and whatever else comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A session came, not necessarily to this operator.
    SessionStarted,
    /// It found nobody and waits for help.
    OperatorNotFound,
    /// It came to this operator.
    SessionAdded,
    /// Somebody wrote.
    MessageCreated,
    /// An operator changed a message.
    MessageEdited,
    /// The client has read.
    MessageRead,
    /// It went back to the bot.
    SessionDeleted,
    /// It came from the bot.
    SwitchedToOperator,
    /// The client closed it.
    ClosedByClient,
    /// The operator is banned on the platform.
    OperatorBlocked,
    /// Somebody signed in as this operator.
    UserExists,
    /// The client is typing.
    Typing,
    /// The operator was made offline.
    OperatorLoggedOut,
    /// The client came.
    ClientOnline,
    /// The client went.
    ClientOffline,
    /// A name that is not in the vendor's list.
    Unknown(String),
}

impl Meaning {
    /// By the vendor's name.
    pub fn of(name: &str) -> Self {
        match name {
            "chatSessionStarted" => Self::SessionStarted,
            "operatorNotFound" => Self::OperatorNotFound,
            "chatSessionAdded" => Self::SessionAdded,
            "chatMessageCreated" => Self::MessageCreated,
            "chatMessageEdited" => Self::MessageEdited,
            "chatMessageRead" => Self::MessageRead,
            "chatSessionDeleted" => Self::SessionDeleted,
            "chatSessionSwitchedFromBotToOperator" => Self::SwitchedToOperator,
            "sessionClosedByClient" => Self::ClosedByClient,
            "operatorBlocked" => Self::OperatorBlocked,
            "chatUserExists" => Self::UserExists,
            "typing" => Self::Typing,
            "operatorLoggedOut" => Self::OperatorLoggedOut,
            "clientOnline" => Self::ClientOnline,
            "clientOffline" => Self::ClientOffline,
            other => Self::Unknown(other.chars().take(60).collect()),
        }
    }

    /// It is about a session, so an `id` that stands alone is the session's.
    fn is_of_a_session(&self) -> bool {
        !matches!(
            self,
            Self::MessageCreated
                | Self::MessageEdited
                | Self::MessageRead
                | Self::OperatorBlocked
                | Self::UserExists
                | Self::OperatorLoggedOut
                | Self::Unknown(_)
        )
    }
}

/// An event, read as far as it is of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// What happened.
    pub meaning: Meaning,
    /// In which session, where it says.
    pub session: Option<String>,
    /// Which message.
    pub message: Option<String>,
    /// Which operator it is about.
    pub operator: Option<String>,
    /// Which client.
    pub client: Option<String>,
    /// Why, in the platform's words.
    pub reason: Option<String>,
}

impl Hint {
    /// Reads a publication; `None` when it has no name.
    pub fn read(data: &[u8], fields: &EventFields) -> Option<Self> {
        let value: Value = serde_json::from_slice(data).ok()?;
        let inside = fields.inside.iter().map(|name| at(&value, name)).find(|inside| inside.is_object());
        let find = |paths: &[String]| first(&value, paths).or_else(|| inside.and_then(|inside| first(inside, paths)));
        let names = fields.event.iter().filter_map(|name| at(&value, name).as_str());
        let name = names.chain(fields.event.iter().filter_map(|name| at(inside?, name).as_str())).next()?;
        let meaning = Meaning::of(name.trim());
        let bare = find(&["id".to_owned()]);
        let is_of_a_message =
            matches!(meaning, Meaning::MessageCreated | Meaning::MessageEdited | Meaning::MessageRead);
        Some(Self {
            session: find(&fields.session).or_else(|| bare.clone().filter(|_| meaning.is_of_a_session())),
            message: find(&fields.message).or_else(|| bare.filter(|_| is_of_a_message)),
            operator: find(&fields.operator),
            client: find(&fields.client),
            reason: find(&fields.reason),
            meaning,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Option<Hint> {
        Hint::read(value.to_string().as_bytes(), &EventFields::default())
    }

    fn fixtures() -> Vec<(String, Value)> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/twin24");
        let mut found: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| entry.ok()?.path().to_str().map(str::to_owned))
            .filter(|path| path.contains("/event-"))
            .map(|path| (path.clone(), serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()))
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    }

    #[test]
    fn each_documented_event_is_read_alike_however_it_is_wrapped() {
        let mut known = 0;
        for (path, fixture) in fixtures() {
            let Some(variants) = fixture["variants"].as_array() else { continue };
            let flat = read(&fixture["publication"]).unwrap_or_else(|| panic!("{path} has a name"));
            for variant in variants {
                assert_eq!(read(variant).as_ref(), Some(&flat), "{path}");
            }
            if !matches!(flat.meaning, Meaning::Unknown(_)) {
                known += 1;
            }
            let about_a_session = flat.meaning.is_of_a_session() || flat.meaning == Meaning::MessageCreated;
            assert_eq!(flat.session.is_some(), about_a_session || flat.session.is_some(), "{path}");
        }
        assert_eq!(known, 15, "all of the vendor's list");
    }

    #[test]
    fn ids_are_found_where_they_are_guessed_to_be() {
        let hint = read(&json!({ "event": "chatMessageCreated", "message": { "id": "m", "sessionId": 9 } })).unwrap();
        assert_eq!((hint.session.as_deref(), hint.message.as_deref()), (Some("9"), Some("m")));
        let hint = read(&json!({ "event": "chatSessionAdded", "id": "s" })).unwrap();
        assert_eq!(hint.session.as_deref(), Some("s"));
        let hint = read(&json!({ "event": "operatorBlocked", "operatorId": 42, "reason": "spam" })).unwrap();
        assert_eq!((hint.operator.as_deref(), hint.reason.as_deref()), (Some("42"), Some("spam")));
    }

    #[test]
    fn what_is_no_event_is_none() {
        let malformed: Value =
            serde_json::from_str(include_str!("../tests/fixtures/twin24/event-malformed.json")).unwrap();
        let read_all: Vec<_> = malformed["publications"].as_array().unwrap().iter().map(read).collect();
        assert_eq!(read_all.iter().flatten().count(), 1, "only the one that has a name: {read_all:?}");
        assert_eq!(Hint::read(b"{", &EventFields::default()), None);
        assert_eq!(Hint::read(&[0xff, 0xfe], &EventFields::default()), None);
    }
}

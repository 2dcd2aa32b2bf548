//! The company: who works there, which sessions there are, and the platform's clock.

use std::collections::BTreeMap;

use serde_json::Value;

use super::options::{OperatorStatus, Twin24Group, Twin24Options};
use super::state::{Client, Message, Operator, Session, StoredFile};
use crate::Moment;

/// An event on its way to an operator's channel.
pub(super) struct Effect {
    pub operator: u64,
    pub event: Value,
}

/// Why the services would not do something: status and text, and which fields are wrong.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refused {
    pub status: u16,
    pub error: String,
    pub details: Option<Value>,
}

impl Refused {
    pub fn new(status: u16, error: &str) -> Self {
        Self { status, error: error.to_owned(), details: None }
    }

    pub fn missing(what: &str) -> Self {
        Self::new(404, &format!("{what} not found."))
    }

    pub fn invalid(details: Value) -> Self {
        Self { details: Some(details), ..Self::new(422, "Validation failed.") }
    }
}

/// The state of everything.
pub(super) struct World {
    pub options: Twin24Options,
    /// `http://127.0.0.1:PORT` of the services.
    pub address: String,
    pub operators: Vec<Operator>,
    pub sessions: Vec<Session>,
    /// Where a session is in the list.
    places: BTreeMap<String, usize>,
    pub clients: BTreeMap<String, Client>,
    pub files: Vec<StoredFile>,
    /// Milliseconds that the platform's clock is ahead.
    pub skew: i64,
    /// Numbers of refresh tokens that were used.
    pub used_refreshes: Vec<i64>,
    pub effects: Vec<Effect>,
}

impl World {
    pub fn new(options: Twin24Options) -> Self {
        let status = |played: bool| if played { OperatorStatus::Online } else { OperatorStatus::Offline };
        let operators =
            options.operators.iter().map(|one| Operator { profile: one.clone(), status: status(one.played) }).collect();
        Self {
            options,
            address: String::new(),
            operators,
            sessions: Vec::new(),
            places: BTreeMap::new(),
            clients: BTreeMap::new(),
            files: Vec::new(),
            skew: 0,
            used_refreshes: Vec::new(),
            effects: Vec::new(),
        }
    }

    /// The platform's time in milliseconds since 1970.
    pub fn now(&self) -> i64 {
        (Moment::now().unix_seconds() * 1000.0) as i64 + self.skew
    }

    pub fn operator(&self, id: u64) -> Option<&Operator> {
        self.operators.iter().find(|one| one.profile.id == id)
    }

    pub fn operator_mut(&mut self, id: u64) -> Option<&mut Operator> {
        self.operators.iter_mut().find(|one| one.profile.id == id)
    }

    pub fn operator_by_mail(&self, email: &str) -> Option<&Operator> {
        self.operators.iter().find(|one| one.profile.email == email)
    }

    /// E-mail of an operator.
    pub fn mail(&self, id: u64) -> String {
        self.operator(id).map(|one| one.profile.email.clone()).unwrap_or_default()
    }

    /// Name of an operator.
    pub fn name(&self, id: u64) -> String {
        self.operator(id).map(|one| one.profile.name()).unwrap_or_default()
    }

    pub fn group(&self, id: u64) -> Option<&Twin24Group> {
        self.options.groups.iter().find(|group| group.id == id)
    }

    pub fn add_session(&mut self, session: Session) {
        self.places.insert(session.id.clone(), self.sessions.len());
        self.sessions.push(session);
    }

    pub fn session(&self, id: &str) -> Option<&Session> {
        self.places.get(id).and_then(|place| self.sessions.get(*place))
    }

    pub fn session_mut(&mut self, id: &str) -> Option<&mut Session> {
        self.places.get(id).and_then(|place| self.sessions.get_mut(*place))
    }

    /// A session, or 404.
    pub fn found(&self, id: &str) -> Result<&Session, Refused> {
        self.session(id).ok_or_else(|| Refused::missing("Session"))
    }

    /// A session that is not closed, or 404 or 422.
    pub fn open(&mut self, id: &str) -> Result<&mut Session, Refused> {
        let session = self.session_mut(id).ok_or_else(|| Refused::missing("Session"))?;
        if session.closed.is_some() {
            return Err(Refused::new(422, "Session is closed."));
        }
        Ok(session)
    }

    /// The session that a message is in.
    pub fn session_of_message(&self, message: &str) -> Option<&Session> {
        // Newest first: old ones are hardly asked for.
        self.sessions.iter().rev().find(|session| session.message(message).is_some())
    }

    pub fn message(&self, session: &str, id: &str) -> Option<&Message> {
        self.session(session).and_then(|found| found.message(id))
    }

    /// The client of that id, who may be new.
    pub fn client(&mut self, id: Option<&str>, name: &str) -> String {
        let id = id.map_or_else(new_id, str::to_owned);
        self.clients.entry(id.clone()).or_insert_with(|| Client { name: name.to_owned(), banned: false });
        id
    }

    pub fn is_banned(&self, client: &str) -> bool {
        self.clients.get(client).is_some_and(|client| client.banned)
    }
}

/// A new id.
pub(super) fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

//! Live events: names, members, and who is told.

use serde_json::{Map, Value, json};

use super::options::{EventForm, OperatorStatus};
use super::shapes;
use super::state::Session;
use super::world::{Effect, World};

impl World {
    /// An event to one operator.
    pub fn tell(&mut self, operator: u64, name: &str, members: Value) {
        let event = event(self.options.event_form, name, members);
        self.effects.push(Effect { operator, event });
    }

    /// An event to everybody whom a session concerns.
    pub fn tell_all(&mut self, session: &str, name: &str, members: &Value) {
        let Some(audience) = self.session(session).map(|found| self.audience(found)) else { return };
        for operator in audience {
            self.tell(operator, name, members.clone());
        }
    }

    /// Who is in a session; in help everybody of its group.
    pub fn audience(&self, session: &Session) -> Vec<u64> {
        if session.in_help() {
            self.group_members(session.group)
        } else {
            session.operators.iter().map(|one| one.0).collect()
        }
    }

    /// Who may get a session of that group.
    pub fn group_members(&self, group: u64) -> Vec<u64> {
        let fit = self
            .operators
            .iter()
            .filter(|one| one.profile.groups.contains(&group) && one.status != OperatorStatus::Blocked);
        fit.map(|one| one.profile.id).collect()
    }

    /// A new session, to the whole group, wherever it went.
    pub fn tell_started(&mut self, session: &str) {
        let Some(found) = self.session(session) else { return };
        let (members, value) = (self.group_members(found.group), json!({ "session": shapes::session(self, found) }));
        for operator in members {
            self.tell(operator, "chatSessionStarted", value.clone());
        }
    }

    /// A session to who has it now.
    pub fn tell_added(&mut self, session: &str, operator: u64) {
        let Some(found) = self.session(session) else { return };
        let value = json!({ "session": shapes::session(self, found) });
        self.tell(operator, "chatSessionAdded", value);
    }

    /// A message, new or edited.
    pub fn tell_message(&mut self, session: &str, message: &str, name: &str) {
        let Some(found) = self.session(session) else { return };
        let Some(message) = found.message(message) else { return };
        let value = json!({ "sessionId": session, "message": shapes::message(self, found, message) });
        self.tell_all(session, name, &value);
    }

    /// An event that names nothing but the session.
    pub fn tell_of(&mut self, session: &str, name: &str) {
        self.tell_all(session, name, &json!({ "sessionId": session }));
    }
}

/// An event in one of the forms.
fn event(form: EventForm, name: &str, members: Value) -> Value {
    let nested = |at: &str| {
        let mut event = Map::new();
        event.insert("event".to_owned(), json!(name));
        event.insert(at.to_owned(), members.clone());
        Value::Object(event)
    };
    match form {
        EventForm::Data => nested("data"),
        EventForm::Payload => nested("payload"),
        EventForm::Flat => {
            let mut event = Map::new();
            event.insert("event".to_owned(), json!(name));
            if let Value::Object(members) = members {
                event.extend(members);
            }
            Value::Object(event)
        }
    }
}

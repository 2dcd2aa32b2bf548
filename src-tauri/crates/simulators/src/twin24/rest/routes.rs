//! Paths and verbs.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::json;

use crate::twin24::faults::Service;
use crate::twin24::options::Verbs;

/// What a request wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Login,
    Refresh,
    Profile,
    Upload,
    File(String),
    Me,
    Timestamp,
    Activate,
    Pause,
    Users,
    Groups,
    Sessions,
    Session(String),
    Close(String),
    Rename(String, String),
    HandOver(String, String),
    AddOperator(String, String),
    RemoveOperator(String, String),
    HandOverToGroup(String, String),
    SessionMessages(String),
    ClientMessages(String),
    Send(String),
    Edit(String, String),
    Delete(String, String),
    Read(String),
    Ban(String, bool),
    Spam(String, bool),
}

/// The verbs of a path.
pub(super) struct Route(Vec<(String, Action)>);

impl Route {
    pub fn action(self: &Route, method: &str) -> Option<Action> {
        self.0.iter().find(|(verb, _)| verb == method).map(|(_, action)| action.clone())
    }

    pub fn not_allowed(&self) -> Response {
        let verbs: Vec<&str> = self.0.iter().map(|(verb, _)| verb.as_str()).collect();
        let body = axum::Json(json!({ "error": "Method Not Allowed" }));
        (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, verbs.join(", "))], body).into_response()
    }
}

/// What there is at a path.
pub(super) fn find(service: Service, parts: &[String], verbs: &Verbs) -> Option<Route> {
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let found = match service {
        Service::Iam => iam(&parts, verbs),
        Service::Chat => users(&parts, verbs).or_else(|| sessions(&parts, verbs)),
        Service::Storage | Service::Proxy => None,
    };
    found.map(Route)
}

fn one(verb: &str, action: Action) -> Option<Vec<(String, Action)>> {
    Some(vec![(verb.to_owned(), action)])
}

fn iam(parts: &[&str], verbs: &Verbs) -> Option<Vec<(String, Action)>> {
    match *parts {
        ["auth", "login"] => one("POST", Action::Login),
        ["auth", "refresh"] => one(&verbs.refresh, Action::Refresh),
        ["users", "me"] => one("GET", Action::Profile),
        ["files"] => one("POST", Action::Upload),
        ["files", id] => one("GET", Action::File(id.to_owned())),
        _ => None,
    }
}

fn users(parts: &[&str], verbs: &Verbs) -> Option<Vec<(String, Action)>> {
    match *parts {
        ["timestamp"] => one("GET", Action::Timestamp),
        ["users"] => one("GET", Action::Users),
        ["users", "me"] => one("GET", Action::Me),
        ["users", "me", "activate"] => one(&verbs.activate, Action::Activate),
        ["users", "me", "pause"] => one(&verbs.pause, Action::Pause),
        ["groups"] => one("GET", Action::Groups),
        ["clients", id, "messages"] => one("GET", Action::ClientMessages(id.to_owned())),
        ["clients", id, "ban"] => one(&verbs.ban, Action::Ban(id.to_owned(), true)),
        ["clients", id, "unban"] => one(&verbs.unban, Action::Ban(id.to_owned(), false)),
        ["messages", id, "read"] => one("PATCH", Action::Read(id.to_owned())),
        _ => None,
    }
}

fn sessions(parts: &[&str], verbs: &Verbs) -> Option<Vec<(String, Action)>> {
    let Some(("sessions", rest)) = parts.split_first().map(|(first, rest)| (*first, rest)) else { return None };
    let Some((id, rest)) = rest.split_first() else { return one("GET", Action::Sessions) };
    let id = (*id).to_owned();
    match *rest {
        [] => Some(vec![("GET".to_owned(), Action::Session(id.clone())), ("DELETE".to_owned(), Action::Close(id))]),
        ["names", name] => one("PATCH", Action::Rename(id, name.to_owned())),
        ["groupoperators", group] => one("PATCH", Action::HandOverToGroup(id, group.to_owned())),
        ["messages"] => one("GET", Action::SessionMessages(id)),
        ["spam"] => one("PATCH", Action::Spam(id, true)),
        ["notSpam"] => one("PATCH", Action::Spam(id, false)),
        ["operators", "messages"] => one(&verbs.send, Action::Send(id)),
        ["operators", "messages", message] => Some(vec![
            ("PUT".to_owned(), Action::Edit(id.clone(), message.to_owned())),
            ("DELETE".to_owned(), Action::Delete(id, message.to_owned())),
        ]),
        ["operators", user] => Some(vec![
            ("PATCH".to_owned(), Action::HandOver(id.clone(), user.to_owned())),
            ("PUT".to_owned(), Action::AddOperator(id.clone(), user.to_owned())),
            ("DELETE".to_owned(), Action::RemoveOperator(id, user.to_owned())),
        ]),
        _ => None,
    }
}

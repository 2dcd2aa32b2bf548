//! The signed-in user as the platform's log-in describes them.

use std::collections::BTreeSet;

use serde_json::Value;
use trunkline_model::{Team, TeamId};

/// `keycloak_User` of the log-in. It goes back whole in the socket's handshake and
/// in every subscription.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// Id: the agent's everywhere.
    pub id: String,
    /// Name to sign in with.
    pub username: String,
    /// First name; may be empty.
    pub first_name: String,
    /// Last name; may be empty.
    pub last_name: String,
    /// `resource:scope`, blanks around them left out.
    pub permissions: BTreeSet<String>,
    /// SIP extension.
    pub extension: Option<String>,
    /// Teams that are supervised, each once.
    pub supervised: Vec<Team>,
    /// As it came.
    pub raw: Value,
}

impl User {
    /// Reads one; `None` without an id.
    pub fn read(raw: &Value) -> Option<Self> {
        let text = |name: &str| raw[name].as_str().map(str::trim).unwrap_or_default().to_owned();
        let id = text("id");
        if id.is_empty() {
            return None;
        }
        let resources = raw["permittedResources"]["Resources"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut permissions = BTreeSet::new();
        for resource in resources {
            let name = resource["rsname"].as_str().unwrap_or_default().trim();
            let scopes = resource["scopes"].as_array().map(Vec::as_slice).unwrap_or_default();
            for scope in scopes.iter().filter_map(Value::as_str) {
                permissions.insert(format!("{name}:{}", scope.trim()));
            }
        }
        let teams = |name: &str| raw[name].as_array().map(Vec::as_slice).unwrap_or_default().to_vec();
        let supervised = teams("supervisedTeams").into_iter().chain(teams("secondarySupervisedTeams"));
        Some(Self {
            id,
            username: text("username"),
            first_name: text("firstName"),
            last_name: text("lastName"),
            permissions,
            extension: raw["attributes"]["agentExtension"][0].as_str().map(str::to_owned),
            supervised: teams_of(supervised),
            raw: raw.clone(),
        })
    }

    /// Ids of the teams that the user belongs to or supervises, each once.
    pub fn teams(&self) -> Vec<String> {
        let own = self.raw["userTeam"]["teamId"].as_str().map(str::to_owned);
        let mut found: Vec<String> = Vec::new();
        for id in own.into_iter().chain(self.supervised.iter().map(|team| team.id.as_str().to_owned())) {
            if !found.contains(&id) {
                found.push(id);
            }
        }
        found
    }

    /// First and last name; the user name where there is none.
    pub fn shown(&self) -> String {
        let both = format!("{} {}", self.first_name, self.last_name);
        let both = both.trim();
        if both.is_empty() { self.username.clone() } else { both.to_owned() }
    }

    /// Has this right in conversations (`view_wrap_up` ...).
    pub fn may(&self, scope: &str) -> bool {
        self.has_any("agent-conversation-control", &[scope])
    }

    /// Has at least one of these rights to a resource (`customer`, `subscribed-list` ...).
    pub fn has_any(&self, resource: &str, scopes: &[&str]) -> bool {
        scopes.iter().any(|scope| self.permissions.contains(&format!("{resource}:{scope}")))
    }

    /// May see what identifies a customer. Hiding it is left to the desk.
    pub fn sees_personal_data(&self) -> bool {
        self.permissions.contains("customer:view_pii") && !self.permissions.contains("customer:masked_pii")
    }

    /// As a participant, for subscriptions.
    pub fn as_participant(&self) -> Value {
        serde_json::json!({
            "id": self.id,
            "participantType": "CCUser",
            "keycloakUser": self.raw,
            "associatedRoutingAttributes": [],
        })
    }
}

fn teams_of(rows: impl Iterator<Item = Value>) -> Vec<Team> {
    let mut found: Vec<Team> = Vec::new();
    for row in rows {
        let Some(id) = row["teamId"].as_str().filter(|id| !id.is_empty()) else { continue };
        if !found.iter().any(|known| known.id.as_str() == id) {
            let name = row["teamName"].as_str().filter(|name| !name.trim().is_empty()).unwrap_or(id);
            found.push(Team { id: TeamId::new(id), name: name.to_owned() });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn fixture(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_user_of_a_log_in_is_read_with_rights_and_teams() {
        let login = fixture(include_str!("../tests/fixtures/expertflow/rest/login_response.json"));
        let user = User::read(&login["data"]["keycloak_User"]).unwrap();
        assert_eq!((user.username.as_str(), user.shown().as_str()), ("a.demo", "Ana Demo"));
        assert_eq!(user.extension.as_deref(), Some("7001"));
        assert!(user.may("view_direct_transfer") && user.permissions.contains("state-change:manage_state_change"));
        let login = fixture(include_str!("../tests/fixtures/expertflow/rest/login_response_supervisor.json"));
        assert!(!User::read(&login["data"]["keycloak_User"]).unwrap().supervised.is_empty(), "a supervisor has teams");
    }

    #[test]
    fn stray_blanks_do_not_take_a_right_away_and_nonsense_gives_none() {
        let raw = json!({"id": "u", "username": "u", "permittedResources": {"Resources": [
            {"rsname": "agent-conversation-control ", "scopes": ["view_history_active_customer ", 7, null]}, "x", {}]}});
        let user = User::read(&raw).unwrap();
        assert!(user.may("view_history_active_customer"));
        assert_eq!(user.shown(), "u", "without a name");
        for raw in [json!({}), json!({"id": ""}), json!([]), json!({"id": 7})] {
            assert_eq!(User::read(&raw), None, "{raw}");
        }
    }
}

//! Who works there, and what the published readme leaves open.

use std::time::Duration;

/// Somebody with a token.
#[derive(Clone, Debug)]
pub struct OlosAgent {
    /// `sub` of the token: the agent's number, not the id in events.
    pub sub: String,
    /// Sign-in name.
    pub username: String,
    /// `agentId` in events.
    pub agent_id: String,
    /// `agent`, and `admin` for the roster.
    pub roles: Vec<String>,
    /// What the company's token service asks of the one who fetches this agent's token.
    pub key: String,
}

impl OlosAgent {
    /// An agent without further roles.
    #[must_use]
    pub fn named(sub: &str, username: &str) -> Self {
        Self {
            sub: sub.to_owned(),
            username: username.to_owned(),
            agent_id: format!("9300f2b4-70f2-4a21-bcb5-{:0>12}", sub),
            roles: vec!["agent".to_owned()],
            key: format!("key-of-{username}-{}", uuid::Uuid::new_v4().simple()),
        }
    }

    /// With the role that sees who is online.
    #[must_use]
    pub fn admin(mut self) -> Self {
        self.roles.push("admin".to_owned());
        self
    }
}

/// A simulated AgentHub.
#[derive(Clone, Debug)]
pub struct OlosOptions {
    /// On 127.0.0.1; 0 is any.
    pub port: u16,
    /// Where the socket is mounted.
    pub mount: String,
    /// Parameter of the address that carries the token.
    pub token_param: String,
    /// The agent's topic; `{sub}`, `{tid}` and `{username}` are filled in.
    pub agent_topic: String,
    /// The administrators' topic.
    pub admin_topic: String,
    /// `tid` of all tokens.
    pub tenant: String,
    /// Who has a token.
    pub agents: Vec<OlosAgent>,
    /// How long a token lasts.
    pub token_life: Duration,
    /// The roster is pushed as a list with this event instead of Presence.
    pub roster_event: Option<String>,
}

impl Default for OlosOptions {
    fn default() -> Self {
        Self {
            port: 0,
            mount: "/socket".to_owned(),
            token_param: "token".to_owned(),
            agent_topic: "agents:{sub}".to_owned(),
            admin_topic: "admin:{tid}".to_owned(),
            tenant: "acme".to_owned(),
            agents: vec![OlosAgent::named("52", "adams").admin(), OlosAgent::named("53", "brown")],
            token_life: Duration::from_secs(3600),
            roster_event: None,
        }
    }
}

impl OlosOptions {
    pub(super) fn topic(&self, pattern: &str, agent: &OlosAgent) -> String {
        pattern.replace("{sub}", &agent.sub).replace("{tid}", &self.tenant).replace("{username}", &agent.username)
    }
}

/// Somebody in the roster.
#[derive(Clone, Debug)]
pub struct OnlineUser {
    /// Presence key.
    pub user_id: String,
    /// Shown name.
    pub username: String,
    /// Unix milliseconds.
    pub online_at: i64,
    /// Where from.
    pub ip_address: String,
}

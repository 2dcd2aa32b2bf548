//! The agent's states: `agentPresence` into the panel's agent, and what is sent to
//! change them (docs/connectors/expertflow.md, section 4).

use serde_json::{Value, json};
use trunkline_model::{
    Agent, AgentActivity, AgentState, AgentStateId, AgentStateKind, MediaDomain, MediaDomainId, MediaStateKind,
    RoutingProfile, UnixMillis, WrapUpForm,
};

use crate::cim;
use crate::user::User;

/// Names of the agent's states.
const READY: &str = "READY";
const NOT_READY: &str = "NOT_READY";
const LOGOUT: &str = "LOGOUT";

/// One reason, as the administrator set it up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Id.
    pub id: String,
    /// Shown name.
    pub name: String,
    /// For leaving; else for being not ready.
    pub logout: bool,
    /// As it goes into a change of state.
    raw: Value,
}

impl Reason {
    /// The reasons in the answer of `/reasons`; those that were deleted are left out.
    pub fn read_all(raw: &Value) -> Vec<Self> {
        let rows = raw.as_array().map(Vec::as_slice).unwrap_or_default();
        let one = |row: &Value| {
            let (id, name) = (row["id"].as_str()?, row["name"].as_str()?);
            let logout = match row["type"].as_str().unwrap_or_default().trim().to_uppercase().as_str() {
                LOGOUT => true,
                NOT_READY => false,
                _ => return None,
            };
            let kind = if logout { LOGOUT } else { NOT_READY };
            let raw = json!({ "id": id, "name": name, "type": kind });
            Some(Self { id: id.to_owned(), name: name.to_owned(), logout, raw })
        };
        rows.iter().filter(|row| row["isDeleted"] != json!(true)).filter_map(one).collect()
    }
}

/// One medium's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MrdState {
    id: String,
    name: String,
    state: String,
    since: Option<UnixMillis>,
    limit: u32,
}

/// The agent's states, whole, as one `agentPresence` tells them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Id of the agent that it is about.
    pub agent: String,
    /// `READY`, `NOT_READY`, `LOGOUT`, `LOGIN` or another; empty: not told.
    pub state: String,
    /// Id and name of its reason.
    reason: Option<(Option<String>, String)>,
    since: Option<UnixMillis>,
    media: Vec<MrdState>,
}

fn number(value: &Value) -> Option<u32> {
    let number = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Some(u32::try_from(number).unwrap_or(u32::MAX))
}

impl Presence {
    /// Reads the argument of the event, or what the routing engine answers: either
    /// has the states in `agentPresence` or is them. `None` when there are none.
    pub fn read(raw: &Value) -> Option<Self> {
        let raw = if raw["agentPresence"].is_object() { &raw["agentPresence"] } else { raw };
        let text = |value: &Value| value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let agent = text(&raw["agent"]["id"]).or_else(|| text(&raw["agent"]["keycloakUser"]["id"]))?;
        let reason = &raw["state"]["reasonCode"];
        let media = raw["agentMrdStates"].as_array().map(Vec::as_slice).unwrap_or_default();
        let medium = |raw: &Value| {
            let limit = number(&raw["maxAgentTasks"]).or_else(|| number(&raw["mrd"]["maxRequests"]));
            Some(MrdState {
                id: text(&raw["mrd"]["id"]).or_else(|| text(&raw["mrdId"]))?,
                name: text(&raw["mrd"]["name"]).unwrap_or_default(),
                state: text(&raw["state"]).or_else(|| text(&raw["state"]["name"])).unwrap_or_default().to_uppercase(),
                since: cim::time(&raw["stateChangeTime"]),
                limit: limit.unwrap_or(1),
            })
        };
        Some(Self {
            agent,
            state: text(&raw["state"]["name"]).or_else(|| text(&raw["state"])).unwrap_or_default().to_uppercase(),
            reason: text(&reason["name"]).map(|name| (text(&reason["id"]), name)),
            since: cim::time(&raw["stateChangeTime"]),
            media: media.iter().filter_map(medium).collect(),
        })
    }

    /// When the last change in it was, by the platform's clock.
    pub fn newest(&self) -> Option<UnixMillis> {
        self.media.iter().filter_map(|medium| medium.since).chain(self.since).max()
    }

    /// It ends the agent's session.
    pub fn is_logout(&self) -> bool {
        self.state == LOGOUT
    }

    /// The agent is ready as a whole.
    pub fn is_ready(&self) -> bool {
        self.state == READY
    }

    /// It is this state that was asked for.
    pub fn is(&self, wanted: &Wanted) -> bool {
        match wanted {
            Wanted::Ready => self.is_ready(),
            Wanted::NotReady(reason) => {
                let told = self.reason.as_ref().and_then(|(id, _)| id.as_deref());
                self.state == NOT_READY && reason.as_ref().is_none_or(|reason| told == Some(reason.id.as_str()))
            }
            Wanted::Logout(_) => self.is_logout(),
        }
    }

    /// A medium is switched as was asked for. Switched off, it may have to finish
    /// what is at work.
    pub fn is_switched(&self, domain: &str, ready: bool) -> bool {
        self.media.iter().find(|medium| medium.id == domain).is_some_and(|medium| match kind(&medium.state) {
            MediaStateKind::Ready | MediaStateKind::Active | MediaStateKind::Busy | MediaStateKind::Interrupted => {
                ready
            }
            MediaStateKind::NotReady | MediaStateKind::Ending => !ready,
            MediaStateKind::Unknown => false,
        })
    }

    /// A medium of the agent's.
    pub fn has_medium(&self, domain: &str) -> bool {
        self.media.iter().any(|medium| medium.id == domain)
    }
}

/// A state that the agent can ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Contacts are routed.
    Ready,
    /// None are, for this reason where there are reasons.
    NotReady(Option<Reason>),
    /// Leave.
    Logout(Option<Reason>),
}

impl Wanted {
    /// By the id of one of [`agent`]'s states.
    pub fn find(id: &AgentStateId, reasons: &[Reason]) -> Option<Self> {
        match id.as_str() {
            READY => Some(Self::Ready),
            NOT_READY => Some(Self::NotReady(None)),
            LOGOUT => Some(Self::Logout(None)),
            id => {
                let reason = reasons.iter().find(|reason| reason.id == id)?.clone();
                Some(if reason.logout { Self::Logout(Some(reason)) } else { Self::NotReady(Some(reason)) })
            }
        }
    }

    /// The argument of `changeAgentState`.
    pub fn change(&self, agent: &str) -> Value {
        let (name, reason) = match self {
            Self::Ready => (READY, None),
            Self::NotReady(reason) => (NOT_READY, reason.as_ref()),
            Self::Logout(reason) => (LOGOUT, reason.as_ref()),
        };
        let reason = reason.map_or(Value::Null, |reason| reason.raw.clone());
        json!({ "agentId": agent, "action": "agentState", "state": { "name": name, "reasonCode": reason } })
    }
}

/// The argument of `changeAgentState` for one medium.
pub fn switch(agent: &str, domain: &str, ready: bool) -> Value {
    let state = if ready { READY } else { NOT_READY };
    json!({ "agentId": agent, "action": "agentMRDState", "state": state, "mrdId": domain })
}

pub(crate) fn kind(state: &str) -> MediaStateKind {
    match state {
        "READY" => MediaStateKind::Ready,
        // Reserved: one more is being offered.
        "ACTIVE" | "RESERVED" => MediaStateKind::Active,
        "BUSY" => MediaStateKind::Busy,
        "PENDING_NOT_READY" => MediaStateKind::Ending,
        "NOT_READY" | "LOGOUT" | "LOGIN" => MediaStateKind::NotReady,
        "INTERRUPTED" => MediaStateKind::Interrupted,
        _ => MediaStateKind::Unknown,
    }
}

/// What else is known of the agent.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// Who it is.
    pub user: &'a User,
    /// Reasons that can be chosen.
    pub reasons: &'a [Reason],
    /// What can be noted at the end of a contact.
    pub wrap_up: Option<&'a WrapUpForm>,
    /// Contacts are taken by themselves.
    pub auto_accept: bool,
    /// Milliseconds that the platform's clock is ahead of this computer's.
    pub ahead: i64,
}

fn named(name: &str) -> AgentState {
    let id = AgentStateId::new(name);
    let (kind, shown) = match name {
        READY => (AgentStateKind::Routable, "Ready"),
        LOGOUT => (AgentStateKind::Offline, "Offline"),
        _ => (AgentStateKind::NotRoutable, "Not ready"),
    };
    AgentState { id: Some(id), kind, name: shown.to_owned(), activity: AgentActivity::Named, since: None }
}

/// A state of somebody else's by the platform's word.
pub(crate) fn by_name(state: &str) -> AgentState {
    match state {
        READY | NOT_READY | LOGOUT => AgentState { id: None, ..named(state) },
        "LOGIN" => AgentState { id: None, kind: AgentStateKind::Init, ..named(NOT_READY) },
        other => AgentState {
            id: None,
            kind: AgentStateKind::Unknown,
            name: cim::channel_name(other),
            activity: AgentActivity::Unknown,
            since: None,
        },
    }
}

fn by_reason(reason: &Reason) -> AgentState {
    let kind = if reason.logout { AgentStateKind::Offline } else { AgentStateKind::NotRoutable };
    let id = Some(AgentStateId::new(reason.id.as_str()));
    AgentState { id, kind, name: reason.name.clone(), activity: AgentActivity::Named, since: None }
}

/// The states that can be chosen: ready, each reason, and leaving. Where there are
/// no reasons the platform takes none.
fn choices(around: &Around<'_>) -> Vec<AgentState> {
    if !around.user.permissions.contains("state-change:manage_state_change") {
        return Vec::new();
    }
    let of = |logout: bool, plain: &str| {
        let mut states: Vec<_> =
            around.reasons.iter().filter(|reason| reason.logout == logout).map(by_reason).collect();
        if states.is_empty() {
            states.push(named(plain));
        }
        states
    };
    std::iter::once(named(READY)).chain(of(false, NOT_READY)).chain(of(true, LOGOUT)).collect()
}

fn present(presence: &Presence, reasons: &[Reason], ahead: i64) -> AgentState {
    let since = presence.since.map(|at| at.shifted(-ahead));
    let chosen = presence
        .reason
        .as_ref()
        .and_then(|(id, name)| reasons.iter().find(|reason| Some(&reason.id) == id.as_ref() || reason.name == *name));
    let mut state = match (presence.state.as_str(), chosen, &presence.reason) {
        (READY, ..) => named(READY),
        (NOT_READY, Some(reason), _) => by_reason(reason),
        (NOT_READY, None, Some((_, name))) => AgentState { id: None, name: name.clone(), ..named(NOT_READY) },
        (NOT_READY, None, None) => named(NOT_READY),
        (LOGOUT, ..) => named(LOGOUT),
        (other, ..) => by_name(other),
    };
    state.since = since;
    state
}

/// The agent as the panel shows them.
pub fn agent(presence: &Presence, around: &Around<'_>) -> Agent {
    let ready = presence.is_ready();
    let medium = |medium: &MrdState| MediaDomain {
        id: MediaDomainId::new(medium.id.as_str()),
        name: medium.name.clone(),
        state: kind(&medium.state),
        since: medium.since.map(|at| at.shifted(-around.ahead)),
        limit: medium.limit,
        switchable: ready && medium.limit > 0,
    };
    Agent {
        name: around.user.shown(),
        username: Some(around.user.username.clone()),
        state: present(presence, around.reasons, around.ahead),
        next_state: None,
        selectable_states: choices(around),
        softphone_enabled: false,
        auto_accept: around.auto_accept,
        extension: around.user.extension.clone(),
        routing_profile: RoutingProfile::default(),
        permissions: around.user.permissions.clone(),
        can_dial: false,
        language: None,
        languages: Vec::new(),
        dial_queues: Vec::new(),
        default_dial_queue: None,
        platform_id: Some(around.user.id.clone()),
        dialable_countries: Vec::new(),
        picked: None,
        media: presence.media.iter().map(medium).collect(),
        wrap_up: around.wrap_up.cloned(),
        supervises: around.user.supervised.clone(),
    }
}

/// The form of the wrap-up, read from the platform's; `None` when it holds no codes.
pub fn wrap_up_form(raw: &Value, most: u32) -> Option<WrapUpForm> {
    let attributes = raw["attributes"].as_array()?;
    let options =
        attributes.iter().map(|attribute| &attribute["categoryOptions"]).find(|options| options.is_object())?;
    let rows = options["categories"].as_array()?;
    let category = |row: &Value| {
        let values = row["values"].as_array()?.iter();
        // Later releases may hold objects where the first held words.
        let value = |value: &Value| value.as_str().or_else(|| value["value"].as_str()).map(str::to_owned);
        let values: Vec<String> = values.filter_map(value).collect();
        let name = row["categoryName"].as_str()?.to_owned();
        (!values.is_empty()).then_some(trunkline_model::WrapUpCategory { name, values })
    };
    let categories: Vec<_> = rows.iter().filter_map(category).collect();
    let most = if options["isMultipleChoice"] == json!(false) { 1 } else { most.max(1) };
    (!categories.is_empty()).then_some(WrapUpForm { categories, most, note: true })
}

#[cfg(test)]
mod tests;

//! What the service keeps about agents, contacts and connections.

use std::sync::Arc;

use super::call::Call;
use super::options::AgentOptions;
use super::state::Refusal;

#[derive(Clone, Debug)]
pub(crate) struct StateRecord {
    pub arn: Option<String>,
    pub kind: String,
    pub name: String,
    pub since: f64,
}

impl StateRecord {
    pub(crate) fn system(name: &str, now: f64) -> Self {
        Self {
            arn: None,
            kind: "system".to_owned(),
            name: name.to_owned(),
            since: now,
        }
    }

    pub(crate) fn error(name: &str, now: f64) -> Self {
        Self {
            kind: "error".to_owned(),
            ..Self::system(name, now)
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct LegRecord {
    pub state: &'static str,
    pub since: f64,
    pub mute: bool,
}

impl LegRecord {
    pub(crate) fn new(state: &'static str, now: f64) -> Self {
        Self {
            state,
            since: now,
            mute: false,
        }
    }

    pub(crate) fn set(&mut self, state: &'static str, now: f64) {
        if self.state != state {
            self.state = state;
            self.since = now;
        }
    }
}

pub(crate) struct ContactRecord {
    pub call: Arc<Call>,
    pub state: &'static str,
    pub since: f64,
    pub began: f64,
    pub agent_leg: LegRecord,
    pub customer_leg: LegRecord,
}

impl ContactRecord {
    pub(crate) fn set(&mut self, state: &'static str, now: f64) {
        self.state = state;
        self.since = now;
    }

    pub(crate) fn disconnect(&mut self, state: &'static str, now: f64) {
        self.set(state, now);
        self.agent_leg.set("disconnected", now);
        self.customer_leg.set("disconnected", now);
    }

    pub(crate) fn is_finished(&self) -> bool {
        matches!(self.state, "ended" | "error" | "missed" | "rejected")
    }
}

pub(crate) struct AgentRecord {
    pub options: AgentOptions,
    pub revision: u64,
    pub state: StateRecord,
    pub next: Option<StateRecord>,
    pub chosen: StateRecord,
    pub contacts: Vec<ContactRecord>,
    pub polled: bool,
    pub extension: String,
    pub softphone_enabled: bool,
    pub preferences: serde_json::Value,
}

impl AgentRecord {
    pub(crate) fn new(options: AgentOptions, now: f64) -> Self {
        let chosen = options
            .states
            .iter()
            .position(|s| s.name == options.state)
            .unwrap_or(0);
        let state = listed_state(&options, chosen, now).unwrap_or_else(|| StateRecord {
            arn: None,
            kind: "offline".to_owned(),
            name: "Offline".to_owned(),
            since: now,
        });
        Self {
            softphone_enabled: true,
            extension: String::new(),
            preferences: serde_json::json!({ "LANGUAGE": "en_US" }),
            options,
            revision: 1,
            chosen: state.clone(),
            state,
            next: None,
            contacts: Vec::new(),
            polled: false,
        }
    }

    pub(crate) fn contact(&mut self, id: &str) -> Result<&mut ContactRecord, Refusal> {
        // The real service's answer to an unknown contact is not known.
        self.contacts
            .iter_mut()
            .find(|c| c.call.contact_id == id)
            .ok_or_else(|| Refusal::invalid_state("There is no such contact."))
    }

    pub(crate) fn live_calls(&self) -> usize {
        self.contacts.iter().filter(|c| !c.is_finished()).count()
    }

    /// State after a contact has gone or ended.
    pub(crate) fn settle(&mut self, now: f64) {
        let any = |state: &str| self.contacts.iter().any(|c| c.state == state);
        let errors = self.state.kind == "error" && any("error");
        let state = if any("connected") {
            StateRecord::system("Busy", now)
        } else if any("connecting") {
            StateRecord::system("PendingBusy", now)
        } else if any("ended") {
            StateRecord::system("AfterCallWork", now)
        } else if errors {
            self.state.clone()
        } else {
            if let Some(next) = self.next.take() {
                self.chosen = StateRecord { since: now, ..next };
            }
            StateRecord {
                since: now,
                ..self.chosen.clone()
            }
        };
        self.enter(state);
    }

    pub(crate) fn enter(&mut self, state: StateRecord) {
        if self.state.name != state.name || self.state.kind != state.kind {
            self.state = state;
        }
    }
}

/// The states list with ARNs made from the position.
pub(crate) fn listed_state(options: &AgentOptions, index: usize, now: f64) -> Option<StateRecord> {
    let state = options.states.get(index)?;
    Some(StateRecord {
        arn: Some(super::snapshot::state_arn(index)),
        kind: state.kind.clone(),
        name: state.name.clone(),
        since: now,
    })
}

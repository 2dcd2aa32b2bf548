//! Which events a new snapshot means: section 7.6 of
//! `docs/connectors/amazon-connect.md`, exactly as the vendor's client fires
//! them (the `trace.*.json` and `state-transition-matrix.json` fixtures).
//!
//! Input, by origin:
//!
//! | origin | input |
//! | --- | --- |
//! | platform | the next snapshot |
//!
//! Events of one contact, old state to new state, in firing order:
//!
//! | from | to | events |
//! | --- | --- | --- |
//! | any | incoming, pending, connecting, connected | the same name |
//! | connecting, incoming | error | error, missed, ended |
//! | connecting, incoming | missed, rejected | ended, missed |
//! | connected, pending, paused | error | error, ended |
//! | any active | ended | acw, ended |
//! | any active | missed, rejected, init | ended |
//! | inactive or new | error | error |
//! | inactive or new | ended | acw |
//! | any | paused, unknown | nothing |

use crate::wire::{AgentStateType, ContactStateType, Snapshot};

/// What happened to the agent or to a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiffEvent {
    /// About the agent.
    Agent(AgentEvent),
    /// About a contact.
    Contact(String, ContactEvent),
}

/// `agent::...`
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "names are those of section 6.4")]
pub enum AgentEvent {
    Init,
    Refresh,
    Routable,
    NotRoutable,
    Offline,
    StateChange { old: String, new: String },
    Error,
    AfterCallWork,
    EnqueuedNextState,
    ClearedNextState,
}

/// `contact::...`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "names are those of section 6.4")]
pub enum ContactEvent {
    Init,
    Refresh,
    Destroyed,
    Incoming,
    Pending,
    Connecting,
    Connected,
    Missed,
    AfterCallWork,
    Ended,
    Error,
}

impl DiffEvent {
    /// The name the vendor's client uses.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Agent(event) => match event {
                AgentEvent::Init => "agent::init",
                AgentEvent::Refresh => "agent::refresh",
                AgentEvent::Routable => "agent::routable",
                AgentEvent::NotRoutable => "agent::not_routable",
                AgentEvent::Offline => "agent::offline",
                AgentEvent::StateChange { .. } => "agent::state_change",
                AgentEvent::Error => "agent::error",
                AgentEvent::AfterCallWork => "agent::acw",
                AgentEvent::EnqueuedNextState => "agent::enqueued_next_state",
                AgentEvent::ClearedNextState => "agent::cleared_next_state",
            },
            Self::Contact(_, event) => match event {
                ContactEvent::Init => "contact::init",
                ContactEvent::Refresh => "contact::refresh",
                ContactEvent::Destroyed => "contact::destroyed",
                ContactEvent::Incoming => "contact::incoming",
                ContactEvent::Pending => "contact::pending",
                ContactEvent::Connecting => "contact::connecting",
                ContactEvent::Connected => "contact::connected",
                ContactEvent::Missed => "contact::missed",
                ContactEvent::AfterCallWork => "contact::acw",
                ContactEvent::Ended => "contact::ended",
                ContactEvent::Error => "contact::error",
            },
        }
    }
}

/// Names that make `agent::error` (AgentErrorStates, section 6.2).
pub const AGENT_ERROR_STATES: [&str; 14] = [
    "Error",
    "AgentHungUp",
    "BadAddressAgent",
    "BadAddressCustomer",
    "Default",
    "FailedConnectAgent",
    "FailedConnectCustomer",
    "InvalidLocale",
    "LineEngagedAgent",
    "LineEngagedCustomer",
    "MissedCallAgent",
    "MissedCallCustomer",
    "MultipleCcpWindows",
    "RealtimeCommunicationError",
];

/// What the last snapshot said, as far as events depend on it.
#[derive(Clone, Debug, Default)]
pub struct Differ {
    agent: Option<LastAgent>,
    /// In the order of the last snapshot.
    contacts: Vec<(String, LastContact)>,
}

#[derive(Clone, Debug)]
struct LastAgent {
    kind: AgentStateType,
    name: String,
    next: Option<String>,
}

#[derive(Clone, Debug)]
struct LastContact {
    state: ContactStateType,
    /// `ended` needs no repetition when the contact goes.
    end_seen: bool,
}

fn is_active(state: &ContactStateType) -> bool {
    use ContactStateType::{Connected, Connecting, Incoming, Paused, Pending};
    matches!(state, Paused | Incoming | Pending | Connecting | Connected)
}

/// Events of a change of state, in firing order.
fn state_events(from: &ContactStateType, to: &ContactStateType) -> &'static [ContactEvent] {
    use ContactStateType as State;
    let ringing = matches!(from, State::Connecting | State::Incoming);
    match to {
        State::Incoming => &[ContactEvent::Incoming],
        State::Pending => &[ContactEvent::Pending],
        State::Connecting => &[ContactEvent::Connecting],
        State::Connected => &[ContactEvent::Connected],
        State::Error if ringing => &[ContactEvent::Error, ContactEvent::Missed, ContactEvent::Ended],
        State::Error if is_active(from) => &[ContactEvent::Error, ContactEvent::Ended],
        State::Error => &[ContactEvent::Error],
        State::Ended if is_active(from) => &[ContactEvent::AfterCallWork, ContactEvent::Ended],
        State::Ended => &[ContactEvent::AfterCallWork],
        State::Missed | State::Rejected if ringing => &[ContactEvent::Ended, ContactEvent::Missed],
        State::Missed | State::Rejected | State::Init if is_active(from) => &[ContactEvent::Ended],
        _ => &[],
    }
}

/// The vendor's tracker of `ended` is settled by the first event fired while the
/// contact is in a finished state (missed, error, ended, rejected). `init` and
/// unknown states do not settle it, and first sight in missed or rejected fires nothing.
fn settles_end(to: &ContactStateType, events: &[ContactEvent]) -> bool {
    use ContactStateType::{Ended, Error, Missed, Rejected};
    matches!(to, Missed | Error | Ended | Rejected) && !events.is_empty()
}

impl Differ {
    /// Compares with the last snapshot and remembers this one. Contacts that
    /// could not be read count as unchanged.
    pub fn apply(&mut self, snapshot: &Snapshot) -> Vec<DiffEvent> {
        let mut events = Vec::new();
        self.agent_events(snapshot, &mut events);
        let last = std::mem::take(&mut self.contacts);
        let find = |id: &str| last.iter().find(|(known, _)| known == id).map(|(_, contact)| contact);
        let push = |id: &str, event: ContactEvent, events: &mut Vec<DiffEvent>| {
            events.push(DiffEvent::Contact(id.to_owned(), event));
        };
        // The vendor's client takes the new contacts first, then the gone, then those in both.
        for contact in snapshot.contacts.iter().filter(|contact| find(&contact.contact_id).is_none()) {
            push(&contact.contact_id, ContactEvent::Init, &mut events);
            for event in state_events(&ContactStateType::Init, &contact.state.kind) {
                push(&contact.contact_id, *event, &mut events);
            }
            push(&contact.contact_id, ContactEvent::Refresh, &mut events);
        }
        for (id, gone) in &last {
            if snapshot.contacts.iter().any(|contact| contact.contact_id == *id) {
                continue;
            }
            if snapshot.unreadable.iter().any(|contact| contact.contact_id.as_ref() == Some(id)) {
                self.contacts.push((id.clone(), gone.clone()));
                continue;
            }
            if !gone.end_seen {
                push(id, ContactEvent::Ended, &mut events);
            }
            push(id, ContactEvent::Destroyed, &mut events);
        }
        for contact in &snapshot.contacts {
            let (id, state) = (&contact.contact_id, &contact.state.kind);
            let known = find(id);
            let from = known.map_or(&ContactStateType::Init, |known| &known.state);
            let changed = if from == state { &[][..] } else { state_events(from, state) };
            if known.is_some() {
                for event in changed {
                    push(id, *event, &mut events);
                }
                push(id, ContactEvent::Refresh, &mut events);
            }
            let end_seen = known.is_some_and(|known| known.end_seen) || settles_end(state, changed);
            self.contacts.push((id.clone(), LastContact { state: state.clone(), end_seen }));
        }
        events
    }

    fn agent_events(&mut self, snapshot: &Snapshot, events: &mut Vec<DiffEvent>) {
        let mut push = |event| events.push(DiffEvent::Agent(event));
        let state = &snapshot.state;
        let next = snapshot.next_state.as_ref().map(|state| state.name.clone());
        let first = self.agent.is_none();
        let last = self.agent.take().unwrap_or_else(|| LastAgent {
            kind: AgentStateType::Init,
            name: "Init".to_owned(),
            next: None,
        });
        if first {
            push(AgentEvent::Init);
        }
        push(AgentEvent::Refresh);
        if last.kind != state.kind {
            match state.kind {
                AgentStateType::Routable => push(AgentEvent::Routable),
                AgentStateType::NotRoutable => push(AgentEvent::NotRoutable),
                AgentStateType::Offline => push(AgentEvent::Offline),
                _ => {}
            }
        }
        if last.name != state.name {
            push(AgentEvent::StateChange { old: last.name, new: state.name.clone() });
            if AGENT_ERROR_STATES.contains(&state.name.as_str()) {
                push(AgentEvent::Error);
            }
            if state.name == "AfterCallWork" {
                push(AgentEvent::AfterCallWork);
            }
        }
        if last.next != next {
            push(if next.is_some() { AgentEvent::EnqueuedNextState } else { AgentEvent::ClearedNextState });
        }
        self.agent = Some(LastAgent { kind: state.kind.clone(), name: state.name.clone(), next });
    }
}

#[cfg(test)]
mod tests;

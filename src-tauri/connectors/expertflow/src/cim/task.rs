//! Tasks of the routing engine, as events and its own interface tell of them.

use serde_json::Value;

use super::{
    look::{at, constant, first, list, state, words},
    text,
};

/// A task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Task {
    /// Its id; empty: not told.
    pub id: String,
    /// The conversation that it is about.
    pub conversation: Option<String>,
    /// User id of the agent who has it.
    pub agent: Option<String>,
    /// That agent's name. Text from outside.
    pub agent_name: Option<String>,
    /// `ACTIVE`, `WRAP_UP`, `CLOSED`; empty: not told.
    pub state: String,
    /// Why it is in that state (`RONA`, `DONE`, `TRANSFERRED` ...).
    pub reason: Option<String>,
    /// What is or was asked for.
    pub media: Vec<TaskMedia>,
}

/// One request for an agent within a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskMedia {
    /// Its id; empty: not told.
    pub id: String,
    /// `INBOUND`, `DIRECT_TRANSFER`, `CONSULT` ...; empty: not told.
    pub direction: String,
    /// `QUEUE`, `AGENT`; empty: not told.
    pub mode: String,
    /// `STARTED`, `QUEUED`, `RESERVED`, `ACTIVE`, `CLOSED`; empty: not told.
    pub state: String,
    /// Why it is in that state.
    pub reason: Option<String>,
    /// Media routing domain.
    pub domain: Option<String>,
    /// Name of the queue. Text from outside.
    pub queue: Option<String>,
    /// Whoever asked for it, as the platform names them.
    pub requested_by: Option<String>,
}

impl Task {
    /// Reads what is there.
    pub fn read(raw: &Value) -> Self {
        let agent = at(raw, &["assignedTo"]);
        let media = list(raw, &["activeMedia"]).filter(|media| media.is_object());
        Self {
            id: words(raw, &["id"]).unwrap_or_default(),
            conversation: words(raw, &["conversationId"]).or_else(|| words(raw, &["topicId"])),
            agent: words(agent, &["id"]).or_else(|| words(agent, &[])),
            agent_name: words(agent, &["name"]).map(|name| text::short(name.trim())),
            state: state(raw, &["state"]).unwrap_or_default(),
            reason: constant(raw, &["state", "reasonCode"]),
            media: media.map(TaskMedia::read).collect(),
        }
    }

    /// The id under which the platform offers one of its media: both ids with a colon between.
    pub fn offered_as(&self, media: &TaskMedia) -> String {
        format!("{}:{}", self.id, media.id)
    }
}

impl TaskMedia {
    fn read(raw: &Value) -> Self {
        let kind = at(raw, &["type"]);
        Self {
            id: words(raw, &["id"]).unwrap_or_default(),
            direction: constant(kind, &["direction"]).unwrap_or_default(),
            mode: constant(kind, &["mode"]).unwrap_or_default(),
            state: state(raw, &["state"]).unwrap_or_default(),
            reason: constant(raw, &["state", "reasonCode"]).or_else(|| constant(raw, &["reasonCode"])),
            domain: words(raw, &["mrdId"]),
            queue: words(raw, &["queue", "name"]).map(|name| text::short(&name)),
            requested_by: first(at(kind, &["metadata"]), &["requestedBy"]).map(|name| text::short(name.trim())),
        }
    }
}

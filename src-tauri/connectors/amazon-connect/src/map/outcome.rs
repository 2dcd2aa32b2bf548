//! Whether a contact rings, and how it ended: sections 5.4 and 6.2.

use trunkline_model::{Direction, Outcome};

use super::{Memory, direction};
use crate::wire::{self, ConnectionStateType, ContactStateType};

/// It rings: the agent may accept or decline.
pub fn is_offer(contact: &wire::Contact) -> bool {
    match contact.state.kind {
        ContactStateType::Incoming => true,
        ContactStateType::Connecting => direction(contact) == Direction::Inbound,
        _ => false,
    }
}

/// Notes what a contact's present state tells for later.
pub fn remember(memory: &mut Memory, contact: &wire::Contact, agent: &wire::AgentState) {
    if is_offer(contact) {
        memory.was_offered = true;
    }
    if matches!(contact.state.kind, ContactStateType::Connected | ContactStateType::Paused) {
        memory.was_connected = true;
    }
    if contact.state.kind.is_finished() {
        match memory.outcome {
            None => memory.outcome = Some(outcome(memory, contact, agent)),
            // The agent's state, which says why nobody was reached, may follow a snapshot later.
            Some(Outcome::Failed) if !memory.was_connected && at_once(contact, agent) => {
                memory.outcome = not_reached(agent).or(memory.outcome);
            }
            Some(_) => {}
        }
    } else {
        memory.outcome = None;
        memory.parties = contact.parties().count();
    }
}

fn outcome(memory: &Memory, contact: &wire::Contact, agent: &wire::AgentState) -> Outcome {
    let rang_only = memory.was_offered && !memory.was_connected;
    let (ours, theirs) = (disconnected_at(contact.agent_connection()), disconnected_at(contact.customer_connection()));
    match contact.state.kind {
        ContactStateType::Rejected => Outcome::Declined,
        ContactStateType::Missed if memory.declined => Outcome::Declined,
        ContactStateType::Missed => Outcome::Missed,
        // Voice contacts that were missed, declined or left all arrive as `error` (5.4).
        ContactStateType::Error if memory.declined && rang_only => Outcome::Declined,
        ContactStateType::Error if agent.name == "MissedCallAgent" && !memory.was_connected => Outcome::Missed,
        ContactStateType::Error if rang_only && !memory.accepted && customer_left_first(ours, theirs) => {
            Outcome::Abandoned
        }
        // The agent gave up while it was dialling.
        ContactStateType::Error if memory.ended_by_us => ended_by_us(memory),
        ContactStateType::Error if !memory.was_connected => not_reached(agent).unwrap_or(Outcome::Failed),
        ContactStateType::Error => Outcome::Failed,
        _ if rang_only && memory.declined => Outcome::Declined,
        _ if memory.transferred => Outcome::Transferred,
        _ if memory.ended_by_us => ended_by_us(memory),
        _ if !memory.was_connected && direction(contact) == Direction::Outbound && not_reached(agent).is_some() => {
            not_reached(agent).unwrap_or(Outcome::Failed)
        }
        _ if rang_only && !memory.accepted => Outcome::Abandoned,
        _ => match (ours, theirs) {
            (Some(ours), Some(theirs)) if theirs < ours => Outcome::EndedByCustomer,
            (Some(ours), Some(theirs)) if ours < theirs => Outcome::EndedByAgent,
            _ => Outcome::Handled,
        },
    }
}

/// The agent's state began when the contact ended: it speaks of this contact
/// and of no later one.
fn at_once(contact: &wire::Contact, agent: &wire::AgentState) -> bool {
    match (contact.state.timestamp, agent.start_timestamp) {
        (Some(ended), Some(began)) => (ended.0 - began.0).abs() < 2.0,
        _ => false,
    }
}

/// Leaving others to themselves is no end (4.3, destroyConnection).
fn ended_by_us(memory: &Memory) -> Outcome {
    if memory.parties > 1 { Outcome::Transferred } else { Outcome::EndedByAgent }
}

/// Why the other side was not reached, by the state the platform puts the
/// agent into (6.2). `None`: the state says nothing of it.
pub fn not_reached(agent: &wire::AgentState) -> Option<Outcome> {
    Some(match agent.name.as_str() {
        "LineEngagedCustomer" => Outcome::Busy,
        "MissedCallCustomer" => Outcome::NoAnswer,
        "BadAddressCustomer" => Outcome::BadAddress,
        "FailedConnectCustomer" => Outcome::Failed,
        _ => return None,
    })
}

fn disconnected_at(leg: Option<&wire::Connection>) -> Option<f64> {
    let leg = leg?;
    if leg.state.kind != ConnectionStateType::Disconnected {
        return None;
    }
    leg.state.timestamp.map(|time| time.0)
}

fn customer_left_first(ours: Option<f64>, theirs: Option<f64>) -> bool {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => theirs <= ours,
        (None, Some(_)) => true,
        _ => false,
    }
}

/// How a contact ended that vanished without a finished state.
pub fn outcome_when_gone(memory: &Memory) -> Option<Outcome> {
    if memory.outcome.is_some() {
        return memory.outcome;
    }
    Some(match memory {
        Memory { declined: true, was_connected: false, .. } => Outcome::Declined,
        Memory { was_connected: false, was_offered: true, accepted: false, .. } => Outcome::Abandoned,
        Memory { transferred: true, .. } => Outcome::Transferred,
        Memory { ended_by_us: true, .. } => ended_by_us(memory),
        Memory { was_connected: true, .. } => Outcome::Handled,
        _ => return None,
    })
}

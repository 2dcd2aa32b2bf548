//! From one state of the desk to the next: which of the SDK's events that is.
//!
//! | contact before \ now | Offered | Connecting | Connected | Ended | Missed | Rejected | Failed | gone |
//! | --- | --- | --- | --- | --- | --- | --- | --- | --- |
//! | (new) | incoming_call | outgoing_call when dialled | call_started, after what should have come first | - | missed_call | reject_call | - | - |
//! | Offered | - | - | call_started | call_ended, after_call_work | missed_call | reject_call | missed_call | missed_call, or reject_call when the agent declined |
//! | Connecting | - | - | call_started | call_ended, after_call_work | missed_call | reject_call | call_ended | call_ended |
//! | Connected | - | - | see legs | call_ended, after_call_work | - | - | call_ended | call_ended |
//! | Missed, Rejected, Failed | incoming_call | outgoing_call | call_started | - | - | - | - | contact_updated (gone) |
//! | Ended | after_call_work_end, incoming_call | likewise | likewise | - | - | - | - | after_call_work_end |
//!
//! Legs of a connected call: a further one that is called gives `add_connection`, one that goes
//! `end_connection`, two or more that all talk `conference_connections`, who is held changing over
//! `toggle_connections`, the customer's hold `on_hold` and `off_hold`. An agent who leaves while the
//! others talk on has made a `transfer_call`. Attributes, queue or customer that change give
//! `contact_updated`; chats, tasks and e-mails give that alone, also as they come, move on and go.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use trunkline_desk::{CommandKind, ContactView, DeskSnapshot};
use trunkline_model::{
    AccountId, AgentState, AgentStateKind, Channel, Connection, ConnectionKind, ConnectionState, ContactKey,
    ContactState, Direction, Outcome, UnixMillis,
};

/// Every event that a page may hear.
pub const EVENTS: [&str; 17] = [
    "incoming_call",
    "contact_updated",
    "call_started",
    "on_hold",
    "off_hold",
    "call_ended",
    "reject_call",
    "outgoing_call",
    "transfer_call",
    "missed_call",
    "add_connection",
    "conference_connections",
    "end_connection",
    "toggle_connections",
    "after_call_work",
    "after_call_work_end",
    "next_status",
];

/// What was seen last.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    contacts: BTreeMap<ContactKey, ContactView>,
    next: BTreeMap<AccountId, Option<AgentState>>,
}

impl Watch {
    /// Looks at the desk as it is now: the events since the last look, by name
    /// with what goes with them, in order.
    pub fn look(&mut self, desk: &DeskSnapshot) -> Vec<(&'static str, Value)> {
        let mut told = Told { desk, events: Vec::new() };
        let now: BTreeMap<ContactKey, ContactView> =
            desk.contacts.iter().map(|view| (view.key.clone(), view.clone())).collect();
        for before in self.contacts.values().filter(|view| !now.contains_key(&view.key)) {
            gone(before, &mut told);
        }
        for view in &desk.contacts {
            match self.contacts.get(&view.key) {
                Some(before) if before == view => {}
                before => step(before, view, &mut told),
            }
        }
        self.contacts = now;
        self.look_at_agents(&mut told);
        told.events
    }

    /// As [`Watch::look`], but nothing is told: pages get no replay.
    pub fn join(&mut self, desk: &DeskSnapshot) {
        let _ = self.look(desk);
    }

    fn look_at_agents(&mut self, told: &mut Told<'_>) {
        let desk = told.desk;
        self.next.retain(|id, _| desk.accounts.iter().any(|account| account.id == *id));
        for account in &desk.accounts {
            let Some(agent) = &account.agent else { continue };
            let before = self.next.insert(account.id.clone(), agent.next_state.clone());
            if let (Some(state), true) = (&agent.next_state, before.as_ref() != Some(&agent.next_state)) {
                let status = json!({"name": state.name, "type": state_type(state.kind)});
                told.push(("next_status", json!({"status": status})));
            }
        }
    }
}

/// What is told of one look, and the desk that it is told of.
struct Told<'a> {
    desk: &'a DeskSnapshot,
    events: Vec<(&'static str, Value)>,
}

impl Told<'_> {
    fn push(&mut self, event: (&'static str, Value)) {
        self.events.push(event);
    }

    fn object(&self, view: &ContactView) -> Value {
        contact_object(view, self.desk)
    }
}

fn gone(before: &ContactView, told: &mut Told<'_>) {
    let contact = &before.contact;
    let id = json!({"contactId": contact.id});
    if contact.channel != Channel::Voice {
        left(before, told);
        return;
    }
    match contact.state {
        ContactState::Offered => {
            let declined = before.pending.iter().any(|pending| pending.kind == CommandKind::Reject);
            told.push((if declined { "reject_call" } else { "missed_call" }, id));
        }
        ContactState::Connecting | ContactState::Connected | ContactState::Paused => {
            // Who goes while the others are still there has handed the call over.
            if others(before).filter(|leg| leg.state == ConnectionState::Connected).count() > 1 {
                transferred(before, told);
            }
            told.push(("call_ended", ended(before, None)));
        }
        ContactState::Ended => told.push(("after_call_work_end", id)),
        // No event of the SDK's says that one goes which never was a call.
        ContactState::Missed | ContactState::Rejected | ContactState::Failed => {
            left(before, told);
        }
        ContactState::Init | ContactState::Unknown(_) => {}
    }
}

/// It is not there any more: an extension of ours.
fn left(before: &ContactView, told: &mut Told<'_>) {
    let mut object = told.object(before);
    object["state"] = json!("gone");
    told.push(("contact_updated", json!({"contact": object})));
}

fn step(before: Option<&ContactView>, now: &ContactView, told: &mut Told<'_>) {
    if now.contact.channel == Channel::Voice {
        // A platform may offer the same contact again: that is a new call.
        let before = match before {
            Some(old) if old.contact.state.is_finished() && now.contact.state.is_active() => {
                gone(old, told);
                None
            }
            other => other,
        };
        voice_step(before, now, told);
        if let Some(before) = before
            && has_changed(before, now)
        {
            told.push(("contact_updated", json!({"contact": told.object(now)})));
        }
        return;
    }
    if before.is_none_or(|before| before.contact.state != now.contact.state || has_changed(before, now)) {
        told.push(("contact_updated", json!({"contact": told.object(now)})));
    }
}

fn voice_step(before: Option<&ContactView>, now: &ContactView, told: &mut Told<'_>) {
    let contact = &now.contact;
    let was = before.map(|view| &view.contact.state);
    let id = json!({"contactId": contact.id});
    // Announced only, there is nothing to be told yet.
    let is_new = was.is_none_or(|was| *was == ContactState::Init);
    if is_new && contact.state.is_active() && contact.state != ContactState::Init {
        began(now, told);
    }
    if was == Some(&contact.state) {
        if contact.state == ContactState::Connected
            && let Some(before) = before
        {
            legs(before, now, told);
        }
        return;
    }
    match contact.state {
        ContactState::Connected => {
            let at = now.connected_at.unwrap_or(contact.state_since);
            told.push(("call_started", json!({"contact": told.object(now), "startedAt": time(at)})));
        }
        ContactState::Ended => {
            if contact.outcome == Some(Outcome::Transferred) {
                transferred(before.unwrap_or(now), told);
            }
            if before.is_some() {
                told.push(("call_ended", ended(now, contact.outcome)));
            }
            told.push(("after_call_work", id));
        }
        ContactState::Missed => told.push(("missed_call", id)),
        ContactState::Rejected => told.push(("reject_call", id)),
        ContactState::Failed => match was {
            Some(ContactState::Offered) => told.push(("missed_call", id)),
            Some(_) => told.push(("call_ended", ended(now, contact.outcome.or(Some(Outcome::Failed))))),
            None => {}
        },
        ContactState::Init
        | ContactState::Offered
        | ContactState::Connecting
        | ContactState::Paused
        | ContactState::Unknown(_) => {}
    }
}

/// The first that is seen of a call.
fn began(now: &ContactView, told: &mut Told<'_>) {
    let contact = told.object(now);
    if now.contact.direction == Direction::Outbound {
        let number = now.contact.customer.address.clone();
        told.push(("outgoing_call", json!({"contact": contact, "number": number})));
    } else if now.contact.direction != Direction::Monitoring {
        told.push(("incoming_call", json!({"contact": contact})));
    }
}

/// What changed among the legs of a call that goes on.
fn legs(before: &ContactView, now: &ContactView, told: &mut Told<'_>) {
    let id = &now.contact.id;
    if before.contact.on_hold != now.contact.on_hold {
        let leg = now.contact.initial_connection().map(|leg| &leg.id);
        let name = if now.contact.on_hold { "on_hold" } else { "off_hold" };
        told.push((name, json!({"contactId": id, "connectionId": leg})));
    }
    let find = |view: &ContactView, leg: &Connection| others(view).any(|other| other.id == leg.id);
    for leg in others(now).filter(|leg| leg.kind == ConnectionKind::ThirdParty && !find(before, leg)) {
        told.push(("add_connection", json!({"contactId": id, "connection": connection(leg)})));
    }
    for leg in others(before).filter(|leg| !find(now, leg)) {
        told.push(("end_connection", json!({"contactId": id, "connectionName": name(leg)})));
    }
    let (together_before, together) = (together(before), together(now));
    if together && !together_before {
        let all: Vec<Value> = others(now).map(|leg| json!({"name": name(leg), "id": leg.id})).collect();
        told.push(("conference_connections", json!({"contactId": id, "connections": all})));
    }
    let talking = |view: &ContactView| -> Option<String> {
        let mut legs = others(view);
        let one = (others(view).count() > 1).then(|| legs.find(|leg| leg.state == ConnectionState::Connected))??;
        others(view).any(|leg| leg.state == ConnectionState::Hold).then(|| name(one))
    };
    if let (Some(old), Some(new)) = (talking(before), talking(now))
        && old != new
    {
        told.push(("toggle_connections", json!({"contactId": id, "active": new})));
    }
}

/// Two or more others, and all of them talk.
fn together(view: &ContactView) -> bool {
    others(view).count() > 1 && others(view).all(|leg| leg.state == ConnectionState::Connected)
}

fn others(view: &ContactView) -> impl Iterator<Item = &Connection> {
    view.contact.parties()
}

fn transferred(view: &ContactView, told: &mut Told<'_>) {
    let Some(leg) = others(view).find(|leg| leg.kind == ConnectionKind::ThirdParty) else { return };
    let kind = if leg.party.address.is_some() { "phone_number" } else { "agent" };
    let destination = json!({"type": kind, "name": name(leg), "phoneNumber": leg.party.address});
    told.push(("transfer_call", json!({"contactId": view.contact.id, "destination": destination})));
}

fn ended(view: &ContactView, outcome: Option<Outcome>) -> Value {
    let reason = match outcome {
        Some(Outcome::EndedByCustomer | Outcome::Abandoned) => "customer",
        Some(Outcome::EndedByAgent) => "agent",
        Some(Outcome::Transferred) => "transfer",
        Some(Outcome::Failed) => "failed",
        Some(Outcome::Busy | Outcome::NoAnswer | Outcome::BadAddress) => "not_reached",
        Some(Outcome::Handled | Outcome::Missed | Outcome::Declined) | None => "ended",
    };
    json!({"contactId": view.contact.id, "endedAt": view.ended_at.map(time), "reason": reason})
}

fn has_changed(before: &ContactView, now: &ContactView) -> bool {
    let (old, new) = (&before.contact, &now.contact);
    old.attributes != new.attributes
        || old.queue != new.queue
        || old.customer != new.customer
        || before.annotations != now.annotations
}

fn connection(leg: &Connection) -> Value {
    let state = match &leg.state {
        ConnectionState::Init => "init",
        ConnectionState::Connecting => "connecting",
        ConnectionState::Connected => "connected",
        ConnectionState::Hold => "hold",
        ConnectionState::SilentMonitor => "silent_monitor",
        ConnectionState::Barge => "barge",
        ConnectionState::Disconnected => "disconnected",
        ConnectionState::Rejected => "rejected",
        ConnectionState::Unknown(text) => text,
    };
    let kind = if leg.kind == ConnectionKind::Initial { "inbound" } else { "outbound" };
    json!({"name": name(leg), "id": leg.id, "number": leg.party.address, "type": kind, "state": state})
}

/// What a leg is called: `end_conference_call` knows it by that.
pub(crate) fn name(leg: &Connection) -> String {
    leg.party.name.clone().or_else(|| leg.party.address.clone()).unwrap_or_else(|| leg.id.to_string())
}

fn state_type(kind: AgentStateKind) -> &'static str {
    match kind {
        AgentStateKind::Init => "INIT",
        AgentStateKind::Routable => "ROUTABLE",
        AgentStateKind::NotRoutable => "NOT_ROUTABLE",
        AgentStateKind::Offline => "OFFLINE",
        AgentStateKind::System => "SYSTEM",
        AgentStateKind::Error => "ERROR",
        AgentStateKind::Unknown => "UNKNOWN",
    }
}

/// ISO 8601, UTC.
fn time(at: UnixMillis) -> String {
    jiff::Timestamp::from_millisecond(at.0).map(|at| at.to_string()).unwrap_or_default()
}

/// A contact as the SDK knows it, with two members of our own: `platform` is
/// the platform's shown name, `state` where it stands.
pub fn contact_object(view: &ContactView, desk: &DeskSnapshot) -> Value {
    let contact = &view.contact;
    let channel = match &contact.channel {
        Channel::Voice => "VOICE",
        Channel::Chat => "CHAT",
        Channel::Task => "TASK",
        Channel::Email => "EMAIL",
        Channel::Unknown(text) => text,
    };
    let state = match &contact.state {
        ContactState::Init => "init",
        ContactState::Offered => "offered",
        ContactState::Connecting => "connecting",
        ContactState::Connected => "connected",
        ContactState::Paused => "paused",
        ContactState::Ended => "ended",
        ContactState::Missed => "missed",
        ContactState::Rejected => "rejected",
        ContactState::Failed => "failed",
        ContactState::Unknown(text) => text,
    };
    let account = desk.accounts.iter().find(|account| account.id == view.key.account);
    let platform = account.map(|account| account.platform_name.as_str());
    let attributes: BTreeMap<&str, &str> =
        contact.attributes.iter().map(|one| (one.name.as_str(), one.value.as_str())).collect();
    let noted = &view.annotations.customer;
    let address = contact.customer.address.as_deref();
    let mail = noted.email.as_deref().or(address.filter(|text| text.contains('@')));
    let number = noted.phone.as_deref().or(address.filter(|text| !text.contains('@')));
    let mut object = json!({
        "contactId": contact.id,
        "initialContactId": contact.details.initial.as_ref().unwrap_or(&contact.id),
        "channel": channel,
        "attributes": attributes,
        "customer": {"ID": noted.id, "name": contact.customer.name, "phoneNumber": number, "email": mail},
        "platform": platform,
        "state": state,
    });
    if let Some(queue) = &contact.queue {
        object["queue"] = json!({"id": queue.id, "name": queue.name});
    }
    object
}

//! What tasks, e-mails and supervised contacts have besides: sections 5.1, 5.2.

use std::collections::BTreeSet;

use serde_json::Value;
use trunkline_model::{ContactAction, EmailHead, MonitorMode, Monitoring, Party, Reference, ReferenceKind, UnixMillis};

use super::{Skew, text};
use crate::wire::{self, ConnectionStateType, ConnectionType, MonitoringMode, Timestamp};

/// References of a task, sorted by name; those without a value are left out.
pub fn references(contact: &wire::Contact) -> Vec<Reference> {
    let read = contact.references.iter().filter_map(|(name, reference)| {
        let value = text(reference.value.as_ref())?;
        // The public name of plain text is STRING; files stand for themselves.
        let kind = match reference.kind.as_deref() {
            Some("URL") => ReferenceKind::Url,
            Some("STRING") | None => ReferenceKind::Text,
            Some("NUMBER") => ReferenceKind::Number,
            Some("DATE") => ReferenceKind::Date,
            Some("EMAIL") => ReferenceKind::Email,
            Some("ATTACHMENT") => ReferenceKind::Attachment,
            Some(other) => ReferenceKind::Unknown(other.to_owned()),
        };
        Some(Reference { name: name.clone(), kind, value })
    });
    read.collect()
}

/// When a scheduled task was to begin.
pub fn scheduled_for(contact: &wire::Contact, skew: Skew) -> Option<UnixMillis> {
    let seconds = contact.channel_context.as_ref()?.get("scheduledTime")?.as_f64()?;
    skew.local(Timestamp(seconds))
}

/// The template that a task was made from.
pub fn template(contact: &wire::Contact) -> Option<String> {
    match contact.channel_context.as_ref()?.get("taskTemplateId")? {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        _ => None,
    }
}

fn address(address: &wire::EmailAddress) -> Option<Party> {
    let party = Party { name: text(address.display_name.as_ref()), address: text(address.address.as_ref()) };
    (party != Party::default()).then_some(party)
}

/// Sender and recipients of an e-mail.
pub fn email(contact: &wire::Contact) -> Option<EmailHead> {
    let recipients = contact.email_recipients.as_ref()?;
    Some(EmailHead {
        from: recipients.from_recipient.as_ref().and_then(address),
        to: recipients.to_list.iter().filter_map(address).collect(),
        cc: recipients.cc_list.iter().filter_map(address).collect(),
    })
}

/// The leg through which this agent supervises, when that is so.
fn monitoring_leg(contact: &wire::Contact) -> Option<&wire::Connection> {
    contact.agent_connection().filter(|leg| leg.kind == ConnectionType::Monitoring)
}

/// Silent unless the platform says that the agent takes part: an instance
/// without barge-in shows `connected`.
fn mode(leg: &wire::Connection) -> MonitorMode {
    match leg.state.kind {
        ConnectionStateType::Barge => MonitorMode::Barge,
        _ => MonitorMode::Silent,
    }
}

/// That this agent supervises the contact.
pub fn monitoring(contact: &wire::Contact, skew: Skew) -> Option<Monitoring> {
    let leg = monitoring_leg(contact)?;
    let info = leg.monitoring_info.as_ref();
    let agent = info.and_then(|info| info.agent.as_ref());
    Some(Monitoring {
        mode: mode(leg),
        agent: agent.and_then(|agent| text(agent.agent_name.as_ref())),
        since: info.and_then(|info| info.join_time_stamp).and_then(|time| skew.local(time)),
    })
}

/// The agent's voice may go out. Not while listening in silently, whatever
/// else is said: nobody there is to know.
pub fn may_speak(contact: &wire::Contact) -> bool {
    monitoring_leg(contact).is_none_or(|leg| mode(leg) == MonitorMode::Barge)
}

/// A supervisor has joined this agent's contact (section 5.3).
pub fn supervised(contact: &wire::Contact) -> bool {
    let own = contact.agent_connection().map(|leg| leg.connection_id.as_str());
    contact.connections.iter().any(|leg| {
        let there = !matches!(leg.state.kind, ConnectionStateType::Disconnected | ConnectionStateType::Rejected);
        Some(leg.connection_id.as_str()) != own && there && leg.monitor_status == Some(MonitoringMode::Barge)
    })
}

/// What a supervisor may do with a contact that is going on.
pub fn supervisor_actions(contact: &wire::Contact, softphone: bool) -> BTreeSet<ContactAction> {
    let mut allowed = BTreeSet::new();
    let Some(leg) = monitoring_leg(contact) else {
        return allowed;
    };
    let able = |wanted: MonitoringMode| leg.monitor_capabilities.contains(&wanted);
    match mode(leg) {
        MonitorMode::Silent if able(MonitoringMode::Barge) => {
            allowed.insert(ContactAction::BargeIn);
        }
        // There is no such mode on this platform.
        MonitorMode::Silent | MonitorMode::Whisper => {}
        MonitorMode::Barge => {
            if able(MonitoringMode::SilentMonitor) {
                allowed.insert(ContactAction::Listen);
            }
            if softphone {
                allowed.insert(ContactAction::Mute);
            }
        }
    }
    allowed
}

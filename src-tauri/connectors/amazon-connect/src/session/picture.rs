//! From a snapshot to what the desk is told: whole values, and only what changed.

use std::collections::BTreeSet;

use trunkline_connector::Event;
use trunkline_model::{ContactId, NoticeLevel};

use super::{Now, Session};
use crate::diff::{AgentEvent, ContactEvent, DiffEvent};
use crate::map::{self, Skew};
use crate::wire::{Snapshot, SnapshotReply};

impl Session {
    pub(super) fn skew(&self) -> Skew {
        self.picture.skew.unwrap_or_default()
    }

    pub(super) fn take_snapshot(&mut self, reply: SnapshotReply, now: Now) {
        let mut snapshot = reply.snapshot;
        self.measure_skew(&snapshot, now);
        self.log_unknown(&snapshot);
        self.keep_unreadable(&mut snapshot, now);
        let time = |contact: &crate::wire::Contact| contact.state.timestamp.map_or(0.0, |time| time.0);
        snapshot.contacts.sort_by(|a, b| time(a).total_cmp(&time(b)));
        let first = self.picture.snapshot.is_none();
        let mut gone = Vec::new();
        for event in self.picture.differ.apply(&snapshot) {
            match &event {
                DiffEvent::Contact(id, ContactEvent::Refresh) => tracing::trace!(contact = %id, "refresh"),
                DiffEvent::Contact(id, contact_event) => {
                    tracing::info!(contact = %id, event = event.name(), "contact");
                    if *contact_event == ContactEvent::Destroyed {
                        gone.push(id.clone());
                    }
                }
                DiffEvent::Agent(AgentEvent::Refresh) => tracing::trace!("agent refresh"),
                DiffEvent::Agent(AgentEvent::StateChange { old, new }) => {
                    tracing::info!(event = event.name(), %old, %new, "agent");
                }
                DiffEvent::Agent(_) => tracing::debug!(event = event.name(), "agent"),
            }
        }
        for contact in &snapshot.contacts {
            let memory = self.picture.memories.entry(contact.contact_id.clone()).or_default();
            if memory.first_seen.0 == 0 {
                memory.first_seen = now.wall;
            }
            map::remember(memory, contact, &snapshot.state);
        }
        self.picture.snapshot = Some(snapshot);
        self.follow_calls(first, &gone, now);
        self.follow_parties(now);
        for id in &gone {
            self.contact_gone(id);
        }
        self.publish(now);
    }

    fn measure_skew(&mut self, snapshot: &Snapshot, now: Now) {
        let Some(service) = snapshot.timestamp else {
            return;
        };
        let measured = (service.0 * 1000.0) as i64 - now.wall.0;
        // A steady value: each answer's own delay must not make every time on screen jump.
        let known = self.picture.skew.map(|skew| skew.0);
        if known.is_none_or(|known| (known - measured).abs() > self.settings.skew_tolerance_ms) {
            self.picture.skew = Some(Skew(measured));
        }
    }

    /// Each unknown member or value once: a newer protocol shows in the log.
    fn log_unknown(&mut self, snapshot: &Snapshot) {
        let mut names: BTreeSet<String> = snapshot.unknown.names().map(|name| format!("snapshot.{name}")).collect();
        for contact in &snapshot.contacts {
            names.extend(contact.unknown.names().map(|name| format!("contact.{name}")));
            if let crate::wire::ContactStateType::Other(state) = &contact.state.kind {
                names.insert(format!("contact.state={state}"));
            }
            if let crate::wire::ContactType::Other(kind) = &contact.kind {
                names.insert(format!("contact.type={kind}"));
            }
            for leg in &contact.connections {
                names.extend(leg.unknown.names().map(|name| format!("connection.{name}")));
                if let crate::wire::ConnectionStateType::Other(state) = &leg.state.kind {
                    names.insert(format!("connection.state={state}"));
                }
            }
        }
        for name in names {
            if self.picture.unknown_seen.insert(name.clone()) {
                tracing::warn!(member = %name, "unknown to this client");
            }
        }
    }

    /// A contact that cannot be read keeps its last known value, and the agent is told.
    fn keep_unreadable(&mut self, snapshot: &mut Snapshot, now: Now) {
        const NOTICE: &str = "contact-unreadable";
        let id = format!("{NOTICE}:{}", self.account);
        if snapshot.unreadable.is_empty() {
            self.withdraw(&id);
            return;
        }
        let mut kept = Vec::new();
        for unreadable in &snapshot.unreadable {
            tracing::warn!(contact = unreadable.contact_id.as_deref(), problem = %unreadable.problem, "unreadable contact");
            let last = self.picture.snapshot.as_ref().and_then(|last| {
                last.contacts.iter().find(|contact| Some(&contact.contact_id) == unreadable.contact_id.as_ref())
            });
            kept.extend(last.cloned());
        }
        snapshot
            .unreadable
            .retain(|unreadable| !kept.iter().any(|c| Some(&c.contact_id) == unreadable.contact_id.as_ref()));
        snapshot.contacts.extend(kept);
        if !self.notices.contains(&id) {
            self.tell(id, NoticeLevel::Warning, "notice_contact_unreadable", None, now);
        }
    }

    fn contact_gone(&mut self, id: &str) {
        let memory = self.picture.memories.remove(id).unwrap_or_default();
        self.media_begun.remove(id);
        self.withdraw(&format!("party:{id}"));
        self.withdraw(&format!("task:{id}"));
        self.drop_chat(id);
        if self.picture.contacts.remove(id).is_some() {
            let outcome = map::outcome_when_gone(&memory);
            self.emit(Event::ContactGone { contact: ContactId::from(id), outcome });
        }
    }

    /// Tells the desk what changed; everything, between its marks, after a gap.
    pub(super) fn publish(&mut self, now: Now) {
        let settled = self.configuration.value.is_some() || self.configuration.failures > 0;
        let Some(snapshot) = self.picture.snapshot.as_ref().filter(|_| settled) else {
            return;
        };
        let skew = self.skew();
        let agent = map::agent(snapshot, self.configuration.value.as_ref(), skew, &self.settings);
        let contacts: Vec<_> = snapshot
            .contacts
            .iter()
            .filter(|contact| !self.is_hidden(contact))
            .map(|contact| {
                let memory = self.picture.memories.get(&contact.contact_id).cloned().unwrap_or_default();
                map::contact(contact, &memory, skew, &self.settings)
            })
            .collect();
        let whole = std::mem::replace(&mut self.picture.resync, false);
        self.picture.published = true;
        if whole {
            self.emit(Event::ResyncStart);
        }
        if whole || self.picture.agent.as_ref() != Some(&agent) {
            self.picture.agent = Some(agent.clone());
            self.emit(Event::Agent(Box::new(agent)));
        }
        for contact in contacts {
            let id = contact.id.as_str().to_owned();
            if whole || self.picture.contacts.get(&id) != Some(&contact) {
                self.picture.contacts.insert(id, contact.clone());
                self.emit(Event::Contact(Box::new(contact)));
            }
        }
        if whole {
            self.emit(Event::ResyncEnd);
        }
        self.follow_chats(now);
    }
}

//! What the topics bring: events, each once, and the roster.

use trunkline_connector::Event;
use trunkline_model::Outcome;
use trunkline_wire::phoenix::{Payload, PresenceError, Synced};

use super::{Now, Session};
use crate::event::{self, HubEvent};
use crate::roster;
use crate::settings::{PRESENCE, ms};

impl Session {
    pub(super) fn on_message(&mut self, name: &str, payload: &Payload, now: Now) {
        if name.starts_with("phx_") || name.starts_with("presence_") {
            return;
        }
        let Payload::Json(payload) = payload else {
            tracing::warn!("a binary message was left out: no event is known to come so");
            return;
        };
        for event in event::read(name, payload, &self.settings.event_wrappers) {
            self.on_event(&event, now);
        }
    }

    fn on_event(&mut self, event: &HubEvent, now: Now) {
        if let Some(id) = &event.id {
            if !self.remember(id) {
                tracing::debug!(kind = event.kind, "an event came again");
                return;
            }
            self.last_event = Some(id.clone());
            if self.settings.last_event_id_param.is_some() {
                self.join_agent_topic(now);
            }
        }
        self.without_id += 1;
        let fallback = || format!("{}-{}", now.wall.0, self.without_id);
        let told = event.told(fallback, now.wall);
        if self.settings.verbose {
            let members: Vec<&str> = told.fields.iter().map(|field| field.name.as_str()).collect();
            tracing::debug!(kind = told.kind, ?members, bytes = told.size(), "event");
        } else {
            tracing::debug!(kind = told.kind, bytes = told.size(), "event");
        }
        self.emit(Event::PlatformEvent(Box::new(told)));
        let Some(live) = &mut self.live else { return };
        let changed = live.take(event, now.wall);
        let agent = changed.agent.then(|| live.agent().clone());
        let call = live.call().filter(|_| changed.call).cloned();
        if let Some(contact) = changed.gone {
            let outcome = Some(Outcome::Handled);
            self.emit(Event::ContactGone { contact, outcome });
        }
        if let Some(agent) = agent {
            self.emit(Event::Agent(Box::new(agent)));
        }
        if let Some(call) = call {
            self.emit(Event::Contact(Box::new(call)));
        }
    }

    /// False when it was known.
    fn remember(&mut self, id: &str) -> bool {
        if !self.seen.insert(id.to_owned()) {
            return false;
        }
        self.seen_in_order.push_back(id.to_owned());
        while self.seen_in_order.len() > self.settings.remembered_events.max(1) {
            if let Some(oldest) = self.seen_in_order.pop_front() {
                self.seen.remove(&oldest);
            }
        }
        true
    }

    pub(super) fn on_admin_message(&mut self, topic: &str, join_ref: &str, name: &str, payload: &Payload, now: Now) {
        let Payload::Json(payload) = payload else { return };
        if self.settings.roster_event != PRESENCE {
            if name == self.settings.roster_event
                && let Some(list) = roster::from_list(payload)
            {
                self.roster_told = true;
                self.emit(Event::Roster(list));
            }
            return;
        }
        match self.presence.receive(join_ref, name, payload) {
            Ok(Synced::Now(_)) => {
                self.roster_told = true;
                let at = now.at + ms(self.settings.roster_every_ms);
                self.roster_at.get_or_insert(at);
            }
            Ok(Synced::Later | Synced::Other) => {}
            Err(error @ PresenceError::Form) => tracing::warn!(%error, "a change of the roster cannot be read"),
            Err(error @ PresenceError::TooManyWaiting) => {
                tracing::warn!(%error, "the roster is asked for anew");
                self.client.rejoin(topic, now.at);
            }
        }
    }

    /// The list stays within until the next state; told is that nobody is told any more.
    pub(super) fn lose_roster(&mut self) {
        self.roster_at = None;
        if std::mem::take(&mut self.roster_told) {
            self.emit(Event::Roster(Vec::new()));
        }
    }
}

//! Parties that are being called to a contact: that one is not called twice, and
//! that the agent hears of one that was not reached.
//!
//! | state of a contact | input | next |
//! | --- | --- | --- |
//! | - | AddParty goes out | Asked: a second AddParty is refused |
//! | Asked | refused by the platform for sure | - |
//! | Asked | taken by the platform | Asked for 5 s more |
//! | Asked | no clear answer: it may be carried out | Asked until 5 s after the deadline |
//! | Asked | a leg that was not there before, or the time is over | - |
//!
//! | state of a leg | next snapshot | does |
//! | --- | --- | --- |
//! | calling | connected or on hold | withdraws the message |
//! | calling | gone or disconnected, the contact lives on, not our own act | tells who and, where the platform says it, why |

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;
use trunkline_model::{ContactId, NoticeLevel, Outcome};

use super::{Now, Session};
use crate::map;
use crate::settings::ms;
use crate::wire::{self, ConnectionStateType, ContactStateType};

/// What is known of the parties of all contacts.
#[derive(Debug, Default)]
pub struct Parties {
    asked: BTreeMap<String, Asked>,
    /// Legs being called, by contact and connection, with the name to tell.
    calling: BTreeMap<(String, String), Option<String>>,
    /// Legs that the agent dropped.
    dropped: BTreeSet<(String, String)>,
}

#[derive(Debug)]
struct Asked {
    /// Legs that were there before.
    before: BTreeSet<String>,
    /// After this it is over in any case.
    until: Instant,
}

fn notice_id(contact: &str) -> String {
    format!("party:{contact}")
}

fn legs(contact: &wire::Contact) -> BTreeSet<String> {
    contact.connections.iter().map(|leg| leg.connection_id.clone()).collect()
}

impl Session {
    /// Somebody is being called to this contact already.
    pub(super) fn party_is_asked(&self, contact: &ContactId, now: Now) -> bool {
        self.parties.asked.get(contact.as_str()).is_some_and(|asked| now.at < asked.until)
    }

    /// AddParty goes out.
    pub(super) fn ask_party(&mut self, contact: &ContactId, deadline: Instant, now: Now) {
        let before = self.wire_contact(contact).map(legs).unwrap_or_default();
        let until = deadline.max(now.at) + ms(self.settings.party_shows_within_ms);
        self.parties.asked.insert(contact.as_str().to_owned(), Asked { before, until });
        self.withdraw(&notice_id(contact.as_str()));
    }

    /// The platform has taken it: the leg is in one of the next snapshots.
    pub(super) fn party_taken(&mut self, contact: &ContactId, now: Now) {
        if let Some(asked) = self.parties.asked.get_mut(contact.as_str()) {
            asked.until = now.at + ms(self.settings.party_shows_within_ms);
        }
    }

    /// The platform has refused: nobody is called.
    pub(super) fn party_refused(&mut self, contact: &ContactId) {
        self.parties.asked.remove(contact.as_str());
    }

    /// The agent drops a leg: its end is no news.
    pub(super) fn drop_party(&mut self, contact: &ContactId, connection: &str) {
        self.parties.dropped.insert((contact.as_str().to_owned(), connection.to_owned()));
    }

    /// The agent's drop was refused.
    pub(super) fn keep_party(&mut self, contact: &ContactId, connection: &str) {
        self.parties.dropped.remove(&(contact.as_str().to_owned(), connection.to_owned()));
    }

    /// After a snapshot.
    pub(super) fn follow_parties(&mut self, now: Now) {
        let Some(snapshot) = self.picture.snapshot.clone() else {
            return;
        };
        self.parties.asked.retain(|id, asked| {
            let contact = snapshot.contacts.iter().find(|contact| contact.contact_id == *id);
            contact.is_some_and(|contact| legs(contact).is_subset(&asked.before)) && now.at < asked.until
        });
        let calling = std::mem::take(&mut self.parties.calling);
        for ((contact_id, connection), name) in calling {
            let contact = snapshot.contacts.iter().find(|contact| contact.contact_id == contact_id);
            let Some(contact) = contact.filter(|contact| contact.state.kind == ContactStateType::Connected) else {
                continue;
            };
            let leg = contact.connections.iter().find(|leg| leg.connection_id == connection);
            match leg.map(|leg| &leg.state.kind) {
                Some(ConnectionStateType::Init | ConnectionStateType::Connecting | ConnectionStateType::Other(_)) => {}
                Some(
                    ConnectionStateType::Connected
                    | ConnectionStateType::Hold
                    | ConnectionStateType::SilentMonitor
                    | ConnectionStateType::Barge,
                ) => self.withdraw(&notice_id(&contact_id)),
                Some(ConnectionStateType::Disconnected | ConnectionStateType::Rejected) | None => {
                    if !self.parties.dropped.contains(&(contact_id.clone(), connection)) {
                        self.tell_party(&contact_id, name, &snapshot.state, now);
                    }
                }
            }
        }
        for contact in snapshot.contacts.iter().filter(|contact| contact.state.kind == ContactStateType::Connected) {
            let third = contact.parties().filter(|leg| !leg.initial);
            for leg in third.filter(|leg| leg.state.kind == ConnectionStateType::Connecting) {
                let key = (contact.contact_id.clone(), leg.connection_id.clone());
                self.parties.calling.insert(key, map::party_name(leg));
            }
        }
        let alive: BTreeSet<(String, String)> = snapshot
            .contacts
            .iter()
            .flat_map(|contact| legs(contact).into_iter().map(|leg| (contact.contact_id.clone(), leg)))
            .collect();
        self.parties.dropped.retain(|leg| alive.contains(leg));
    }

    fn tell_party(&mut self, contact: &str, name: Option<String>, agent: &wire::AgentState, now: Now) {
        let message_key = match map::not_reached(agent) {
            Some(Outcome::Busy) => "notice_party_busy",
            Some(Outcome::NoAnswer) => "notice_party_no_answer",
            Some(Outcome::BadAddress) => "notice_party_bad_address",
            _ => "notice_party_not_reached",
        };
        let params = [("party".to_owned(), name.unwrap_or_else(|| "?".to_owned()))].into();
        self.tell_with(notice_id(contact), NoticeLevel::Error, message_key, params, Some(contact), now);
    }
}

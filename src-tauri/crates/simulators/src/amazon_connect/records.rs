//! What the service keeps about agents, contacts and connections.

use std::sync::Arc;

use super::call::Call;
use super::chat::ChatRecord;
use super::member::Member;
use super::monitoring::Supervised;
use super::options::AgentOptions;
use super::state::Refusal;
use super::work::WorkRecord;
use crate::Moment;

#[derive(Clone, Debug)]
pub(crate) struct StateRecord {
    pub arn: Option<String>,
    pub kind: String,
    pub name: String,
    pub since: f64,
}

impl StateRecord {
    pub(crate) fn system(name: &str, now: f64) -> Self {
        Self { arn: None, kind: "system".to_owned(), name: name.to_owned(), since: now }
    }

    pub(crate) fn error(name: &str, now: f64) -> Self {
        Self { kind: "error".to_owned(), ..Self::system(name, now) }
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
        Self { state, since: now, mute: false }
    }

    pub(crate) fn set(&mut self, state: &'static str, now: f64) {
        if self.state != state {
            self.state = state;
            self.since = now;
        }
    }
}

/// A connection of a contact that is not the agent's own.
#[derive(Clone)]
pub(crate) struct PartyLeg {
    pub connection: String,
    /// `inbound` or `outbound`.
    pub kind: &'static str,
    /// The customer's leg.
    pub initial: bool,
    pub record: LegRecord,
    pub member: Arc<Member>,
    /// The endpoint as the snapshot shows it.
    pub endpoint: serde_json::Value,
    pub quick_connect: Option<String>,
    /// The contact of the other agent who is this party.
    pub target: Option<Arc<Call>>,
}

impl PartyLeg {
    pub(crate) fn is_active(&self) -> bool {
        self.record.state != "disconnected"
    }

    /// Connected to held or back, noted with the party; true when it changed.
    pub(crate) fn set_hold(&mut self, hold: bool, now: f64) -> bool {
        let (from, to) = if hold { ("connected", "hold") } else { ("hold", "connected") };
        if self.record.state != from {
            return false;
        }
        self.record.set(to, now);
        let at = Moment::now();
        self.member.note(|f| {
            if hold {
                f.holds.push(at);
            } else {
                f.resumes.push(at);
            }
        });
        true
    }

    pub(crate) fn connect(&mut self, now: f64) {
        self.record.set("connected", now);
        self.member.note(|f| {
            f.connected.get_or_insert_with(Moment::now);
        });
    }
}

pub(crate) struct ContactRecord {
    pub call: Arc<Call>,
    pub state: &'static str,
    pub since: f64,
    pub began: f64,
    pub agent_leg: LegRecord,
    /// The customer first, then third parties in the order of dialling.
    pub parties: Vec<PartyLeg>,
    /// Another agent leads the conversation: the first party stands for that
    /// agent's side, so holding it takes this agent out.
    pub hosted: bool,
    /// The contact is a supervisor's; it has no parties of its own.
    pub supervises: Option<Supervised>,
    /// Connection of the supervisor who has joined in.
    pub supervisor: Option<(String, LegRecord)>,
}

impl ContactRecord {
    /// A supervisor's contact, silent at first.
    pub(crate) fn monitoring(call: &Arc<Call>, supervises: Supervised, now: f64) -> Self {
        Self {
            call: call.clone(),
            state: "connected",
            since: now,
            began: now,
            agent_leg: LegRecord::new("silent_monitor", now),
            parties: Vec::new(),
            hosted: false,
            supervises: Some(supervises),
            supervisor: None,
        }
    }

    pub(crate) fn new(call: &Arc<Call>, customer_state: &'static str, now: f64) -> Self {
        let kind = if call.is_outbound() { "outbound" } else { "inbound" };
        let customer = PartyLeg {
            connection: call.customer_connection.clone(),
            kind,
            initial: true,
            record: LegRecord::new(customer_state, now),
            member: call.customer.clone(),
            endpoint: super::snapshot::phone(&call.offer.customer_number),
            quick_connect: None,
            target: None,
        };
        Self {
            call: call.clone(),
            state: "connecting",
            since: now,
            began: now,
            agent_leg: LegRecord::new("connecting", now),
            parties: vec![customer],
            hosted: false,
            supervises: None,
            supervisor: None,
        }
    }

    pub(crate) fn set(&mut self, state: &'static str, now: f64) {
        self.state = state;
        self.since = now;
    }

    /// The agent is asked.
    pub(crate) fn rings(&self) -> bool {
        self.state == "incoming" || (self.state == "connecting" && !self.call.dials())
    }

    /// Id of the agent's leg; of an offered call-back it is another than later.
    pub(crate) fn agent_connection(&self) -> String {
        match self.state {
            "incoming" => format!("{}_{}", self.call.agent_connection, self.call.contact_id),
            _ => self.call.agent_connection.clone(),
        }
    }

    /// Everything is over; nobody whom this contact leads hears anything.
    pub(crate) fn disconnect(&mut self, state: &'static str, now: f64) {
        self.set(state, now);
        self.agent_leg.set("disconnected", now);
        for party in &mut self.parties {
            party.record.set("disconnected", now);
        }
    }

    pub(crate) fn active_parties(&self) -> impl Iterator<Item = &PartyLeg> {
        self.parties.iter().filter(|p| p.is_active())
    }

    pub(crate) fn party(&mut self, connection: &str) -> Option<&mut PartyLeg> {
        self.parties.iter_mut().find(|p| p.connection == connection && p.is_active())
    }

    /// Holds or resumes one party; true when that changed something. The
    /// caller bridges afterwards.
    pub(crate) fn set_hold(&mut self, connection: &str, hold: bool, now: f64) -> bool {
        let Some(party) = self.party(connection) else {
            return false;
        };
        let changed = party.set_hold(hold, now);
        if changed && party.initial {
            self.call.note(|f| {
                if hold {
                    f.holds.push(Moment::now());
                } else {
                    f.resumes.push(Moment::now());
                }
            });
        }
        changed
    }

    /// The connections' states decide who hears whom.
    pub(crate) fn bridge(&self) {
        let live = self.state == "connected";
        let side_held = self.hosted && self.parties.iter().any(|p| p.initial && p.record.state != "connected");
        let me = &self.call.me;
        let there = matches!(self.agent_leg.state, "connected" | "silent_monitor" | "barge");
        me.join(live && there && !side_held);
        me.mute(self.agent_leg.mute || self.agent_leg.state == "silent_monitor");
        for party in &self.parties {
            if self.hosted && party.initial {
                continue;
            }
            party.member.admit(live && party.record.state == "connected");
            party.member.silence(party.record.mute);
        }
        self.call.room.refresh();
    }

    /// Somebody's telephone rings because of this agent.
    pub(crate) fn rings_outside(&self) -> bool {
        let calling = self.state == "connected" || self.call.dials();
        !self.is_finished() && calling && self.parties.iter().any(|p| p.record.state == "connecting")
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
    pub chats: Vec<ChatRecord>,
    pub works: Vec<WorkRecord>,
    pub polled: bool,
    pub extension: String,
    pub softphone_enabled: bool,
    pub preferences: serde_json::Value,
}

impl AgentRecord {
    pub(crate) fn new(options: AgentOptions, now: f64) -> Self {
        let chosen = options.states.iter().position(|s| s.name == options.state).unwrap_or(0);
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
            chats: Vec::new(),
            works: Vec::new(),
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

    /// Calls that count for the agent's state: not those listened to.
    fn own_calls(&self) -> impl Iterator<Item = &ContactRecord> {
        self.contacts.iter().filter(|c| c.supervises.is_none())
    }

    /// A call of the agent's own is connected.
    pub(crate) fn is_talking(&self) -> bool {
        self.own_calls().any(|c| c.state == "connected")
    }

    pub(crate) fn live_calls(&self) -> usize {
        self.own_calls().filter(|c| !c.is_finished()).count()
    }

    /// State after a contact has gone or ended.
    pub(crate) fn settle(&mut self, now: f64) {
        let any = |state: &str| self.own_calls().any(|c| c.state == state);
        let errors = self.state.kind == "error" && any("error");
        let state = if any("connected") {
            StateRecord::system("Busy", now)
        } else if any("connecting") || any("incoming") {
            StateRecord::system("PendingBusy", now)
        } else if any("ended") {
            StateRecord::system("AfterCallWork", now)
        } else if errors {
            self.state.clone()
        } else {
            // A queued state waits for chats, tasks and e-mails too.
            let free = self.has_nothing_else();
            if let Some(next) = self.next.take_if(|_| free) {
                self.chosen = StateRecord { since: now, ..next };
            }
            StateRecord { since: now, ..self.chosen.clone() }
        };
        self.enter(state);
    }

    /// No chat, task or e-mail.
    pub(crate) fn has_nothing_else(&self) -> bool {
        self.chats.is_empty() && self.works.is_empty()
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

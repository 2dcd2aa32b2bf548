//! The service's own state: agents, contacts and what moves them.
//!
//! Inputs by origin:
//!
//! | origin | input |
//! | --- | --- |
//! | the handle | offer, customer hangs up |
//! | the agent's API calls | accept, reject, destroy, clear, hold, resume, mute, digits, put state, dial; see `parties.rs` for add, conference, toggle |
//! | signalling | media connected |
//! | timers | ring expired, wrap-up over, dialled customer answers or fails |
//!
//! A voice contact:
//!
//! | contact | input | contact | agent state |
//! | --- | --- | --- | --- |
//! | – | offer | connecting | PendingBusy (Busy when another call is up) |
//! | connecting | accept | connected | Busy |
//! | connecting | reject, destroy, ring expired | error | MissedCallAgent (error) |
//! | connecting | customer hangs up | gone, or error | chosen state, or MissedCallAgent |
//! | connected | hold / resume | connected | unchanged; that leg hold / connected |
//! | connected | destroy, customer hangs up | ended | AfterCallWork |
//! | ended, error | clear, put state | gone | next state, else the chosen one |
//! | – | dial | connecting | CallingCustomer |
//! | connecting (dialled) | customer answers | connected | Busy |
//! | connecting (dialled) | fails | error | FailedConnectCustomer (error) |
//! | connecting (dialled) | busy | error | LineEngagedCustomer (error) |
//!
//! Which of these are guesses is listed in the crate's README.

use std::collections::HashMap;
use std::sync::Arc;

use std::time::Duration;

use super::call::{Call, EndedBy, Initiation};
use super::chat::ChatEffect;
use super::directory::{self, QuickConnect};
use super::error::SimError;
use super::extras::Extras;
use super::options::{Abandoned, OfferCall, OutboundAnswer};
use super::options::{OutboundBehaviour, SimOptions};
use super::parties::Remains;
use super::records::{AgentRecord, ContactRecord, StateRecord, listed_state};
use super::room::Room;
use super::snapshot;
use super::work::WorkEffect;
use crate::Moment;

/// Why the service refuses a call: status, exception name, text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub status: u16,
    pub kind: &'static str,
    pub message: String,
    /// What of the request is wrong, where the service says so.
    pub field: Option<String>,
}

impl Refusal {
    pub(crate) fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into(), field: None }
    }

    pub(crate) fn at(self, field: &str) -> Self {
        Self { field: Some(field.to_owned()), ..self }
    }

    pub(crate) fn invalid_state(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidStateException", message)
    }
}

impl From<Refusal> for SimError {
    fn from(refusal: Refusal) -> Self {
        Self::NotPossible(refusal.message)
    }
}

/// What has to be done outside the lock after a change.
pub(crate) enum Effect {
    /// Tell the client that the call's media is over.
    ServerBye(Arc<Call>),
    /// The agent hung up: the client should say bye itself, soon.
    AwaitBye(Arc<Call>),
    /// Ring time starts.
    Ring(Arc<Call>),
    /// Wrap-up starts.
    WrapUp(Arc<Call>),
    /// The dialled customer will answer or not.
    Dialled(Arc<Call>, OutboundAnswer),
    /// The third party with that connection will answer or not.
    ThirdParty(String, OutboundAnswer),
    /// A waiting connection goes to the agent of that login.
    Offer(Arc<Call>, String, String, Initiation),
    /// A queue is looked at, after that time, for the waiting connection.
    Queue(Arc<Call>, String, Duration),
    /// Another agent has got a contact; told to the handle at once.
    New(Arc<Call>),
    /// No agent is left, but others talk on.
    Bridge(Arc<Room>),
    /// See `chat/effects.rs`.
    Chat(ChatEffect),
    /// See `work/effects.rs`.
    Work(WorkEffect),
}

pub(crate) struct World {
    pub agents: Vec<AgentRecord>,
    pub abandoned: Abandoned,
    /// How dialled customers react, whatever the directory says.
    pub outbound: Option<OutboundBehaviour>,
    /// The same for third parties at telephone numbers.
    pub third_party: Option<OutboundBehaviour>,
    pub directory: Vec<QuickConnect>,
    pub multi_party: bool,
    pub ring_back: bool,
    pub remains: Vec<Remains>,
    /// Contacts made by CreateTaskContact, by creator and idempotencyToken.
    pub task_tokens: HashMap<(String, String), String>,
}

pub(crate) fn now() -> f64 {
    Moment::now().unix_seconds()
}

pub(crate) type Changed = Result<Vec<Effect>, Refusal>;

impl World {
    pub(crate) fn new(options: &SimOptions) -> Self {
        Self {
            agents: options.agents.iter().map(|a| AgentRecord::new(a.clone(), now())).collect(),
            abandoned: options.abandoned,
            outbound: None,
            third_party: None,
            directory: options.directory.clone(),
            multi_party: options.multi_party,
            ring_back: options.ring_back,
            remains: Vec::new(),
            task_tokens: HashMap::new(),
        }
    }

    pub(crate) fn agent(&self, login: &str) -> Option<&AgentRecord> {
        self.agents.iter().find(|a| a.options.login == login)
    }

    pub(crate) fn agent_mut(&mut self, login: &str) -> Result<&mut AgentRecord, Refusal> {
        self.agents
            .iter_mut()
            .find(|a| a.options.login == login)
            .ok_or_else(|| Refusal::new(403, "AccessDeniedException", "Access denied"))
    }

    /// Something that `login`'s snapshot shows has changed.
    pub(crate) fn touch(&mut self, login: &str) {
        if let Ok(agent) = self.agent_mut(login) {
            agent.revision += 1;
        }
    }

    // From the handle.

    pub(crate) fn offer(&mut self, call: &Arc<Call>) -> Changed {
        let now = now();
        let agent = self.agent_mut(&call.agent)?;
        if !call.offer.force {
            may_be_offered(agent)?;
        }
        let busy = agent.is_talking();
        agent.contacts.push(ContactRecord::new(call, "connected", now));
        if !busy {
            agent.enter(StateRecord::system("PendingBusy", now));
        }
        agent.revision += 1;
        Ok(vec![Effect::Ring(call.clone())])
    }

    pub(crate) fn customer_hangs_up(&mut self, call: &Arc<Call>) -> Changed {
        self.party_hangs_up(&call.customer, EndedBy::Customer)
    }

    // From the agent's API calls.

    pub(crate) fn accept(&mut self, login: &str, id: &str) -> Changed {
        let agent = self.agent_mut(login)?;
        let contact = agent.contact(id)?;
        let call = contact.call.clone();
        if contact.state == "incoming" {
            return self.accept_callback(&call);
        }
        if contact.state != "connecting" || call.dials() {
            return Err(Refusal::invalid_state("The contact cannot be accepted."));
        }
        self.connect(login, id)
    }

    pub(crate) fn reject(&mut self, login: &str, id: &str) -> Changed {
        let now = now();
        let agent = self.agent_mut(login)?;
        let contact = agent.contact(id)?;
        if !contact.rings() {
            return Err(Refusal::invalid_state("The contact cannot be rejected."));
        }
        contact.disconnect("error", now);
        let call = contact.call.clone();
        call.note(|f| f.rejected = Some(Moment::now()));
        not_taken(agent, "MissedCallAgent", now);
        Ok(self.nobody_there(&call))
    }

    pub(crate) fn destroy(&mut self, login: &str, id: &str, connection: &str) -> Changed {
        let now = now();
        let agent = self.agent_mut(login)?;
        let contact = agent.contact(id)?;
        let call = contact.call.clone();
        let own = connection == contact.agent_connection();
        let party = contact.party(connection).map(|p| p.member.clone());
        if !own && contact.parties.iter().all(|p| p.connection != connection) {
            return Err(Refusal::invalid_state("There is no such connection."));
        }
        let last = contact.active_parties().count() < 2;
        match (contact.state, party) {
            ("incoming", _) => self.reject(login, id),
            ("connecting", _) if !call.dials() => self.reject(login, id),
            ("connecting", _) => {
                contact.disconnect("ended", now);
                call.note(|f| f.ended = Some((EndedBy::Agent, Moment::now())));
                agent.settle(now);
                agent.revision += 1;
                let mut effects = vec![Effect::AwaitBye(call.clone()), Effect::WrapUp(call.clone())];
                effects.extend(self.depart(&call.customer, EndedBy::Agent));
                Ok(effects)
            }
            ("connected", None) if own => self.agent_leaves(login, id),
            ("connected", Some(_)) if last => self.agent_leaves(login, id),
            ("connected", Some(party)) => Ok(self.depart(&party, EndedBy::Agent)),
            _ => Err(Refusal::invalid_state("The connection has ended already.")),
        }
    }

    pub(crate) fn clear(&mut self, login: &str, id: &str) -> Changed {
        let now = now();
        let agent = self.agent_mut(login)?;
        let contact = agent.contact(id)?;
        if !contact.is_finished() {
            return Err(Refusal::invalid_state("The contact has not ended."));
        }
        let call = contact.call.clone();
        call.note(|f| f.cleared = Some(Moment::now()));
        agent.contacts.retain(|c| !Arc::ptr_eq(&c.call, &call));
        agent.settle(now);
        agent.revision += 1;
        Ok(Vec::new())
    }

    /// HoldConnection and ResumeConnection, of any connection. The agent's own
    /// can be held while others talk on.
    pub(crate) fn set_hold(&mut self, login: &str, id: &str, connection: &str, hold: bool) -> Changed {
        let now = now();
        let agent = self.agent_mut(login)?;
        let contact = agent.contact(id)?;
        let changed = if contact.state != "connected" {
            false
        } else if connection == contact.call.agent_connection {
            let (from, to) = if hold { ("connected", "hold") } else { ("hold", "connected") };
            let possible = !hold || contact.active_parties().count() >= 2;
            let changed = possible && contact.agent_leg.state == from;
            if changed {
                contact.agent_leg.set(to, now);
            }
            changed
        } else {
            contact.set_hold(connection, hold, now)
        };
        if !changed {
            // Both texts are ones a real instance has given.
            return Err(Refusal::invalid_state(if hold {
                "Cannot put call on hold: Invalid contact state."
            } else {
                "Cannot resume connection from hold: Invalid contact state."
            }));
        }
        if !hold {
            hold_others(agent, id, now);
        }
        agent.revision += 1;
        Ok(Vec::new())
    }

    pub(crate) fn mute(&mut self, login: &str, id: &str, connection: &str, mute: bool) -> Changed {
        let agent = self.agent_mut(login)?;
        let contact = agent.contact(id)?;
        if contact.state != "connected" {
            return Err(Refusal::invalid_state("The contact is not connected."));
        }
        if connection == contact.call.agent_connection {
            contact.agent_leg.mute = mute;
        } else if let Some(party) = contact.party(connection) {
            party.record.mute = mute;
        } else {
            return Err(Refusal::invalid_state("There is no such connection."));
        }
        agent.revision += 1;
        Ok(Vec::new())
    }

    pub(crate) fn digits(&mut self, login: &str, id: &str, connection: &str, digits: &str) -> Changed {
        let contact = self.agent_mut(login)?.contact(id)?;
        let connected = contact.state == "connected";
        let call = contact.call.clone();
        let Some(party) = contact.party(connection).filter(|_| connected) else {
            return Err(Refusal::invalid_state("The contact is not connected."));
        };
        let plain = |c: char| c.is_ascii_digit() || c == '*' || c == '#';
        let can_hear = party.record.state == "connected";
        if !can_hear || digits.is_empty() || !digits.chars().all(plain) {
            return Err(Refusal::new(400, "SendDataFailedException", "Send data failed"));
        }
        party.member.note(|f| f.digits.push_str(digits));
        if party.initial {
            call.note(|f| f.digits.push_str(digits));
        }
        Ok(Vec::new())
    }

    pub(crate) fn put_state(&mut self, login: &str, arn: Option<&str>, name: &str, enqueue: bool) -> Changed {
        let now = now();
        let agent = self.agent_mut(login)?;
        let listed = (0..agent.options.states.len())
            .filter_map(|i| listed_state(&agent.options, i, now))
            .find(|s| arn.map_or(s.name == name, |arn| s.arn.as_deref() == Some(arn)))
            .ok_or_else(|| Refusal::invalid_state("The agent state is not one to choose."))?;
        if agent.live_calls() > 0 {
            if !enqueue {
                return Err(Refusal::invalid_state("Cannot change the agent state while a contact is handled."));
            }
            agent.next = (listed.kind != "routable").then_some(listed);
        } else if enqueue && agent.state.name == "AfterCallWork" {
            agent.next = (listed.kind != "routable").then_some(listed);
        } else if enqueue && !agent.has_nothing_else() && listed.kind != "routable" {
            agent.next = Some(listed);
        } else {
            for contact in agent.contacts.extract_if(.., |c| c.supervises.is_none()) {
                contact.call.note(|f| f.cleared = Some(Moment::now()));
            }
            agent.next = None;
            agent.chosen = listed.clone();
            agent.enter(listed);
        }
        agent.revision += 1;
        Ok(Vec::new())
    }

    pub(crate) fn dial(
        &mut self,
        login: &str,
        number: &str,
        queue_arn: Option<&str>,
        related: Option<&str>,
    ) -> Changed {
        let now = now();
        let behaviour =
            self.outbound.clone().or_else(|| directory::person(&self.directory, number).cloned()).unwrap_or_default();
        let agent = self.agent_mut(login)?;
        if !agent.options.may_call_out {
            return Err(Refusal::new(403, "AccessDeniedException", "Access denied"));
        }
        if !is_e164(number) {
            return Err(Refusal::new(400, "BadEndpointException", "Bad endpoint"));
        }
        let queue = match queue_arn {
            None => snapshot::QUEUES[0],
            Some(arn) => snapshot::queue_name(arn)
                .ok_or_else(|| Refusal::new(400, "InvalidConfigurationException", "Unknown queue"))?,
        };
        if agent.contacts.iter().any(|c| c.supervises.is_none()) || agent.state.kind == "offline" {
            return Err(Refusal::invalid_state("The agent cannot call now."));
        }
        let call = Call::new(
            OfferCall {
                agent: login.to_owned(),
                customer_number: number.to_owned(),
                customer_name: String::new(),
                queue: queue.to_owned(),
                speech: behaviour.speech,
                extras: Extras { related: related.map(str::to_owned), ..Extras::default() },
                ..OfferCall::default()
            },
            Initiation::Outbound,
        );
        agent.contacts.push(ContactRecord::new(&call, "connecting", now));
        agent.enter(StateRecord::system("CallingCustomer", now));
        agent.revision += 1;
        Ok(vec![Effect::New(call.clone()), Effect::Dialled(call, behaviour.answer)])
    }

    // From signalling.

    /// Media is up: a dialling agent leg is connected; with auto-accept the
    /// service takes the call itself.
    pub(crate) fn media_connected(&mut self, call: &Arc<Call>) -> Changed {
        let now = now();
        let agent = self.agent_mut(&call.agent)?;
        let auto = agent.options.auto_accept;
        let contact = agent.contact(&call.contact_id)?;
        if contact.state != "connecting" {
            return Ok(Vec::new());
        }
        if call.is_callback() {
            // The leg is connected together with the customer's.
            Ok(Vec::new())
        } else if call.is_outbound() {
            contact.agent_leg.set("connected", now);
            agent.revision += 1;
            Ok(Vec::new())
        } else if auto {
            self.connect(&call.agent, &call.contact_id)
        } else {
            Ok(Vec::new())
        }
    }

    // From timers.

    pub(crate) fn ring_expired(&mut self, call: &Arc<Call>) -> Changed {
        let now = now();
        let agent = self.agent_mut(&call.agent)?;
        let contact = agent.contact(&call.contact_id)?;
        if !contact.rings() {
            return Ok(Vec::new());
        }
        contact.disconnect("error", now);
        call.note(|f| f.missed = Some(Moment::now()));
        not_taken(agent, "MissedCallAgent", now);
        Ok(self.nobody_there(call))
    }

    /// The contact has failed before anybody spoke: whoever waits on the other
    /// side of a transfer is told, a customer is gone.
    fn nobody_there(&mut self, call: &Arc<Call>) -> Vec<Effect> {
        let mut effects = vec![Effect::ServerBye(call.clone())];
        effects.extend(self.depart(&call.me, EndedBy::ThirdParty));
        let transferred = matches!(call.initiation, Initiation::Transfer | Initiation::QueueTransfer);
        if !transferred {
            effects.extend(self.depart(&call.customer, EndedBy::Agent));
        }
        effects
    }

    pub(crate) fn wrap_up_over(&mut self, call: &Arc<Call>) -> Changed {
        let agent = self.agent_mut(&call.agent)?;
        if agent.contact(&call.contact_id)?.state == "ended" {
            return self.clear(&call.agent, &call.contact_id);
        }
        Ok(Vec::new())
    }

    pub(crate) fn dialled_answers(&mut self, call: &Arc<Call>) -> Changed {
        self.still_ringing(call)?;
        self.connect(&call.agent, &call.contact_id)
    }

    /// The dialled customer is not reached; `state` is the agent's error state.
    pub(crate) fn dialled_fails(&mut self, call: &Arc<Call>, state: &str) -> Changed {
        let now = now();
        self.still_ringing(call)?;
        let agent = self.agent_mut(&call.agent)?;
        agent.contact(&call.contact_id)?.disconnect("error", now);
        let unanswered = call.is_callback() && state == super::shared::NOT_REACHED;
        not_taken(agent, if unanswered { super::callbacks::CUSTOMER_MISSED } else { state }, now);
        Ok(self.nobody_there(call))
    }

    fn still_ringing(&mut self, call: &Arc<Call>) -> Result<(), Refusal> {
        let contact = self.agent_mut(&call.agent)?.contact(&call.contact_id)?;
        if call.dials() && contact.state == "connecting" {
            Ok(())
        } else {
            Err(Refusal::invalid_state("The customer's telephone does not ring."))
        }
    }

    /// The contact is connected, and no other of this agent.
    fn connect(&mut self, login: &str, id: &str) -> Changed {
        let now = now();
        let agent = self.agent_mut(login)?;
        let contact = agent.contact(id)?;
        contact.set("connected", now);
        contact.agent_leg.set("connected", now);
        contact.parties[0].connect(now);
        let call = contact.call.clone();
        call.set_accepted();
        call.note(|f| f.accepted = Some(Moment::now()));
        hold_others(agent, id, now);
        agent.enter(StateRecord::system("Busy", now));
        agent.revision += 1;
        let desk_phone = !agent.softphone_enabled;
        self.transfer_accepted(&call);
        // No client's media keeps the room going.
        Ok(if desk_phone { vec![Effect::Bridge(call.room.clone())] } else { Vec::new() })
    }
}

pub(crate) fn may_be_offered(agent: &AgentRecord) -> Result<(), Refusal> {
    let live = agent.live_calls();
    if live >= agent.options.voice_concurrency as usize {
        return Err(Refusal::invalid_state(format!(
            "the agent has {live} voice contacts and may have {}",
            agent.options.voice_concurrency
        )));
    }
    let between_calls = live > 0 && agent.state.name == "Busy";
    if agent.state.kind != "routable" && !between_calls {
        return Err(Refusal::invalid_state(format!("the agent is in state {}", agent.state.name)));
    }
    Ok(())
}

/// Only one customer at a time hears the agent.
fn hold_others(agent: &mut AgentRecord, id: &str, now: f64) {
    for other in &mut agent.contacts {
        if other.call.contact_id != id && other.state == "connected" && other.supervises.is_none() {
            let all: Vec<String> = other.parties.iter().map(|p| p.connection.clone()).collect();
            for connection in all {
                other.set_hold(&connection, true, now);
            }
        }
    }
}

fn not_taken(agent: &mut AgentRecord, state: &str, now: f64) {
    if agent.is_talking() {
        agent.enter(StateRecord::system("Busy", now));
    } else {
        agent.enter(StateRecord::error(state, now));
    }
    agent.revision += 1;
}

pub(crate) fn is_e164(number: &str) -> bool {
    number
        .strip_prefix('+')
        .is_some_and(|digits| (7..=15).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit()))
}

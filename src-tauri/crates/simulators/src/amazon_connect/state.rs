//! The service's own state: agents, contacts and what moves them.
//!
//! Inputs by origin:
//!
//! | origin | input |
//! | --- | --- |
//! | the handle | offer, customer hangs up |
//! | the agent's API calls | accept, reject, destroy, clear, hold, resume, mute, digits, put state, dial |
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
//! | connected | hold / resume | connected | unchanged; customer leg hold / connected |
//! | connected | destroy, customer hangs up | ended | AfterCallWork |
//! | ended, error | clear, put state | gone | next state, else the chosen one |
//! | – | dial | connecting | CallingCustomer |
//! | connecting (dialled) | customer answers | connected | Busy |
//! | connecting (dialled) | fails | error | FailedConnectCustomer (error) |
//!
//! Which of these are guesses is listed in the crate's README.

use std::sync::Arc;

use super::call::{Call, EndedBy};
use super::error::SimError;
use super::options::{Abandoned, OfferCall, OutboundAnswer};
use super::options::{OutboundBehaviour, SimOptions};
use super::records::{AgentRecord, ContactRecord, LegRecord, StateRecord, listed_state};
use crate::Moment;

/// Why the service refuses a call: status, exception name, text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub status: u16,
    pub kind: &'static str,
    pub message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            message: message.into(),
        }
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
}

pub(crate) struct World {
    pub agents: Vec<AgentRecord>,
    pub abandoned: Abandoned,
    pub outbound: OutboundBehaviour,
}

pub(crate) fn now() -> f64 {
    Moment::now().unix_seconds()
}

type Changed = Result<Vec<Effect>, Refusal>;

impl World {
    pub(crate) fn new(options: &SimOptions) -> Self {
        Self {
            agents: options
                .agents
                .iter()
                .map(|a| AgentRecord::new(a.clone(), now()))
                .collect(),
            abandoned: options.abandoned,
            outbound: OutboundBehaviour::default(),
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
        let busy = agent.contacts.iter().any(|c| c.state == "connected");
        agent.contacts.push(ContactRecord {
            call: call.clone(),
            state: "connecting",
            since: now,
            began: now,
            agent_leg: LegRecord::new("connecting", now),
            customer_leg: LegRecord::new("connected", now),
        });
        if !busy {
            agent.enter(StateRecord::system("PendingBusy", now));
        }
        agent.revision += 1;
        Ok(vec![Effect::Ring(call.clone())])
    }

    pub(crate) fn customer_hangs_up(&mut self, call: &Arc<Call>) -> Changed {
        let now = now();
        let abandoned = self.abandoned;
        let agent = self.agent_mut(&call.agent)?;
        let contact = agent.contact(&call.contact_id)?;
        match contact.state {
            "connected" => {
                contact.disconnect("ended", now);
                call.note(|f| f.ended = Some((EndedBy::Customer, Moment::now())));
                agent.settle(now);
                agent.revision += 1;
                Ok(vec![
                    Effect::ServerBye(call.clone()),
                    Effect::WrapUp(call.clone()),
                ])
            }
            "connecting" => {
                call.note(|f| f.abandoned = Some(Moment::now()));
                match abandoned {
                    Abandoned::Vanishes => {
                        agent.contacts.retain(|c| !Arc::ptr_eq(&c.call, call));
                        agent.settle(now);
                    }
                    Abandoned::Missed => {
                        contact.disconnect("error", now);
                        agent.enter(StateRecord::error("MissedCallAgent", now));
                    }
                }
                agent.revision += 1;
                Ok(vec![Effect::ServerBye(call.clone())])
            }
            state => Err(Refusal::invalid_state(format!(
                "the contact is in state {state}, so the customer is not on the line"
            ))),
        }
    }

    // From the agent's API calls.

    pub(crate) fn accept(&mut self, login: &str, id: &str) -> Changed {
        let agent = self.agent_mut(login)?;
        let contact = agent.contact(id)?;
        if contact.state != "connecting" || contact.call.outbound {
            return Err(Refusal::invalid_state("The contact cannot be accepted."));
        }
        connect(agent, id)
    }

    pub(crate) fn reject(&mut self, login: &str, id: &str) -> Changed {
        let now = now();
        let agent = self.agent_mut(login)?;
        let contact = agent.contact(id)?;
        if contact.state != "connecting" {
            return Err(Refusal::invalid_state("The contact cannot be rejected."));
        }
        contact.disconnect("error", now);
        let call = contact.call.clone();
        call.note(|f| f.rejected = Some(Moment::now()));
        not_taken(agent, "MissedCallAgent", now);
        Ok(vec![Effect::ServerBye(call)])
    }

    pub(crate) fn destroy(&mut self, login: &str, id: &str, connection: &str) -> Changed {
        let now = now();
        let agent = self.agent_mut(login)?;
        let contact = agent.contact(id)?;
        let call = contact.call.clone();
        if connection != call.agent_connection && connection != call.customer_connection {
            return Err(Refusal::invalid_state("There is no such connection."));
        }
        match contact.state {
            "connecting" if !call.outbound => self.reject(login, id),
            "connecting" | "connected" => {
                contact.disconnect("ended", now);
                call.note(|f| f.ended = Some((EndedBy::Agent, Moment::now())));
                agent.settle(now);
                agent.revision += 1;
                Ok(vec![Effect::AwaitBye(call.clone()), Effect::WrapUp(call)])
            }
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

    pub(crate) fn hold(&mut self, login: &str, id: &str, connection: &str) -> Changed {
        let now = now();
        let agent = self.agent_mut(login)?;
        let contact = agent.contact(id)?;
        if contact.state != "connected"
            || connection != contact.call.customer_connection
            || contact.customer_leg.state != "connected"
        {
            // The text is one a real instance has given.
            return Err(Refusal::invalid_state(
                "Cannot put call on hold: Invalid contact state.",
            ));
        }
        put_on_hold(contact, now);
        agent.revision += 1;
        Ok(Vec::new())
    }

    pub(crate) fn resume(&mut self, login: &str, id: &str, connection: &str) -> Changed {
        let now = now();
        let agent = self.agent_mut(login)?;
        let contact = agent.contact(id)?;
        if contact.state != "connected"
            || connection != contact.call.customer_connection
            || contact.customer_leg.state != "hold"
        {
            return Err(Refusal::invalid_state(
                "Cannot resume connection from hold: Invalid contact state.",
            ));
        }
        contact.customer_leg.set("connected", now);
        contact.call.set_held(false);
        contact.call.note(|f| f.resumes.push(Moment::now()));
        hold_others(agent, id, now);
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
            contact.call.set_agent_muted(mute);
        } else if connection == contact.call.customer_connection {
            contact.customer_leg.mute = mute;
        } else {
            return Err(Refusal::invalid_state("There is no such connection."));
        }
        agent.revision += 1;
        Ok(Vec::new())
    }

    pub(crate) fn digits(
        &mut self,
        login: &str,
        id: &str,
        connection: &str,
        digits: &str,
    ) -> Changed {
        let contact = self.agent_mut(login)?.contact(id)?;
        if contact.state != "connected" || connection != contact.call.customer_connection {
            return Err(Refusal::invalid_state("The contact is not connected."));
        }
        let plain = |c: char| c.is_ascii_digit() || c == '*' || c == '#';
        if digits.is_empty() || !digits.chars().all(plain) {
            return Err(Refusal::new(
                400,
                "SendDataFailedException",
                "Send data failed",
            ));
        }
        contact.call.note(|f| f.digits.push_str(digits));
        Ok(Vec::new())
    }

    pub(crate) fn put_state(
        &mut self,
        login: &str,
        arn: Option<&str>,
        name: &str,
        enqueue: bool,
    ) -> Changed {
        let now = now();
        let agent = self.agent_mut(login)?;
        let listed = (0..agent.options.states.len())
            .filter_map(|i| listed_state(&agent.options, i, now))
            .find(|s| arn.map_or(s.name == name, |arn| s.arn.as_deref() == Some(arn)))
            .ok_or_else(|| Refusal::invalid_state("The agent state is not one to choose."))?;
        if agent.live_calls() > 0 {
            if !enqueue {
                return Err(Refusal::invalid_state(
                    "Cannot change the agent state while a contact is handled.",
                ));
            }
            agent.next = (listed.kind != "routable").then_some(listed);
        } else if enqueue && agent.state.name == "AfterCallWork" {
            agent.next = (listed.kind != "routable").then_some(listed);
        } else {
            for contact in agent.contacts.drain(..) {
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
    ) -> Result<(Arc<Call>, Vec<Effect>), Refusal> {
        let now = now();
        let behaviour = self.outbound.clone();
        let agent = self.agent_mut(login)?;
        if !is_e164(number) {
            return Err(Refusal::new(400, "BadEndpointException", "Bad endpoint"));
        }
        if !agent.contacts.is_empty() || agent.state.kind == "offline" {
            return Err(Refusal::invalid_state("The agent cannot call now."));
        }
        let call = Call::new(
            OfferCall {
                agent: login.to_owned(),
                customer_number: number.to_owned(),
                customer_name: String::new(),
                speech: behaviour.speech,
                ..OfferCall::default()
            },
            true,
        );
        agent.contacts.push(ContactRecord {
            call: call.clone(),
            state: "connecting",
            since: now,
            began: now,
            agent_leg: LegRecord::new("connecting", now),
            customer_leg: LegRecord::new("connecting", now),
        });
        agent.enter(StateRecord::system("CallingCustomer", now));
        agent.revision += 1;
        Ok((call.clone(), vec![Effect::Dialled(call, behaviour.answer)]))
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
        if call.outbound {
            contact.agent_leg.set("connected", now);
            agent.revision += 1;
            Ok(Vec::new())
        } else if auto {
            connect(agent, &call.contact_id)
        } else {
            Ok(Vec::new())
        }
    }

    // From timers.

    pub(crate) fn ring_expired(&mut self, call: &Arc<Call>) -> Changed {
        let now = now();
        let agent = self.agent_mut(&call.agent)?;
        let contact = agent.contact(&call.contact_id)?;
        if contact.state != "connecting" {
            return Ok(Vec::new());
        }
        contact.disconnect("error", now);
        call.note(|f| f.missed = Some(Moment::now()));
        not_taken(agent, "MissedCallAgent", now);
        Ok(vec![Effect::ServerBye(call.clone())])
    }

    pub(crate) fn wrap_up_over(&mut self, call: &Arc<Call>) -> Changed {
        let agent = self.agent_mut(&call.agent)?;
        if agent.contact(&call.contact_id)?.state == "ended" {
            return self.clear(&call.agent, &call.contact_id);
        }
        Ok(Vec::new())
    }

    pub(crate) fn dialled_answers(&mut self, call: &Arc<Call>) -> Changed {
        let agent = self.agent_mut(&call.agent)?;
        if agent.contact(&call.contact_id)?.state == "connecting" {
            return connect(agent, &call.contact_id);
        }
        Ok(Vec::new())
    }

    pub(crate) fn dialled_fails(&mut self, call: &Arc<Call>) -> Changed {
        let now = now();
        let agent = self.agent_mut(&call.agent)?;
        let contact = agent.contact(&call.contact_id)?;
        if contact.state != "connecting" {
            return Ok(Vec::new());
        }
        contact.disconnect("error", now);
        not_taken(agent, "FailedConnectCustomer", now);
        Ok(vec![Effect::ServerBye(call.clone())])
    }
}

fn may_be_offered(agent: &AgentRecord) -> Result<(), Refusal> {
    let live = agent.live_calls();
    if live >= agent.options.voice_concurrency as usize {
        return Err(Refusal::invalid_state(format!(
            "the agent has {live} voice contacts and may have {}",
            agent.options.voice_concurrency
        )));
    }
    let between_calls = live > 0 && agent.state.name == "Busy";
    if agent.state.kind != "routable" && !between_calls {
        return Err(Refusal::invalid_state(format!(
            "the agent is in state {}",
            agent.state.name
        )));
    }
    Ok(())
}

fn connect(agent: &mut AgentRecord, id: &str) -> Changed {
    let now = now();
    let contact = agent.contact(id)?;
    contact.set("connected", now);
    contact.agent_leg.set("connected", now);
    contact.customer_leg.set("connected", now);
    contact.call.set_accepted();
    contact.call.note(|f| f.accepted = Some(Moment::now()));
    hold_others(agent, id, now);
    agent.enter(StateRecord::system("Busy", now));
    agent.revision += 1;
    Ok(Vec::new())
}

/// Only one customer at a time hears the agent.
fn hold_others(agent: &mut AgentRecord, id: &str, now: f64) {
    for other in &mut agent.contacts {
        if other.call.contact_id != id
            && other.state == "connected"
            && other.customer_leg.state == "connected"
        {
            put_on_hold(other, now);
        }
    }
}

fn put_on_hold(contact: &mut ContactRecord, now: f64) {
    contact.customer_leg.set("hold", now);
    contact.call.set_held(true);
    contact.call.note(|f| f.holds.push(Moment::now()));
}

fn not_taken(agent: &mut AgentRecord, state: &str, now: f64) {
    if agent.contacts.iter().any(|c| c.state == "connected") {
        agent.enter(StateRecord::system("Busy", now));
    } else {
        agent.enter(StateRecord::error(state, now));
    }
    agent.revision += 1;
}

fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit())
    })
}

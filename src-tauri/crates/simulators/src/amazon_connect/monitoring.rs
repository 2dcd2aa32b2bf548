//! Supervisors: a contact of their own in the room of somebody else's call.
//!
//! | supervisor's leg | input | after it | supervised agent sees |
//! | --- | --- | --- | --- |
//! | – | listens | silent_monitor: hears all, is not heard | nothing |
//! | silent_monitor | BARGE | barge: hears all, is heard by all | a further leg in state barge |
//! | barge | SILENT_MONITOR | silent_monitor | the leg is gone |
//! | either | destroy | contact ended | the leg is gone |
//! | either | the supervised call ends for its agent | contact ended | |
//! | ended | clear | gone | |
//!
//! The supervisor's own state stays as it is. That a barged-in supervisor ends
//! with the agent, and not with the customer, is a simplification.

use std::sync::Arc;

use uuid::Uuid;

use super::call::{Call, lock};
use super::error::SimError;
use super::handle::AmazonConnectSim;
use super::records::{ContactRecord, LegRecord};
use super::sim_call::SimCall;
use super::state::{Changed, Effect, Refusal, World, now};
use crate::Moment;

/// Whose call a contact supervises.
#[derive(Clone)]
pub(crate) struct Supervised {
    pub call: Arc<Call>,
    /// Display name of the agent.
    pub agent_name: String,
    pub since: f64,
}

impl World {
    fn begin_monitoring(&mut self, call: &Arc<Call>, of: &Arc<Call>) -> Changed {
        let now = now();
        let supervised = self.agent_mut(&of.agent)?;
        let agent_name = supervised.options.name.clone();
        if supervised.contact(&of.contact_id)?.state != "connected" {
            return Err(Refusal::invalid_state("only a connected call can be listened to"));
        }
        let agent = self.agent_mut(&call.agent)?;
        let supervised = Supervised { call: of.clone(), agent_name, since: now };
        agent.contacts.push(ContactRecord::monitoring(call, supervised, now));
        agent.revision += 1;
        Ok(Vec::new())
    }

    /// UpdateMonitorParticipantState.
    pub(crate) fn set_monitor_mode(&mut self, login: &str, id: &str, mode: &str) -> Changed {
        let now = now();
        let leg = match mode {
            "BARGE" => "barge",
            "SILENT_MONITOR" => "silent_monitor",
            _ => return Err(Refusal::new(400, "InvalidStateException", "invalid_target_state")),
        };
        let agent = self.agent_mut(login)?;
        let contact = agent.contact(id)?;
        if contact.supervises.is_none() || contact.state != "connected" || contact.agent_leg.state == leg {
            return Err(Refusal::invalid_state("The contact is not monitored, or is in that mode."));
        }
        contact.agent_leg.set(leg, now);
        agent.revision += 1;
        Ok(Vec::new())
    }

    /// After every change: supervisors whose call is over go, and supervised
    /// agents see who has joined in.
    pub(crate) fn follow_supervisors(&mut self) -> Vec<Effect> {
        let now = now();
        let live = |contact: &ContactRecord| contact.state == "connected";
        let connected: Vec<Arc<Call>> =
            self.agents.iter().flat_map(|a| &a.contacts).filter(|c| live(c)).map(|c| c.call.clone()).collect();
        let mut effects = Vec::new();
        let mut joined: Vec<Arc<Call>> = Vec::new();
        for agent in &mut self.agents {
            for contact in agent.contacts.iter_mut().filter(|c| live(c)) {
                let Some(supervised) = contact.supervises.clone() else {
                    continue;
                };
                if connected.iter().any(|call| Arc::ptr_eq(call, &supervised.call)) {
                    if contact.agent_leg.state == "barge" {
                        joined.push(supervised.call);
                    }
                    continue;
                }
                contact.disconnect("ended", now);
                contact.call.me.leave();
                agent.revision += 1;
                effects.push(Effect::ServerBye(contact.call.clone()));
            }
        }
        for agent in &mut self.agents {
            for contact in agent.contacts.iter_mut().filter(|c| c.supervises.is_none()) {
                let wanted = live(contact) && joined.iter().any(|call| Arc::ptr_eq(call, &contact.call));
                if wanted != contact.supervisor.is_some() {
                    let leg = || (Uuid::new_v4().to_string(), LegRecord::new("barge", now));
                    contact.supervisor = wanted.then(leg);
                    agent.revision += 1;
                }
            }
        }
        effects
    }
}

impl AmazonConnectSim {
    /// A supervisor begins to listen to an agent's connected call; the contact
    /// is in the supervisor's next snapshot.
    ///
    /// # Errors
    /// [`SimError::NotPossible`] when the call is not connected.
    #[allow(clippy::unused_async, reason = "the handle's calls are all async")]
    pub async fn monitor(&self, of: &SimCall, supervisor: &str) -> Result<SimCall, SimError> {
        self.known(supervisor)?;
        let call = Call::monitoring(&of.call, supervisor);
        self.shared.calls.send_modify(|calls| calls.push(call.clone()));
        self.shared.act(|world| world.begin_monitoring(&call, &of.call)).map_err(SimError::from)?;
        call.note(|f| f.accepted = Some(Moment::now()));
        Ok(self.sim_call(call))
    }

    /// The agent's own client accepts, without one.
    ///
    /// # Errors
    /// [`SimError::NotPossible`] when the call does not ring.
    pub fn accept_for_agent(&self, call: &SimCall) -> Result<(), SimError> {
        let call = &call.call;
        self.shared.act(|world| world.accept(&call.agent, &call.contact_id)).map_err(SimError::from)
    }

    /// The supervisor joins in.
    ///
    /// # Errors
    /// [`SimError::NotPossible`] when that is no supervisor's contact, or joined already.
    pub fn barge_in(&self, part: &SimCall) -> Result<(), SimError> {
        let call = &part.call;
        self.shared.act(|world| world.set_monitor_mode(&call.agent, &call.contact_id, "BARGE")).map_err(SimError::from)
    }

    pub(crate) fn known(&self, login: &str) -> Result<(), SimError> {
        let known = lock(&self.shared.world).agent(login).is_some();
        if known { Ok(()) } else { Err(SimError::UnknownAgent(login.to_owned())) }
    }
}

//! Call-backs from a queue: the agent is asked first, then the customer is called.
//!
//! | contact | input | contact | agent state |
//! | --- | --- | --- | --- |
//! | – | offer | incoming | Pending (not_routable) |
//! | incoming | accept | connecting, with new connection ids and media | CallingCustomer |
//! | incoming | reject, destroy, ring expired | error | MissedCallAgent (error) |
//! | incoming | customer gives up | gone, or error | chosen state, or MissedCallAgent |
//! | connecting | customer answers | connected | Busy |
//! | connecting | customer does not answer | error | MissedCallCustomer (error) |
//! | connecting | line engaged | error | LineEngagedCustomer (error) |
//! | connecting | destroy | ended | AfterCallWork |
//!
//! From `connected` on it is a call like any other (`state.rs`).

use std::sync::Arc;

use super::call::{Call, Initiation};
use super::error::SimError;
use super::handle::AmazonConnectSim;
use super::options::{OfferCall, OutboundAnswer};
use super::records::{ContactRecord, StateRecord};
use super::sim_call::SimCall;
use super::state::{Changed, Effect, World, may_be_offered, now};
use crate::Moment;

/// Agent state after a call-back that the customer did not answer.
pub(crate) const CUSTOMER_MISSED: &str = "MissedCallCustomer";

impl World {
    pub(crate) fn offer_callback(&mut self, call: &Arc<Call>) -> Changed {
        let now = now();
        let agent = self.agent_mut(&call.agent)?;
        if !call.offer.force {
            may_be_offered(agent)?;
        }
        let mut contact = ContactRecord::new(call, "connected", now);
        contact.set("incoming", now);
        agent.contacts.push(contact);
        if agent.live_calls() == 1 {
            let kind = "not_routable".to_owned();
            agent.enter(StateRecord { kind, ..StateRecord::system("Pending", now) });
        }
        agent.revision += 1;
        Ok(vec![Effect::Ring(call.clone())])
    }

    /// The agent takes it: the service calls the customer.
    pub(crate) fn accept_callback(&mut self, call: &Arc<Call>) -> Changed {
        let now = now();
        let agent = self.agent_mut(&call.agent)?;
        let contact = agent.contact(&call.contact_id)?;
        contact.set("connecting", now);
        contact.agent_leg.since = now;
        contact.parties[0].record.set("connecting", now);
        call.note(|f| f.accepted = Some(Moment::now()));
        agent.enter(StateRecord::system("CallingCustomer", now));
        agent.revision += 1;
        Ok(vec![Effect::Dialled(call.clone(), call.answers.unwrap_or(OutboundAnswer::Never))])
    }
}

impl AmazonConnectSim {
    /// A customer has asked to be called back: the agent is asked in the next
    /// snapshot, and the customer reacts in that way once the agent has taken it.
    ///
    /// # Errors
    /// [`SimError::NotPossible`] when the agent is not routable or has its
    /// full number of calls, unless `force` is set.
    #[allow(clippy::unused_async, reason = "the handle's calls are all async")]
    pub async fn offer_callback(&self, offer: OfferCall, answer: OutboundAnswer) -> Result<SimCall, SimError> {
        self.known(&offer.agent)?;
        let call = Call::called_back(offer, answer);
        self.shared.calls.send_modify(|calls| calls.push(call.clone()));
        self.shared.act(|world| world.offer_callback(&call)).map_err(SimError::from)?;
        Ok(self.sim_call(call))
    }
}

impl Call {
    /// The service calls the customer, for the agent or before the agent speaks.
    pub(crate) fn dials(&self) -> bool {
        self.is_outbound() || self.is_callback()
    }

    pub(crate) fn is_callback(&self) -> bool {
        self.initiation == Initiation::Callback
    }
}

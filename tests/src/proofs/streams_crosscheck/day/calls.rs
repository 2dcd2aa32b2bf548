//! Calls: in, out, back, with others, handed over, supervised.

use anyhow::Result;
use trunkline_simulators::amazon_connect::{Fault, OfferCall, OutboundAnswer, SimCall};

use super::{AGENT, Day, RING, SOON};
use crate::proofs::streams_crosscheck::seat::{Act, Leg};

const RINGS: &str = "connecting: agent connecting, customer connected";
const TALKS: &str = "connected: agent connected, customer connected";
const OVER: &str = "ended: agent disconnected, customer disconnected";
const FAILED: &str = "error: agent disconnected, customer disconnected";

impl Day<'_> {
    async fn rings(&mut self, name: &str, offer: OfferCall) -> Result<(SimCall, String)> {
        let call = self.sim.offer_call(offer).await?;
        let id = self.named(name, call.contact_id());
        self.is(&id, RINGS).await?;
        self.agent_is("system PendingBusy").await?;
        Ok((call, id))
    }

    /// An inbound call that the agent has taken.
    pub(super) async fn taken(&mut self, name: &str) -> Result<(SimCall, String)> {
        let (call, id) = self.rings(name, OfferCall::to(AGENT)).await?;
        self.accept(&id).await?;
        self.is(&id, TALKS).await?;
        self.agent_is("system Busy").await?;
        Ok((call, id))
    }

    /// The agent ends it and finishes wrap-up.
    pub(super) async fn finished(&mut self, contact: &str) -> Result<()> {
        self.end(contact).await?;
        self.agent_is("system AfterCallWork").await?;
        self.clear(contact).await?;
        self.agent_is("routable Available").await
    }

    async fn dialled(&mut self, name: &str, number: &str) -> Result<(SimCall, String)> {
        self.act(Act::Dial { number: number.to_owned() }).await?;
        let call = self.sim.expect_dialled(AGENT, SOON).await?;
        let id = self.named(name, call.contact_id());
        self.is(&id, "connecting: agent connecting, customer connecting").await?;
        self.agent_is("system CallingCustomer").await?;
        Ok((call, id))
    }

    async fn add_number(&mut self, contact: &str, number: &str) -> Result<()> {
        self.act(Act::Add { contact: contact.to_owned(), name: None, number: Some(number.to_owned()) }).await
    }

    async fn add_entry(&mut self, contact: &str, name: &str) -> Result<()> {
        self.act(Act::Add { contact: contact.to_owned(), name: Some(name.to_owned()), number: None }).await
    }
}

/// Answered, held, missed, declined, abandoned, refused, auto-accepted; wrap-up
/// closed and run out; the next state chosen early.
pub async fn inbound(day: &mut Day<'_>) -> Result<()> {
    let (call, id) = day.taken("answered").await?;
    let customer = |contact: &str| (contact.to_owned(), Leg::Customer);
    let (contact, leg) = customer(&id);
    day.act(Act::Hold { contact, leg }).await?;
    day.is(&id, "connected: agent connected, customer hold").await?;
    let (contact, leg) = customer(&id);
    day.act(Act::Resume { contact, leg }).await?;
    day.is(&id, TALKS).await?;
    let (contact, leg) = customer(&id);
    day.act(Act::Digits { contact, leg, digits: "12#".to_owned() }).await?;
    call.expect_digits("12#", SOON).await?;
    day.finished(&id).await?;

    let (_, id) = day.rings("missed", OfferCall { ring: Some(RING), ..OfferCall::to(AGENT) }).await?;
    day.is(&id, FAILED).await?;
    day.agent_is("error MissedCallAgent").await?;
    day.clear(&id).await?;
    day.agent_is("routable Available").await?;

    let (_, id) = day.rings("missed, state chosen", OfferCall { ring: Some(RING), ..OfferCall::to(AGENT) }).await?;
    day.is(&id, FAILED).await?;
    day.available().await?;
    day.gone(&id).await?;

    let (_, id) = day.rings("declined", OfferCall::to(AGENT)).await?;
    day.act(Act::Reject { contact: id.clone() }).await?;
    day.is(&id, FAILED).await?;
    day.agent_is("error MissedCallAgent").await?;
    day.clear(&id).await?;
    day.agent_is("routable Available").await?;

    let (call, id) = day.rings("abandoned", OfferCall::to(AGENT)).await?;
    call.customer_hangs_up().await?;
    day.gone(&id).await?;
    day.agent_is("routable Available").await?;

    // The customer ends it; wrap-up runs out by itself.
    let (call, id) = day.taken("customer hangs up").await?;
    call.customer_hangs_up().await?;
    day.is(&id, OVER).await?;
    day.gone(&id).await?;
    day.agent_is("routable Available").await?;

    // The platform refuses to give it at first.
    let (_, id) = day.rings("refused once", OfferCall::to(AGENT)).await?;
    day.sim.fail_next("AcceptContact", Fault::Exception("InvalidStateException"), 1);
    day.accept(&id).await?;
    day.accept(&id).await?;
    day.is(&id, TALKS).await?;
    day.agent_is("system Busy").await?;
    // What cannot be done is refused to both.
    day.act(Act::Clear { contact: id.clone() }).await?;
    day.finished(&id).await?;

    day.sim.agent(AGENT).set_auto_accept(true);
    let (call, id) = day.rings("auto-accepted", OfferCall::to(AGENT)).await?;
    call.media_comes_up()?;
    day.is(&id, TALKS).await?;
    day.sim.agent(AGENT).set_auto_accept(false);
    day.finished(&id).await?;

    next_state(day).await
}

async fn next_state(day: &mut Day<'_>) -> Result<()> {
    let (_, id) = day.taken("next state").await?;
    day.state("Lunch", false).await?;
    day.state("Lunch", true).await?;
    day.agent_is("system Busy, then Lunch").await?;
    day.state("Break", true).await?;
    day.agent_is("system Busy, then Break").await?;
    day.state("Available", true).await?;
    day.agent_is("system Busy").await?;
    day.state("Lunch", true).await?;
    day.agent_is("system Busy, then Lunch").await?;
    day.end(&id).await?;
    day.agent_is("system AfterCallWork, then Lunch").await?;
    day.clear(&id).await?;
    day.agent_is("not_routable Lunch").await?;
    day.available().await
}

/// Out: answered, busy, not answered, given up, a wrong number; back: answered,
/// declined, nobody there.
pub async fn outbound(day: &mut Day<'_>) -> Result<()> {
    let (call, id) = day.dialled("dialled", "+12025550199").await?;
    call.media_comes_up()?;
    day.is(&id, "connecting: agent connected, customer connecting").await?;
    call.answer()?;
    day.is(&id, TALKS).await?;
    day.agent_is("system Busy").await?;
    day.finished(&id).await?;

    let (call, id) = day.dialled("busy", "+12025550198").await?;
    call.busy()?;
    day.is(&id, FAILED).await?;
    day.agent_is("error LineEngagedCustomer").await?;
    day.clear(&id).await?;
    day.agent_is("routable Available").await?;

    let (call, id) = day.dialled("no answer", "+12025550197").await?;
    call.no_answer()?;
    day.is(&id, FAILED).await?;
    day.agent_is("error FailedConnectCustomer").await?;
    day.clear(&id).await?;
    day.agent_is("routable Available").await?;

    let (_, id) = day.dialled("given up", "+12025550196").await?;
    day.end(&id).await?;
    day.is(&id, OVER).await?;
    day.clear(&id).await?;
    day.agent_is("routable Available").await?;

    day.act(Act::Dial { number: "+1".to_owned() }).await?;

    for (name, end) in [("called back", "answers"), ("call-back declined", "declined"), ("not reached", "nobody")] {
        let call = day.sim.offer_callback(OfferCall::to(AGENT), OutboundAnswer::Never).await?;
        let id = day.named(name, call.contact_id());
        day.is(&id, "incoming: agent connecting, customer connected").await?;
        if end == "declined" {
            day.act(Act::Reject { contact: id.clone() }).await?;
            day.agent_is("error MissedCallAgent").await?;
            day.clear(&id).await?;
            day.agent_is("routable Available").await?;
            continue;
        }
        day.accept(&id).await?;
        day.is(&id, "connecting: agent connecting, customer connecting").await?;
        if end == "answers" {
            call.answer()?;
            day.is(&id, TALKS).await?;
            day.finished(&id).await?;
        } else {
            call.no_answer()?;
            day.is(&id, FAILED).await?;
            day.agent_is("error MissedCallCustomer").await?;
            day.clear(&id).await?;
            day.agent_is("routable Available").await?;
        }
    }
    Ok(())
}

/// Consult, swap, conference, one on hold, dropped, busy, left.
pub async fn parties(day: &mut Day<'_>) -> Result<()> {
    const THIRD: &str = "+12025550177";
    let (call, id) = day.taken("conference").await?;
    day.add_number(&id, THIRD).await?;
    let third = call.expect_third_party(SOON).await?;
    day.is(&id, "connected: agent connected, customer hold, +12025550177 connecting").await?;
    third.answer()?;
    day.is(&id, "connected: agent connected, customer hold, +12025550177 connected").await?;
    day.act(Act::Swap { contact: id.clone() }).await?;
    day.is(&id, "connected: agent connected, customer connected, +12025550177 hold").await?;
    day.act(Act::Conference { contact: id.clone() }).await?;
    day.is(&id, "connected: agent connected, customer connected, +12025550177 connected").await?;
    day.act(Act::Hold { contact: id.clone(), leg: Leg::Third }).await?;
    day.is(&id, "connected: agent connected, customer connected, +12025550177 hold").await?;
    day.act(Act::Resume { contact: id.clone(), leg: Leg::Third }).await?;
    day.is(&id, "connected: agent connected, customer connected, +12025550177 connected").await?;
    day.act(Act::Digits { contact: id.clone(), leg: Leg::Third, digits: "7".to_owned() }).await?;
    day.act(Act::Hold { contact: id.clone(), leg: Leg::Agent }).await?;
    day.is(&id, "connected: agent hold, customer connected, +12025550177 connected").await?;
    day.act(Act::Resume { contact: id.clone(), leg: Leg::Agent }).await?;
    day.is(&id, "connected: agent connected, customer connected, +12025550177 connected").await?;
    day.end(&id).await?;
    day.is(&id, "ended: agent disconnected, customer disconnected, +12025550177 disconnected").await?;
    day.clear(&id).await?;
    day.agent_is("routable Available").await?;

    let (call, id) = day.taken("consult").await?;
    day.add_number(&id, THIRD).await?;
    let third = call.expect_third_party(SOON).await?;
    day.is(&id, "connected: agent connected, customer hold, +12025550177 connecting").await?;
    third.busy()?;
    day.is(&id, "connected: agent connected, customer hold, +12025550177 disconnected").await?;
    day.add_number(&id, "+12025550178").await?;
    let third = call.expect_third_party(SOON).await?;
    let two = "+12025550177 disconnected, +12025550178";
    day.is(&id, &format!("connected: agent connected, customer hold, {two} connecting")).await?;
    third.answer()?;
    day.is(&id, &format!("connected: agent connected, customer hold, {two} connected")).await?;
    day.act(Act::Drop { contact: id.clone(), leg: Leg::Third }).await?;
    day.is(&id, &format!("connected: agent connected, customer hold, {two} disconnected")).await?;
    day.act(Act::Resume { contact: id.clone(), leg: Leg::Customer }).await?;
    day.is(&id, &format!("connected: agent connected, customer connected, {two} disconnected")).await?;
    // Nobody is on hold: refused to both.
    day.act(Act::Conference { contact: id.clone() }).await?;
    day.finished(&id).await
}

/// Called, and left at once: to an agent, a queue, a number.
pub async fn handing_over(day: &mut Day<'_>) -> Result<()> {
    for (name, entry) in [("to an agent", "Agent Two"), ("to a queue", "Support queue"), ("to a number", "Head office")]
    {
        let (call, id) = day.taken(name).await?;
        day.add_entry(&id, entry).await?;
        let third = call.expect_third_party(SOON).await?;
        day.shows_third(&id, "connecting").await?;
        day.end(&id).await?;
        day.agent_is("system AfterCallWork").await?;
        third.answer()?;
        day.clear(&id).await?;
        day.agent_is("routable Available").await?;
    }
    Ok(())
}

/// Somebody else's call: listened to, joined, left.
pub async fn supervising(day: &mut Day<'_>) -> Result<()> {
    let call = day.sim.offer_call(OfferCall::to("agent.three")).await?;
    day.sim.accept_for_agent(&call)?;
    let part = day.sim.monitor(&call, AGENT).await?;
    let id = day.named("supervised", part.contact_id());
    day.leg_is(&id, "agent silent_monitor").await?;
    day.act(Act::Barge { contact: id.clone() }).await?;
    day.leg_is(&id, "agent barge").await?;
    day.end(&id).await?;
    day.leg_is(&id, "agent disconnected").await?;
    day.clear(&id).await?;
    call.customer_hangs_up().await?;
    Ok(())
}

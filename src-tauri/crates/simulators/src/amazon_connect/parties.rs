//! Third parties: adding, joining, swapping and leaving.
//!
//! | connections | input | after it |
//! | --- | --- | --- |
//! | agent, customer connected | add | customer hold, third party connecting |
//! | third party connecting | answers | connected; the customer stays on hold |
//! | third party connecting | busy, declines | disconnected; the customer stays on hold |
//! | one held, one connected | toggle | the other way round |
//! | somebody held | conference | all connected |
//! | three or more | agent leaves | the agent's contact ended, the rest talk on |
//! | three or more | customer or third party leaves | that one disconnected |
//! | two | either leaves | ended |
//!
//! A transfer to another agent offers that agent a contact of its own, in the
//! same room. While the first agent is there, that contact is *hosted*: its
//! first connection stands for the first agent's side of the conversation.
//! When the first agent leaves, the other takes all connections over. A room
//! without any agent is kept in [`Remains`].

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use super::call::{Call, EndedBy, Initiation};
use super::directory::{self, QuickConnectTarget};
use super::member::Member;
use super::options::{Abandoned, OutboundAnswer, OutboundBehaviour, SpeechStart};
use super::records::{AgentRecord, ContactRecord, LegRecord, PartyLeg, StateRecord};
use super::snapshot;
use super::state::{Changed, Effect, Refusal, World, is_e164, may_be_offered, now};
use crate::Moment;

/// Participants of a call, the agent and the customer among them.
const MOST_PARTICIPANTS: usize = 6;
/// How often a queue is looked at for an agent who is free.
const QUEUE_ROUND: Duration = Duration::from_millis(250);

/// Those who talk on, or wait for an answer, after the last agent has left.
pub(crate) struct Remains {
    pub parties: Vec<PartyLeg>,
}

fn bad_endpoint() -> Refusal {
    Refusal::new(400, "BadEndpointException", "Bad endpoint")
}

impl World {
    /// Brings who hears whom up to date with the connections.
    pub(crate) fn bridge(&self) {
        for contact in self.agents.iter().flat_map(|a| &a.contacts) {
            if contact.is_finished() {
                continue;
            }
            contact.bridge();
            let ringing = self.ring_back && contact.rings_outside();
            contact.call.me.ringing(ringing);
        }
        for party in self.remains.iter().flat_map(|r| &r.parties) {
            party.member.admit(party.record.state == "connected");
        }
    }

    // From the agent's API calls.

    pub(crate) fn add_party(&mut self, login: &str, id: &str, endpoint: &Value) -> Changed {
        let now = now();
        let multi_party = self.multi_party;
        let contact = self.agent_mut(login)?.contact(id)?;
        if contact.state != "connected" || contact.hosted {
            return Err(Refusal::invalid_state("Cannot add a connection: Invalid contact state."));
        }
        let call = contact.call.clone();
        let active = contact.active_parties().count();
        let others = contact.active_parties().filter(|p| !p.initial).count();
        if (others > 0 && !multi_party) || active + 2 > MOST_PARTICIPANTS {
            return Err(Refusal::new(400, "QuotaExceededException", "Quota exceeded"));
        }
        let (leg, effects) = self.called_party(&call, endpoint, now)?;
        leg.member.note(|f| f.dialled = Some(Moment::now()));
        let agent = self.agent_mut(login)?;
        let contact = agent.contact(id)?;
        let connected: Vec<String> = contact.parties.iter().map(|p| p.connection.clone()).collect();
        for connection in connected {
            contact.set_hold(&connection, true, now);
        }
        let asked_later = |e: &Effect| matches!(e, Effect::Offer(..) | Effect::Queue(..));
        if !effects.iter().any(asked_later) {
            call.has_called(&leg.connection, &leg.member);
        }
        contact.parties.push(leg);
        agent.revision += 1;
        Ok(effects)
    }

    /// The connection to an endpoint, and what makes it answer.
    fn called_party(
        &mut self,
        call: &Arc<Call>,
        endpoint: &Value,
        now: f64,
    ) -> Result<(PartyLeg, Vec<Effect>), Refusal> {
        let entry = match endpoint["endpointARN"].as_str() {
            Some(arn) => {
                let (index, entry) = directory::find(&self.directory, arn).ok_or_else(bad_endpoint)?;
                Some((entry.endpoint(index), entry.clone()))
            }
            None => None,
        };
        let (listed, entry) = entry.unzip();
        let listed = listed.unwrap_or_default();
        let name = entry.as_ref().map(|e| e.name.clone());
        let target = match &entry {
            Some(entry) => entry.target.clone(),
            None if endpoint["type"] == "phone_number" => {
                let number = endpoint["phoneNumber"].as_str().unwrap_or("");
                QuickConnectTarget::Phone(number.to_owned())
            }
            None => return Err(bad_endpoint()),
        };
        match target {
            QuickConnectTarget::Phone(number) if !is_e164(&number) => Err(bad_endpoint()),
            QuickConnectTarget::Phone(number) => {
                let behaviour = self
                    .third_party
                    .clone()
                    .or_else(|| directory::person(&self.directory, &number).cloned())
                    .unwrap_or_else(OutboundBehaviour::third_party);
                Ok(played(call, behaviour, snapshot::phone(&number), name, now))
            }
            QuickConnectTarget::Agent(login) => {
                let endpoint = snapshot::agent_endpoint(&listed, &login);
                let agent = self.agent(&login).ok_or_else(bad_endpoint)?;
                if let Some(behaviour) = agent.options.played.clone() {
                    return Ok(played(call, behaviour, endpoint, name, now));
                }
                let free = may_be_offered(agent).is_ok();
                let leg = waiting(endpoint, name, now);
                let order = if free {
                    Effect::Offer(call.clone(), leg.connection.clone(), login, Initiation::Transfer)
                } else {
                    // Nobody is asked; the flow of the quick connect gives up.
                    let given_up = OutboundAnswer::Busy(Duration::from_secs(1));
                    Effect::ThirdParty(leg.connection.clone(), given_up)
                };
                call.room.enter(&leg.member);
                Ok((leg, vec![order]))
            }
            QuickConnectTarget::Queue(queue) => {
                let endpoint = snapshot::queue_endpoint(&listed, &queue);
                if let Some(behaviour) = self.played_colleague(&call.agent) {
                    return Ok(played(call, behaviour, endpoint, name, now));
                }
                let leg = waiting(endpoint, name, now);
                call.room.enter(&leg.member);
                let order = Effect::Queue(call.clone(), leg.connection.clone(), Duration::ZERO);
                Ok((leg, vec![order]))
            }
        }
    }

    fn played_colleague(&self, caller: &str) -> Option<OutboundBehaviour> {
        self.agents.iter().filter(|a| a.options.login != caller).find_map(|a| a.options.played.clone())
    }

    pub(crate) fn conference(&mut self, login: &str, id: &str) -> Changed {
        let now = now();
        let agent = self.agent_mut(login)?;
        let contact = agent.contact(id)?;
        let ringing = contact.parties.iter().any(|p| p.record.state == "connecting");
        let held = contact.agent_leg.state == "hold" || contact.parties.iter().any(|p| p.record.state == "hold");
        let enough = contact.active_parties().count() >= 2;
        if contact.state != "connected" || ringing || !held || !enough {
            // The text is one a real instance has given.
            return Err(Refusal::invalid_state("Cannot conference connections: Invalid contact state."));
        }
        contact.agent_leg.set("connected", now);
        let all: Vec<String> = contact.parties.iter().map(|p| p.connection.clone()).collect();
        for connection in all {
            contact.set_hold(&connection, false, now);
        }
        agent.revision += 1;
        Ok(Vec::new())
    }

    pub(crate) fn toggle(&mut self, login: &str, id: &str, connection: &str) -> Changed {
        let now = now();
        let agent = self.agent_mut(login)?;
        let contact = agent.contact(id)?;
        let known = contact.party(connection).is_some();
        let of = |state: &str| -> Vec<String> {
            let parties = contact.parties.iter().filter(|p| p.record.state == state);
            parties.map(|p| p.connection.clone()).collect()
        };
        let (talking, held) = (of("connected"), of("hold"));
        if contact.state != "connected" || !known || talking.is_empty() || held.is_empty() {
            return Err(Refusal::invalid_state("Cannot toggle connections: Invalid contact state."));
        }
        for connection in talking {
            contact.set_hold(&connection, true, now);
        }
        for connection in held {
            contact.set_hold(&connection, false, now);
        }
        agent.revision += 1;
        Ok(Vec::new())
    }

    /// The agent ends its own connection of a connected contact.
    pub(crate) fn agent_leaves(&mut self, login: &str, id: &str) -> Changed {
        let now = now();
        let agent = self.agent_mut(login)?;
        let contact = agent.contact(id)?;
        let call = contact.call.clone();
        let hosted = contact.hosted;
        let staying: Vec<PartyLeg> = contact.active_parties().cloned().collect();
        contact.disconnect("ended", now);
        call.note(|f| f.ended = Some((EndedBy::Agent, Moment::now())));
        agent.settle(now);
        agent.revision += 1;
        let mut effects = vec![Effect::AwaitBye(call.clone()), Effect::WrapUp(call.clone())];
        if !hosted && staying.len() >= 2 {
            effects.extend(self.hand_over(&call, staying, now));
        } else if !hosted {
            for party in staying {
                effects.extend(self.depart(&party.member, EndedBy::Agent));
            }
        }
        effects.extend(self.depart(&call.me, EndedBy::Agent));
        Ok(effects)
    }

    /// Those who stay talk on: with an agent who was brought in, or alone.
    fn hand_over(&mut self, call: &Arc<Call>, mut staying: Vec<PartyLeg>, now: f64) -> Vec<Effect> {
        for party in &mut staying {
            party.set_hold(false, now);
            party.record.mute = false;
            party.member.silence(false);
        }
        let connected = staying.iter().position(|p| p.target.is_some() && p.record.state == "connected");
        if let Some(next) = connected.and_then(|n| staying.remove(n).target) {
            self.take_over(&next, staying);
            return Vec::new();
        }
        // Agents who still ring now stand for nobody's side but the rest's.
        let first = staying.iter().find(|p| p.target.is_none()).map(|p| p.member.clone());
        let ringing: Vec<Arc<Call>> = staying.iter().filter_map(|p| p.target.clone()).collect();
        if let Some(first) = first {
            for target in ringing {
                if let Some(contact) = self.contact_of(&target) {
                    contact.parties[0].member = first.clone();
                }
            }
        }
        self.remains.push(Remains { parties: staying });
        vec![Effect::Bridge(call.room.clone())]
    }

    /// The agent of `next` now leads the conversation with `parties`.
    fn take_over(&mut self, next: &Arc<Call>, parties: Vec<PartyLeg>) {
        next.me.admit(true);
        let others: Vec<Arc<Call>> = parties.iter().filter_map(|p| p.target.clone()).collect();
        if let Some(contact) = self.contact_of(next) {
            contact.hosted = false;
            let mut parties = parties.into_iter();
            if let Some(first) = parties.next() {
                contact.parties[0].member = first.member;
                contact.parties[0].target = first.target;
            }
            contact.parties.extend(parties.map(|p| PartyLeg { initial: false, ..p }));
        }
        for other in others {
            if let Some(contact) = self.contact_of(&other) {
                contact.parties[0].member = next.me.clone();
            }
        }
        self.touch(&next.agent);
    }

    fn contact_of(&mut self, call: &Arc<Call>) -> Option<&mut ContactRecord> {
        self.agents.iter_mut().flat_map(|a| &mut a.contacts).find(|c| Arc::ptr_eq(&c.call, call) && !c.is_finished())
    }

    /// The agent of a transferred contact has accepted it.
    pub(crate) fn transfer_accepted(&mut self, call: &Arc<Call>) {
        let now = now();
        let is_it = |p: &PartyLeg| p.is_active() && p.target.as_ref().is_some_and(|t| Arc::ptr_eq(t, call));
        for agent in &mut self.agents {
            for contact in &mut agent.contacts {
                if let Some(leg) = contact.parties.iter_mut().find(|p| is_it(p)) {
                    leg.connect(now);
                    agent.revision += 1;
                }
            }
        }
        let waiting = self.remains.iter().position(|r| r.parties.iter().any(is_it));
        if let Some(n) = waiting {
            let mut parties = self.remains.swap_remove(n).parties;
            parties.retain(|p| p.is_active() && !is_it(p));
            self.take_over(call, parties);
        }
    }

    /// A party is gone, by its own will or dropped. Contacts and rooms that
    /// have nobody left to talk to end with it.
    pub(crate) fn depart(&mut self, member: &Arc<Member>, by: EndedBy) -> Vec<Effect> {
        let now = now();
        member.leave();
        let abandoned = self.abandoned;
        let mut effects = Vec::new();
        let mut leaving = Vec::new();
        for agent in &mut self.agents {
            let mut over = Vec::new();
            let mut changed = false;
            for contact in agent.contacts.iter_mut().filter(|c| !c.is_finished()) {
                let dropped = Arc::ptr_eq(&contact.call.me, member);
                let leg = contact.parties.iter_mut().find(|p| p.is_active() && Arc::ptr_eq(&p.member, member));
                if let Some(leg) = leg {
                    leg.record.set("disconnected", now);
                    changed = true;
                } else if !dropped {
                    continue;
                }
                if dropped || contact.active_parties().next().is_none() {
                    over.push(contact.call.clone());
                }
            }
            for call in over {
                changed = true;
                effects.extend(close(agent, &call, by, abandoned, now));
                leaving.push(call.me.clone());
            }
            if changed {
                agent.revision += 1;
            }
        }
        for remains in &mut self.remains {
            let mut own = remains.parties.iter_mut();
            if let Some(leg) = own.find(|p| p.is_active() && Arc::ptr_eq(&p.member, member)) {
                leg.record.set("disconnected", now);
            }
        }
        let (alive, over): (Vec<Remains>, Vec<Remains>) = std::mem::take(&mut self.remains)
            .into_iter()
            .partition(|r| r.parties.iter().filter(|p| p.is_active()).count() >= 2);
        self.remains = alive;
        let last = over.into_iter().flat_map(|r| r.parties);
        leaving.extend(last.filter(PartyLeg::is_active).map(|p| p.member));
        for member in leaving.into_iter().filter(|m| !m.is_gone()) {
            effects.extend(self.depart(&member, by));
        }
        effects
    }

    // From timers and the handle. Inputs for a connection that does not ring
    // any more are refused.

    fn ringing_party(&mut self, connection: &str) -> Result<(&mut PartyLeg, Option<&str>), Refusal> {
        let is_it = |p: &&mut PartyLeg| p.connection == connection && p.record.state == "connecting";
        for agent in &mut self.agents {
            for contact in agent.contacts.iter_mut().filter(|c| !c.is_finished()) {
                if let Some(leg) = contact.parties.iter_mut().find(is_it) {
                    agent.revision += 1;
                    return Ok((leg, Some(&agent.options.login)));
                }
            }
        }
        self.remains
            .iter_mut()
            .flat_map(|r| &mut r.parties)
            .find(is_it)
            .map(|leg| (leg, None))
            .ok_or_else(|| Refusal::invalid_state("The connection does not ring."))
    }

    pub(crate) fn party_answers(&mut self, connection: &str) -> Changed {
        let (leg, _) = self.ringing_party(connection)?;
        leg.connect(now());
        Ok(Vec::new())
    }

    pub(crate) fn party_fails(&mut self, connection: &str) -> Changed {
        let member = self.ringing_party(connection)?.0.member.clone();
        Ok(self.depart(&member, EndedBy::ThirdParty))
    }

    /// A party hangs up, connected or held.
    pub(crate) fn party_hangs_up(&mut self, member: &Arc<Member>, by: EndedBy) -> Changed {
        if member.is_gone() {
            return Err(Refusal::invalid_state("The party is not on the line."));
        }
        Ok(self.depart(member, by))
    }

    /// Looks for an agent who can take a call out of a queue.
    pub(crate) fn queue_round(&mut self, call: &Arc<Call>, connection: &str) -> Changed {
        self.ringing_party(connection)?;
        let free = self
            .agents
            .iter()
            .find(|a| a.options.login != call.agent && may_be_offered(a).is_ok())
            .map(|a| a.options.login.clone());
        match free {
            Some(login) => self.offer_transfer(call, connection, &login, Initiation::QueueTransfer),
            None => Ok(vec![Effect::Queue(call.clone(), connection.to_owned(), QUEUE_ROUND)]),
        }
    }

    /// Offers a waiting connection to another agent as a contact of its own.
    pub(crate) fn offer_transfer(
        &mut self,
        from: &Arc<Call>,
        connection: &str,
        login: &str,
        initiation: Initiation,
    ) -> Changed {
        let now = now();
        self.ringing_party(connection)?;
        let target = Call::transferred(from, login, initiation);
        let (leg, leader) = self.ringing_party(connection)?;
        // The flow's place in the room is taken by the agent.
        leg.member.leave();
        let facts = leg.member.facts.borrow().clone();
        leg.member = target.me.clone();
        leg.member.note(|f| f.dialled = facts.dialled);
        leg.target = Some(target.clone());
        from.has_called(connection, &leg.member);
        let side = if leader.is_some() { &from.me } else { &from.customer };
        let mut contact = ContactRecord::new(&target, "connected", now);
        contact.parties[0].member = side.clone();
        contact.hosted = true;
        let agent = self.agent_mut(login)?;
        let busy = agent.is_talking();
        agent.contacts.push(contact);
        if !busy {
            agent.enter(StateRecord::system("PendingBusy", now));
        }
        agent.revision += 1;
        Ok(vec![Effect::New(target.clone()), Effect::Ring(target)])
    }

    /// The connection of a member, wherever it is.
    pub(crate) fn connection_of(&self, member: &Arc<Member>) -> Option<&PartyLeg> {
        let contacts = self.agents.iter().flat_map(|a| &a.contacts);
        let parties = contacts.flat_map(|c| &c.parties);
        let remains = self.remains.iter().flat_map(|r| &r.parties);
        parties.chain(remains).find(|p| Arc::ptr_eq(&p.member, member) && p.is_active())
    }
}

/// Ends a contact whose last party has gone or whose agent was dropped.
fn close(agent: &mut AgentRecord, call: &Arc<Call>, by: EndedBy, abandoned: Abandoned, now: f64) -> Vec<Effect> {
    let Ok(contact) = agent.contact(&call.contact_id) else {
        return Vec::new();
    };
    let mut effects = vec![Effect::ServerBye(call.clone())];
    if contact.state == "connected" {
        contact.disconnect("ended", now);
        call.note(|f| f.ended = Some((by, Moment::now())));
        agent.settle(now);
        effects.push(Effect::WrapUp(call.clone()));
        return effects;
    }
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
    effects
}

/// A party whom the simulator plays.
fn played(
    call: &Arc<Call>,
    behaviour: OutboundBehaviour,
    endpoint: Value,
    quick_connect: Option<String>,
    now: f64,
) -> (PartyLeg, Vec<Effect>) {
    let mut leg = waiting(endpoint, quick_connect, now);
    leg.member = Member::played(behaviour.speech, SpeechStart::AtAccept);
    call.room.enter(&leg.member);
    let order = Effect::ThirdParty(leg.connection.clone(), behaviour.answer);
    (leg, vec![order])
}

/// A connection at which nobody is yet.
fn waiting(endpoint: Value, quick_connect: Option<String>, now: f64) -> PartyLeg {
    PartyLeg {
        connection: Uuid::new_v4().to_string(),
        kind: "outbound",
        initial: false,
        record: LegRecord::new("connecting", now),
        member: Member::played(super::options::Speech::Silent, SpeechStart::AtAccept),
        endpoint,
        quick_connect,
        target: None,
    }
}

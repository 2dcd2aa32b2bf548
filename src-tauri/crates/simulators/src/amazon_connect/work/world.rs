//! What moves a task or an e-mail.
//!
//! | contact | input | contact | leg | frames of `aws/task` |
//! | --- | --- | --- | --- | --- |
//! | – | offer | connecting | connecting | |
//! | connecting | accept, auto-accept | connected | connected | |
//! | connecting | reject, destroy | rejected | rejected | |
//! | connecting | ring expired | missed | disconnected | |
//! | connected (task) | pause | paused | connected | |
//! | paused | resume | connected | connected | |
//! | connected, paused | destroy | ended | disconnected | |
//! | connected | transfer, possible | ended | disconnected | transfer.initiated, transfer.succeeded |
//! | connected | transfer, nobody free | connected | connected | transfer.initiated, transfer.failed |
//! | live (task) | warned | unchanged | unchanged | expire.warning |
//! | live (task) | time over | ended | disconnected | expire.complete |
//! | ended, missed, rejected | clear, complete | gone | – | |
//!
//! The agent's state stays as it is. Frames are of tasks only. Which of these
//! are guesses is listed in the crate's README.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::contact::{Work, WorkRecord};
use super::effects::WorkEffect;
use crate::Moment;
use crate::amazon_connect::call::Initiation;
use crate::amazon_connect::directory::{self, QuickConnectTarget};
use crate::amazon_connect::records::AgentRecord;
use crate::amazon_connect::state::{Changed, Effect, Refusal, World, now};

fn order(effect: WorkEffect) -> Vec<Effect> {
    vec![Effect::Work(effect)]
}

/// The events are told before the contact ends: the vendor's library forgets a
/// task's session with its contact.
fn leave_work(work: &Arc<Work>, then: Vec<Effect>) -> Vec<Effect> {
    work.note(|f| f.transferred = Some(Moment::now()));
    let mut effects = order(WorkEffect::Event(work.clone(), "transfer.initiated"));
    effects.extend(order(WorkEffect::Event(work.clone(), "transfer.succeeded")));
    effects.extend(order(WorkEffect::Leave(work.clone())));
    effects.extend(then);
    effects
}

/// Whether the service would route it to the agent now.
pub(super) fn may_be_offered(agent: &AgentRecord, task: bool) -> Result<(), Refusal> {
    let most = if task { agent.options.task_concurrency } else { agent.options.email_concurrency } as usize;
    let count = agent.works.iter().filter(|w| w.work.offer.is_task() == task).count();
    if count >= most {
        return Err(Refusal::invalid_state(format!("the agent has {count} of the kind and may have {most}")));
    }
    let routed = agent.chosen.kind == "routable" && agent.next.is_none() && agent.state.kind != "error";
    if !routed {
        return Err(Refusal::invalid_state(format!("the agent is in state {}", agent.state.name)));
    }
    Ok(())
}

impl AgentRecord {
    fn work(&mut self, id: &str) -> Result<&mut WorkRecord, Refusal> {
        self.works
            .iter_mut()
            .find(|w| w.work.contact_id == id)
            .ok_or_else(|| Refusal::invalid_state("There is no such contact."))
    }
}

impl World {
    pub(crate) fn has_work(&self, login: &str, id: &str) -> bool {
        self.agent(login).is_some_and(|a| a.works.iter().any(|w| w.work.contact_id == id))
    }

    pub(crate) fn offer_work(&mut self, work: &Arc<Work>) -> Changed {
        let now = now();
        let agent = self.agent_mut(work.agent())?;
        let task = work.offer.is_task();
        if !work.offer.force() {
            may_be_offered(agent, task)?;
        }
        agent.works.push(WorkRecord::new(work, now));
        agent.revision += 1;
        let auto = if task { agent.options.task_auto_accept } else { agent.options.email_auto_accept };
        let mut effects = order(WorkEffect::New(work.clone()));
        effects.extend(order(WorkEffect::Ring(work.clone())));
        if auto {
            effects.extend(order(WorkEffect::AutoAccept(work.clone())));
        }
        Ok(effects)
    }

    // From the agent's API calls.

    /// One change of a contact that is in one of the states `from`.
    fn move_work(
        &mut self,
        login: &str,
        id: &str,
        from: &[&str],
        to: (&'static str, &'static str),
        refused: &str,
    ) -> Result<Arc<Work>, Refusal> {
        let now = now();
        let agent = self.agent_mut(login)?;
        let record = agent.work(id)?;
        if !from.contains(&record.state) {
            return Err(Refusal::invalid_state(refused));
        }
        record.set(to.0, to.1, now);
        let work = record.work.clone();
        agent.revision += 1;
        Ok(work)
    }

    pub(crate) fn accept_work(&mut self, login: &str, id: &str) -> Changed {
        let to = ("connected", "connected");
        let work = self.move_work(login, id, &["connecting"], to, "The contact cannot be accepted.")?;
        work.note(|f| f.accepted = Some(Moment::now()));
        Ok(Vec::new())
    }

    pub(crate) fn reject_work(&mut self, login: &str, id: &str) -> Changed {
        let to = ("rejected", "rejected");
        let work = self.move_work(login, id, &["connecting"], to, "The contact cannot be rejected.")?;
        work.note(|f| f.rejected = Some(Moment::now()));
        Ok(Vec::new())
    }

    pub(crate) fn work_ring_expired(&mut self, work: &Arc<Work>) -> Changed {
        let to = ("missed", "disconnected");
        self.move_work(work.agent(), &work.contact_id, &["connecting"], to, "It does not ring any more.")?;
        work.note(|f| f.missed = Some(Moment::now()));
        Ok(Vec::new())
    }

    /// PauseContact and ResumeContact. Only tasks can be laid aside.
    pub(crate) fn pause_work(&mut self, login: &str, id: &str, pause: bool) -> Changed {
        if !self.agent_mut(login)?.work(id)?.work.offer.is_task() {
            return Err(Refusal::new(400, "InvalidContactTypeException", "Invalid contact type"));
        }
        let (from, to) = if pause { ("connected", "paused") } else { ("paused", "connected") };
        let work = self.move_work(login, id, &[from], (to, "connected"), "Invalid contact state.")?;
        work.note(|f| if pause { f.paused.push(Moment::now()) } else { f.resumed.push(Moment::now()) });
        Ok(Vec::new())
    }

    pub(crate) fn destroy_work(&mut self, login: &str, id: &str, connection: &str) -> Changed {
        let record = self.agent_mut(login)?.work(id)?;
        if record.work.agent_connection != connection {
            return Err(Refusal::invalid_state("There is no such connection."));
        }
        if record.state == "connecting" {
            return self.reject_work(login, id);
        }
        let to = ("ended", "disconnected");
        let refused = "The connection has ended already.";
        let work = self.move_work(login, id, &["connected", "paused"], to, refused)?;
        work.note(|f| f.ended = Some(Moment::now()));
        Ok(order(WorkEffect::WrapUp(work)))
    }

    pub(crate) fn clear_work(&mut self, login: &str, id: &str) -> Changed {
        let now = now();
        let agent = self.agent_mut(login)?;
        let record = agent.work(id)?;
        if record.is_live() {
            return Err(Refusal::invalid_state("The contact has not ended."));
        }
        record.work.note(|f| f.cleared = Some(Moment::now()));
        agent.works.retain(|w| w.work.contact_id != id);
        if agent.contacts.is_empty() && agent.has_nothing_else() {
            agent.settle(now);
        }
        agent.revision += 1;
        Ok(Vec::new())
    }

    /// A cold transfer: the agent is out at once.
    pub(crate) fn transfer_work(&mut self, login: &str, id: &str, endpoint: &Value) -> Changed {
        let bad = || Refusal::new(400, "BadEndpointException", "Bad endpoint");
        let record = self.agent_mut(login)?.work(id)?;
        let work = record.work.clone();
        if record.state != "connected" || work.is_leaving() {
            return Err(Refusal::invalid_state("Cannot transfer: Invalid contact state."));
        }
        let arn = endpoint["endpointARN"].as_str().ok_or_else(bad)?;
        let (_, entry) = directory::find(&self.directory, arn).ok_or_else(bad)?;
        match entry.target.clone() {
            QuickConnectTarget::Phone(_) => Err(bad()),
            QuickConnectTarget::Agent(to) => {
                let agent = self.agent(&to).ok_or_else(bad)?;
                if agent.options.played.is_some() {
                    return Ok(leave_work(&work, Vec::new()));
                }
                if may_be_offered(agent, work.offer.is_task()).is_err() {
                    work.note(|f| f.transfer_failed.push(Moment::now()));
                    let mut effects = order(WorkEffect::Event(work.clone(), "transfer.initiated"));
                    effects.extend(order(WorkEffect::Event(work, "transfer.failed")));
                    return Ok(effects);
                }
                let next = Work::transferred(&work, &to, Initiation::Transfer);
                Ok(leave_work(&work, self.offer_work(&next)?))
            }
            QuickConnectTarget::Queue(_) => {
                let played = self.agents.iter().any(|a| a.options.login != login && a.options.played.is_some());
                let then = if played { Vec::new() } else { order(WorkEffect::Queue(work.clone(), Duration::ZERO)) };
                Ok(leave_work(&work, then))
            }
        }
    }

    /// The agent who transferred it is out. It may have ended otherwise meanwhile.
    pub(crate) fn work_left(&mut self, work: &Arc<Work>) -> Changed {
        let to = ("ended", "disconnected");
        match self.move_work(work.agent(), &work.contact_id, &["connected"], to, "It has ended.") {
            Ok(work) => Ok(order(WorkEffect::WrapUp(work))),
            Err(_) => Ok(Vec::new()),
        }
    }

    /// Looks for an agent who can take what waits in a queue.
    pub(crate) fn work_queue_round(&mut self, work: &Arc<Work>) -> Changed {
        let task = work.offer.is_task();
        let free = |a: &&AgentRecord| a.options.login != work.agent() && may_be_offered(a, task).is_ok();
        let Some(free) = self.agents.iter().find(free) else {
            return Ok(order(WorkEffect::Queue(work.clone(), super::effects::QUEUE_ROUND)));
        };
        let next = Work::transferred(work, &free.options.login, Initiation::QueueTransfer);
        self.offer_work(&next)
    }

    // From the handle.

    /// The service says that a task's time is nearly over.
    pub(crate) fn warn_of_expiry(&mut self, work: &Arc<Work>) -> Changed {
        if !work.offer.is_task() || !self.agent_mut(work.agent())?.work(&work.contact_id)?.is_live() {
            return Err(Refusal::invalid_state("only a live task can expire"));
        }
        Ok(order(WorkEffect::Event(work.clone(), "expire.warning")))
    }

    /// A task's time is over.
    pub(crate) fn expire_work(&mut self, work: &Arc<Work>) -> Changed {
        let mut effects = self.warn_of_expiry(work)?;
        effects.clear();
        let live = ["connecting", "connected", "paused"];
        self.move_work(work.agent(), &work.contact_id, &live, ("ended", "disconnected"), "It is over.")?;
        work.note(|f| f.expired = Some(Moment::now()));
        effects.extend(order(WorkEffect::Event(work.clone(), "expire.complete")));
        effects.extend(order(WorkEffect::WrapUp(work.clone())));
        Ok(effects)
    }
}

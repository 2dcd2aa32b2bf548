//! Tasks and e-mails, and several contacts at once.

use anyhow::Result;
use trunkline_simulators::amazon_connect::{OfferEmail, OfferTask, SimWork};

use super::{AGENT, Day, RING, SOON};
use crate::proofs::streams_crosscheck::seat::Act;

const RINGS: &str = "connecting: agent connecting";
const TAKEN: &str = "connected: agent connected";
const OVER: &str = "ended: agent disconnected";

impl Day<'_> {
    async fn task_rings(&mut self, name: &str, offer: OfferTask) -> Result<(SimWork, String)> {
        let task = self.sim.offer_task(offer).await?;
        let id = self.named(name, task.contact_id());
        self.is(&id, RINGS).await?;
        self.told("task", &id, "open", "").await?;
        self.sim.expect_topic(AGENT, "aws/task", SOON).await?;
        Ok((task, id))
    }

    async fn task_taken(&mut self, name: &str) -> Result<(SimWork, String)> {
        let (task, id) = self.task_rings(name, OfferTask::to(AGENT)).await?;
        self.accept(&id).await?;
        self.is(&id, TAKEN).await?;
        Ok((task, id))
    }

    async fn email_rings(&mut self, name: &str, offer: OfferEmail) -> Result<String> {
        let email = self.sim.offer_email(offer).await?;
        let id = self.named(name, email.contact_id());
        self.is(&id, RINGS).await?;
        Ok(id)
    }
}

/// Laid aside and taken up, missed, declined, handed over, expired.
pub async fn tasks(day: &mut Day<'_>) -> Result<()> {
    let (task, id) = day.task_taken("task").await?;
    day.act(Act::Pause { contact: id.clone() }).await?;
    day.is(&id, "paused: agent connected").await?;
    day.act(Act::Unpause { contact: id.clone() }).await?;
    day.is(&id, TAKEN).await?;
    task.warn_of_expiry()?;
    day.told("task", &id, "expiring", "").await?;
    day.end(&id).await?;
    day.is(&id, OVER).await?;
    day.clear(&id).await?;

    let (_, id) = day.task_rings("missed task", OfferTask { ring: Some(RING), ..OfferTask::to(AGENT) }).await?;
    day.is(&id, "missed: agent disconnected").await?;
    day.clear(&id).await?;

    let (_, id) = day.task_rings("declined task", OfferTask::to(AGENT)).await?;
    day.act(Act::Reject { contact: id.clone() }).await?;
    day.is(&id, "rejected: agent rejected").await?;
    day.clear(&id).await?;

    let (_, id) = day.task_taken("task handed over").await?;
    day.act(Act::Transfer { contact: id.clone(), name: "Agent Two".to_owned() }).await?;
    day.is(&id, OVER).await?;
    day.told("task", &id, "transfer begun", "").await?;
    day.clear(&id).await?;

    let (task, id) = day.task_taken("expired task").await?;
    task.expire()?;
    day.is(&id, OVER).await?;
    day.told("task", &id, "expired", "").await?;
    day.clear(&id).await
}

/// Taken and ended, missed, declined, handed over.
pub async fn emails(day: &mut Day<'_>) -> Result<()> {
    let id = day.email_rings("e-mail", OfferEmail::to(AGENT)).await?;
    day.accept(&id).await?;
    day.is(&id, TAKEN).await?;
    day.end(&id).await?;
    day.is(&id, OVER).await?;
    day.clear(&id).await?;

    let id = day.email_rings("missed e-mail", OfferEmail { ring: Some(RING), ..OfferEmail::to(AGENT) }).await?;
    day.is(&id, "missed: agent disconnected").await?;
    day.clear(&id).await?;

    let id = day.email_rings("declined e-mail", OfferEmail::to(AGENT)).await?;
    day.act(Act::Reject { contact: id.clone() }).await?;
    day.is(&id, "rejected: agent rejected").await?;
    day.clear(&id).await?;

    let id = day.email_rings("e-mail handed over", OfferEmail::to(AGENT)).await?;
    day.accept(&id).await?;
    day.is(&id, TAKEN).await?;
    day.act(Act::Transfer { contact: id.clone(), name: "Agent Two".to_owned() }).await?;
    day.is(&id, OVER).await?;
    day.clear(&id).await
}

/// A call, a chat, a task and an e-mail at once, ended crosswise; the next
/// state waits for the last of them.
pub async fn side_by_side(day: &mut Day<'_>) -> Result<()> {
    let (chat, written) = day.chat_taken("chat beside a call").await?;
    let (_, made) = day.task_taken("task beside a call").await?;
    let (_, spoken) = day.taken("call beside a chat").await?;
    day.hears(&chat, &written, "Still there?").await?;
    day.end(&spoken).await?;
    day.agent_is("system AfterCallWork").await?;
    day.end(&made).await?;
    day.is(&made, OVER).await?;
    day.clear(&made).await?;
    day.clear(&spoken).await?;
    day.agent_is("routable Available").await?;
    day.state("Lunch", true).await?;
    day.agent_is("routable Available, then Lunch").await?;
    day.end(&written).await?;
    day.is(&written, "ended: agent disconnected, customer disconnected").await?;
    day.told("chat", &written, "ended", "").await?;
    day.clear(&written).await?;
    day.agent_is("not_routable Lunch").await?;
    day.available().await
}

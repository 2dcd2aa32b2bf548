//! CreateTaskContact: what is checked, and when and to whom the task goes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::contact::{OfferTask, TaskReference, Work, WorkOffer};
use super::effects::{QUEUE_ROUND, WorkEffect};
use super::world::may_be_offered;
use crate::amazon_connect::call::Initiation;
use crate::amazon_connect::directory::{self, QuickConnectTarget};
use crate::amazon_connect::shared::Shared;
use crate::amazon_connect::state::{Changed, Effect, Refusal, World, now};

const LONGEST_NAME: usize = 512;
const LONGEST_TEXT: usize = 4096;

/// A task that nobody has yet.
pub(crate) struct Unassigned {
    contact_id: String,
    offer: OfferTask,
    /// The one agent who may have it; `None`: whoever is free.
    agent: Option<String>,
}

fn invalid(text: &str) -> Refusal {
    // The service's own name for it is not known.
    Refusal::new(400, "ValidationException", text)
}

fn read(body: &Value) -> Result<OfferTask, Refusal> {
    let text = |name: &str| body[name].as_str().unwrap_or("").to_owned();
    let name = text("name");
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(invalid("name"));
    }
    let description = text("description");
    if description.chars().count() > LONGEST_TEXT {
        return Err(invalid("description"));
    }
    let mut references = Vec::new();
    for (name, value) in body["references"].as_object().into_iter().flatten() {
        let link = value["value"].as_str().filter(|link| link.chars().count() <= LONGEST_TEXT);
        match link {
            Some(link) if value["type"] == "URL" => references.push(TaskReference::url(name, link)),
            _ => return Err(invalid("references: without a template only URL")),
        }
    }
    Ok(OfferTask {
        agent: String::new(),
        name,
        description,
        references,
        queue: String::new(),
        attributes: BTreeMap::new(),
        template: None,
        scheduled: body["scheduledTime"].as_f64(),
        related: body["relatedContactId"].as_str().map(str::to_owned),
        ring: None,
        force: false,
    })
}

/// Whom a new task is for.
pub(super) struct Assignment {
    /// One agent; `None`: whoever is free.
    pub agent: Option<String>,
    pub queue: String,
}

/// How long a task waits before it begins.
pub(super) fn put_off(shared: &Shared, scheduled: Option<f64>) -> Result<Duration, Refusal> {
    let Some(time) = scheduled else {
        return Ok(Duration::ZERO);
    };
    let ahead = time - (now() + shared.skew());
    // Whole seconds, and the way takes its time.
    if ahead < -5.0 {
        return Err(invalid("scheduledTime is in the past"));
    }
    Ok(Duration::from_secs_f64(ahead.max(0.0)))
}

/// A task begins to look for its agent.
pub(super) fn start_task(
    shared: &Arc<Shared>,
    offer: OfferTask,
    to: Assignment,
    wait: Duration,
) -> Result<String, Refusal> {
    let contact_id = Uuid::new_v4().to_string();
    let offer = OfferTask { queue: to.queue, ..offer };
    let task = Arc::new(Unassigned { contact_id: contact_id.clone(), offer, agent: to.agent });
    shared.act(move |_| Ok(vec![Effect::Work(WorkEffect::Unassigned(task, wait))]))?;
    Ok(contact_id)
}

/// The operation. A token that was used before makes no second task.
pub(crate) fn create_task(shared: &Arc<Shared>, creator: &str, body: &Value) -> Result<Value, Refusal> {
    let offer = read(body)?;
    let wait = put_off(shared, offer.scheduled)?;
    let mut contact_id = Uuid::new_v4().to_string();
    let id = &mut contact_id;
    shared.act(move |world| world.create_task(creator, body, offer, wait, id))?;
    Ok(json!({ "contactId": contact_id }))
}

impl World {
    fn create_task(
        &mut self,
        creator: &str,
        body: &Value,
        offer: OfferTask,
        wait: Duration,
        contact_id: &mut String,
    ) -> Changed {
        let bad = || Refusal::new(400, "BadEndpointException", "Bad endpoint");
        let arn = body["endpoint"]["endpointARN"].as_str().ok_or_else(bad)?;
        let (_, entry) = directory::find(&self.directory, arn).ok_or_else(bad)?;
        let (agent, queue) = match entry.target.clone() {
            QuickConnectTarget::Phone(_) => return Err(bad()),
            QuickConnectTarget::Agent(login) => (Some(login), "Support".to_owned()),
            QuickConnectTarget::Queue(queue) => (None, queue),
        };
        if let Some(token) = body["idempotencyToken"].as_str() {
            let key = (creator.to_owned(), token.to_owned());
            if let Some(known) = self.task_tokens.get(&key) {
                contact_id.clone_from(known);
                return Ok(Vec::new());
            }
            self.task_tokens.insert(key, contact_id.clone());
        }
        let offer = OfferTask { queue, ..offer };
        let task = Unassigned { contact_id: contact_id.clone(), offer, agent };
        Ok(vec![Effect::Work(WorkEffect::Unassigned(Arc::new(task), wait))])
    }

    /// Looks for whoever can take a new task.
    pub(crate) fn assign_task(&mut self, task: &Arc<Unassigned>) -> Changed {
        let meant = |login: &str| task.agent.as_deref().is_none_or(|agent| agent == login);
        let free = self.agents.iter().find(|a| meant(&a.options.login) && may_be_offered(a, true).is_ok());
        let Some(free) = free else {
            return Ok(vec![Effect::Work(WorkEffect::Unassigned(task.clone(), QUEUE_ROUND))]);
        };
        let offer = OfferTask { agent: free.options.login.clone(), ..task.offer.clone() };
        let work = Work::new(&task.contact_id, WorkOffer::Task(offer), Initiation::Api);
        self.offer_work(&work)
    }
}

//! Work finds an agent: queues, offers, and offers that run out.
//!
//! | stage | becomes | when |
//! | --- | --- | --- |
//! | queued | reserved | an agent with room is there, longest-ready first |
//! | reserved | active | `topicSubscription` |
//! | reserved | closed, and queued anew | nobody subscribed in time (RONA) |
//! | queued | closed NO_AGENT_AVAILABLE | the time of the request is over |
//! | queued, reserved | closed CANCELLED | the customer leaves |
//! | active | wrap-up, closed | see `leaving` |

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::facts::AgentFact;
use super::options::{CustomerOffer, MRD_CHAT};
use super::shapes::{self, Voice};
use super::world::{Stage, Task, Timer, World, new_id};
use crate::Moment;

/// Work that comes back after RONA or a log-out goes before the rest.
pub(super) const REROUTED: u32 = 11;

impl World {
    /// A chat that an agent begins: it is theirs without asking. Gives the conversation's id.
    pub fn begin_outbound(&mut self, offer: CustomerOffer, agent: &str) -> Option<String> {
        let (queue, priority) = (self.options.queue(&offer.queue)?.id.clone(), offer.priority);
        let id = self.open_conversation(offer, "OUTBOUND")?;
        let mut task = chat_task(self, &id, queue, "OUTBOUND", priority);
        task.stage = Stage::Active { agent: agent.to_owned() };
        task.started = true;
        let task_id = task.id.clone();
        self.tasks.push(task);
        self.tell_offer(&task_id);
        Some(id)
    }

    /// Puts work into a queue or up for one agent.
    pub fn enqueue(&mut self, task: Task) {
        let (id, conversation) = (task.id.clone(), task.conversation.clone());
        let queue = task.queue.as_deref().and_then(|id| self.options.queue(id)).map(|queue| queue.name.clone());
        self.tasks.push(task);
        if let (Some(conversation), Some(queue)) = (self.conversations.get_mut(&conversation), queue) {
            conversation.facts.queued.push(queue);
        }
        self.later(self.options.request_ttl, Timer::Ttl { task: id.clone() });
        self.tell_enqueued(&id);
        self.route();
    }

    fn tell_enqueued(&mut self, id: &str) {
        let Some(task) = self.task(id) else { return };
        let data = json!({ "task": shapes::task(self, task), "queue": shapes::queue_of(self, task) });
        let conversation = task.conversation.clone();
        self.happen(&conversation, "TASK_ENQUEUED", "NOTIFICATION", Voice::RoutingEngine.sender(), data);
    }

    /// `TASK_STATE_CHANGED` to everybody in the conversation.
    pub fn tell_task_changed(&mut self, id: &str) {
        let Some(task) = self.task(id) else { return };
        let data = json!({
            "task": shapes::task(self, task), "taskStateChanged": true, "mediaStateChanges": [task.media],
        });
        let conversation = task.conversation.clone();
        self.happen(&conversation, "TASK_STATE_CHANGED", "NOTIFICATION", Voice::RoutingEngine.sender(), data);
    }

    /// Offers what waits to whoever is free.
    pub fn route(&mut self) {
        let mut waiting: Vec<(u32, i64, usize, String)> = self
            .tasks
            .iter()
            .enumerate()
            .filter(|(_, task)| task.stage == Stage::Queued)
            .map(|(n, task)| (u32::MAX - task.priority, task.enqueued, n, task.id.clone()))
            .collect();
        waiting.sort();
        for (_, _, _, id) in waiting {
            if let Some(agent) = self.choose(&id) {
                self.reserve(&id, &agent);
            }
        }
    }

    fn choose(&self, id: &str) -> Option<String> {
        let task = self.task(id)?;
        let queue = task.queue.as_deref().and_then(|id| self.options.queue(id)).map(|queue| queue.name.as_str());
        let conversation = self.conversations.get(&task.conversation)?;
        let fits = |agent: &super::world::Agent| {
            let id = agent.profile.id.as_str();
            let asked = match &task.target {
                Some(target) => target == id,
                None => queue.is_some_and(|queue| agent.profile.queues.iter().any(|have| have == queue)),
            };
            asked
                && !task.passed.contains(id)
                && task.requested_by.as_deref() != Some(id)
                && conversation.participant(id).is_none()
                && self.has_room(agent, &task.mrd)
        };
        self.agents.values().filter(|agent| fits(agent)).min_by_key(|agent| agent.turn).map(|a| a.profile.id.clone())
    }

    /// The agent can be offered one more in that domain.
    pub fn has_room(&self, agent: &super::world::Agent, mrd: &str) -> bool {
        let id = agent.profile.id.as_str();
        let load = self.tasks.iter().filter(|t| t.mrd == mrd && t.agent() == Some(id)).count();
        let ready =
            agent.mrd(mrd).is_some_and(|mrd| matches!(mrd.state, "READY" | "ACTIVE") && load < mrd.max as usize);
        agent.logged_in && (agent.socket.is_some() || agent.profile.played) && ready
    }

    fn reserve(&mut self, id: &str, agent: &str) {
        let offer = self.next();
        if let Some(one) = self.agents.get_mut(agent) {
            one.turn = offer;
        }
        let username = self.username(agent);
        let Some(task) = self.task_mut(id) else { return };
        task.stage = Stage::Reserved { agent: agent.to_owned(), offer };
        let (conversation, direction) = (task.conversation.clone(), task.direction);
        if let Some(conversation) = self.conversations.get_mut(&conversation) {
            let fact = AgentFact { agent: username, role: direction.to_owned(), at: Moment::now() };
            conversation.facts.offered.push(fact);
        }
        self.tell_offer(id);
        self.tell_task_changed(id);
        self.later(self.options.accept_timeout, Timer::Rona { task: id.to_owned(), offer });
        if self.agents.get(agent).is_some_and(|one| one.profile.played) {
            self.later(super::played::THINKING, Timer::Take { task: id.to_owned(), offer });
        }
    }

    /// `taskRequest` to the agent who has the task.
    pub fn tell_offer(&mut self, id: &str) {
        let Some(task) = self.task(id) else { return };
        let Some(agent) = task.agent().map(str::to_owned) else { return };
        let Some(conversation) = self.conversations.get(&task.conversation) else { return };
        let state = if matches!(task.stage, Stage::Reserved { .. }) { "RESERVED" } else { "STARTED" };
        let payload = json!({
            "conversationId": conversation.id, "channelSession": conversation.session().map(|s| s.value.clone()),
            "ccUser": self.agents.get(&agent).map(shapes::cc_user), "roomInfo": shapes::room(conversation),
            "taskId": task.wire_id(), "taskState": { "name": state }, "taskDirection": task.direction,
            "queue": shapes::queue_of(self, task), "note": task.note,
            "requestedBy": task.requested_by.as_deref().map(|by| self.username(by)), "correlationId": new_id(),
        });
        self.emit(&agent, "taskRequest", payload);
    }

    /// `topicSubscription`: the offer is taken, or a client that was away is back.
    pub fn subscribe(&mut self, agent: &str, body: &Value) {
        let conversation = body["conversationId"].as_str().unwrap_or_default().to_owned();
        let role = body["topicParticipant"]["role"].as_str().unwrap_or("PRIMARY").to_owned();
        let id = body["topicParticipant"]["id"].as_str().map_or_else(new_id, str::to_owned);
        if self.conversations.get(&conversation).is_some_and(|c| c.participant(agent).is_some()) {
            return self.send_topic(agent, &conversation);
        }
        let task = body["taskId"].as_str().and_then(|id| self.task(id)).or_else(|| self.task_of(agent, &conversation));
        let mine = task.filter(|t| t.agent() == Some(agent) && t.conversation == conversation).map(|t| t.id.clone());
        let Some(task) = mine else {
            self.refuse(agent, "topicSubscription", "the task is no longer available");
            return self.emit(agent, "revokeTask", json!({ "conversationId": conversation }));
        };
        self.take(agent, &task, &role, id);
    }

    /// The agent has the task from now on.
    pub fn take(&mut self, agent: &str, id: &str, role: &str, participant: String) {
        let now = self.now();
        let Some(task) = self.task_mut(id) else { return };
        task.stage = Stage::Active { agent: agent.to_owned() };
        task.started = false;
        task.answered = Some(now);
        let task = task.clone();
        // The role is the platform's to give; the client's word is only taken for the usual case.
        let role = match task.direction {
            "CONSULT" => "ASSISTANT",
            _ if role == "ASSISTANT" => "PRIMARY",
            _ => role,
        };
        self.join(agent, &task.conversation, role, participant, Some(task.id.clone()));
        self.tell_task_changed(id);
        self.load_changed(agent, &task.mrd);
        self.assisted(&task);
    }

    /// Nobody took the offer in time.
    pub fn rona(&mut self, id: &str, offer: u64) {
        let Some(task) = self.task(id).cloned() else { return };
        let Stage::Reserved { agent, offer: present } = &task.stage else { return };
        if *present != offer {
            return;
        }
        let agent = agent.clone();
        self.close_task(id, "RONA");
        self.emit(&agent, "revokeTask", json!({ "conversationId": task.conversation }));
        let fact = AgentFact { agent: self.username(&agent), role: task.direction.to_owned(), at: Moment::now() };
        if let Some(conversation) = self.conversations.get_mut(&task.conversation) {
            conversation.facts.missed.push(fact);
        }
        if self.options.rona_sets_not_ready {
            self.set_not_ready(&agent, Value::Null);
        }
        if task.target.is_some() {
            self.no_agent(&task);
            return;
        }
        let mut again = self.anew(&task);
        again.passed.insert(agent);
        let id = again.id.clone();
        self.tasks.push(again);
        self.tell_enqueued(&id);
        self.later(self.options.rona_pause, Timer::AskAgain { task: id });
        self.route();
    }

    /// The same work once more, before all other.
    pub fn anew(&mut self, task: &Task) -> Task {
        Task {
            id: new_id(),
            media: new_id(),
            stage: Stage::Queued,
            started: false,
            priority: REROUTED,
            answered: None,
            ..task.clone()
        }
    }

    pub fn ask_again(&mut self, id: &str) {
        if let Some(task) = self.task_mut(id).filter(|task| task.stage == Stage::Queued) {
            task.passed.clear();
            self.route();
        }
    }

    /// The request has looked for an agent long enough.
    pub fn expire(&mut self, id: &str) {
        let Some(first) = self.task(id).cloned() else { return };
        // Also what was made anew from it.
        let open = |task: &Task| {
            matches!(task.stage, Stage::Queued | Stage::Reserved { .. })
                && task.conversation == first.conversation
                && task.enqueued == first.enqueued
                && task.direction == first.direction
        };
        let ids: Vec<String> = self.tasks.iter().filter(|task| open(task)).map(|task| task.id.clone()).collect();
        for id in ids {
            let Some(task) = self.task(&id).cloned() else { continue };
            if let Some(agent) = task.agent() {
                self.emit(agent, "revokeTask", json!({ "conversationId": task.conversation }));
            }
            self.close_task(&id, "NO_AGENT_AVAILABLE");
            self.no_agent(&task);
        }
    }

    fn no_agent(&mut self, task: &Task) {
        let mut metadata = serde_json::Map::new();
        if let Some(by) = &task.requested_by {
            metadata.insert("requestedBy".to_owned(), json!(self.username(by)));
        }
        let data = json!({
            "requestType": { "direction": task.direction, "mode": task.mode, "metadata": metadata },
        });
        if let Some(conversation) = self.conversations.get_mut(&task.conversation) {
            conversation.facts.no_agent.push(task.direction.to_owned());
        }
        let emitter = Voice::RoutingEngine.sender();
        self.happen(&task.conversation, "NO_AGENT_AVAILABLE", "NOTIFICATION", emitter, data);
        self.pull_again(&task.conversation);
    }

    /// The task is over.
    pub fn close_task(&mut self, id: &str, reason: &'static str) {
        let Some(task) = self.task_mut(id).filter(|task| task.is_open()) else { return };
        let (agent, mrd) = (task.agent().map(str::to_owned), task.mrd.clone());
        task.stage = Stage::Closed(reason);
        self.tell_task_changed(id);
        if let Some(agent) = agent {
            self.load_changed(&agent, &mrd);
        }
    }

    /// Takes back what waits or is offered in a conversation.
    pub fn cancel_open(&mut self, conversation: &str, reason: &'static str, only: impl Fn(&Task) -> bool) {
        let open: Vec<Task> = self
            .tasks
            .iter()
            .filter(|t| t.conversation == conversation && matches!(t.stage, Stage::Queued | Stage::Reserved { .. }))
            .filter(|task| only(task))
            .cloned()
            .collect();
        for task in open {
            self.close_task(&task.id, reason);
            if let Some(agent) = task.agent() {
                self.emit(agent, "revokeTask", json!({ "conversationId": conversation }));
            }
        }
    }

    /// Everything of an agent who is logged out.
    pub fn abandon_all(&mut self, agent: &str) {
        let mine: Vec<Task> = self.tasks.iter().filter(|t| t.agent() == Some(agent)).cloned().collect();
        for task in mine {
            let reserved = matches!(task.stage, Stage::Reserved { .. });
            let active = matches!(task.stage, Stage::Active { .. });
            self.close_task(&task.id, "AGENT_LOGOUT");
            if reserved {
                self.emit(agent, "revokeTask", json!({ "conversationId": task.conversation }));
            }
            self.depart_from(agent, &task.conversation, "AGENT_LOGOUT");
            // An assistant's work is over; a customer's goes to somebody else.
            let waits = self
                .conversations
                .get(&task.conversation)
                .is_some_and(|c| c.primaries() == 0 && c.facts.customer_left.is_none() && c.pull_request.is_none());
            if task.direction != "CONSULT" && waits && (reserved || active) {
                let mut again = self.anew(&task);
                again.target = None;
                again.requested_by = None;
                again.direction = "INBOUND";
                if again.queue.is_none() {
                    let offer = self.conversations.get(&task.conversation).map(|c| c.offer.queue.clone());
                    again.queue = offer.and_then(|name| self.options.queue(&name).map(|queue| queue.id.clone()));
                }
                self.enqueue(again);
            }
        }
        let inside: Vec<String> =
            self.conversations.values().filter(|c| c.participant(agent).is_some()).map(|c| c.id.clone()).collect();
        for conversation in inside {
            self.depart_from(agent, &conversation, "AGENT_LOGOUT");
        }
    }
}

/// The work that a customer's chat is.
pub(super) fn chat_task(
    world: &World,
    conversation: &str,
    queue: String,
    direction: &'static str,
    priority: u32,
) -> Task {
    Task {
        id: new_id(),
        media: new_id(),
        conversation: conversation.to_owned(),
        mrd: MRD_CHAT.to_owned(),
        queue: Some(queue),
        direction,
        mode: if direction == "OUTBOUND" { "AGENT" } else { "QUEUE" },
        requested_by: None,
        note: Value::Null,
        target: None,
        stage: Stage::Queued,
        started: false,
        priority,
        enqueued: world.now(),
        answered: None,
        passed: BTreeSet::new(),
    }
}

//! Transfers, conferences and consults.

use serde_json::{Value, json};

use super::leaving::TRANSFERRED;
use super::options::TransferLeaves;
use super::shapes;
use super::world::{Conversation, Participant, Stage, Task, World, new_id};

/// Event, direction of the work, and what `agentAssistanceRequestPlaced` calls it.
const KINDS: [(&str, &str, &str); 3] = [
    ("directTransferRequest", "DIRECT_TRANSFER", "transfer"),
    ("directConferenceRequest", "DIRECT_CONFERENCE", "conference"),
    ("consultRequest", "CONSULT", "consult"),
];

/// The conversation that a request is about: the participant and the session both name it.
pub(super) fn conversation_of(body: &Value) -> String {
    let places = [
        &body["conversationId"],
        &body["agentParticipant"]["conversationId"],
        &body["topicParticipant"]["conversationId"],
        &body["channelSession"]["conversationId"],
    ];
    places.iter().find_map(|place| place.as_str()).unwrap_or_default().to_owned()
}

/// A request names the agent's own participant and a session of the conversation.
fn names_itself(found: &Conversation, me: &Participant, body: &Value) -> Result<(), &'static str> {
    if body["agentParticipant"]["id"] != me.id.as_str() {
        return Err("agentParticipant is not the agent's");
    }
    let session = &body["channelSession"]["id"];
    if !found.sessions.iter().any(|one| *session == one.id) {
        return Err("channelSession is not the conversation's");
    }
    Ok(())
}

impl World {
    /// One of the three requests for somebody else.
    pub fn assistance(&mut self, agent: &str, event: &str, body: &Value) {
        let Some((event, direction, action)) = KINDS.into_iter().find(|(name, ..)| *name == event) else { return };
        let conversation = conversation_of(body);
        let mode = match body["mode"].as_str() {
            Some("agent") => "AGENT",
            Some("queue") => "QUEUE",
            _ => return self.refuse(agent, event, "mode has to be queue or agent"),
        };
        match self.work_for_request(agent, &conversation, direction, mode, body) {
            Err(why) => self.refuse(agent, event, why),
            Ok(task) => {
                self.with_facts(&conversation, |facts| facts.requests.push((event.to_owned(), body.clone())));
                let placed = json!({ "requestAction": action, "mode": mode.to_lowercase() });
                self.emit(agent, "agentAssistanceRequestPlaced", placed);
                let leaves = direction == "DIRECT_TRANSFER" && self.options.transfer_leaves == TransferLeaves::AtOnce;
                self.enqueue(task);
                if leaves {
                    self.transferred_away(agent, &conversation);
                }
            }
        }
    }

    fn work_for_request(
        &self,
        agent: &str,
        conversation: &str,
        direction: &'static str,
        mode: &'static str,
        body: &Value,
    ) -> Result<Task, &'static str> {
        let found = self.conversations.get(conversation).ok_or("there is no such conversation")?;
        let me = found.participant(agent).ok_or("the agent is not in the conversation")?;
        if me.role != "PRIMARY" {
            return Err("only the primary agent may ask");
        }
        names_itself(found, me, body)?;
        if !found.sessions.iter().any(|session| session.live) {
            return Err("the customer has left");
        }
        let open = |task: &Task| {
            task.conversation == conversation && matches!(task.stage, Stage::Queued | Stage::Reserved { .. })
        };
        if self.tasks.iter().any(|task| open(task) && task.requested_by.as_deref() == Some(agent)) {
            return Err("another request is open");
        }
        if direction == "CONSULT" && found.participants.iter().any(|p| p.role == "ASSISTANT") {
            return Err("a consult is going on");
        }
        if direction != "DIRECT_TRANSFER" && self.is_full(conversation) {
            return Err("the conversation is full");
        }
        let (queue, target) = if mode == "AGENT" {
            let id = body["requestedAgentId"].as_str().unwrap_or_default();
            let target = self.agents.get(id).filter(|one| id != agent && one.logged_in);
            let target = target.ok_or("the agent is not available")?;
            if found.participant(id).is_some() {
                return Err("the agent is in the conversation");
            }
            if !self.has_room(target, super::options::MRD_CHAT) {
                return Err("the agent is not available");
            }
            (None, Some(id.to_owned()))
        } else {
            let queue = body["queueName"].as_str().and_then(|name| self.options.queue(name));
            (Some(queue.ok_or("there is no such queue")?.id.clone()), None)
        };
        Ok(Task {
            id: new_id(),
            media: new_id(),
            conversation: conversation.to_owned(),
            mrd: super::options::MRD_CHAT.to_owned(),
            queue,
            direction,
            mode,
            requested_by: Some(agent.to_owned()),
            note: body["note"].as_str().filter(|note| !note.is_empty()).map_or(Value::Null, |note| json!(note)),
            target,
            stage: Stage::Queued,
            started: false,
            priority: 10,
            enqueued: self.now(),
            answered: None,
            passed: std::collections::BTreeSet::new(),
        })
    }

    /// Somebody has taken work that another agent asked for.
    pub fn assisted(&mut self, task: &Task) {
        let Some(by) = task.requested_by.clone() else { return };
        let kind = match task.direction {
            "CONSULT" => "consult",
            "DIRECT_TRANSFER" => "direct-transfer",
            _ => "direct-conference",
        };
        let payload = json!({ "conversationId": task.conversation, "task": shapes::task(self, task), "type": kind });
        self.emit(&by, "agentAssignedForAssistance", payload);
        if task.direction == "DIRECT_TRANSFER" {
            self.transferred_away(&by, &task.conversation);
        }
    }

    fn transferred_away(&mut self, agent: &str, conversation: &str) {
        let task = self.conversations.get(conversation).and_then(|c| c.participant(agent)).map(|p| p.task.clone());
        let Some(task) = task else { return };
        if let Some(task) = task {
            self.close_task(&task, "TRANSFERRED");
        }
        self.depart_from(agent, conversation, TRANSFERRED);
    }

    /// `consultTransferRequest`, and with `stay` `consultConferenceRequest`: the
    /// assistant becomes a primary agent.
    pub fn consult_becomes(&mut self, agent: &str, event: &str, body: &Value, stay: bool) {
        let conversation = conversation_of(body);
        let assistant = body["requestedAgentId"].as_str().unwrap_or_default().to_owned();
        let found = self.conversations.get(&conversation);
        let primary = found.and_then(|c| c.participant(agent)).is_some_and(|p| p.role == "PRIMARY");
        let helper = found.and_then(|c| c.participant(&assistant)).filter(|p| p.role == "ASSISTANT").cloned();
        let Some(helper) = helper.filter(|_| primary) else {
            return self.refuse(agent, event, "the agent is not consulted in this conversation");
        };
        let named = found.and_then(|c| Some(names_itself(c, c.participant(agent)?, body)));
        if let Some(Err(why)) = named {
            return self.refuse(agent, event, why);
        }
        if body["mode"] != "agent" {
            return self.refuse(agent, event, "mode has to be agent");
        }
        self.with_facts(&conversation, |facts| facts.requests.push((event.to_owned(), body.clone())));
        let old = helper.task.and_then(|id| self.task(&id).cloned());
        let mut new = match old {
            Some(old) => {
                self.close_task(&old.id, "DONE");
                self.anew(&old)
            }
            None => return self.refuse(agent, event, super::options::REFUSED),
        };
        new.direction = if stay { "CONSULT_CONFERENCE" } else { "CONSULT_TRANSFER" };
        new.mode = "AGENT";
        new.stage = Stage::Active { agent: assistant.clone() };
        let mrd = new.mrd.clone();
        if let Some(helper) = self.conversations.get_mut(&conversation).and_then(|c| c.participant_mut(&assistant)) {
            helper.task = Some(new.id.clone());
        }
        let success = json!({
            "conversationId": conversation, "newTask": shapes::task(self, &new), "agentId": assistant,
        });
        self.tasks.push(new);
        self.load_changed(&assistant, &mrd);
        self.change_role(&assistant, &conversation, "PRIMARY");
        if !stay {
            for one in [agent, &assistant] {
                self.emit(one, "consulTransferRequestSuccess", success.clone());
            }
            self.transferred_away(agent, &conversation);
        }
    }
}

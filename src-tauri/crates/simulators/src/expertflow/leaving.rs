//! Agents and customers leave, and wrap-up.

use serde_json::{Value, json};

use super::facts::{AgentFact, Departure};
use super::shapes::{self, Voice};
use super::world::{Stage, Timer, World};
use crate::Moment;

/// Reasons as the vendor words them.
pub(super) const LEFT: &str = "UNSUBSCRIBED";
pub(super) const TRANSFERRED: &str = "CHAT TRANSFERRED";
const APPLIED: &str = "Wrap Up applied";
const SKIPPED: &str = "choosing leave without Wrap Up";
const EXPIRED: &str = "wrap Up Timer Expired";
/// For those who cannot stay without a primary agent; the wording is a guess.
const PRIMARY_LEFT: &str = "primary agent left";

impl World {
    /// `topicUnsubscription` of an agent.
    pub fn leave(&mut self, agent: &str, body: &Value) {
        let conversation = body["conversationId"].as_str().unwrap_or_default().to_owned();
        let found = self.conversations.get(&conversation).and_then(|c| c.participant(agent));
        let Some(participant) = found.cloned() else {
            return self.refuse(agent, "topicUnsubscription", "the agent is not in the conversation");
        };
        let time = self.options.wrap_up.filter(|_| participant.role == "PRIMARY");
        let (Some(time), Some(task)) = (time, participant.task.clone()) else {
            if let Some(task) = &participant.task {
                self.close_task(task, "DONE");
            }
            return self.depart_from(agent, &conversation, LEFT);
        };
        let until = self.now() + i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 2);
        if let Some(task) = self.task_mut(&task) {
            task.stage = Stage::WrapUp { agent: agent.to_owned(), until };
        }
        self.change_role(agent, &conversation, "WRAP_UP");
        self.tell_task_changed(&task);
        self.tell_wrap_up(agent, &conversation, time.as_secs().max(1));
        self.later(time, Timer::WrapUp { task });
        self.without_primary(&conversation);
    }

    /// `wrapupTimerStarted`.
    pub fn tell_wrap_up(&mut self, agent: &str, conversation: &str, seconds: u64) {
        let Some(found) = self.conversations.get(conversation) else { return };
        let duration =
            if self.options.wrap_up_in_millis { json!((seconds * 1000).to_string()) } else { json!(seconds) };
        let payload = json!({
            "task": "wrapupTimerStarted", "duration": duration, "conversationId": conversation,
            "roomInfo": shapes::room(found), "statusCode": 200,
        });
        self.emit(agent, "wrapupTimerStarted", payload);
    }

    /// `closeWrapup`, with or without a wrap-up.
    pub fn close_wrap_up(&mut self, agent: &str, body: &Value) {
        let conversation = body["conversationId"].as_str().unwrap_or_default().to_owned();
        let task = self.task_of(agent, &conversation).filter(|t| matches!(t.stage, Stage::WrapUp { .. }));
        let Some(task) = task.map(|task| task.id.clone()) else {
            return self.refuse(agent, "closeWrapup", "there is no wrap-up");
        };
        let event = match &body["cimEvent"] {
            Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
            other => other.clone(),
        };
        if event.is_object() {
            if let Err(why) = self.record_wrap_up(agent, &conversation, &event) {
                return self.refuse(agent, "closeWrapup", why);
            }
            self.close_task(&task, "WRAP_UP_APPLIED");
            self.depart_from(agent, &conversation, APPLIED);
        } else {
            self.close_task(&task, "WRAP_UP_NOT_APPLIED");
            self.depart_from(agent, &conversation, SKIPPED);
        }
    }

    /// The time for wrap-up is over.
    pub fn wrap_up_over(&mut self, task: &str) {
        let Some(task) = self.task(task).cloned() else { return };
        if let Stage::WrapUp { agent, .. } = &task.stage {
            self.close_task(&task.id, "WRAP_UP_EXPIRED");
            self.depart_from(agent, &task.conversation, EXPIRED);
        }
    }

    /// The agent is out: they are told why, the others that.
    pub fn depart_from(&mut self, agent: &str, conversation: &str, reason: &str) {
        let Some(found) = self.conversations.get(conversation) else { return };
        let Some(participant) = found.participant(agent).cloned() else { return };
        let room = shapes::room(found);
        let data = json!({
            "agentParticipant": shapes::topic_participant(self, conversation, &participant), "reason": reason,
        });
        let username = self.username(agent);
        if let Some(found) = self.conversations.get_mut(conversation) {
            found.participants.retain(|one| one.agent != agent);
            found.hands.retain(|one| *one != username);
            found.facts.left.push(Departure { agent: username, reason: reason.to_owned(), at: Moment::now() });
        }
        let payload = json!({
            "task": "topicUnsubscription", "conversationId": conversation, "statusCode": 200, "roomInfo": room,
            "reason": reason,
        });
        self.emit(agent, "topicUnsubscription", payload);
        let emitter = Voice::AgentManager.sender();
        self.happen(conversation, "AGENT_UNSUBSCRIBED", "NOTIFICATION", emitter, data);
        if participant.role == "PRIMARY" {
            self.without_primary(conversation);
            self.pull_again(conversation);
        }
        self.close_when_empty(conversation);
        self.route();
    }

    /// Helpers and listeners go when no primary agent is left.
    fn without_primary(&mut self, conversation: &str) {
        let Some(found) = self.conversations.get(conversation) else { return };
        if found.primaries() > 0 {
            return;
        }
        let others: Vec<(String, Option<String>)> = found
            .participants
            .iter()
            .filter(|p| matches!(p.role.as_str(), "ASSISTANT" | "SILENT_MONITOR" | "WHISPER"))
            .map(|p| (p.agent.clone(), p.task.clone()))
            .collect();
        for (agent, task) in others {
            if let Some(task) = task {
                self.close_task(&task, "DONE");
            }
            self.depart_from(&agent, conversation, PRIMARY_LEFT);
        }
        // What was asked for on the way to somebody else is not needed any more, a transfer is.
        self.cancel_open(conversation, "FORCE_CLOSED", |task| {
            matches!(task.direction, "CONSULT" | "DIRECT_CONFERENCE")
        });
    }

    fn close_when_empty(&mut self, conversation: &str) {
        if let Some(found) = self.conversations.get_mut(conversation)
            && found.participants.is_empty()
            && found.facts.customer_left.is_some()
        {
            found.state = "CLOSED";
        }
    }

    /// Changes what an agent is in a conversation, and tells everybody.
    pub fn change_role(&mut self, agent: &str, conversation: &str, role: &str) {
        let username = self.username(agent);
        let Some(found) = self.conversations.get_mut(conversation) else { return };
        let Some(participant) = found.participant_mut(agent) else { return };
        participant.role = role.to_owned();
        let participant = participant.clone();
        found.facts.roles.push(AgentFact { agent: username, role: role.to_owned(), at: Moment::now() });
        let data = json!({
            "conversationParticipant": shapes::conversation_participant(self, conversation, &participant),
            "metadata": {},
        });
        let emitter = Voice::AgentManager.sender();
        self.happen(conversation, "PARTICIPANT_ROLE_CHANGED", "NOTIFICATION", emitter, data);
    }

    /// The customer closes one channel, or with none named all of them.
    pub fn customer_leaves(&mut self, conversation: &str, session: Option<&str>) {
        let Some(found) = self.conversations.get_mut(conversation) else { return };
        let mut ended = Vec::new();
        for one in found.sessions.iter_mut().filter(|one| one.live && session.is_none_or(|id| one.id == id)) {
            one.live = false;
            one.value["isActive"] = json!(false);
            one.value["active"] = json!(false);
            one.value["state"] = json!({ "name": "ENDED", "reasonCode": "CUSTOMER" });
            ended.push(one.value.clone());
        }
        let gone = !found.sessions.iter().any(|one| one.live);
        if gone && found.facts.customer_left.is_none() {
            found.facts.customer_left = Some(Moment::now());
            found.state = "CUSTOMER_LEFT";
        }
        let emitter = shapes::customer_emitter(found);
        for value in ended {
            self.happen(conversation, "CHANNEL_SESSION_ENDED", "NOTIFICATION", emitter.clone(), value);
        }
        if gone {
            self.cancel_open(conversation, "CANCELLED", |_| true);
            self.pull_over(conversation);
            self.close_when_empty(conversation);
        }
    }

    /// `topicClosed` to everybody: the platform ends the conversation.
    pub fn close_conversation(&mut self, conversation: &str) {
        let Some(found) = self.conversations.get_mut(conversation) else { return };
        found.state = "CLOSED";
        let inside = found.participants.clone();
        self.cancel_open(conversation, "DONE", |_| true);
        for participant in inside {
            let payload = json!({ "task": "topicClosed", "conversationId": conversation, "statusCode": 200 });
            self.emit(&participant.agent, "topicClosed", payload);
            if let Some(task) = &participant.task {
                self.close_task(task, "DONE");
            }
            let username = self.username(&participant.agent);
            if let Some(found) = self.conversations.get_mut(conversation) {
                found.participants.retain(|one| one.agent != participant.agent);
                let reason = "topicClosed".to_owned();
                found.facts.left.push(Departure { agent: username, reason, at: Moment::now() });
            }
        }
        self.route();
    }
}

//! Supervisors listen in, whisper and barge in.

use serde_json::{Value, json};

use super::assist::conversation_of;
use super::shapes::{self, Voice};
use super::world::{World, new_id};

/// Roles of those who listen to somebody else's conversation.
const LISTENING: [&str; 2] = ["SILENT_MONITOR", "WHISPER"];

impl World {
    /// Why a supervisor may not come into that conversation beside its agent.
    fn no_listener(&self, agent: &str, conversation: &str) -> Option<&'static str> {
        let Some(found) = self.conversations.get(conversation) else {
            return Some("there is no such conversation");
        };
        let own = found.participants.iter().any(|p| p.role == "PRIMARY" && self.supervises(agent, &p.agent));
        let under_way = self.tasks.iter().any(|task| {
            task.conversation == conversation
                && task.is_open()
                && (task.direction == "OUTBOUND"
                    || task.direction == "CONSULT_TRANSFER"
                    || (task.direction == "DIRECT_TRANSFER" && task.mode == "AGENT" && task.answered.is_none()))
        });
        if !own {
            Some("no agent of a supervised team is in the conversation")
        } else if found.participant(agent).is_some() {
            Some("the supervisor is in the conversation")
        } else if !found.sessions.iter().any(|session| session.live) {
            Some("the customer has left")
        } else if found.participants.iter().any(|p| LISTENING.contains(&p.role.as_str())) {
            Some("somebody else listens in")
        } else if found.pull_request.is_some() || under_way {
            Some("this conversation cannot be monitored")
        } else if self.is_full(conversation) {
            Some("the conversation is full")
        } else {
            None
        }
    }

    /// `JoinAsSilentMonitor`.
    pub fn monitor(&mut self, agent: &str, body: &Value) {
        const TASK: &str = "JoinAsSilentMonitor";
        let conversation = conversation_of(body);
        let session = &body["channelSession"]["id"];
        let theirs = self.conversations.get(&conversation).is_some_and(|c| c.sessions.iter().any(|s| *session == s.id));
        let why = if body["topicParticipant"]["role"] != "SILENT_MONITOR" {
            Some("the participant is no silent monitor")
        } else {
            self.no_listener(agent, &conversation).or((!theirs).then_some("the session is another conversation's"))
        };
        if let Some(why) = why {
            return self.refuse(agent, TASK, why);
        }
        let id = body["topicParticipant"]["id"].as_str().map_or_else(new_id, str::to_owned);
        self.join(agent, &conversation, "SILENT_MONITOR", id, None);
    }

    /// `joinAsWhisper`: of who listens in, or the answer to a raised hand.
    pub fn whisper(&mut self, agent: &str, body: &Value) {
        const TASK: &str = "joinAsWhisper";
        let conversation = conversation_of(body);
        let found = self.conversations.get(&conversation);
        let outside = found.is_some_and(|c| c.participant(agent).is_none());
        let raised = found.is_some_and(|c| !c.hands.is_empty());
        if outside && raised && body["participantId"] == agent {
            if let Some(why) = self.no_listener(agent, &conversation) {
                return self.refuse(agent, TASK, why);
            }
            self.join(agent, &conversation, "WHISPER", new_id(), None);
            return self.lower_hands(&conversation);
        }
        if self.change_monitor(agent, TASK, &["SILENT_MONITOR"], "WHISPER", body) {
            self.lower_hands(&conversation);
        }
    }

    /// `JoinAsBargin`.
    pub fn barge_in(&mut self, agent: &str, body: &Value) {
        self.change_monitor(agent, "JoinAsBargin", &LISTENING, "PRIMARY", body);
    }

    fn change_monitor(&mut self, agent: &str, task: &str, from: &[&str], to: &str, body: &Value) -> bool {
        let conversation = conversation_of(body);
        let asked = body["participantId"] == agent;
        let found = self.conversations.get_mut(&conversation).and_then(|c| c.participant_mut(agent));
        let Some(found) = found.filter(|p| asked && from.contains(&p.role.as_str())) else {
            self.refuse(agent, task, "only who listens in may do that");
            return false;
        };
        found.barged_in = to == "PRIMARY";
        self.change_role(agent, &conversation, to);
        true
    }

    /// An agent asks for a supervisor (`HAND_RAISED`), or no longer; false for one who may not.
    pub fn hand(&mut self, agent: &str, conversation: &str, event: &Value) -> bool {
        let username = self.username(agent);
        let found = self.conversations.get_mut(conversation);
        let Some(found) = found.filter(|c| c.participant(agent).is_some_and(|p| p.role == "PRIMARY")) else {
            return false;
        };
        if event["data"]["agentId"] != agent {
            return false;
        }
        found.hands.retain(|have| *have != username);
        if event["name"] == "HAND_RAISED" {
            found.hands.push(username);
        }
        true
    }

    /// Somebody helps: the hands go down.
    fn lower_hands(&mut self, conversation: &str) {
        let Some(found) = self.conversations.get_mut(conversation) else { return };
        for username in std::mem::take(&mut found.hands) {
            let id = self.agent_named(&username).map(|agent| agent.profile.id.clone());
            let data = json!({ "agentId": id, "userName": username });
            self.happen(conversation, "HAND_DOWN", "NOTIFICATION", Voice::AgentManager.sender(), data);
        }
    }

    /// A listener who comes back is told to subscribe.
    pub fn tell_monitoring(&mut self, agent: &str, conversation: &str) {
        let Some(found) = self.conversations.get(conversation) else { return };
        let payload = json!({
            "conversationId": found.id, "channelSession": found.session().map(|s| s.value.clone()),
            "ccUser": self.agents.get(agent).map(shapes::cc_user), "roomInfo": shapes::room(found),
            "taskId": null, "taskState": { "name": "STARTED" }, "taskDirection": "SILENT_MONITOR", "queue": null,
            "note": null, "requestedBy": null, "correlationId": new_id(),
        });
        self.emit(agent, "taskRequest", payload);
    }
}

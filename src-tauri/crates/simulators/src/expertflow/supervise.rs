//! Supervisors listen in, whisper and barge in.

use serde_json::{Value, json};

use super::assist::conversation_of;
use super::shapes;
use super::world::{World, new_id};

impl World {
    /// `JoinAsSilentMonitor`.
    pub fn monitor(&mut self, agent: &str, body: &Value) {
        const TASK: &str = "JoinAsSilentMonitor";
        let conversation = conversation_of(body);
        let Some(found) = self.conversations.get(&conversation) else {
            return self.refuse(agent, TASK, "there is no such conversation");
        };
        let own = found.participants.iter().any(|p| p.role == "PRIMARY" && self.supervises(agent, &p.agent));
        let under_way = self.tasks.iter().any(|task| {
            task.conversation == conversation
                && task.is_open()
                && (task.direction == "OUTBOUND"
                    || task.direction == "CONSULT_TRANSFER"
                    || (task.direction == "DIRECT_TRANSFER" && task.mode == "AGENT" && task.answered.is_none()))
        });
        let why = if !own {
            Some("no agent of a supervised team is in the conversation")
        } else if found.participant(agent).is_some() {
            Some("the supervisor is in the conversation")
        } else if found.participants.iter().any(|p| p.role == "SILENT_MONITOR") {
            Some("somebody else listens in")
        } else if found.pull_request.is_some() || under_way {
            Some("this conversation cannot be monitored")
        } else if self.is_full(&conversation) {
            Some("the conversation is full")
        } else {
            None
        };
        if let Some(why) = why {
            return self.refuse(agent, TASK, why);
        }
        let id = body["topicParticipant"]["id"].as_str().map_or_else(new_id, str::to_owned);
        self.join(agent, &conversation, "SILENT_MONITOR", id, None);
    }

    /// `joinAsWhisper`.
    pub fn whisper(&mut self, agent: &str, body: &Value) {
        self.change_monitor(agent, "joinAsWhisper", &["SILENT_MONITOR"], "WHISPER", body);
    }

    /// `JoinAsBargin`.
    pub fn barge_in(&mut self, agent: &str, body: &Value) {
        self.change_monitor(agent, "JoinAsBargin", &["SILENT_MONITOR", "WHISPER"], "PRIMARY", body);
    }

    fn change_monitor(&mut self, agent: &str, task: &str, from: &[&str], to: &str, body: &Value) {
        let conversation = conversation_of(body);
        let who = body["participantId"].as_str().unwrap_or(agent);
        let found = self.conversations.get_mut(&conversation).and_then(|c| c.participant_mut(agent));
        let Some(found) = found.filter(|p| who == agent && from.contains(&p.role.as_str())) else {
            return self.refuse(agent, task, "only who listens in may do that");
        };
        found.barged_in = to == "PRIMARY";
        self.change_role(agent, &conversation, to);
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

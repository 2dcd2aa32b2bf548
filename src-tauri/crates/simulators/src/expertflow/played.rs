//! Agents whom the simulator plays: they are always ready, take what comes and
//! answer what they hear.

use std::time::Duration;

use serde_json::{Value, json};

use super::shapes;
use super::world::{Stage, World, new_id};

/// How long a played agent takes to accept.
pub(super) const THINKING: Duration = Duration::from_millis(1500);

impl World {
    /// All played agents who do not work yet begin to.
    pub fn begin_play(&mut self) {
        let now = self.now();
        for agent in self.agents.values_mut().filter(|agent| agent.profile.played && !agent.logged_in) {
            agent.logged_in = true;
            agent.state = "READY";
            agent.since = now;
            agent.login_at = now;
            for mrd in &mut agent.mrds {
                let state = if mrd.id == super::options::MRD_CHAT { "READY" } else { "NOT_READY" };
                (mrd.previous, mrd.state, mrd.since, mrd.ready_since) = (Some("NOT_READY"), state, now, now);
            }
        }
    }

    /// A played agent takes an offer.
    pub fn play_take(&mut self, task: &str, offer: u64) {
        let Some(task) = self.task(task).cloned() else { return };
        if let Stage::Reserved { agent, offer: present } = &task.stage
            && *present == offer
        {
            self.take(agent, &task.id, "PRIMARY", new_id());
        }
    }

    /// A played agent writes: to the customer, or whispers to the other agents.
    pub fn play_write(&mut self, agent: &str, conversation: &str, text: &str, whisper: bool) -> bool {
        let now = self.now();
        let Some(one) = self.agents.get(agent) else { return false };
        let Some(found) = self.conversations.get(conversation).filter(|c| c.participant(agent).is_some()) else {
            return false;
        };
        let Some(session) = found.session() else { return false };
        let sender = json!({
            "id": agent, "senderName": one.profile.username, "type": "AGENT",
            "additionalDetail": { "firstName": one.profile.first_name, "lastName": one.profile.last_name },
        });
        let body = json!({ "type": "PLAIN", "markdownText": text });
        let message = shapes::message(found, session, &new_id(), sender.clone(), &body, now);
        let name = if whisper { "WHISPER_MESSAGE" } else { "AGENT_MESSAGE" };
        let event = shapes::event(found, name, "MESSAGE", sender, message, now);
        let payload = json!({ "cimEvent": event, "agentId": agent, "conversationId": conversation });
        self.publish(agent, &payload, false);
        true
    }

    /// A played agent raises a hand; false when they are not the conversation's primary agent.
    pub fn play_hand(&mut self, agent: &str, conversation: &str) -> bool {
        let (now, username) = (self.now(), self.username(agent));
        let Some(found) = self.conversations.get(conversation) else { return false };
        let sender = json!({ "id": agent, "senderName": username, "type": "AGENT", "additionalDetail": null });
        let data = json!({ "agentId": agent, "userName": username });
        let event = shapes::event(found, "HAND_RAISED", "NOTIFICATION", sender, data, now);
        self.publish(agent, &json!({ "cimEvent": event, "agentId": agent, "conversationId": conversation }), false);
        self.conversations.get(conversation).is_some_and(|found| found.hands.contains(&username))
    }

    /// Played agents who were logged out begin to work again.
    pub fn play_on(&mut self) {
        if self.agents.values().any(|agent| agent.profile.played && !agent.logged_in) {
            self.begin_play();
            self.route();
        }
    }

    /// A played agent leaves.
    pub fn play_leave(&mut self, agent: &str, conversation: &str) {
        let body: Value = json!({ "conversationId": conversation });
        self.leave(agent, &body);
        // Nobody sits there who could wrap up.
        self.close_wrap_up_quietly(agent, conversation);
    }

    fn close_wrap_up_quietly(&mut self, agent: &str, conversation: &str) {
        let wraps = self.task_of(agent, conversation).is_some_and(|t| matches!(t.stage, Stage::WrapUp { .. }));
        if wraps {
            self.close_wrap_up(agent, &json!({ "conversationId": conversation, "cimEvent": null }));
        }
    }
}

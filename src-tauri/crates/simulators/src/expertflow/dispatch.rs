//! Events of clients and timers of the server, each to whom it concerns.

use serde_json::Value;

use super::world::{Timer, World};

impl World {
    /// An event of an agent's client; false for one that nobody listens to.
    pub fn hear(&mut self, agent: &str, name: &str, body: &Value, lose_echo: bool) -> bool {
        match name {
            "changeAgentState" => self.change_state(agent, body),
            _ if !self.agents.get(agent).is_some_and(|one| one.logged_in) => {
                self.refuse(agent, name, "agent is not logged in");
            }
            "topicSubscription" => self.subscribe(agent, body),
            "topicUnsubscription" => self.leave(agent, body),
            "publishCimEvent" => self.publish(agent, body, lose_echo),
            "closeWrapup" => self.close_wrap_up(agent, body),
            "pauseConversation" => self.pause(agent, body),
            "resumeConversation" => {
                let conversation = body["conversationId"].as_str().unwrap_or_default().to_owned();
                self.resume(Some(agent), &conversation);
            }
            "directTransferRequest" | "directConferenceRequest" | "consultRequest" => {
                self.assistance(agent, name, body);
            }
            "consultTransferRequest" => self.consult_becomes(agent, name, body, false),
            "consultConferenceRequest" => self.consult_becomes(agent, name, body, true),
            "JoinAsSilentMonitor" => self.monitor(agent, body),
            "joinAsWhisper" => self.whisper(agent, body),
            "JoinAsBargin" => self.barge_in(agent, body),
            "subscribePullModeList" => self.subscribe_list(agent, body),
            "unsubscribePullModeList" => self.unsubscribe_list(agent, body),
            "joinPullModeRequest" => self.join_pull(agent, body),
            "deletePullModeRequest" => self.delete_pull(agent, body),
            _ => return false,
        }
        true
    }

    /// The time of something has come.
    pub fn ring(&mut self, timer: Timer) {
        match timer {
            Timer::Rona { task, offer } => self.rona(&task, offer),
            Timer::Ttl { task } => self.expire(&task),
            Timer::AskAgain { task } => self.ask_again(&task),
            Timer::Gone { agent, absence } => self.gone(&agent, absence),
            Timer::Take { task, offer } => self.play_take(&task, offer),
            Timer::WrapUp { task } => self.wrap_up_over(&task),
            Timer::Announce { id } => self.publish_announcement(&id),
            Timer::Hold { conversation, hold } => {
                if self.conversations.get(&conversation).is_some_and(|c| c.hold_number == hold) {
                    self.resume(None, &conversation);
                }
            }
        }
    }
}

//! What moves a chat contact.
//!
//! | contact | input | contact | agent's leg | conversation |
//! | --- | --- | --- | --- | --- |
//! | – | offer | connecting | connecting | the customer is there |
//! | connecting | accept, auto-accept | connected | connected | agent joined |
//! | connecting | reject, destroy | rejected | rejected | unchanged |
//! | connecting | ring expired | missed | disconnected | unchanged |
//! | connecting | customer leaves | gone, or missed | disconnected | ended |
//! | connected | destroy of either leg | ended | disconnected | agent left, ended |
//! | connected | customer leaves | ended | disconnected | customer left, ended |
//! | connected | service ends it | ended | disconnected | ended |
//! | connected | transfer, possible | ended | disconnected | transfer.succeeded, agent left |
//! | connected | transfer, nobody free | connected | connected | transfer.failed |
//! | ended, missed, rejected | clear | gone | – | tokens refused |
//!
//! Chats leave the agent's state as it is. Several run at once, beside one
//! voice call. Which of these are guesses is listed in the crate's README.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::contact::{Chat, ChatEndedBy, ChatRecord};
use super::effects::ChatEffect;
use crate::Moment;
use crate::amazon_connect::call::Initiation;
use crate::amazon_connect::directory::{self, QuickConnectTarget};
use crate::amazon_connect::options::Abandoned;
use crate::amazon_connect::records::AgentRecord;
use crate::amazon_connect::state::{Changed, Effect, Refusal, World, now};

/// How often a queue is looked at for an agent who is free.
const QUEUE_ROUND: Duration = Duration::from_millis(250);

fn order(effect: ChatEffect) -> Vec<Effect> {
    vec![Effect::Chat(effect)]
}

/// Whether the service would route a chat to the agent now.
fn may_be_offered(agent: &AgentRecord) -> Result<(), Refusal> {
    let most = agent.options.chat_concurrency as usize;
    if agent.chats.len() >= most {
        return Err(Refusal::invalid_state(format!("the agent has {} chats and may have {most}", agent.chats.len())));
    }
    let routed = agent.chosen.kind == "routable" && agent.next.is_none() && agent.state.kind != "error";
    if !routed {
        return Err(Refusal::invalid_state(format!("the agent is in state {}", agent.state.name)));
    }
    Ok(())
}

impl AgentRecord {
    fn chat(&mut self, id: &str) -> Result<&mut ChatRecord, Refusal> {
        self.chats
            .iter_mut()
            .find(|c| c.chat.contact_id == id)
            .ok_or_else(|| Refusal::invalid_state("There is no such contact."))
    }
}

impl World {
    pub(crate) fn has_chat(&self, login: &str, id: &str) -> bool {
        self.agent(login).is_some_and(|a| a.chats.iter().any(|c| c.chat.contact_id == id))
    }

    // From the handle.

    pub(crate) fn offer_chat(&mut self, chat: &Arc<Chat>) -> Changed {
        let now = now();
        let agent = self.agent_mut(&chat.agent)?;
        if !chat.offer.force {
            may_be_offered(agent)?;
        }
        agent.chats.push(ChatRecord::new(chat, now));
        agent.revision += 1;
        let auto = agent.options.chat_auto_accept;
        let mut effects = order(ChatEffect::New(chat.clone()));
        effects.push(Effect::Chat(ChatEffect::Ring(chat.clone())));
        if auto {
            effects.push(Effect::Chat(ChatEffect::AutoAccept(chat.clone())));
        }
        Ok(effects)
    }

    /// The customer leaves, or the service ends the chat by itself.
    pub(crate) fn chat_over(&mut self, chat: &Arc<Chat>, by: ChatEndedBy) -> Changed {
        let abandoned = self.abandoned;
        let now = now();
        let mut effects = Vec::new();
        for agent in &mut self.agents {
            let mut over = Vec::new();
            for record in agent.chats.iter_mut().filter(|c| c.is_live()) {
                if !Arc::ptr_eq(&record.chat.conversation, &chat.conversation) {
                    continue;
                }
                agent.revision += 1;
                record.customer_leg.set("disconnected", now);
                if record.state == "connected" {
                    record.set("ended", "disconnected", now);
                    record.chat.note(|f| f.ended = Some((by, Moment::now())));
                    effects.push(Effect::Chat(ChatEffect::WrapUp(record.chat.clone())));
                    continue;
                }
                record.chat.note(|f| f.abandoned = Some(Moment::now()));
                record.set("missed", "disconnected", now);
                over.push(record.chat.contact_id.clone());
            }
            if abandoned == Abandoned::Vanishes {
                agent.chats.retain(|c| !over.contains(&c.chat.contact_id));
            }
        }
        effects.push(Effect::Chat(ChatEffect::Over(chat.conversation.clone(), None, by)));
        Ok(effects)
    }

    // From the agent's API calls.

    pub(crate) fn accept_chat(&mut self, login: &str, id: &str) -> Changed {
        let now = now();
        let agent = self.agent_mut(login)?;
        let record = agent.chat(id)?;
        if record.state != "connecting" {
            return Err(Refusal::invalid_state("The contact cannot be accepted."));
        }
        record.set("connected", "connected", now);
        let chat = record.chat.clone();
        agent.revision += 1;
        Ok(order(ChatEffect::Joined(chat)))
    }

    pub(crate) fn reject_chat(&mut self, login: &str, id: &str) -> Changed {
        let now = now();
        let agent = self.agent_mut(login)?;
        let record = agent.chat(id)?;
        if record.state != "connecting" {
            return Err(Refusal::invalid_state("The contact cannot be rejected."));
        }
        record.set("rejected", "rejected", now);
        record.chat.note(|f| f.rejected = Some(Moment::now()));
        agent.revision += 1;
        Ok(Vec::new())
    }

    pub(crate) fn chat_ring_expired(&mut self, chat: &Arc<Chat>) -> Changed {
        let now = now();
        let agent = self.agent_mut(&chat.agent)?;
        let record = agent.chat(&chat.contact_id)?;
        if record.state == "connecting" {
            record.set("missed", "disconnected", now);
            chat.note(|f| f.missed = Some(Moment::now()));
            agent.revision += 1;
        }
        Ok(Vec::new())
    }

    pub(crate) fn destroy_chat(&mut self, login: &str, id: &str, connection: &str) -> Changed {
        let now = now();
        let agent = self.agent_mut(login)?;
        let record = agent.chat(id)?;
        let chat = record.chat.clone();
        if connection != chat.agent_connection && connection != chat.conversation.customer_id {
            return Err(Refusal::invalid_state("There is no such connection."));
        }
        match record.state {
            "connecting" => self.reject_chat(login, id),
            "connected" => {
                record.customer_leg.set("disconnected", now);
                record.set("ended", "disconnected", now);
                chat.note(|f| f.ended = Some((ChatEndedBy::Agent, Moment::now())));
                agent.revision += 1;
                let leaving = Some(chat.agent_connection.clone());
                let mut effects = order(ChatEffect::Over(chat.conversation.clone(), leaving, ChatEndedBy::Agent));
                effects.push(Effect::Chat(ChatEffect::WrapUp(chat)));
                Ok(effects)
            }
            _ => Err(Refusal::invalid_state("The connection has ended already.")),
        }
    }

    pub(crate) fn clear_chat(&mut self, login: &str, id: &str) -> Changed {
        let now = now();
        let agent = self.agent_mut(login)?;
        let record = agent.chat(id)?;
        if record.is_live() {
            return Err(Refusal::invalid_state("The contact has not ended."));
        }
        let chat = record.chat.clone();
        chat.note(|f| f.cleared = Some(Moment::now()));
        agent.chats.retain(|c| !Arc::ptr_eq(&c.chat, &chat));
        if agent.contacts.is_empty() && agent.has_nothing_else() {
            agent.settle(now);
        }
        agent.revision += 1;
        Ok(order(ChatEffect::Cleared(chat)))
    }

    pub(crate) fn chat_wrap_up_over(&mut self, chat: &Arc<Chat>) -> Changed {
        self.clear_chat(&chat.agent, &chat.contact_id)
    }

    /// A cold transfer: the agent is out at once.
    pub(crate) fn transfer_chat(&mut self, login: &str, id: &str, endpoint: &Value) -> Changed {
        let bad = || Refusal::new(400, "BadEndpointException", "Bad endpoint");
        let record = self.agent_mut(login)?.chat(id)?;
        if record.state != "connected" {
            return Err(Refusal::invalid_state("Cannot transfer: Invalid contact state."));
        }
        let chat = record.chat.clone();
        let arn = endpoint["endpointARN"].as_str().ok_or_else(bad)?;
        let (_, entry) = directory::find(&self.directory, arn).ok_or_else(bad)?;
        match entry.target.clone() {
            QuickConnectTarget::Phone(_) => Err(bad()),
            QuickConnectTarget::Agent(to) => {
                let agent = self.agent(&to).ok_or_else(bad)?;
                if agent.options.played.is_some() {
                    let name = agent.options.name.clone();
                    return self.leave_chat(&chat, order(ChatEffect::Played(chat.clone(), name)));
                }
                if may_be_offered(agent).is_err() {
                    return Ok(order(ChatEffect::TransferFailed(chat)));
                }
                let next = Chat::transferred(&chat, &to, &agent.options.name, Initiation::Transfer);
                let mut effects = self.leave_chat(&chat, Vec::new())?;
                effects.extend(self.offer_chat(&next)?);
                Ok(effects)
            }
            QuickConnectTarget::Queue(queue) => {
                let played = self.agents.iter().filter(|a| a.options.login != login);
                let played = played.filter(|a| a.options.played.is_some()).map(|a| a.options.name.clone()).next();
                let then = match played {
                    Some(name) => ChatEffect::Played(chat.clone(), name),
                    None => ChatEffect::Queue(chat.clone(), queue, Duration::ZERO),
                };
                self.leave_chat(&chat, order(then))
            }
        }
    }

    /// The agent's part in a conversation that goes on is over.
    fn leave_chat(&mut self, chat: &Arc<Chat>, then: Vec<Effect>) -> Changed {
        let now = now();
        let agent = self.agent_mut(&chat.agent)?;
        let record = agent.chat(&chat.contact_id)?;
        record.customer_leg.set("disconnected", now);
        record.set("ended", "disconnected", now);
        chat.note(|f| f.ended = Some((ChatEndedBy::Transfer, Moment::now())));
        agent.revision += 1;
        let mut effects = order(ChatEffect::TransferSucceeded(chat.clone()));
        effects.push(Effect::Chat(ChatEffect::WrapUp(chat.clone())));
        effects.extend(then);
        Ok(effects)
    }

    /// Looks for an agent who can take a chat out of a queue.
    pub(crate) fn chat_queue_round(&mut self, chat: &Arc<Chat>, queue: &str) -> Changed {
        if chat.conversation.talk.borrow().ended {
            return Ok(Vec::new());
        }
        let free = self.agents.iter().find(|a| a.options.login != chat.agent && may_be_offered(a).is_ok());
        let Some(free) = free else {
            return Ok(order(ChatEffect::Queue(chat.clone(), queue.to_owned(), QUEUE_ROUND)));
        };
        let (login, name) = (free.options.login.clone(), free.options.name.clone());
        let next = Chat::transferred(chat, &login, &name, Initiation::QueueTransfer);
        self.offer_chat(&next)
    }
}

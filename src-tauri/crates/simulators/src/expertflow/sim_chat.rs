//! The handle of one conversation: what the customer does, and what agents did.

use std::time::Duration;

use serde_json::{Value, json};

use super::error::ExpertflowError;
use super::facts::{ChatFacts, SentMessage};
use super::options::CustomerOffer;
use super::shapes::{self, Voice};
use super::sim::ExpertflowSim;
use super::world::{Conversation, new_id};

/// One conversation and the customer in it.
#[derive(Clone)]
pub struct SimChat {
    sim: ExpertflowSim,
    id: String,
}

impl SimChat {
    pub(super) fn new(sim: ExpertflowSim, id: String) -> Self {
        Self { sim, id }
    }

    /// `conversationId`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The installation.
    pub(super) fn sim(&self) -> &ExpertflowSim {
        &self.sim
    }

    fn read<T>(&self, look: impl FnOnce(&Conversation) -> T) -> Option<T> {
        self.sim.hub().read(|world| world.conversations.get(&self.id).map(look))
    }

    fn gone(&self) -> ExpertflowError {
        ExpertflowError::NotPossible("the customer has left".to_owned())
    }

    fn still_there(&self) -> Result<(), ExpertflowError> {
        match self.facts().customer_left {
            Some(_) => Err(self.gone()),
            None => Ok(()),
        }
    }

    /// What it began with.
    #[must_use]
    pub fn offer(&self) -> Option<CustomerOffer> {
        self.read(|found| found.offer.clone())
    }

    /// The customer's document as the conversation carries it.
    #[must_use]
    pub fn customer(&self) -> Value {
        self.read(|found| found.customer.clone()).unwrap_or_default()
    }

    /// The customer writes; gives the message's id.
    ///
    /// # Errors
    /// [`ExpertflowError::NotPossible`] when the customer has left.
    pub fn customer_writes(&self, text: &str) -> Result<String, ExpertflowError> {
        self.customer_sends(json!({ "type": "PLAIN", "markdownText": text }))
    }

    /// The customer sends a body of any type; gives the message's id.
    ///
    /// # Errors
    /// [`ExpertflowError::NotPossible`] when the customer has left.
    pub fn customer_sends(&self, body: Value) -> Result<String, ExpertflowError> {
        self.still_there()?;
        self.sim.hub().act(|world| world.customer_says(&self.id, &body)).ok_or_else(|| self.gone())
    }

    /// The customer sends a picture or another file that lies at the file engine; gives the message's id.
    ///
    /// # Errors
    /// [`ExpertflowError::NotPossible`] when the customer has left.
    pub fn customer_sends_file(&self, name: &str, kind: &str, bytes: &[u8]) -> Result<String, ExpertflowError> {
        let url = self.sim.store_file(name, kind, bytes.to_vec());
        let body = match kind.split('/').next() {
            Some("image") => "IMAGE",
            Some("video") => "VIDEO",
            Some("audio") => "AUDIO",
            _ => "FILE",
        };
        self.customer_sends(json!({
            "type": body, "markdownText": "", "caption": name, "additionalDetails": { "fileName": name },
            "attachment": { "mediaUrl": url, "mimeType": kind, "size": bytes.len(), "thumbnail": "" },
        }))
    }

    /// A bot writes; gives the message's id.
    ///
    /// # Errors
    /// [`ExpertflowError::NotPossible`] when the customer has left.
    pub fn bot_writes(&self, text: &str) -> Result<String, ExpertflowError> {
        let body = json!({ "type": "PLAIN", "markdownText": text });
        self.sim.hub().act(|world| world.bot_says(&self.id, &body)).ok_or_else(|| self.gone())
    }

    /// A bot suggests answers to the agents, for a message of that id.
    pub fn bot_suggests(&self, message: &str, answers: &[&str]) {
        let suggestions: Vec<Value> = answers
            .iter()
            .map(|text| json!({ "messageBody": { "type": "PLAIN", "markdownText": text }, "confidenceLevel": 0.81 }))
            .collect();
        self.notes("BOT_SUGGESTION", "SUGGESTION", |found, now| {
            let sender = Voice::ConversationMonitor.sender();
            let Some(session) = found.session() else { return Value::Null };
            let asked = found.events.iter().find(|event| event["data"]["id"] == message);
            let mut data = shapes::message(found, session, &new_id(), sender, &Value::Null, now);
            if let Some(data) = data.as_object_mut() {
                data.remove("body");
                data.insert("suggestions".to_owned(), json!(suggestions));
                data.insert("requestedMessage".to_owned(), asked.map(|e| e["data"].clone()).unwrap_or_default());
            }
            data
        });
    }

    /// The customer is typing.
    pub fn customer_types(&self) {
        let body = json!({ "type": "NOTIFICATION", "markdownText": "", "notificationType": "TYPING_STARTED" });
        self.sim.hub().act(|world| world.customer_notifies(&self.id, "TYPING_INDICATOR", &body));
    }

    /// The customer has read everything that agents wrote so far.
    pub fn customer_reads(&self) {
        let seen = self.messages().into_iter().rev().find(|message| message.name == "AGENT_MESSAGE");
        if let Some(message) = seen {
            self.receipt(&message.id, "READ", "200");
        }
    }

    /// A receipt of the customer's channel: `DELIVERED`, `READ` or `FAILED`, with a code.
    pub fn receipt(&self, message: &str, status: &str, code: &str) {
        let body = json!({
            "type": "DELIVERYNOTIFICATION", "messageId": message, "status": status, "markdownText": "",
            "reasonCode": code,
        });
        self.sim.hub().act(|world| world.customer_notifies(&self.id, "MESSAGE_DELIVERY_NOTIFICATION", &body));
    }

    /// The platform could not deliver an agent's message.
    pub fn delivery_fails(&self, message: &str, code: &str) {
        self.notes("MESSAGE_DELIVERY_NOTIFICATION", "NOTIFICATION", |found, now| {
            let body = json!({
                "type": "DELIVERYNOTIFICATION", "messageId": message, "status": "FAILED", "markdownText": "",
                "reasonCode": code,
            });
            let Some(session) = found.session() else { return Value::Null };
            shapes::message(found, session, &new_id(), Voice::AgentManager.sender(), &body, now)
        });
    }

    /// The customer closes all channels.
    pub fn customer_leaves(&self) {
        self.sim.hub().act(|world| world.customer_leaves(&self.id, None));
    }

    /// The customer is there through one more channel; gives the session's id.
    ///
    /// # Errors
    /// [`ExpertflowError::Unknown`] for the channel type, [`ExpertflowError::NotPossible`].
    pub fn opens_channel(&self, channel_type: &str) -> Result<String, ExpertflowError> {
        let row = shapes::channel_type(channel_type)
            .ok_or_else(|| ExpertflowError::Unknown("channel type", channel_type.to_owned()))?;
        let opened = self.sim.hub().act(|world| {
            let found = world.conversations.get(&self.id)?;
            let (offer, room, customer) = (found.offer.clone(), found.room.clone(), found.customer.clone());
            let session = shapes::session(world, &offer, &self.id, &room, &customer, &row, "INBOUND");
            let (id, value) = (session.id.clone(), session.value.clone());
            let found = world.conversations.get_mut(&self.id)?;
            found.sessions.push(session);
            let emitter = shapes::customer_emitter(found);
            world.happen(&self.id, "CHANNEL_SESSION_STARTED", "NOTIFICATION", emitter, value);
            Some(id)
        });
        opened.ok_or_else(|| self.gone())
    }

    /// The customer closes one channel.
    pub fn closes_channel(&self, session: &str) {
        self.sim.hub().act(|world| world.customer_leaves(&self.id, Some(session)));
    }

    /// The platform ends the conversation for everybody with `topicClosed`.
    pub fn closes(&self) {
        self.sim.hub().act(|world| world.close_conversation(&self.id));
    }

    /// Values of the conversation change.
    pub fn data_changes(&self, name: &str, value: &str) {
        self.sim.hub().act(|world| {
            let Some(found) = world.conversations.get_mut(&self.id) else { return };
            found.data.insert(name.to_owned(), json!(value));
            let data = json!(found.data);
            let emitter = Voice::ConversationMonitor.sender();
            world.happen(&self.id, "CONVERSATION_DATA_CHANGED", "NOTIFICATION", emitter, data);
        });
    }

    /// The timer of the agents' service level goes on: `START_TIMER`, `CHANGE_COLOR`, `SHOW_POPUP`.
    pub fn service_level(&self, action: &str, percent: u32) {
        self.notes("AGENT_SLA_STARTED", "NOTIFICATION", |_, _| {
            json!({
                "totalDuration": 300, "currentSliceDuration": 3 * percent, "percentageCompleted": percent,
                "action": action,
            })
        });
    }

    /// Any CIM event with any data, to everybody in the conversation.
    pub fn event(&self, name: &str, kind: &str, data: Value) {
        self.notes(name, kind, |_, _| data);
    }

    fn notes(&self, name: &str, kind: &str, data: impl FnOnce(&Conversation, i64) -> Value) {
        self.sim.hub().act(|world| {
            let now = world.now();
            let Some(found) = world.conversations.get(&self.id) else { return };
            let data = data(found, now);
            world.happen(&self.id, name, kind, Voice::ConversationMonitor.sender(), data);
        });
    }

    /// An agent that the simulator plays writes; false when they are not in the conversation.
    pub fn colleague_writes(&self, agent: &str, text: &str, whisper: bool) -> bool {
        let Ok(agent) = self.sim.agent_id(agent) else { return false };
        self.sim.hub().act(|world| world.play_write(&agent, &self.id, text, whisper))
    }

    /// An agent that the simulator plays leaves.
    pub fn colleague_leaves(&self, agent: &str) {
        if let Ok(agent) = self.sim.agent_id(agent) {
            self.sim.hub().act(|world| world.play_leave(&agent, &self.id));
        }
    }

    /// An agent that the simulator plays raises a hand for a supervisor; false when they may not.
    pub fn colleague_raises_hand(&self, agent: &str) -> bool {
        let Ok(agent) = self.sim.agent_id(agent) else { return false };
        self.sim.hub().act(|world| world.play_hand(&agent, &self.id))
    }

    /// Usernames of agents whose hand is raised.
    #[must_use]
    pub fn hands(&self) -> Vec<String> {
        self.read(|found| found.hands.clone()).unwrap_or_default()
    }

    /// The platform forgets a conversation in which nobody is any more; false while somebody is.
    pub fn forget(&self) -> bool {
        self.sim.hub().act(|world| world.forget(&self.id))
    }

    /// What agents wrote, whispers too, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<SentMessage> {
        self.read(|found| found.messages.clone()).unwrap_or_default()
    }

    /// Names of everything that has happened, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<String> {
        let name = |event: &Value| event["name"].as_str().unwrap_or_default().to_owned();
        self.read(|found| found.events.iter().map(name).collect()).unwrap_or_default()
    }

    /// Who is in it: username and role.
    #[must_use]
    pub fn participants(&self) -> Vec<(String, String)> {
        self.sim.hub().read(|world| {
            let found = world.conversations.get(&self.id).map(|found| found.participants.clone());
            found.unwrap_or_default().into_iter().map(|p| (world.username(&p.agent), p.role)).collect()
        })
    }

    /// `state` of the conversation.
    #[must_use]
    pub fn state(&self) -> &'static str {
        self.read(|found| found.state).unwrap_or_default()
    }

    /// Everything that has happened to it so far.
    #[must_use]
    pub fn facts(&self) -> ChatFacts {
        self.read(|found| found.facts.clone()).unwrap_or_default()
    }

    /// Waits for a fact.
    ///
    /// # Errors
    /// [`ExpertflowError::Expected`] with what has happened instead.
    pub async fn expect<T>(
        &self,
        what: &str,
        within: Duration,
        fact: impl Fn(&ChatFacts) -> Option<T>,
    ) -> Result<T, ExpertflowError> {
        let found = tokio::time::timeout(within, self.sim.hub().until(|_| fact(&self.facts()))).await;
        found.map_err(|_| ExpertflowError::Expected {
            what: what.to_owned(),
            waited: within,
            seen: format!("{:?}", self.facts()),
        })
    }

    /// The chat is offered to somebody; gives the username.
    ///
    /// # Errors
    /// [`ExpertflowError::Expected`] when that does not happen in time.
    pub async fn expect_offered(&self, within: Duration) -> Result<String, ExpertflowError> {
        self.expect("an offer", within, |facts| facts.offered.first().map(|fact| fact.agent.clone())).await
    }

    /// Somebody takes it; gives the username.
    ///
    /// # Errors
    /// [`ExpertflowError::Expected`] when that does not happen in time.
    pub async fn expect_accepted(&self, within: Duration) -> Result<String, ExpertflowError> {
        self.expect("to be accepted", within, |facts| facts.accepted.first().map(|fact| fact.agent.clone())).await
    }

    /// That agent's part ends; gives the reason.
    ///
    /// # Errors
    /// [`ExpertflowError::Expected`] when that does not happen in time.
    pub async fn expect_left(&self, agent: &str, within: Duration) -> Result<String, ExpertflowError> {
        self.expect("the agent to leave", within, |facts| facts.left_with(agent).map(str::to_owned)).await
    }

    /// An agent writes something that contains the text; gives the message.
    ///
    /// # Errors
    /// [`ExpertflowError::Expected`] with what agents wrote instead.
    pub async fn expect_message(&self, text: &str, within: Duration) -> Result<SentMessage, ExpertflowError> {
        let look = || self.messages().into_iter().find(|message| message.text().contains(text));
        let found = tokio::time::timeout(within, self.sim.hub().until(|_| look())).await;
        found.map_err(|_| ExpertflowError::Expected {
            what: format!("the message {text:?}"),
            waited: within,
            seen: format!("{:?}", self.messages().iter().map(|m| m.body.clone()).collect::<Vec<_>>()),
        })
    }
}

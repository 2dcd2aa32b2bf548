//! Conversations: who is in them, what is said, and holding.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::facts::{AgentFact, SentMessage};
use super::options::CustomerOffer;
use super::shapes::{self, Voice};
use super::world::{Conversation, Effect, Participant, Session, Timer, World, new_id, object_id};
use crate::Moment;

/// The room has space for so many agents and supervisors.
const MOST_PARTICIPANTS: usize = 4;

impl World {
    /// A customer begins; gives the conversation's id.
    pub fn open_conversation(&mut self, offer: CustomerOffer, direction: &'static str) -> Option<String> {
        let channel_type = shapes::channel_type(&offer.channel_type)?;
        let (id, room, now) = (object_id(), object_id(), self.now());
        let customer = self.customer_for(&offer);
        let session = shapes::session(self, &offer, &id, &room, &customer, &channel_type, direction);
        let data = offer.data.iter().map(|(name, value)| (name.clone(), json!(value)));
        let mut data: Map<String, Value> = data.collect();
        data.insert("phone".to_owned(), json!(offer.number));
        let conversation = Conversation {
            id: id.clone(),
            room,
            customer,
            direction,
            state: "ACTIVE",
            sessions: vec![session],
            data,
            participants: Vec::new(),
            events: Vec::new(),
            created: now,
            sla_started: None,
            hold: None,
            hold_number: 0,
            hands: Vec::new(),
            wrap_ups: Vec::new(),
            pull_request: None,
            messages: Vec::new(),
            facts: super::facts::ChatFacts::default(),
            offer: offer.clone(),
        };
        self.conversations.insert(id.clone(), conversation);
        self.order.push(id.clone());
        let conversation = self.conversations.get(&id)?;
        let emitter = shapes::customer_emitter(conversation);
        let started = conversation.session().map(|session| session.value.clone()).unwrap_or_default();
        let bot = shapes::bot();
        self.happen(&id, "BOT_SUBSCRIBED", "NOTIFICATION", Voice::ConversationMonitor.sender(), bot);
        self.happen(&id, "CHANNEL_SESSION_STARTED", "NOTIFICATION", emitter, started);
        if let Some(words) = &offer.first_words {
            self.customer_says(&id, &json!({ "type": "PLAIN", "markdownText": words }));
        }
        if let Some(words) = &offer.bot_words {
            self.bot_says(&id, &json!({ "type": "PLAIN", "markdownText": words }));
        }
        Some(id)
    }

    /// The document of a customer with that number, made when there is none.
    fn customer_for(&mut self, offer: &CustomerOffer) -> Value {
        let by_number = |row: &&Value| {
            row["phoneNumber"].as_array().is_some_and(|numbers| numbers.iter().any(|n| *n == offer.number))
        };
        let known = self.customer_by(&offer.channel_type, &offer.number);
        if let Some(known) = known.or_else(|| self.customers.iter().find(by_number)) {
            return known.clone();
        }
        let customer = json!({
            "_id": object_id(), "firstName": offer.name, "phoneNumber": [offer.number],
            "isAnonymous": offer.anonymous, "__v": 0, "web": [offer.number], "labels": [],
        });
        self.customers.push(customer.clone());
        customer
    }

    /// An event that everybody in the conversation hears, and that stays in its history.
    pub fn happen(&mut self, conversation: &str, name: &str, kind: &str, emitter: Value, data: Value) {
        self.happen_but(conversation, None, name, kind, emitter, data);
    }

    /// The same, except for one agent.
    pub fn happen_but(
        &mut self,
        conversation: &str,
        except: Option<&str>,
        name: &str,
        kind: &str,
        emitter: Value,
        data: Value,
    ) {
        let now = self.now();
        let Some(found) = self.conversations.get(conversation) else { return };
        let event = shapes::event(found, name, kind, emitter, data, now);
        self.tell_all(conversation, except, &event);
        if let Some(found) = self.conversations.get_mut(conversation) {
            found.events.push(event);
        }
    }

    /// Sends an event to everybody in the conversation.
    pub fn tell_all(&mut self, conversation: &str, except: Option<&str>, event: &Value) {
        let Some(found) = self.conversations.get(conversation) else { return };
        let agents: Vec<String> = found.participants.iter().map(|p| p.agent.clone()).collect();
        if agents.is_empty() {
            return;
        }
        let payload = self.cim_payload(found, event);
        for agent in agents.iter().filter(|agent| Some(agent.as_str()) != except) {
            self.emit(agent, "onCimEvent", payload.clone());
        }
    }

    fn cim_payload(&self, conversation: &Conversation, event: &Value) -> Value {
        let inner = if self.options.cim_event_as_object { event.clone() } else { json!(event.to_string()) };
        json!({ "cimEvent": inner, "conversationId": conversation.id, "roomInfo": shapes::room(conversation) })
    }

    /// An agent comes in.
    pub fn join(&mut self, agent: &str, conversation: &str, role: &str, id: String, task: Option<String>) {
        let now = self.now();
        let username = self.username(agent);
        let participant =
            Participant { agent: agent.to_owned(), role: role.to_owned(), id, joined: now, task, barged_in: false };
        let data = json!({
            "agentParticipant": shapes::topic_participant(self, conversation, &participant), "reason": null,
        });
        let Some(found) = self.conversations.get_mut(conversation) else { return };
        found.participants.push(participant);
        found.facts.accepted.push(AgentFact { agent: username, role: role.to_owned(), at: Moment::now() });
        if role == "PRIMARY" && found.sla_started.is_none() {
            found.sla_started = Some(now);
        }
        self.send_topic(agent, conversation);
        let emitter = Voice::AgentManager.sender();
        self.happen_but(conversation, Some(agent), "AGENT_SUBSCRIBED", "NOTIFICATION", emitter, data);
    }

    /// The room takes no more.
    pub fn is_full(&self, conversation: &str) -> bool {
        self.conversations.get(conversation).is_some_and(|c| c.participants.len() >= MOST_PARTICIPANTS)
    }

    /// `onTopicData` to an agent in the conversation.
    pub fn send_topic(&mut self, agent: &str, conversation: &str) {
        let Some(found) = self.conversations.get(conversation) else { return };
        let Some(me) = found.participant(agent) else { return };
        let task = me.task.as_deref().and_then(|id| self.task(id)).map(super::world::Task::wire_id);
        let payload = json!({
            "topicData": shapes::topic_data(self, found, me), "correlationId": new_id(),
            "conversationId": found.id, "roomInfo": shapes::room(found), "taskId": task,
        });
        self.effects.push(Effect::Topic {
            agent: agent.to_owned(),
            conversation: conversation.to_owned(),
            payload,
            repeated: false,
        });
    }

    /// The customer says something; gives the message's id.
    pub fn customer_says(&mut self, conversation: &str, body: &Value) -> Option<String> {
        let found = self.conversations.get(conversation)?;
        let session = found.session()?.clone();
        let emitter = shapes::customer_emitter(found);
        Some(self.says(conversation, &session, "CUSTOMER_MESSAGE", emitter, Voice::WebConnector.sender(), body))
    }

    /// A bot says something.
    pub fn bot_says(&mut self, conversation: &str, body: &Value) -> Option<String> {
        let session = self.conversations.get(conversation)?.session()?.clone();
        let sender =
            json!({ "id": "68a10000000000000000b001", "type": "BOT", "senderName": "Rasa", "additionalDetail": null });
        Some(self.says(conversation, &session, "BOT_MESSAGE", sender.clone(), sender, body))
    }

    fn says(
        &mut self,
        conversation: &str,
        session: &Session,
        name: &str,
        emitter: Value,
        sender: Value,
        body: &Value,
    ) -> String {
        let (id, now) = (new_id(), self.now());
        let Some(found) = self.conversations.get(conversation) else { return id };
        let mut message = shapes::message(found, session, &id, sender, body, now);
        self.encode(&mut message);
        self.happen(conversation, name, "MESSAGE", emitter, message);
        id
    }

    /// Puts the text of a message into base64 where this installation does so.
    fn encode(&self, message: &mut Value) {
        if !self.options.encode_messages || message["header"]["additionalData"]["isEncoded"] == true {
            return;
        }
        if let Some(text) = message["body"]["markdownText"].as_str() {
            let text = STANDARD.encode(text);
            message["body"]["markdownText"] = json!(text);
            message["header"]["additionalData"] = json!({ "isEncoded": true });
        }
    }

    /// What the customer's channel reports: receipts and typing.
    pub fn customer_notifies(&mut self, conversation: &str, name: &str, body: &Value) {
        let now = self.now();
        let Some(found) = self.conversations.get(conversation) else { return };
        let Some(session) = found.session() else { return };
        let data = shapes::message(found, session, &new_id(), Voice::WebConnector.sender(), body, now);
        let emitter = shapes::customer_emitter(found);
        self.happen(conversation, name, "NOTIFICATION", emitter, data);
    }

    /// `publishCimEvent` of an agent.
    pub fn publish(&mut self, agent: &str, body: &Value, lose_echo: bool) {
        const TASK: &str = "publishCimEvent";
        let event = match &body["cimEvent"] {
            Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
            other => other.clone(),
        };
        let conversation = body["conversationId"].as_str().or(event["conversationId"].as_str()).unwrap_or_default();
        let conversation = conversation.to_owned();
        let role = self.conversations.get(&conversation).and_then(|c| c.participant(agent)).map(|p| p.role.clone());
        let Some(role) = role else {
            return self.refuse(agent, TASK, "the agent is not in the conversation");
        };
        let name = event["name"].as_str().unwrap_or_default().to_owned();
        let kind = event["data"]["body"]["type"].as_str().unwrap_or_default();
        let to_customer = name == "AGENT_MESSAGE" && kind != "WRAPUP";
        if to_customer && matches!(role.as_str(), "SILENT_MONITOR" | "WHISPER" | "ASSISTANT" | "WRAP_UP") {
            return self.refuse(agent, TASK, "the role may not write to the customer");
        }
        let shows = matches!(name.as_str(), "TYPING_INDICATOR" | "MESSAGE_DELIVERY_NOTIFICATION");
        if role == "SILENT_MONITOR" && shows {
            return self.refuse(agent, TASK, "who only listens in is not noticed");
        }
        if event["id"].as_str().is_none_or(str::is_empty) || name.is_empty() {
            return self.refuse(agent, TASK, "the event has no id or name");
        }
        match name.as_str() {
            "AGENT_MESSAGE" | "WHISPER_MESSAGE" => {
                if let Err(why) = self.record(agent, &conversation, &name, &event) {
                    return self.refuse(agent, TASK, why);
                }
            }
            "MESSAGE_DELIVERY_NOTIFICATION" => {
                let read = event["data"]["body"]["messageId"].as_str().unwrap_or_default().to_owned();
                let username = self.username(agent);
                self.with_facts(&conversation, |facts| facts.read.push((username, read)));
            }
            "TYPING_INDICATOR" => {
                let username = self.username(agent);
                self.with_facts(&conversation, |facts| facts.typed.push(username));
            }
            "HAND_RAISED" | "HAND_DOWN" if !self.hand(agent, &conversation, &event) => {
                return self.refuse(agent, TASK, "only the primary agent raises a hand, and their own");
            }
            "RESET_AGENT_SLA" => {
                let now = self.now();
                if let Some(found) = self.conversations.get_mut(&conversation) {
                    found.sla_started = Some(now);
                }
                let data = json!({
                    "totalDuration": 300, "currentSliceDuration": 0, "percentageCompleted": 0,
                    "action": "START_TIMER",
                });
                let emitter = Voice::ConversationMonitor.sender();
                return self.happen(&conversation, "AGENT_SLA_STARTED", "NOTIFICATION", emitter, data);
            }
            _ => {}
        }
        self.echo(agent, &conversation, event, lose_echo);
    }

    /// Everybody hears it, the author too: that is the only confirmation.
    fn echo(&mut self, agent: &str, conversation: &str, mut event: Value, lose_echo: bool) {
        event["timestamp"] = json!(self.now());
        if event["type"] == "MESSAGE" {
            if let Some(header) = event["data"]["header"].as_object_mut() {
                for (name, value) in [
                    ("language", json!({})),
                    ("securityInfo", json!({})),
                    ("stamps", json!([])),
                    ("entities", Value::Null),
                    ("originalMessageId", Value::Null),
                    ("providerMessageId", Value::Null),
                    ("schedulingMetaData", Value::Null),
                ] {
                    header.entry(name).or_insert(value);
                }
            }
            self.encode(&mut event["data"]);
        }
        if let Some(found) = self.conversations.get_mut(conversation) {
            found.events.push(event.clone());
        }
        self.tell_all(conversation, lose_echo.then_some(agent), &event);
    }

    pub fn with_facts(&mut self, conversation: &str, change: impl FnOnce(&mut super::facts::ChatFacts)) {
        if let Some(found) = self.conversations.get_mut(conversation) {
            change(&mut found.facts);
        }
    }

    fn record(&mut self, agent: &str, conversation: &str, name: &str, event: &Value) -> Result<(), &'static str> {
        let agent = self.username(agent);
        let (header, mut body) = (&event["data"]["header"], event["data"]["body"].clone());
        let id = event["data"]["id"].as_str().filter(|id| !id.is_empty()).ok_or("the message has no id")?;
        let encoded = header["additionalData"]["isEncoded"] == true;
        if encoded && let Some(text) = body["markdownText"].as_str() {
            let bytes = STANDARD.decode(text).unwrap_or_default();
            body["markdownText"] = json!(String::from_utf8_lossy(&bytes));
        }
        let text = |value: &Value| value.as_str().map(str::to_owned);
        if let Some(why) = super::bodies::problem(&body) {
            return Err(why);
        }
        let found = self.conversations.get_mut(conversation).ok_or("there is no such conversation")?;
        if body["type"] == "WRAPUP" {
            found.wrap_ups.push(body.clone());
            found.facts.wrap_ups.push(body);
            return Ok(());
        }
        if let Some(before) = found.messages.iter_mut().find(|message| message.id == id) {
            before.times += 1;
            return Ok(());
        }
        found.messages.push(SentMessage {
            id: id.to_owned(),
            agent,
            name: name.to_owned(),
            intent: text(&header["intent"]),
            original: text(&header["originalMessageId"]),
            session: text(&header["channelSessionId"]),
            body,
            encoded,
            times: 1,
            at: Moment::now(),
        });
        Ok(())
    }

    /// Wrap-up that came with `closeWrapup`.
    pub fn record_wrap_up(&mut self, agent: &str, conversation: &str, event: &Value) -> Result<(), &'static str> {
        let name = event["name"].as_str().unwrap_or("AGENT_MESSAGE").to_owned();
        self.record(agent, conversation, &name, event)?;
        self.echo(agent, conversation, event.clone(), false);
        Ok(())
    }

    /// `pauseConversation`.
    pub fn pause(&mut self, agent: &str, body: &Value) {
        let conversation = body["conversationId"].as_str().unwrap_or_default().to_owned();
        let seconds = body["duration"].as_u64().unwrap_or(0);
        let (now, username) = (self.now(), self.username(agent));
        let found = self.conversations.get_mut(&conversation);
        let Some(found) = found.filter(|c| c.participant(agent).is_some_and(|p| p.role == "PRIMARY")) else {
            return self.refuse(agent, "pauseConversation", super::options::REFUSED);
        };
        found.hold = Some((seconds, now));
        found.hold_number += 1;
        found.state = "ON_HOLD";
        let hold = found.hold_number;
        found.facts.pauses.push((username, Some(seconds)));
        let data = json!({
            "id": conversation, "state": "ON_HOLD",
            "holdTimerDetails": { "totalDuration": seconds, "startTime": shapes::iso_plain(now) },
        });
        let emitter = Voice::AgentManager.sender();
        self.happen(&conversation, "CONVERSATION_PAUSED", "NOTIFICATION", emitter, data);
        if seconds > 0 {
            let timer = Timer::Hold { conversation, hold };
            self.later(std::time::Duration::from_secs(seconds), timer);
        }
    }

    /// `resumeConversation`, or the time is over.
    pub fn resume(&mut self, agent: Option<&str>, conversation: &str) {
        let username = agent.map(|agent| self.username(agent)).unwrap_or_default();
        let found = self.conversations.get_mut(conversation);
        let Some(found) = found.filter(|c| agent.is_none_or(|a| c.participant(a).is_some())) else {
            if let Some(agent) = agent {
                self.refuse(agent, "resumeConversation", super::options::REFUSED);
            }
            return;
        };
        found.hold = None;
        found.hold_number += 1;
        found.state = "ACTIVE";
        found.facts.pauses.push((username, None));
        let data = json!({
            "id": conversation, "state": "ACTIVE", "holdTimerDetails": { "totalDuration": null, "startTime": null },
        });
        let emitter = Voice::AgentManager.sender();
        self.happen(conversation, "CONVERSATION_RESUMED", "NOTIFICATION", emitter, data);
    }
}

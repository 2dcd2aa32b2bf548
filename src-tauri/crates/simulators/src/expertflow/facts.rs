//! What has happened to a chat, for whoever wrote its script.

use serde_json::Value;

use crate::Moment;

/// Something that an agent did, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentFact {
    /// Username.
    pub agent: String,
    /// Role in the conversation: PRIMARY, ASSISTANT, SILENT_MONITOR, WHISPER, WRAP_UP.
    pub role: String,
    /// When.
    pub at: Moment,
}

/// How an agent's part ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Departure {
    /// Username.
    pub agent: String,
    /// The reason as the agent's client was told, such as `UNSUBSCRIBED`, `CHAT TRANSFERRED`, `Wrap Up applied`.
    pub reason: String,
    /// When.
    pub at: Moment,
}

/// A status of the chat's request in a pull list.
#[derive(Clone, Debug, PartialEq)]
pub struct PullFact {
    /// `CREATED`, `JOINED` or `closing`.
    pub status: String,
    /// Username of the agent whose doing it is, none for the customer's and the platform's.
    pub agent: Option<String>,
    /// When.
    pub at: Moment,
}

/// `onTopicData` and whether the client acknowledged it.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicSent {
    /// Username.
    pub agent: String,
    /// What the client answered, none while it has not.
    pub acknowledged: Option<Value>,
    /// It was `{"status":"ok"}`.
    pub ok: bool,
}

/// A message of an agent.
#[derive(Clone, Debug, PartialEq)]
pub struct SentMessage {
    /// `data.id`.
    pub id: String,
    /// Username of the author.
    pub agent: String,
    /// `AGENT_MESSAGE` or `WHISPER_MESSAGE`, which the customer never sees.
    pub name: String,
    /// The body; its text is decoded when it came in base64.
    pub body: Value,
    /// `header.intent`, such as REPLY_TO or UPDATE.
    pub intent: Option<String>,
    /// `header.originalMessageId`.
    pub original: Option<String>,
    /// `header.channelSessionId`.
    pub session: Option<String>,
    /// It came in base64.
    pub encoded: bool,
    /// How often it was sent: clients may send again under the same id.
    pub times: u32,
    /// When.
    pub at: Moment,
}

impl SentMessage {
    /// The text of the body, empty without one.
    #[must_use]
    pub fn text(&self) -> &str {
        self.body["markdownText"].as_str().unwrap_or_default()
    }

    /// Type of the body.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.body["type"].as_str().unwrap_or_default()
    }
}

/// Everything that has happened to a chat.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatFacts {
    /// Offers: who, in which direction as role (`INBOUND`, `DIRECT_TRANSFER`, ...), when.
    pub offered: Vec<AgentFact>,
    /// Offers that ran out.
    pub missed: Vec<AgentFact>,
    /// Who came in.
    pub accepted: Vec<AgentFact>,
    /// Roles that changed, in their order.
    pub roles: Vec<AgentFact>,
    /// Who is out again.
    pub left: Vec<Departure>,
    /// Transfers, conferences and consults that were asked for: the event's name and its body.
    pub requests: Vec<(String, Value)>,
    /// The request ran out without an agent: direction.
    pub no_agent: Vec<String>,
    /// `onTopicData`, in order.
    pub topics: Vec<TopicSent>,
    /// Wrap-ups that were sent, as bodies.
    pub wrap_ups: Vec<Value>,
    /// Ids of messages that agents marked as read: username and id.
    pub read: Vec<(String, String)>,
    /// Usernames of agents who typed, in order.
    pub typed: Vec<String>,
    /// Pauses: username and seconds; `None` is going on.
    pub pauses: Vec<(String, Option<u64>)>,
    /// What became of the request in a pull list, in order.
    pub pulls: Vec<PullFact>,
    /// Customer links: the customer's id.
    pub linked: Vec<String>,
    /// The customer has left.
    pub customer_left: Option<Moment>,
    /// Queues that the chat waited in, by name.
    pub queued: Vec<String>,
}

impl ChatFacts {
    /// The username of who came in first.
    #[must_use]
    pub fn accepted_by(&self) -> Option<&str> {
        self.accepted.first().map(|fact| fact.agent.as_str())
    }

    /// The reason with which that agent's part ended last.
    #[must_use]
    pub fn left_with(&self, agent: &str) -> Option<&str> {
        self.left.iter().rev().find(|left| left.agent == agent).map(|left| left.reason.as_str())
    }
}

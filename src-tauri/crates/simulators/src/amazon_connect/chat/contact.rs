//! One agent's chat contact: ids, what it was offered with, facts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

use super::conversation::{ChatRole, Conversation, Participant, Presence};
use crate::Moment;
use crate::amazon_connect::call::Initiation;
use crate::amazon_connect::extras::Extras;
use crate::amazon_connect::facts::{self, Facts};
use crate::amazon_connect::records::LegRecord;

/// One chat that a customer begins.
#[derive(Clone)]
pub struct OfferChat {
    /// Login of the agent who gets it.
    pub agent: String,
    /// Display name of the customer; empty for an unknown one.
    pub customer_name: String,
    /// Queue name; one of Sales and Support, or any other.
    pub queue: String,
    /// Contact attributes.
    pub attributes: BTreeMap<String, String>,
    /// `connect:Subtype`, as `connect:Chat` or `connect:SMS`.
    pub subtype: String,
    /// `attachmentsEnabled` of the contact's features; without it uploads are
    /// refused.
    pub attachments: bool,
    /// `messagingMarkdownEnabled` of the contact's features.
    pub markdown: bool,
    /// Ring time instead of [`crate::amazon_connect::SimOptions::ring`].
    pub ring: Option<Duration>,
    /// What the customer has said before the agent is asked.
    pub first_words: Option<String>,
    /// Offer it although agent state or concurrency forbid it.
    pub force: bool,
    /// Further members of the contact.
    pub extras: Extras,
}

impl std::fmt::Debug for OfferChat {
    /// Without the customer's name, attributes and words.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OfferChat")
            .field("agent", &self.agent)
            .field("queue", &self.queue)
            .field("subtype", &self.subtype)
            .finish_non_exhaustive()
    }
}

impl Default for OfferChat {
    fn default() -> Self {
        Self {
            agent: "agent.one".to_owned(),
            customer_name: "Customer One".to_owned(),
            queue: "Support".to_owned(),
            attributes: BTreeMap::new(),
            subtype: "connect:Chat".to_owned(),
            attachments: true,
            markdown: true,
            ring: None,
            first_words: None,
            force: false,
            extras: Extras::default(),
        }
    }
}

impl OfferChat {
    /// A chat for that agent, everything else as by default.
    #[must_use]
    pub fn to(agent: &str) -> Self {
        Self { agent: agent.to_owned(), ..Self::default() }
    }
}

/// How a chat contact ended for an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatEndedBy {
    /// DestroyConnection of the agent.
    Agent,
    /// The customer left.
    Customer,
    /// The agent has transferred it; the conversation goes on.
    Transfer,
    /// The service ended it, as after inactivity.
    Service,
}

/// Everything that has happened to a chat contact so far.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ChatFacts {
    /// The first snapshot with the contact was handed to the socket.
    pub offered: Option<Moment>,
    /// AcceptContact arrived (or the service accepted by itself).
    pub accepted: Option<Moment>,
    /// RejectContact arrived, or DestroyConnection while it rang.
    pub rejected: Option<Moment>,
    /// The ring time ran out.
    pub missed: Option<Moment>,
    /// The customer left while it rang.
    pub abandoned: Option<Moment>,
    /// CreateTransport `chat_token` gave a token, once for each.
    pub tokens: Vec<Moment>,
    /// CreateParticipantConnection with ConnectParticipant, once for each.
    pub acknowledged: Vec<Moment>,
    /// The connected chat ended for this agent.
    pub ended: Option<(ChatEndedBy, Moment)>,
    /// A transfer was not possible; the chat stayed, once for each.
    pub transfer_failed: Vec<Moment>,
    /// The contact was cleared or completed.
    pub cleared: Option<Moment>,
}

impl Facts for ChatFacts {
    fn summary(&self) -> String {
        let told = [
            (self.offered.is_some(), "offered"),
            (self.accepted.is_some(), "accepted"),
            (self.rejected.is_some(), "rejected"),
            (self.missed.is_some(), "missed"),
            (self.abandoned.is_some(), "abandoned"),
            (!self.tokens.is_empty(), "token given"),
            (!self.acknowledged.is_empty(), "acknowledged"),
            (!self.transfer_failed.is_empty(), "a transfer failed"),
            (matches!(self.ended, Some((ChatEndedBy::Agent, _))), "ended by the agent"),
            (matches!(self.ended, Some((ChatEndedBy::Customer, _))), "ended by the customer"),
            (matches!(self.ended, Some((ChatEndedBy::Transfer, _))), "ended by a transfer"),
            (matches!(self.ended, Some((ChatEndedBy::Service, _))), "ended by the service"),
            (self.cleared.is_some(), "cleared"),
        ];
        facts::in_words("the chat", &told)
    }
}

pub(crate) struct Chat {
    pub contact_id: String,
    pub agent: String,
    /// Connection id and participant id of the agent.
    pub agent_connection: String,
    pub offer: OfferChat,
    pub initiation: Initiation,
    pub conversation: Arc<Conversation>,
    pub facts: watch::Sender<ChatFacts>,
    taken: AtomicBool,
}

impl Chat {
    /// A new conversation for that agent, known as `name` to the customer.
    pub(crate) fn new(offer: OfferChat, name: &str) -> Arc<Self> {
        let contact_id = Uuid::new_v4().to_string();
        let conversation = Conversation::new(&contact_id, &offer);
        Self::make(contact_id, offer, name, Initiation::Inbound, conversation)
    }

    /// The contact of another agent who takes the conversation over.
    pub(crate) fn transferred(from: &Self, agent: &str, name: &str, initiation: Initiation) -> Arc<Self> {
        let offer = OfferChat { agent: agent.to_owned(), ring: None, force: false, ..from.offer.clone() };
        Self::make(Uuid::new_v4().to_string(), offer, name, initiation, from.conversation.clone())
    }

    fn make(
        contact_id: String,
        offer: OfferChat,
        name: &str,
        initiation: Initiation,
        conversation: Arc<Conversation>,
    ) -> Arc<Self> {
        let agent_connection = Uuid::new_v4().to_string();
        let mut agent = Participant::new(&agent_connection, ChatRole::Agent, name, &contact_id, Presence::Invited);
        agent.channel.clone_from(&offer.agent);
        conversation.change(|talk| talk.participants.push(agent));
        Arc::new(Self {
            contact_id,
            agent: offer.agent.clone(),
            agent_connection,
            offer,
            initiation,
            conversation,
            facts: watch::Sender::new(ChatFacts::default()),
            taken: AtomicBool::new(false),
        })
    }

    pub(crate) fn note(&self, change: impl FnOnce(&mut ChatFacts)) {
        self.facts.send_modify(change);
    }

    /// True the first time only.
    pub(crate) fn claim(&self) -> bool {
        !self.taken.swap(true, Ordering::SeqCst)
    }

    pub(crate) fn participant_token(&self) -> String {
        let talk = self.conversation.talk.borrow();
        talk.participant(&self.agent_connection).map(|p| p.token.clone()).unwrap_or_default()
    }
}

/// What the snapshot shows of a chat contact.
pub(crate) struct ChatRecord {
    pub chat: Arc<Chat>,
    /// `connecting`, `connected`, `ended`, `missed` or `rejected`.
    pub state: &'static str,
    pub since: f64,
    pub began: f64,
    pub agent_leg: LegRecord,
    pub customer_leg: LegRecord,
}

impl ChatRecord {
    pub(crate) fn new(chat: &Arc<Chat>, now: f64) -> Self {
        Self {
            chat: chat.clone(),
            state: "connecting",
            since: now,
            began: now,
            agent_leg: LegRecord::new("connecting", now),
            customer_leg: LegRecord::new("connected", now),
        }
    }

    pub(crate) fn set(&mut self, state: &'static str, agent_leg: &'static str, now: f64) {
        self.state = state;
        self.since = now;
        self.agent_leg.set(agent_leg, now);
    }

    pub(crate) fn is_live(&self) -> bool {
        matches!(self.state, "connecting" | "connected")
    }
}

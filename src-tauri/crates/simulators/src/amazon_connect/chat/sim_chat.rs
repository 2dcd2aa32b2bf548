//! The handle of one agent's chat contact: what the agent did.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::contact::{Chat, ChatEndedBy, ChatFacts, OfferChat};
use super::conversation::{ChatFile, ChatRole, Talk};
use super::item::ChatMessage;
use crate::Moment;
use crate::amazon_connect::error::SimError;
use crate::amazon_connect::facts::{self, Facts as _};
use crate::amazon_connect::shared::Shared;

/// One chat contact of an agent, with the customer and the bots behind it.
///
/// After a transfer each agent has a contact, and so a handle, of its own;
/// they share the conversation.
#[derive(Clone)]
pub struct SimChat {
    pub(crate) chat: Arc<Chat>,
    pub(crate) shared: Arc<Shared>,
}

impl SimChat {
    /// The contact id of the snapshot.
    #[must_use]
    pub fn contact_id(&self) -> &str {
        &self.chat.contact_id
    }

    /// The first contact of the conversation.
    #[must_use]
    pub fn initial_contact_id(&self) -> &str {
        &self.chat.conversation.initial_contact_id
    }

    /// The agent whose contact it is, by login.
    #[must_use]
    pub fn agent(&self) -> &str {
        &self.chat.agent
    }

    /// The agent's connection id, which is the agent's participant id too.
    #[must_use]
    pub fn agent_connection_id(&self) -> &str {
        &self.chat.agent_connection
    }

    /// The customer's connection id and participant id.
    #[must_use]
    pub fn customer_connection_id(&self) -> &str {
        &self.chat.conversation.customer_id
    }

    /// The token that the agent's snapshot carries.
    #[must_use]
    pub fn participant_token(&self) -> String {
        self.chat.participant_token()
    }

    /// The participant token of the customer, for a client of theirs.
    #[must_use]
    pub fn customer_token(&self) -> String {
        self.read(|talk| talk.participant(self.customer_connection_id()).map(|p| p.token.clone()).unwrap_or_default())
    }

    /// What it was offered with.
    #[must_use]
    pub fn offer(&self) -> &OfferChat {
        &self.chat.offer
    }

    /// Everything that has happened to the contact so far.
    #[must_use]
    pub fn facts(&self) -> ChatFacts {
        self.chat.facts.borrow().clone()
    }

    /// Waits for a fact.
    ///
    /// # Errors
    /// [`SimError::Expected`] with what has happened instead.
    pub async fn expect<T>(
        &self,
        what: &str,
        timeout: Duration,
        fact: impl Fn(&ChatFacts) -> Option<T>,
    ) -> Result<T, SimError> {
        facts::expect(&self.chat.facts, what, timeout, fact).await
    }

    /// The snapshot with the chat has been sent.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_offered(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("the chat to be offered", timeout, |f| f.offered).await
    }

    /// The agent accepts, or the service for them.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_accepted(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("the chat to be accepted", timeout, |f| f.accepted).await
    }

    /// The agent's client tells the Participant Service that it is there.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_acknowledged(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("ConnectParticipant", timeout, |f| f.acknowledged.first().copied()).await
    }

    /// The agent rejects.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_rejected(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("the chat to be rejected", timeout, |f| f.rejected).await
    }

    /// The ring time runs out.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_missed(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("the chat to be missed", timeout, |f| f.missed).await
    }

    /// The connected chat is over for this agent.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_ended(&self, timeout: Duration) -> Result<ChatEndedBy, SimError> {
        self.expect("the chat to end", timeout, |f| f.ended.map(|(by, _)| by)).await
    }

    /// The agent ends the connected chat.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_ended_by_agent(&self, timeout: Duration) -> Result<Moment, SimError> {
        let ended = |f: &ChatFacts| f.ended.filter(|(by, _)| *by == ChatEndedBy::Agent).map(|(_, at)| at);
        self.expect("the agent to end the chat", timeout, ended).await
    }

    /// The agent transfers it, and it was possible.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_transferred(&self, timeout: Duration) -> Result<Moment, SimError> {
        let ended = |f: &ChatFacts| f.ended.filter(|(by, _)| *by == ChatEndedBy::Transfer).map(|(_, at)| at);
        self.expect("the agent to transfer the chat", timeout, ended).await
    }

    /// The finished contact is cleared.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_cleared(&self, timeout: Duration) -> Result<Moment, SimError> {
        self.expect("the contact to be cleared", timeout, |f| f.cleared).await
    }

    // What the customer sees.

    pub(crate) fn read<T>(&self, read: impl FnOnce(&Talk) -> T) -> T {
        read(&self.chat.conversation.talk.borrow())
    }

    /// Messages and attachments of everybody, in the order in which the
    /// service got them.
    #[must_use]
    pub fn messages(&self) -> Vec<ChatMessage> {
        self.read(|talk| talk.items.iter().filter(|i| i.is_message()).map(super::item::Item::message).collect())
    }

    /// Those of agents.
    #[must_use]
    pub fn agent_messages(&self) -> Vec<ChatMessage> {
        let mut all = self.messages();
        all.retain(|m| m.role == ChatRole::Agent);
        all
    }

    /// Content types of all events of the transcript, without the common
    /// beginning, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<String> {
        let short = |kind: &str| kind.strip_prefix(super::item::EVENT).unwrap_or(kind).to_owned();
        self.read(|talk| talk.items.iter().filter(|i| !i.is_message()).map(|i| short(&i.content_type)).collect())
    }

    /// The files of the conversation, also those still in check.
    #[must_use]
    pub fn files(&self) -> Vec<ChatFile> {
        self.read(|talk| talk.files.clone())
    }

    /// When the agent of this contact has typed, by the events that came.
    #[must_use]
    pub fn typing_seen(&self) -> Vec<Moment> {
        let me = self.agent_connection_id();
        self.read(|talk| talk.typing.iter().filter(|(id, _)| id == me).map(|(_, at)| *at).collect())
    }

    /// Receipts of this agent in the order in which they came: message id, and
    /// whether it was a read (else a delivered).
    #[must_use]
    pub fn receipts_seen(&self) -> Vec<(String, bool)> {
        let me = self.agent_connection_id();
        self.read(|talk| {
            let own = talk.receipts.iter().filter(|(id, _, _)| id == me);
            own.map(|(_, message, read)| (message.clone(), *read)).collect()
        })
    }

    /// The conversation as GetTranscript would show it whole, oldest first.
    #[must_use]
    pub fn transcript(&self) -> Vec<Value> {
        let initial = self.initial_contact_id();
        self.read(|talk| talk.items.iter().map(|i| i.transcript_json(initial)).collect())
    }

    /// True once the conversation is over for everybody.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.read(|talk| talk.ended)
    }

    /// Waits until something is true of the conversation.
    pub(crate) async fn wait<T>(
        &self,
        what: &str,
        timeout: Duration,
        found: impl Fn(&Talk) -> Option<T>,
    ) -> Result<T, SimError> {
        let mut talk = self.chat.conversation.talk.subscribe();
        let seen = async { talk.wait_for(|t| found(t).is_some()).await.ok().and_then(|t| found(&t)) };
        let in_time = tokio::time::timeout(timeout, seen).await.ok().flatten();
        in_time.ok_or_else(|| SimError::Expected {
            what: what.to_owned(),
            waited: timeout,
            seen: format!("{} messages were sent; {}", self.messages().len(), self.facts().summary()),
        })
    }

    /// Waits for a message of an agent with exactly that text.
    ///
    /// # Errors
    /// [`SimError::Expected`] when none comes in time.
    pub async fn wait_for_message(&self, text: &str, timeout: Duration) -> Result<ChatMessage, SimError> {
        self.wait_for("the agent's message", timeout, |m| m.content == text).await
    }

    /// Waits for a message or attachment of an agent that `wanted` takes.
    ///
    /// # Errors
    /// [`SimError::Expected`] when none comes in time.
    pub async fn wait_for(
        &self,
        what: &str,
        timeout: Duration,
        wanted: impl Fn(&ChatMessage) -> bool,
    ) -> Result<ChatMessage, SimError> {
        let of_agent = |m: &ChatMessage| m.role == ChatRole::Agent && wanted(m);
        self.wait(what, timeout, |talk| {
            talk.items.iter().filter(|i| i.is_message()).map(super::item::Item::message).find(|m| of_agent(m))
        })
        .await
    }

    /// Waits until the agent has typed, at least that many times.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn wait_for_typing(&self, times: usize, timeout: Duration) -> Result<(), SimError> {
        let me = self.agent_connection_id().to_owned();
        let enough = move |talk: &Talk| (talk.typing.iter().filter(|(id, _)| *id == me).count() >= times).then_some(());
        self.wait("the agent to type", timeout, enough).await
    }

    /// Waits until the agent's client has said that a message was delivered,
    /// or with `read` that it was read.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn wait_for_receipt(&self, message: &str, read: bool, timeout: Duration) -> Result<(), SimError> {
        let me = self.agent_connection_id().to_owned();
        let there = move |talk: &Talk| {
            let mut all = talk.receipts.iter();
            all.any(|(id, of, was_read)| *id == me && of == message && (*was_read || !read)).then_some(())
        };
        self.wait("the agent's receipt", timeout, there).await
    }

    /// Waits for a file that the agent has sent and the check has let through.
    ///
    /// # Errors
    /// [`SimError::Expected`] when none comes in time.
    pub async fn wait_for_file(&self, name: &str, timeout: Duration) -> Result<ChatFile, SimError> {
        let me = self.agent_connection_id().to_owned();
        let wanted = move |f: &&ChatFile| {
            f.sender == me && f.name == name && f.status == super::conversation::AttachmentStatus::Approved
        };
        self.wait("the agent's file", timeout, |talk| talk.files.iter().find(&wanted).cloned()).await
    }
}

//! A conversation: who takes part, what was said, and the files. Transfers
//! change the agent's contact, not the conversation.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::watch;
use uuid::Uuid;

use super::contact::OfferChat;
use super::delivery;
use super::item::{EVENT, Item, ItemFile, Receipt, Sender};
use crate::Moment;
use crate::amazon_connect::shared::Shared;
use crate::amazon_connect::state::now;

/// Roles of participants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatRole {
    /// An agent.
    Agent,
    /// The customer.
    Customer,
    /// A bot of the customer's making.
    CustomBot,
    /// A supervisor who has barged in.
    Supervisor,
    /// The service's flow and its bots.
    System,
}

impl ChatRole {
    pub(crate) fn wire_name(self) -> &'static str {
        match self {
            Self::Agent => "AGENT",
            Self::Customer => "CUSTOMER",
            Self::CustomBot => "CUSTOM_BOT",
            Self::Supervisor => "SUPERVISOR",
            Self::System => "SYSTEM",
        }
    }

    fn is_person(self) -> bool {
        matches!(self, Self::Agent | Self::Customer | Self::Supervisor)
    }
}

/// Where the check of an attachment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttachmentStatus {
    /// Uploaded or being uploaded, not checked.
    InProgress,
    /// Others can fetch it.
    Approved,
    /// Refused by the check; nobody gets it.
    Rejected,
}

impl AttachmentStatus {
    pub(crate) fn wire_name(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
        }
    }
}

/// A file of the conversation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ChatFile {
    /// AttachmentId.
    pub id: String,
    /// The name exactly as given, path parts and all.
    pub name: String,
    /// Content type as given.
    pub content_type: String,
    /// The size that was announced.
    pub size: usize,
    /// What was uploaded; `None` before that.
    pub bytes: Option<Bytes>,
    /// Where its check stands.
    pub status: AttachmentStatus,
    /// Participant id of the sender.
    pub sender: String,
    pub(crate) completed: bool,
}

/// Whether a participant may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// The contact rings.
    Invited,
    Here,
    /// Left: may read what was said.
    Gone,
    /// The contact is cleared: every token is refused.
    Forgotten,
}

#[derive(Clone, Debug)]
pub(crate) struct Participant {
    pub id: String,
    pub role: ChatRole,
    pub name: String,
    pub contact_id: String,
    /// Whose sockets get the frames: an agent's login, or `participant:ID`.
    pub channel: String,
    /// The participant token.
    pub token: String,
    pub presence: Presence,
}

impl Participant {
    pub(crate) fn new(id: &str, role: ChatRole, name: &str, contact_id: &str, presence: Presence) -> Self {
        Self {
            id: id.to_owned(),
            role,
            name: name.to_owned(),
            contact_id: contact_id.to_owned(),
            channel: format!("participant:{id}"),
            token: format!("participant-token-{}", Uuid::new_v4()),
            presence,
        }
    }

    pub(crate) fn sender(&self) -> Sender {
        Sender { id: self.id.clone(), role: self.role, name: self.name.clone() }
    }
}

/// All that changes in a conversation.
#[derive(Default)]
pub(crate) struct Talk {
    pub participants: Vec<Participant>,
    pub items: Vec<Item>,
    pub files: Vec<ChatFile>,
    /// Answers already given, by participant, action and ClientToken.
    pub answers: HashMap<(String, &'static str, String), Value>,
    /// Who typed, by participant id, and when.
    pub typing: Vec<(String, Moment)>,
    /// Receipts as they came: participant, message id, read.
    pub receipts: Vec<(String, String, bool)>,
    pub views: HashMap<String, Value>,
    /// Files yet to be refused by the check.
    pub rejections: usize,
    /// CHAT_ENDED was said.
    pub ended: bool,
}

impl Talk {
    pub(crate) fn participant(&self, id: &str) -> Option<&Participant> {
        self.participants.iter().find(|p| p.id == id)
    }

    pub(crate) fn set_presence(&mut self, id: &str, presence: Presence) {
        if let Some(participant) = self.participants.iter_mut().find(|p| p.id == id) {
            participant.presence = presence;
        }
    }

    pub(crate) fn is_here(&self, id: &str) -> bool {
        self.participant(id).is_some_and(|p| p.presence == Presence::Here)
    }

    /// Agents, customers and supervisors who are here.
    pub(crate) fn people(&self) -> usize {
        self.participants.iter().filter(|p| p.presence == Presence::Here && p.role.is_person()).count()
    }

    pub(crate) fn file_mut(&mut self, id: &str) -> Option<&mut ChatFile> {
        self.files.iter_mut().find(|f| f.id == id)
    }
}

pub(crate) struct Conversation {
    pub initial_contact_id: String,
    /// Participant id and connection id of the customer.
    pub customer_id: String,
    pub talk: watch::Sender<Talk>,
}

/// What is to be said; the rest of the item is filled in.
pub(crate) struct Draft {
    pub kind: &'static str,
    pub content_type: String,
    pub content: Option<String>,
    pub file: Option<ItemFile>,
    pub client_token: Option<String>,
}

impl Draft {
    pub(crate) fn message(content_type: &str, content: &str) -> Self {
        Self {
            kind: "MESSAGE",
            content_type: content_type.to_owned(),
            content: Some(content.to_owned()),
            file: None,
            client_token: None,
        }
    }

    /// `suffix` of the event's content type.
    pub(crate) fn event(suffix: &str) -> Self {
        Self { kind: "EVENT", content_type: format!("{EVENT}{suffix}"), content: None, file: None, client_token: None }
    }
}

impl Conversation {
    /// With the customer, who is here from the beginning.
    pub(crate) fn new(contact_id: &str, offer: &OfferChat) -> Arc<Self> {
        let customer_id = Uuid::new_v4().to_string();
        let customer =
            Participant::new(&customer_id, ChatRole::Customer, &offer.customer_name, contact_id, Presence::Here);
        let conversation = Self {
            initial_contact_id: contact_id.to_owned(),
            customer_id,
            talk: watch::Sender::new(Talk { participants: vec![customer], ..Talk::default() }),
        };
        Arc::new(conversation)
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Talk) -> T) -> Option<T> {
        let mut result = None;
        self.talk.send_modify(|talk| result = Some(change(talk)));
        result
    }

    /// Adds an item and sends it to everybody who is here; returns it.
    pub(crate) fn add(&self, shared: &Arc<Shared>, talk: &mut Talk, sender: Option<&Sender>, draft: Draft) -> Item {
        let item = Item {
            id: Uuid::new_v4().to_string(),
            kind: draft.kind,
            time: now() + shared.skew(),
            at: Moment::now(),
            content_type: draft.content_type,
            content: draft.content,
            contact_id: contact_of(talk, sender).unwrap_or_else(|| self.initial_contact_id.clone()),
            sender: sender.cloned(),
            file: draft.file,
            completed: None,
            client_token: draft.client_token,
            receipts: Vec::new(),
        };
        talk.items.push(item.clone());
        delivery::send(shared, talk, &item.json(&self.initial_contact_id));
        item
    }

    /// An event that is told, but is no part of the transcript.
    pub(crate) fn tell(&self, shared: &Arc<Shared>, talk: &mut Talk, sender: &Sender, suffix: &str) -> (String, f64) {
        let before = talk.items.len();
        let item = self.add(shared, talk, Some(sender), Draft::event(suffix));
        talk.items.truncate(before);
        (item.id, item.time)
    }

    /// One recipient's receipt for a message; tells everybody. False when
    /// there is no such message.
    pub(crate) fn receipt(
        &self,
        shared: &Arc<Shared>,
        talk: &mut Talk,
        recipient: &str,
        message: &str,
        read: bool,
    ) -> bool {
        let time = now() + shared.skew();
        let Some(item) = talk.items.iter_mut().find(|i| i.id == message && i.is_message()) else {
            return false;
        };
        match item.receipts.iter_mut().find(|r| r.recipient == recipient) {
            Some(known) => known.read = known.read.or(read.then_some(time)),
            None => item.receipts.push(Receipt {
                recipient: recipient.to_owned(),
                delivered: time,
                read: read.then_some(time),
            }),
        }
        let told = item.metadata_json(&self.initial_contact_id, recipient, time);
        talk.receipts.push((recipient.to_owned(), message.to_owned(), read));
        if let Some(told) = told {
            delivery::send(shared, talk, &told);
        }
        true
    }

    /// Somebody comes in, and everybody is told.
    pub(crate) fn join(&self, shared: &Arc<Shared>, talk: &mut Talk, id: &str) {
        talk.set_presence(id, Presence::Here);
        let sender = talk.participant(id).map(Participant::sender);
        self.add(shared, talk, sender.as_ref(), Draft::event("participant.joined"));
    }

    /// Everybody is told that somebody leaves; the one who leaves too.
    pub(crate) fn say_left(&self, shared: &Arc<Shared>, talk: &mut Talk, id: &str) {
        let sender = talk.participant(id).map(Participant::sender);
        self.add(shared, talk, sender.as_ref(), Draft::event("participant.left"));
    }

    /// The chat is over for everybody.
    pub(crate) fn end(&self, shared: &Arc<Shared>, talk: &mut Talk) {
        if std::mem::replace(&mut talk.ended, true) {
            return;
        }
        self.add(shared, talk, None, Draft::event("chat.ended"));
        for participant in &mut talk.participants {
            if participant.presence == Presence::Here {
                participant.presence = Presence::Gone;
            }
        }
    }
}

/// The contact of the sender, else of the agent who is here.
fn contact_of(talk: &Talk, sender: Option<&Sender>) -> Option<String> {
    let agent = talk.participants.iter().rev().find(|p| p.role == ChatRole::Agent && p.presence == Presence::Here);
    let own = sender.and_then(|s| talk.participant(&s.id)).filter(|p| p.role == ChatRole::Agent);
    own.or(agent).map(|p| p.contact_id.clone())
}

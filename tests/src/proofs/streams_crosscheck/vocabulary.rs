//! What our connector tells, in the vendor's words. The mapping is part of the
//! proof:
//!
//! | ours | vendor's |
//! | --- | --- |
//! | line of the connector's diff | `agent::...`, `contact::...` of the same name |
//! | `Event::Agent` | the agent at `agent::refresh`, when it looks different |
//! | `Event::Contact` | the contact at `contact::refresh`, when it looks different |
//! | state `Offered` | `incoming` of a call-back, else `connecting` |
//! | `Missed`, `Rejected`, `Failed` of a voice contact | `error`: the vendor does not say which |
//! | `Connecting` of a call-back | `incoming` until the customer is being called |
//! | reply of a command | success or failure callback; of an accept also `contact::accepted` |
//! | link online, degraded by the socket | `agent::websocket_connection_gained`, `..._lost` |
//! | notices about a task | callbacks of taskjs |
//! | conversation open, typing, ended | transcript read, onTyping, onEnded of chatjs |
//! | a message, new or changed | the item of the transcript, onMessage and its like |
//! | delivery of an own message | onDeliveredReceipt, onReadReceipt |

use std::collections::BTreeMap;

use trunkline_model::{
    Agent, AgentStateKind, AttachmentState, Author, AuthorRole, Channel, Connection, ConnectionKind, ConnectionState,
    Contact, ContactId, ContactState, Conversation, ConversationEvent, ConversationState, Delivery, Direction, Link,
    LinkState, Message, MessageBody, MessageId, Notice,
};

use super::compare::Record;

/// The agent as one line.
pub fn agent_picture(agent: &Agent) -> String {
    let kind = match agent.state.kind {
        AgentStateKind::Init => "init",
        AgentStateKind::Routable => "routable",
        AgentStateKind::NotRoutable => "not_routable",
        AgentStateKind::Offline => "offline",
        AgentStateKind::System => "system",
        AgentStateKind::Error => "error",
        AgentStateKind::Unknown => "unknown",
    };
    let next = agent.next_state.as_ref().map(|next| format!(", then {}", next.name)).unwrap_or_default();
    format!("{kind} {}{next}", agent.state.name)
}

fn channel(contact: &Contact) -> &str {
    match &contact.channel {
        Channel::Voice => "voice",
        Channel::Chat => "chat",
        Channel::Task => "task",
        Channel::Email => "email",
        Channel::Unknown(other) => other,
    }
}

/// What kind of contact it is, and whose.
pub fn begins(contact: &Contact) -> String {
    let direction = match contact.direction {
        Direction::Inbound => "inbound",
        Direction::Outbound => "outbound",
        Direction::Callback => "callback",
        Direction::Monitoring => "monitoring",
    };
    let queue = contact.queue.as_ref().and_then(|queue| queue.name.as_deref()).unwrap_or("none");
    let who = match contact.channel {
        Channel::Chat => contact.customer.name.clone(),
        Channel::Task => contact.subject.clone(),
        Channel::Email => {
            contact.email.as_ref().and_then(|email| email.from.as_ref()).and_then(|from| from.address.clone())
        }
        Channel::Voice | Channel::Unknown(_) => contact.customer.address.clone(),
    };
    format!("{} {direction}, queue {queue}, {}", channel(contact), who.as_deref().unwrap_or("nobody"))
}

fn state(contact: &Contact) -> &str {
    let voice = contact.channel == Channel::Voice;
    match &contact.state {
        ContactState::Init => "init",
        ContactState::Offered if contact.direction == Direction::Callback => "incoming",
        // We stop ringing when the accept is answered, the platform's state follows in a snapshot.
        ContactState::Connecting if contact.direction == Direction::Callback && !is_called(contact) => "incoming",
        ContactState::Offered | ContactState::Connecting => "connecting",
        ContactState::Connected => "connected",
        ContactState::Paused => "paused",
        ContactState::Ended => "ended",
        ContactState::Missed | ContactState::Rejected | ContactState::Failed if voice => "error",
        ContactState::Missed => "missed",
        ContactState::Rejected => "rejected",
        ContactState::Failed => "error",
        ContactState::Unknown(other) => other,
    }
}

fn is_called(contact: &Contact) -> bool {
    contact.initial_connection().is_some_and(|leg| leg.state == ConnectionState::Connecting)
}

fn leg(connection: &Connection) -> String {
    let state = match &connection.state {
        ConnectionState::Init => "init",
        ConnectionState::Connecting => "connecting",
        ConnectionState::Connected => "connected",
        ConnectionState::Hold => "hold",
        ConnectionState::SilentMonitor => "silent_monitor",
        ConnectionState::Barge => "barge",
        ConnectionState::Disconnected => "disconnected",
        ConnectionState::Rejected => "rejected",
        ConnectionState::Unknown(other) => other,
    };
    let party = &connection.party;
    let name = match &connection.kind {
        ConnectionKind::Agent | ConnectionKind::Monitoring => "agent",
        ConnectionKind::Initial => "customer",
        ConnectionKind::ThirdParty | ConnectionKind::Unknown(_) => {
            party.address.as_deref().or(party.name.as_deref()).unwrap_or("nobody")
        }
    };
    format!("{name} {state}")
}

/// The contact as one line: its state and its legs, own, customer's, others'.
pub fn contact_picture(contact: &Contact) -> String {
    let own = contact.agent_connection();
    let customer = contact.initial_connection();
    let others = contact.connections.iter().filter(|leg| {
        let known = [own, customer].into_iter().flatten().any(|known| known.id == leg.id);
        !known
    });
    let legs: Vec<String> = own.into_iter().chain(customer).chain(others).map(leg).collect();
    format!("{}: {}", state(contact), legs.join(", "))
}

/// How the connection to the platform stands.
pub fn link(link: &Link) -> Option<Record> {
    let event = match (link.state, link.reason.as_deref()) {
        (LinkState::Online, _) => "agent::websocket_connection_gained".to_owned(),
        (LinkState::Degraded, Some("link_reason_socket_lost")) => "agent::websocket_connection_lost".to_owned(),
        (LinkState::Connecting, None) => return None,
        (state, reason) => format!("{state:?} {}", reason.unwrap_or("without a reason")),
    };
    Some(Record::new("link", event, ""))
}

/// What the agent is told beside the contacts.
pub fn notice(notice: &Notice) -> Record {
    let contact = notice.contact.as_ref().map_or_else(String::new, ToString::to_string);
    let task = match notice.message_key.as_str() {
        "notice_task_transfer_begun" => "transfer begun",
        "notice_task_expiring" => "expiring",
        "notice_task_expired" => "expired",
        other => return Record::new("notices", other, contact),
    };
    Record::new(format!("task {contact}"), task, "")
}

/// An event of a chat and its words.
pub type Told = (&'static str, String);

/// What was told of chats so far.
#[derive(Default)]
pub struct Chats {
    frames: BTreeMap<ContactId, Conversation>,
    messages: BTreeMap<(ContactId, MessageId), Message>,
}

impl Chats {
    /// The frame of a chat, new or changed.
    pub fn conversation(&mut self, contact: &ContactId, now: &Conversation) -> Vec<Told> {
        let before = self.frames.insert(contact.clone(), now.clone());
        let mut told = Vec::new();
        let was = before.as_ref().map(|before| before.state);
        if was != Some(now.state) {
            match now.state {
                ConversationState::Joining => {}
                ConversationState::Open => told.push(("open", String::new())),
                ConversationState::Ended => told.push(("ended", String::new())),
                ConversationState::Broken => told.push(("broken", String::new())),
            }
        }
        let typed = before.map(|before| before.typing).unwrap_or_default();
        for author in now.typing.iter().filter(|author| !typed.contains(author)) {
            told.push(("typing", role(author).to_owned()));
        }
        told
    }

    /// A message, new or changed.
    pub fn message(&mut self, contact: &ContactId, now: &Message) -> Vec<Told> {
        let key = (contact.clone(), now.id.clone());
        let before = self.messages.insert(key, now.clone());
        let words = item(now);
        let mut told = Vec::new();
        if before.as_ref().map(item).as_ref() != Some(&words) {
            told.push(("item", words));
        }
        let was = before.and_then(|before| before.delivery);
        if now.delivery > was {
            match now.delivery {
                Some(Delivery::Delivered) => told.push(("delivered", text(now))),
                Some(Delivery::Read) => told.push(("read", text(now))),
                Some(Delivery::Sent | Delivery::Failed) | None => {}
            }
        }
        told
    }
}

fn role(author: &Author) -> &'static str {
    match author.role {
        AuthorRole::Me => "AGENT",
        AuthorRole::Customer => "CUSTOMER",
        AuthorRole::Agent => "other agent",
        AuthorRole::Supervisor => "SUPERVISOR",
        // The platform's own roles do not tell a bot from the system.
        AuthorRole::Bot | AuthorRole::System => "SYSTEM",
    }
}

fn text(message: &Message) -> String {
    match &message.body {
        MessageBody::Text { text } | MessageBody::Markdown { text } => text.clone(),
        other => format!("{other:?}"),
    }
}

fn item(message: &Message) -> String {
    let by = role(&message.author);
    let partial = if message.partial { " (partial)" } else { "" };
    match &message.body {
        MessageBody::Text { text } => format!("{by} text/plain: {text}{partial}"),
        MessageBody::Markdown { text } => format!("{by} text/markdown: {text}{partial}"),
        MessageBody::Attachments { files, .. } => {
            let file = |state: AttachmentState| match state {
                AttachmentState::Checking => "IN_PROGRESS",
                AttachmentState::Ready => "APPROVED",
                AttachmentState::Refused => "REJECTED",
            };
            let files: Vec<String> = files.iter().map(|f| format!("{} {}", f.name, file(f.state))).collect();
            format!("{by} file {}", files.join(", "))
        }
        MessageBody::Event { event } => format!("{by} event {}", event_name(event)),
        MessageBody::Unknown { content_type, text } => format!("{by} {content_type}: {text}{partial}"),
        other => format!("{by} {other:?}"),
    }
}

fn event_name(event: &ConversationEvent) -> &'static str {
    match event {
        ConversationEvent::Joined => "participant.joined",
        ConversationEvent::Left => "participant.left",
        ConversationEvent::Invited => "participant.invited",
        ConversationEvent::Renamed => "participant.displayname.updated",
        ConversationEvent::Idle => "participant.idle",
        ConversationEvent::Returned => "participant.returned",
        ConversationEvent::AutoDisconnected => "participant.autodisconnection",
        ConversationEvent::Transferred => "transfer.succeeded",
        ConversationEvent::TransferFailed => "transfer.failed",
        ConversationEvent::Resumed => "chat.rehydrated",
        ConversationEvent::Ended => "chat.ended",
        ConversationEvent::AuthenticationStarted => "authentication.initiated",
        ConversationEvent::AuthenticationSucceeded => "authentication.succeeded",
        ConversationEvent::AuthenticationFailed(_) => "authentication.failed",
        _ => "of another platform",
    }
}

//! What happens in a conversation beside messages (docs/connectors/expertflow.md, 7.4).

use serde_json::Value;
use trunkline_model::{Author, AuthorRole, ConversationEvent};

use super::{
    channel::{ChannelSession, channel_name},
    event::Sender,
    look::{at, constant, first, flag, list, map, words},
    read::{Reader, just},
    task::{Task, TaskMedia},
    text,
    told::{Happening, Participant, Sla, Timer, Told},
};

/// Whether an event of this name is read here.
pub(super) fn names(name: &str) -> bool {
    matches!(
        name,
        "CHANNEL_SESSION_STARTED"
            | "CHANNEL_SESSION_ENDED"
            | "CHANNEL_SESSION_DATA_UPDATED"
            | "CHANNEL_SESSION_EXPIRED"
            | "AGENT_SUBSCRIBED"
            | "AGENT_UNSUBSCRIBED"
            | "PARTICIPANT_ROLE_CHANGED"
            | "TASK_ENQUEUED"
            | "TASK_STATE_CHANGED"
            | "NO_AGENT_AVAILABLE"
            | "CONVERSATION_DATA_CHANGED"
            | "ASSOCIATED_CUSTOMER_CHANGED"
            | "AGENT_SLA_STARTED"
            | "AGENT_SLA_STOPPED"
            | "CONVERSATION_PAUSED"
            | "CONVERSATION_RESUMED"
            | "HAND_RAISED"
            | "HAND_DOWN"
    )
}

/// Reads one.
pub(super) fn read(reader: &Reader<'_>) -> Told {
    let data: &Value = &reader.event.data;
    match reader.event.name.as_str() {
        "CHANNEL_SESSION_STARTED" => session(reader, Happening::LineOpened, Some(ConversationEvent::LineOpened)),
        "CHANNEL_SESSION_ENDED" => session(reader, Happening::LineClosed, Some(ConversationEvent::LineClosed)),
        "CHANNEL_SESSION_DATA_UPDATED" | "CHANNEL_SESSION_EXPIRED" => session(reader, Happening::LineChanged, None),
        "AGENT_SUBSCRIBED" => joined(reader),
        "AGENT_UNSUBSCRIBED" => left(reader),
        "PARTICIPANT_ROLE_CHANGED" => role_changed(reader),
        "TASK_ENQUEUED" => enqueued(reader),
        "TASK_STATE_CHANGED" => task_changed(reader),
        "NO_AGENT_AVAILABLE" => nobody(reader),
        "CONVERSATION_DATA_CHANGED" if data.is_object() => just(Happening::DataChanged(map(data))),
        "ASSOCIATED_CUSTOMER_CHANGED" if data.is_object() => {
            let line = reader.line(reader.emitter(), ConversationEvent::CustomerChanged);
            Told { what: Happening::CustomerChanged(data.clone()), line, encoded: false }
        }
        "AGENT_SLA_STARTED" => {
            let sla = Sla::read(data);
            // The timer starts at every message of the customer: a line is made only
            // when the platform wants the agent to be told.
            let due = sla.action == "SHOW_POPUP";
            let line = if due { reader.line(reader.emitter(), ConversationEvent::AnswerDue) } else { None };
            Told { what: Happening::Sla(sla), line, encoded: false }
        }
        "AGENT_SLA_STOPPED" => just(Happening::SlaStopped),
        "CONVERSATION_PAUSED" => {
            let timer = Timer::read(at(data, &["holdTimerDetails"]));
            let line = reader.line(reader.emitter(), ConversationEvent::Paused);
            Told { what: Happening::Paused(timer), line, encoded: false }
        }
        "CONVERSATION_RESUMED" => {
            let line = reader.line(reader.emitter(), ConversationEvent::Unpaused);
            Told { what: Happening::Resumed, line, encoded: false }
        }
        "HAND_RAISED" => {
            let (user, agent) = hand(reader);
            let line = reader.line(agent.clone(), ConversationEvent::HandRaised);
            Told { what: Happening::HandRaised { user, agent }, line, encoded: false }
        }
        "HAND_DOWN" => {
            let (user, agent) = hand(reader);
            let line = reader.line(agent.clone(), ConversationEvent::HandLowered);
            Told { what: Happening::HandLowered { user, agent }, line, encoded: false }
        }
        _ => reader.other(),
    }
}

fn session(
    reader: &Reader<'_>,
    what: fn(Box<ChannelSession>) -> Happening,
    line: Option<fn(String) -> ConversationEvent>,
) -> Told {
    let event = reader.event;
    // Both places hold it; the data is what the event is about.
    let found = ChannelSession::read(&event.data).or_else(|| ChannelSession::read(&event.channel_session));
    let Some(session) = found else { return reader.other() };
    let author = Author { role: AuthorRole::Customer, name: event.customer_name() };
    let line = line.and_then(|line| reader.line(author, line(channel_name(&session.channel_type))));
    Told { what: what(Box::new(session)), line, encoded: false }
}

/// The agent whom the event is about; `None` when it is about nobody or not about an agent.
fn participant(reader: &Reader<'_>) -> Option<Participant> {
    let data: &Value = &reader.event.data;
    let wrapped = ["agentParticipant", "conversationParticipant", "topicParticipant"];
    let raw = wrapped.iter().map(|name| at(data, &[name])).find(|raw| raw.is_object());
    let raw = raw.or_else(|| Some(data).filter(|data| at(data, &["participant"]).is_object()))?;
    if constant(raw, &["type"]).is_some_and(|kind| kind != "AGENT") {
        return None;
    }
    let sender = Sender::read(raw);
    let user = at(raw, &["participant"]);
    // The participant's own id is not the user's.
    let user = words(user, &["keycloakUser", "id"]).or_else(|| words(user, &["id"])).unwrap_or_default();
    Some(Participant {
        author: Author { role: reader.me.role(&user), name: sender.name },
        user,
        role: constant(raw, &["role"]).unwrap_or_default(),
        raw: raw.clone(),
    })
}

fn joined(reader: &Reader<'_>) -> Told {
    let Some(agent) = participant(reader) else { return reader.other() };
    // Whoever listens is not to be noticed; after-contact work is not taking part.
    let hidden = matches!(agent.role.as_str(), "SILENT_MONITOR" | "WRAP_UP");
    let line = if hidden { None } else { reader.line(agent.author.clone(), ConversationEvent::Joined) };
    Told { what: Happening::AgentJoined(Box::new(agent)), line, encoded: false }
}

fn left(reader: &Reader<'_>) -> Told {
    let Some(agent) = participant(reader) else { return reader.other() };
    // They were seen leaving when their after-contact work began.
    let hidden = matches!(agent.role.as_str(), "SILENT_MONITOR" | "WRAP_UP");
    let line = if hidden { None } else { reader.line(agent.author.clone(), ConversationEvent::Left) };
    let reason = words(&reader.event.data, &["reason"]).map(|reason| text::short(&reason));
    Told { what: Happening::AgentLeft { agent: Box::new(agent), reason }, line, encoded: false }
}

fn role_changed(reader: &Reader<'_>) -> Told {
    let Some(agent) = participant(reader) else { return reader.other() };
    let shown = match agent.role.as_str() {
        "PRIMARY" => Some(ConversationEvent::TookOver),
        "WHISPER" | "ASSISTANT" => Some(ConversationEvent::Advises),
        // Of mine the task tells.
        "WRAP_UP" if agent.author.role != AuthorRole::Me => Some(ConversationEvent::Left),
        _ => None,
    };
    let line = shown.and_then(|event| reader.line(agent.author.clone(), event));
    Told { what: Happening::RoleChanged(Box::new(agent)), line, encoded: false }
}

/// What asking for an agent in this direction is; `None` for those that nobody asked for.
fn request(direction: &str) -> Option<ConversationEvent> {
    match direction {
        "DIRECT_TRANSFER" | "CONSULT_TRANSFER" => Some(ConversationEvent::TransferRequested),
        "DIRECT_CONFERENCE" | "CONSULT_CONFERENCE" => Some(ConversationEvent::ConferenceRequested),
        "CONSULT" => Some(ConversationEvent::ConsultRequested),
        _ => None,
    }
}

fn enqueued(reader: &Reader<'_>) -> Told {
    let data: &Value = &reader.event.data;
    let task = Task::read(at(data, &["task"]));
    let queued = task.media.iter().filter(|media| media.state == "QUEUED");
    let asked = queued.filter_map(|media| Some((media, request(&media.direction)?))).next();
    let line = asked.and_then(|(media, event)| reader.line(requester(reader, media), event));
    let queue = first(at(data, &["queue"]), &["name"]).map(|name| text::short(&name));
    Told { what: Happening::TaskEnqueued { task: Box::new(task), queue }, line, encoded: false }
}

fn requester(reader: &Reader<'_>, media: &TaskMedia) -> Author {
    let Some(name) = media.requested_by.clone() else { return reader.emitter() };
    let me = reader.me;
    let mine = name == me.id || (!me.username.is_empty() && name.eq_ignore_ascii_case(me.username));
    let role = if mine { AuthorRole::Me } else { me.role(&name) };
    Author { role, name: Some(name) }
}

fn task_changed(reader: &Reader<'_>) -> Told {
    let data: &Value = &reader.event.data;
    let task = Task::read(at(data, &["task"]));
    let changed = flag(data, &["taskStateChanged"]).unwrap_or(false);
    let media: Vec<String> = list(data, &["mediaStateChanges"])
        .filter_map(|media| words(media, &[]).or_else(|| words(media, &["id"])))
        .collect();
    let line = progress(reader, &task, changed, &media).and_then(|event| {
        let role = task.agent.as_deref().map(|user| reader.me.role(user));
        let agent = role.map(|role| Author { role, name: task.agent_name.clone() });
        reader.line(agent.unwrap_or_else(|| reader.emitter()), event)
    });
    Told { what: Happening::TaskStateChanged { task: Box::new(task), changed, media }, line, encoded: false }
}

/// What an agent is to see of a task's going on.
fn progress(reader: &Reader<'_>, task: &Task, changed: bool, media: &[String]) -> Option<ConversationEvent> {
    let mine = task.agent.as_deref().is_some_and(|user| reader.me.role(user) == AuthorRole::Me);
    if changed {
        match (task.state.as_str(), task.reason.as_deref()) {
            ("WRAP_UP", _) if mine => return Some(ConversationEvent::WrapUpBegan),
            ("CLOSED", Some("RONA")) => return Some(ConversationEvent::NotAnswered),
            ("CLOSED", Some("TRANSFERRED")) => return Some(ConversationEvent::Transferred),
            _ => {}
        }
    }
    let moved = |one: &&TaskMedia| media.is_empty() || media.contains(&one.id);
    task.media.iter().filter(moved).find_map(|media| {
        request(&media.direction)?;
        let reason = media.reason.as_deref().or(task.reason.as_deref());
        match (media.state.as_str(), reason) {
            // My own offer rings; that needs no line.
            ("RESERVED", _) if !mine && task.agent.is_some() => Some(ConversationEvent::Invited),
            ("CLOSED", Some("RONA")) => Some(ConversationEvent::NotAnswered),
            ("CLOSED", Some("CANCELLED")) => Some(ConversationEvent::RequestCancelled),
            ("CLOSED", Some("FORCE_CLOSED")) if media.direction == "DIRECT_CONFERENCE" => {
                Some(ConversationEvent::RequestCancelled)
            }
            _ => None,
        }
    })
}

fn nobody(reader: &Reader<'_>) -> Told {
    let kind: &Value = at(&reader.event.data, &["requestType"]);
    let direction = constant(kind, &["direction"]).unwrap_or_default();
    let shown = matches!(direction.as_str(), "DIRECT_TRANSFER" | "DIRECT_CONFERENCE" | "CONSULT");
    let line = if shown { reader.line(reader.emitter(), ConversationEvent::NobodyAvailable) } else { None };
    let mode = constant(kind, &["mode"]).unwrap_or_default();
    Told { what: Happening::NobodyAvailable { direction, mode }, line, encoded: false }
}

fn hand(reader: &Reader<'_>) -> (String, Author) {
    let data: &Value = &reader.event.data;
    let emitter = &reader.event.emitter;
    let user = words(data, &["agentId"]).unwrap_or_else(|| emitter.id.clone());
    // The emitter's whole name is better than the user name, where it is the same agent.
    let whole = emitter.name.clone().filter(|_| emitter.id == user);
    let name = whole.or_else(|| first(data, &["userName", "username"]).map(|name| text::short(&name)));
    let author = Author { role: reader.me.role(&user), name };
    (user, author)
}

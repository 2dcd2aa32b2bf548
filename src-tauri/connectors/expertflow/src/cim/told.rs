//! What an event means for a conversation.

use serde_json::Value;
use trunkline_model::{Attribute, Author, Delivery, Message, MessageBody, MessageId, Suggestion, UnixMillis};

use super::{
    channel::ChannelSession,
    look::{at, constant, count},
    task::Task,
    text,
};

/// An event, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// What happened.
    pub what: Happening,
    /// What is to stand of it in the timeline, where it is no message itself. Its
    /// id is the event's: the same however often it comes.
    pub line: Option<Box<Message>>,
    /// The words came in base64.
    pub encoded: bool,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// Somebody wrote.
    Message(Box<Message>),
    /// An earlier message reads differently now.
    Edited {
        /// Which.
        message: MessageId,
        /// How it reads.
        body: Box<MessageBody>,
        /// Who did it.
        by: Author,
    },
    /// A message was taken back.
    Deleted {
        /// Which.
        message: MessageId,
        /// Who did it.
        by: Author,
    },
    /// How far messages got.
    Delivery {
        /// This one; from the customer, all before it as well.
        up_to: MessageId,
        /// How far.
        status: Delivery,
        /// Why it failed, in the platform's words or its number for it.
        reason: Option<String>,
        /// Who says so: the customer has it; an agent has it, who may be this one on
        /// another device; the system could not bring it.
        by: Author,
    },
    /// Somebody writes, or does not any more. The platform repeats it every few
    /// seconds. Agents do so too.
    Typing {
        /// Who.
        author: Author,
        /// They write.
        on: bool,
    },
    /// The customer can be reached on one more way.
    LineOpened(Box<ChannelSession>),
    /// That way is over.
    LineClosed(Box<ChannelSession>),
    /// Something about it is different.
    LineChanged(Box<ChannelSession>),
    /// An agent came in.
    AgentJoined(Box<Participant>),
    /// An agent went.
    AgentLeft {
        /// Who.
        agent: Box<Participant>,
        /// Why, in the platform's words.
        reason: Option<String>,
    },
    /// An agent has another role.
    RoleChanged(Box<Participant>),
    /// An agent was asked for.
    TaskEnqueued {
        /// The task.
        task: Box<Task>,
        /// Name of the queue.
        queue: Option<String>,
    },
    /// A task went on.
    TaskStateChanged {
        /// As it is now.
        task: Box<Task>,
        /// The task itself has another state.
        changed: bool,
        /// Ids of the media that have another state.
        media: Vec<String>,
    },
    /// Nobody is free for what was asked for.
    NobodyAvailable {
        /// What was asked for (`DIRECT_TRANSFER`, `CONSULT` ...); empty: not told.
        direction: String,
        /// `QUEUE`, `AGENT`; empty: not told.
        mode: String,
    },
    /// The conversation belongs to another customer's record: the document, as it came.
    CustomerChanged(Value),
    /// The conversation's data, whole, sorted by name.
    DataChanged(Vec<Attribute>),
    /// The agent's time to answer.
    Sla(Sla),
    /// It does not run any more.
    SlaStopped,
    /// The conversation was laid aside.
    Paused(Timer),
    /// It was taken up again.
    Resumed,
    /// An agent asks for help.
    HandRaised {
        /// User id; empty: not told.
        user: String,
        /// Who.
        agent: Author,
    },
    /// They do not any more.
    HandLowered {
        /// User id; empty: not told.
        user: String,
        /// Who.
        agent: Author,
    },
    /// What could be answered.
    Suggestions {
        /// To which message; absent: it does not say.
        message: Option<MessageId>,
        /// In the platform's order.
        suggestions: Vec<Suggestion>,
    },
    /// Something about a call.
    Call(Box<Call>),
    /// Nothing that is acted on. Its name stands in the event.
    Other,
}

/// An agent who takes part.
#[derive(Clone, Debug, PartialEq)]
pub struct Participant {
    /// User id; empty: not told.
    pub user: String,
    /// Role and name to be shown.
    pub author: Author,
    /// The platform's role: `PRIMARY`, `ASSISTANT`, `WHISPER`, `SILENT_MONITOR`, `WRAP_UP`; empty: not told.
    pub role: String,
    /// As it came, for sending it back.
    pub raw: Value,
}

/// The agent's time to answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sla {
    /// Seconds from the beginning to the end.
    pub total: Option<u64>,
    /// Seconds of it that the platform counted so far.
    pub elapsed: Option<u64>,
    /// `START_TIMER`, `CHANGE_COLOR`, `SHOW_POPUP`, `REMOVE_ALL_AGENTS`; empty: not told.
    pub action: String,
}

impl Sla {
    pub(super) fn read(data: &Value) -> Self {
        Self {
            total: count(data, &["totalDuration"]),
            elapsed: count(data, &["currentSliceDuration"]),
            action: constant(data, &["action"]).unwrap_or_default(),
        }
    }
}

/// A timer that the platform keeps: `agentSla` and `holdTimerDetails` of a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timer {
    /// Seconds that it runs.
    pub total: Option<u64>,
    /// Since when, by the platform's clock.
    pub since: Option<UnixMillis>,
}

impl Timer {
    /// Reads what is there; a timer that does not run has neither member.
    pub fn read(raw: &Value) -> Self {
        Self { total: count(raw, &["totalDuration"]), since: text::time(at(raw, &["startTime"])) }
    }

    /// When it is over, by the platform's clock; `None` when it does not run.
    pub fn ends(&self) -> Option<UnixMillis> {
        let millis = i64::try_from(self.total?.saturating_mul(1_000)).ok()?;
        Some(self.since?.shifted(millis))
    }
}

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallStep {
    /// A leg began.
    Began,
    /// A leg is over.
    Ended,
    /// On hold.
    Held,
    /// Off hold.
    Resumed,
    /// Something else.
    Other,
}

/// Something about a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What.
    pub step: CallStep,
    /// Id of the call.
    pub call: Option<String>,
    /// Which leg, as the platform names it.
    pub leg: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Whose leg.
    pub by: Author,
    /// The body, as it came.
    pub raw: Value,
}

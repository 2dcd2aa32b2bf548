//! What the agent asks a connector to do.

use bytes::Bytes;
use thiserror::Error;
use tokio::sync::oneshot;
use tokio::time::Instant;
use trunkline_model::{
    AgentStateId, CommandId, ConnectionId, ContactCard, ContactId, CustomerId, EndpointId, FieldValue, IssueKind,
    MediaDomainId, MessageId, MessageToken, MonitorMode, Place, QueueId, Reference, TaskTemplateId, TaskToken,
    UnixMillis, WorkItemId, WorkListId, WrapUpCode,
};

use crate::ports::Progress;

/// One act of the agent on one account. The truth about its effect always
/// comes back as an event; the reply only says whether the platform took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Choose a state; with `when_free` it is taken when the present contact ends.
    SetAgentState {
        /// One of `Agent::selectable_states`.
        state: AgentStateId,
        /// Queue it as the next state.
        when_free: bool,
    },
    /// Switch one medium on or off. The reply comes when the platform shows it.
    SetMedia {
        /// One of `Agent::media`.
        domain: MediaDomainId,
        /// Contacts are to be routed.
        ready: bool,
    },
    /// Take an offer.
    Accept {
        /// Which.
        contact: ContactId,
    },
    /// Decline an offer.
    Reject {
        /// Which.
        contact: ContactId,
    },
    /// Finish after-contact work, or remove a missed, declined or failed contact.
    Clear {
        /// Which.
        contact: ContactId,
    },
    /// End one leg; the agent's own leg hangs up.
    Disconnect {
        /// Which contact.
        contact: ContactId,
        /// Which leg; `None` is the agent's own.
        connection: Option<ConnectionId>,
    },
    /// Put a leg on hold; `None` is the customer's.
    Hold {
        /// Which contact.
        contact: ContactId,
        /// Which leg.
        connection: Option<ConnectionId>,
    },
    /// Take a leg off hold; `None` is the customer's.
    Resume {
        /// Which contact.
        contact: ContactId,
        /// Which leg.
        connection: Option<ConnectionId>,
    },
    /// Send touch tones: characters 0-9, * and #. `None` is the customer's leg.
    SendDigits {
        /// Which contact.
        contact: ContactId,
        /// Which leg.
        connection: Option<ConnectionId>,
        /// 1 to 50 characters.
        digits: String,
    },
    /// Call somebody. The contact comes as an event, like any other.
    Dial {
        /// E.164.
        number: String,
        /// One of `Agent::dial_queues`; `None` is the agent's default.
        queue: Option<QueueId>,
        /// The contact that the call is about, where it is made from one.
        related: Option<ContactId>,
    },
    /// Mute one party at the platform, or take that back.
    MuteParty {
        /// Which contact.
        contact: ContactId,
        /// Which leg.
        connection: ConnectionId,
        /// Wanted.
        muted: bool,
    },
    /// Call a further party to a contact; those who are there go on hold. Sent
    /// to the platform at most once: when it is not known what came of it, that
    /// is told, so that nobody is called twice.
    AddParty {
        /// Which contact.
        contact: ContactId,
        /// Whom.
        target: Target,
        /// For whoever takes it, where the platform can pass it on
        /// ([`crate::Capability::HandoverNotes`]); may be empty.
        note: String,
    },
    /// Bring all parties of a contact together.
    Conference {
        /// Which contact.
        contact: ContactId,
    },
    /// Change over who is on hold.
    Swap {
        /// Which contact.
        contact: ContactId,
    },
    /// Hand the whole contact over and leave it (chats, tasks, e-mails).
    Transfer {
        /// Which contact.
        contact: ContactId,
        /// To whom.
        target: Target,
        /// For whoever takes it, where the platform can pass it on
        /// ([`crate::Capability::HandoverNotes`]); may be empty.
        note: String,
    },
    /// Ask somebody else for advice, unseen by the customer. The contact stays.
    Consult {
        /// Which contact.
        contact: ContactId,
        /// Whom.
        target: Target,
        /// For whoever takes it, where the platform can pass it on
        /// ([`crate::Capability::HandoverNotes`]); may be empty.
        note: String,
    },
    /// Advice was given: the adviser answers the customer from now on.
    EndConsult {
        /// Which contact.
        contact: ContactId,
        /// One of `Contact::advisers`.
        adviser: EndpointId,
        /// Beside the agent; otherwise instead.
        stay: bool,
    },
    /// Give a contact another of the platform's customers.
    LinkCustomer {
        /// Which contact.
        contact: ContactId,
        /// Whose it is.
        customer: CustomerId,
    },
    /// Give a contact another name, which every agent sees.
    Rename {
        /// Which.
        contact: ContactId,
        /// The name; not blank.
        name: String,
    },
    /// Keep a contact's customer from writing to the company, or let them again.
    Ban {
        /// Whose.
        contact: ContactId,
        /// Wanted.
        banned: bool,
    },
    /// Change words that were sent. The reply comes when the platform has them.
    EditMessage {
        /// In which contact.
        contact: ContactId,
        /// One of the agent's own.
        message: MessageId,
        /// How it reads from now on; not blank.
        text: String,
    },
    /// Take a message back.
    RemoveMessage {
        /// In which contact.
        contact: ContactId,
        /// One of the agent's own.
        message: MessageId,
    },
    /// As a supervisor: begin to read somebody else's contact. It comes as a
    /// contact with `monitoring`, like any other.
    Monitor {
        /// One of `Supervision::contacts`.
        contact: ContactId,
    },
    /// Be told what comes into a list, or not any more.
    SubscribeList {
        /// One of the lists told ([`crate::Event::WorkLists`]).
        list: WorkListId,
        /// Wanted.
        subscribed: bool,
    },
    /// Take something out of a list. It comes as a contact, like any other.
    TakeWork {
        /// Which list.
        list: WorkListId,
        /// Which of its items.
        item: WorkItemId,
    },
    /// Take something off a list for everybody: nobody need take it any more.
    CloseWork {
        /// Which list.
        list: WorkListId,
        /// Which of its items.
        item: WorkItemId,
    },
    /// Note what a contact was about. At the end of one this ends after-contact
    /// work as well.
    WrapUp {
        /// Which contact.
        contact: ContactId,
        /// Out of `Agent::wrap_up`.
        codes: Vec<WrapUpCode>,
        /// In the agent's words; may be empty.
        note: String,
    },
    /// Answer on this way from now on.
    ChooseLine {
        /// In which contact.
        contact: ContactId,
        /// One of `Conversation::lines`.
        line: String,
    },
    /// Answer what was asked for while signing in (`Event::Challenge`).
    AnswerChallenge {
        /// The code or number.
        answer: Answer,
    },
    /// Have the code sent once more.
    ResendCode,
    /// Lay a contact aside (tasks, and conversations where the platform can).
    Pause {
        /// Which contact.
        contact: ContactId,
    },
    /// Take a task up again.
    Unpause {
        /// Which contact.
        contact: ContactId,
    },
    /// Make a task. It comes to whom it is for as a contact, like any other.
    CreateTask(Box<TaskRequest>),
    /// Change a task that the agent holds.
    UpdateTask(Box<TaskUpdate>),
    /// Change what the agent may change of the own configuration. The reply
    /// comes when the platform shows the new values.
    SetAgentPreferences {
        /// Calls come to this program (true) or to a desk phone (false).
        softphone: bool,
        /// Number of the desk phone: E.164, or an address `sip:USER@HOST`.
        /// Needed without a softphone; `None` takes the number away.
        extension: Option<String>,
        /// One of `Agent::languages`; `None` leaves it as it is.
        language: Option<String>,
    },
    /// As a supervisor: listen only, or take part.
    SetMonitorMode {
        /// Which contact.
        contact: ContactId,
        /// How from now on.
        mode: MonitorMode,
    },
    /// Tell the platform's own people of a problem with a contact, also while
    /// after-contact work on it goes on. Not sent again by itself: each is a report.
    ReportIssue {
        /// Which contact.
        contact: ContactId,
        /// What it is about.
        kind: IssueKind,
        /// The agent's words; may be empty.
        text: String,
    },
    /// Say something in a conversation. Comes again with the same token, also
    /// after a crash, until it is known to have arrived: the platform must be
    /// given the token, so that it stays one message. Before the reply, the
    /// message is told as an event, with its token. A file goes on as long as
    /// somebody waits for the reply.
    SendMessage {
        /// Which contact.
        contact: ContactId,
        /// The same for every attempt.
        token: MessageToken,
        /// What.
        content: OutgoingContent,
    },
    /// The agent is writing. Said on every key: the connector thins it out.
    Typing {
        /// In which contact.
        contact: ContactId,
    },
    /// The agent has seen everything up to this message.
    MarkRead {
        /// Which contact.
        contact: ContactId,
        /// The last one seen.
        message: MessageId,
    },
    /// Read a page of older messages; they come as events before the reply.
    LoadOlder {
        /// Which contact.
        contact: ContactId,
    },
    /// Begin signing in (opens the login window where the account uses one).
    SignIn,
    /// Open the platform's own panel in a window, signed in as here.
    OpenPlatformPanel,
    /// Move to the other of two instances, as soon as the call at hand is over.
    SwitchInstance,
    /// Leave the agent in a state at the platform, sign out, forget tokens. The
    /// connector ends afterwards, whatever the platform says of the state.
    SignOut {
        /// One of the agent's `selectable_states`; absent: the platform's offline state.
        state: Option<AgentStateId>,
    },
}

impl Command {
    /// The contact that it is about.
    pub fn contact(&self) -> Option<&ContactId> {
        match self {
            Self::Accept { contact }
            | Self::Reject { contact }
            | Self::Clear { contact }
            | Self::Disconnect { contact, .. }
            | Self::Hold { contact, .. }
            | Self::Resume { contact, .. }
            | Self::SendDigits { contact, .. }
            | Self::MuteParty { contact, .. }
            | Self::AddParty { contact, .. }
            | Self::Conference { contact }
            | Self::Swap { contact }
            | Self::Transfer { contact, .. }
            | Self::Pause { contact }
            | Self::Unpause { contact }
            | Self::Consult { contact, .. }
            | Self::EndConsult { contact, .. }
            | Self::LinkCustomer { contact, .. }
            | Self::Rename { contact, .. }
            | Self::Ban { contact, .. }
            | Self::EditMessage { contact, .. }
            | Self::RemoveMessage { contact, .. }
            | Self::WrapUp { contact, .. }
            | Self::ChooseLine { contact, .. }
            | Self::SetMonitorMode { contact, .. }
            | Self::ReportIssue { contact, .. }
            | Self::SendMessage { contact, .. }
            | Self::Typing { contact }
            | Self::MarkRead { contact, .. }
            | Self::LoadOlder { contact } => Some(contact),
            Self::UpdateTask(change) => Some(&change.contact),
            Self::SetAgentState { .. }
            | Self::SetMedia { .. }
            // Not on the desk yet.
            | Self::Monitor { .. }
            | Self::SubscribeList { .. }
            | Self::TakeWork { .. }
            | Self::CloseWork { .. }
            | Self::AnswerChallenge { .. }
            | Self::ResendCode
            | Self::Dial { .. }
            | Self::CreateTask(_)
            | Self::SetAgentPreferences { .. }
            | Self::OpenPlatformPanel
            | Self::SwitchInstance
            | Self::SignIn
            | Self::SignOut { .. } => None,
        }
    }
}

/// What the agent answers while signing in. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer(pub String);

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({} characters)", self.0.chars().count())
    }
}

/// A task to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRequest {
    /// The same for every attempt: however often it arrives, one task is made.
    pub token: TaskToken,
    /// Title: 1 to 512 characters.
    pub name: String,
    /// Text: at most 4096 characters.
    pub description: Option<String>,
    /// An agent or a queue of the platform's directory (see
    /// [`crate::Lookup::Endpoints`]). Only a template can do without.
    pub endpoint: Option<EndpointId>,
    /// Links of kind `Url`, names unlike each other, values of at most 4096
    /// characters. None with a template.
    pub references: Vec<Reference>,
    /// Made from this template, which was read before (see
    /// [`crate::Lookup::TaskTemplate`]).
    pub template: Option<TaskTemplateId>,
    /// Its further fields, as filled in; each name once. Names, text, time and
    /// whom it is for are in the members above.
    pub fields: Vec<FieldValue>,
    /// Begins then instead of now.
    pub scheduled_for: Option<UnixMillis>,
    /// The contact that it follows from.
    pub previous: Option<ContactId>,
    /// A contact that it is about; stands instead of `previous` when both are given.
    pub related: Option<ContactId>,
}

/// How a task reads from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskUpdate {
    /// Which contact.
    pub contact: ContactId,
    /// Title: 1 to 512 characters; absent: as it is.
    pub name: Option<String>,
    /// Text: at most 4096 characters; absent: as it is.
    pub description: Option<String>,
    /// References with a new value, and new ones (of kind `Url`); those not
    /// named here stay as they are. What there is keeps its kind.
    pub references: Vec<FieldValue>,
}

/// What is said in a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutgoingContent {
    /// Words.
    Text {
        /// As written; not empty.
        text: String,
        /// Has marks of markdown.
        markdown: bool,
        /// The message that it answers.
        reply_to: Option<MessageId>,
        /// For agents' eyes alone.
        internal: bool,
    },
    /// A file.
    File {
        /// Name without a path.
        name: String,
        /// Media type.
        content_type: String,
        /// Content.
        bytes: Bytes,
        /// Told while it is sent.
        progress: Progress,
    },
    /// A place on the map.
    Place {
        /// Where; within the degrees that there are.
        place: Place,
    },
    /// People to reach.
    Cards {
        /// At least one, each with a name and a way to reach them.
        cards: Vec<ContactCard>,
    },
}

/// Who is to be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An entry of the platform's directory (see [`crate::Lookup::Endpoints`]).
    Endpoint {
        /// Its id.
        id: EndpointId,
    },
    /// A telephone number.
    Number {
        /// E.164.
        number: String,
    },
}

/// A command on its way to the connector. Dropping it without a reply counts
/// as [`CommandCode::Cancelled`].
#[derive(Debug)]
pub struct CommandRequest {
    /// The same id is carried out once, however often it arrives.
    pub id: CommandId,
    /// Answer by then; the connector replies [`CommandCode::Timeout`] itself.
    pub deadline: Instant,
    /// What to do.
    pub command: Command,
    /// Where the outcome goes, exactly once.
    pub reply: oneshot::Sender<Result<(), CommandError>>,
}

/// Why a command was not carried out, in the classes that differ for the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CommandCode {
    /// Not possible in the present state (already gone, already accepted ...).
    NotPossible,
    /// The platform does not offer it, or the agent has no right to it.
    NotAllowed,
    /// What was given is not valid (digits, number, state).
    Invalid,
    /// The number or endpoint cannot be called (does not exist, country not allowed ...).
    BadTarget,
    /// A limit of the platform is reached (parties of a conference, calls of an agent).
    LimitReached,
    /// Not signed in, or the session is over.
    NotSignedIn,
    /// The platform asked to slow down, failed or cannot be reached.
    Unavailable,
    /// No answer before the deadline. It may have been carried out.
    Timeout,
    /// The connector is shutting down.
    Cancelled,
}

/// A failed command: class, plus the platform's own text for the log and, as
/// plain text, for the agent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{code:?}: {detail}")]
pub struct CommandError {
    /// Class.
    pub code: CommandCode,
    /// The platform's words or ours; no secrets, no personal data.
    pub detail: String,
    /// What of the command is wrong, where that is known: a member's name, or
    /// the name of a template's field or of a reference.
    pub field: Option<String>,
}

impl CommandError {
    /// Joins the parts.
    pub fn new(code: CommandCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), field: None }
    }

    /// Names what is wrong.
    #[must_use]
    pub fn at(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    /// Worth pressing the button again without changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(self.code, CommandCode::Unavailable | CommandCode::Timeout | CommandCode::Cancelled)
    }
}

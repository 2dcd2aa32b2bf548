//! Conversations: what is written in a chat, by whom, and how far it got.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Attribute, EmailHead, MessageId, MessageToken, Subtype, UnixMillis, WrapUpCode};

/// Who wrote something. Names are text from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AuthorRole {
    /// The agent at this computer.
    Me,
    /// The customer.
    Customer,
    /// Another agent.
    Agent,
    /// A supervisor.
    Supervisor,
    /// A program that talks with the customer.
    Bot,
    /// The platform itself.
    System,
}

/// The author of a message, or somebody who takes part.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct Author {
    /// Role.
    pub role: AuthorRole,
    /// Name, where there is one.
    pub name: Option<String>,
}

/// How far a message of ours got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// The platform has it.
    Sent,
    /// The other side's program has it.
    Delivered,
    /// The other side has seen it.
    Read,
    /// It could not be brought to the other side.
    Failed,
}

/// Whether the platform has checked a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentState {
    /// Being checked: not to be had yet.
    Checking,
    /// Can be fetched.
    Ready,
    /// Refused by the platform.
    Refused,
}

/// A file in a conversation. Its name is text from outside: never a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Attachment {
    /// Provider's id.
    pub id: String,
    /// Name as it was given.
    pub name: String,
    /// Media type as it was given.
    pub content_type: String,
    /// Bytes, where known.
    #[ts(type = "number | null")]
    pub size: Option<u64>,
    /// Checked or not.
    pub state: AttachmentState,
}

/// One choice of an interactive message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Choice {
    /// What it says.
    pub title: String,
    /// Explanation below.
    pub subtitle: Option<String>,
}

/// What stands in a message. All text is from outside and shown as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum MessageBody {
    /// Plain words.
    Text {
        /// As written.
        text: String,
    },
    /// Words with marks of the platform's markdown (bold, italics, lists, links).
    Markdown {
        /// As written, marks included.
        text: String,
    },
    /// Files.
    Attachments {
        /// At least one.
        files: Vec<Attachment>,
        /// What was written to them.
        #[serde(default)]
        caption: Option<String>,
    },
    /// A place on the map.
    Location {
        /// Where.
        place: Place,
    },
    /// People to reach.
    Contacts {
        /// At least one.
        cards: Vec<ContactCard>,
    },
    /// An address on the web. Opened only by the agent's own act.
    Link {
        /// Where it leads.
        address: String,
        /// What was written to it.
        text: Option<String>,
    },
    /// An e-mail.
    Email {
        /// Addresses.
        head: Box<EmailHead>,
        /// Subject.
        subject: String,
        /// Its words, without marks of HTML.
        text: String,
        /// Files.
        files: Vec<Attachment>,
    },
    /// What somebody did below a post on a social network.
    Comment {
        /// The platform's word for it (`TEXT`, `LIKE`, `HIDE` ...).
        act: String,
        /// What was written.
        text: Option<String>,
        /// The post.
        post: Option<String>,
        /// Files.
        files: Vec<Attachment>,
    },
    /// What a conversation was about, as an agent noted it.
    WrapUp {
        /// Codes.
        codes: Vec<WrapUpCode>,
        /// In the agent's words.
        note: Option<String>,
    },
    /// A message with things to choose from (list, times, quick replies, cards).
    Interactive {
        /// Heading or question.
        title: String,
        /// Text below.
        subtitle: Option<String>,
        /// What can be chosen, in order.
        choices: Vec<Choice>,
    },
    /// What somebody chose or filled in.
    Answer {
        /// In words.
        text: String,
        /// Fields of a form.
        fields: Vec<Attribute>,
    },
    /// Taken back by whoever wrote it: its words are gone.
    Removed,
    /// Something happened: a line rather than a message.
    Event {
        /// What.
        event: ConversationEvent,
    },
    /// A kind we have no form for.
    Unknown {
        /// The provider's name of the kind.
        content_type: String,
        /// What it holds, made readable.
        text: String,
    },
}

/// What happens in a conversation beside words. Who it happened to is the item's author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConversationEvent {
    /// Came in.
    Joined,
    /// Went.
    Left,
    /// Was asked to come.
    Invited,
    /// Has another name now.
    Renamed,
    /// Has not written for a while.
    Idle,
    /// Writes again.
    Returned,
    /// Was disconnected for not writing.
    AutoDisconnected,
    /// The contact went to somebody else.
    Transferred,
    /// It could not be brought to somebody else.
    TransferFailed,
    /// An earlier conversation goes on.
    Resumed,
    /// Over.
    Ended,
    /// Asked to prove who they are.
    AuthenticationStarted,
    /// Did so.
    AuthenticationSucceeded,
    /// Did not, with the provider's word for it.
    AuthenticationFailed(String),
    /// Handing the conversation over was asked for.
    TransferRequested,
    /// A further agent was asked for.
    ConferenceRequested,
    /// Somebody's advice was asked for.
    ConsultRequested,
    /// What was asked for was called off.
    RequestCancelled,
    /// Nobody was free for what was asked for.
    NobodyAvailable,
    /// Did not answer an offer of it.
    NotAnswered,
    /// Answers the customer from now on.
    TookOver,
    /// Gives advice from now on, unseen by the customer.
    Advises,
    /// After-contact work began.
    WrapUpBegan,
    /// The customer can be reached on one more way, of this name.
    LineOpened(String),
    /// One of them is over.
    LineClosed(String),
    /// Was laid aside.
    Paused,
    /// Was taken up again.
    Unpaused,
    /// Belongs to another customer's record now.
    CustomerChanged,
    /// Asks for help.
    HandRaised,
    /// Does not any more.
    HandLowered,
    /// Time to answer is running.
    AnswerDue,
    /// A call began.
    CallBegan,
    /// It is over.
    CallEnded,
    /// Was put on hold.
    CallHeld,
    /// Is off hold.
    CallResumed,
    /// What we have no words for, in the platform's.
    Other(String),
}

/// A place on the map, degrees as text: they are shown and passed on, never reckoned with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Place {
    /// -90 to 90.
    pub latitude: String,
    /// -180 to 180.
    pub longitude: String,
    /// What it is called.
    pub name: Option<String>,
    /// Postal address.
    pub address: Option<String>,
}

/// Somebody to reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContactCard {
    /// Shown name.
    pub name: String,
    /// Telephone numbers as they were given.
    pub phones: Vec<String>,
    /// Everything else.
    pub more: Vec<Attribute>,
}

/// The message that another one answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Quote {
    /// Which.
    pub message: MessageId,
    /// Whose, where it is known here.
    pub author: Option<Author>,
    /// Its beginning in words, where it is known here.
    pub text: Option<String>,
}

/// Something that could be said, proposed by a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Suggestion {
    /// What.
    pub text: String,
    /// How sure it is, percent; absent: it does not say.
    pub confidence: Option<u8>,
}

/// One way on which a conversation's customer can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Line {
    /// Provider's id.
    pub id: String,
    /// What it is.
    pub kind: Subtype,
    /// The customer's address there.
    pub address: Option<String>,
}

/// One item of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Message {
    /// The provider's id: the same message has the same one however often it comes.
    pub id: MessageId,
    /// Ours, when this run or an earlier one sent it: the outbox knows it by this.
    pub token: Option<MessageToken>,
    /// By the platform's clock.
    pub at: UnixMillis,
    /// Among messages of the same time: lower ones stand first, equal ones as
    /// they came. Pages are read from the newest on, so coming alone says little.
    pub order: i32,
    /// Whose.
    pub author: Author,
    /// What.
    pub body: MessageBody,
    /// For messages of ours.
    pub delivery: Option<Delivery>,
    /// More of the text is still coming (a bot writes in pieces).
    pub partial: bool,
    /// For agents' eyes alone: the customer never sees it.
    #[serde(default)]
    pub internal: bool,
    /// Its words were changed after it was sent.
    #[serde(default)]
    pub edited: bool,
    /// Answers another one.
    #[serde(default)]
    pub reply_to: Option<Quote>,
    /// On which way it came or went, where there are several.
    #[serde(default)]
    pub line: Option<Subtype>,
    /// What could be answered, proposed by a program.
    #[serde(default)]
    pub suggestions: Vec<Suggestion>,
}

/// Whether one can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConversationState {
    /// Being joined: what is written waits.
    Joining,
    /// Open.
    Open,
    /// Over: it can be read only.
    Ended,
    /// It could not be joined; tried again by itself.
    Broken,
}

/// The frame of a conversation, whole; its messages come one by one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Conversation {
    /// Whether one can write.
    pub state: ConversationState,
    /// Who takes part now, without the agent.
    pub participants: Vec<Author>,
    /// Who is writing at this moment, without the agent.
    pub typing: Vec<Author>,
    /// Files can be sent.
    pub attachments: bool,
    /// Marks of markdown are understood.
    pub markdown: bool,
    /// Longest message, bytes of UTF-8.
    pub longest: u32,
    /// Largest file, bytes.
    #[ts(type = "number")]
    pub largest_file: u64,
    /// Endings of file names that the platform takes, lower case; empty: any.
    pub file_types: Vec<String>,
    /// There are older messages to be had.
    pub has_older: bool,
    /// The agent reads or writes as a supervisor: what others see of them.
    pub silent: bool,
    /// Single messages can be answered.
    #[serde(default)]
    pub replies: bool,
    /// The agent's own words can be changed after they were sent.
    #[serde(default)]
    pub edits: bool,
    /// The agent's own messages can be taken back.
    #[serde(default)]
    pub removes: bool,
    /// Places on the map and people to reach can be sent.
    #[serde(default)]
    pub cards: bool,
    /// Something can be said that the customer does not see.
    #[serde(default)]
    pub whispers: bool,
    /// Nothing else can be said.
    #[serde(default)]
    pub only_whispers: bool,
    /// Ways on which the customer can be reached; the platform names one at least
    /// where there can be several.
    #[serde(default)]
    pub lines: Vec<Line>,
    /// The one on which the agent answers.
    #[serde(default)]
    pub line: Option<String>,
    /// Laid aside until then.
    #[serde(default)]
    pub paused_until: Option<UnixMillis>,
    /// The customer is to be answered by then.
    #[serde(default)]
    pub answer_by: Option<UnixMillis>,
}

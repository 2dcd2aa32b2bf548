//! Contacts and their connections.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ConnectionId, ContactDetails, ContactId, EndpointId, Queue, Sight, UnixMillis};

/// The medium of a contact.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A call, an offered call-back included.
    Voice,
    /// A chat.
    Chat,
    /// A task or work item.
    Task,
    /// An e-mail.
    Email,
    /// A medium we have no words for, with the provider's text.
    #[serde(untagged)]
    Unknown(String),
}

/// Who started the contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The customer.
    Inbound,
    /// The agent or a campaign.
    Outbound,
    /// A call-back the customer asked for.
    Callback,
    /// The agent supervises somebody else's contact.
    Monitoring,
}

/// Where a contact stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ContactState {
    /// Announced, nothing to do yet.
    Init,
    /// Offered: the agent may accept or reject (call-backs: `Offered` first,
    /// then `Connecting` while the platform dials).
    Offered,
    /// Accepted or dialling; not talking yet.
    Connecting,
    /// At work.
    Connected,
    /// A task laid aside.
    Paused,
    /// Over; after-contact work until it is cleared.
    Ended,
    /// The agent did not take it in time; shown until cleared.
    Missed,
    /// The agent declined; shown until cleared.
    Rejected,
    /// Failed; shown until cleared.
    Failed,
    /// A state we do not know, with the provider's text.
    #[serde(untagged)]
    Unknown(String),
}

impl ContactState {
    /// Still alive: offered, connecting, connected or paused.
    pub fn is_active(&self) -> bool {
        matches!(self, Self::Init | Self::Offered | Self::Connecting | Self::Connected | Self::Paused)
    }

    /// Over, and waiting for the agent to clear it.
    pub fn is_finished(&self) -> bool {
        matches!(self, Self::Ended | Self::Missed | Self::Rejected | Self::Failed)
    }
}

/// How a finished contact came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Handled; who hung up is not known.
    Handled,
    /// Handled; the agent hung up.
    EndedByAgent,
    /// Handled; the customer hung up.
    EndedByCustomer,
    /// The agent did not answer in time.
    Missed,
    /// The agent declined.
    Declined,
    /// The customer hung up while it rang.
    Abandoned,
    /// The agent left and the other parties talk on.
    Transferred,
    /// Outbound: the line was engaged.
    Busy,
    /// Outbound: nobody answered.
    NoAnswer,
    /// Outbound: the number does not exist or cannot be reached.
    BadAddress,
    /// The media leg or the platform failed.
    Failed,
}

/// What the agent may do with a contact right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ContactAction {
    /// Take the offer.
    Accept,
    /// Decline the offer.
    Reject,
    /// Leave or hang up (ends the agent's connection).
    End,
    /// Put the customer on hold.
    Hold,
    /// Take the customer off hold.
    Resume,
    /// Silence the microphone of this call.
    Mute,
    /// Send touch tones.
    SendDigits,
    /// Call a further party; those who are there go on hold meanwhile.
    AddParty,
    /// Bring all parties together.
    Conference,
    /// Change over who is on hold.
    Swap,
    /// Hand the whole contact to somebody else and leave it (chats, tasks, e-mails).
    Transfer,
    /// Lay a task aside.
    Pause,
    /// Take a task up again.
    Unpause,
    /// Change a task's title, text and references.
    Edit,
    /// Finish after-contact work, or remove a missed or failed contact.
    Clear,
    /// As a supervisor: go back to listening only.
    Listen,
    /// As a supervisor: join in and be heard.
    BargeIn,
    /// Ask somebody else to help, unseen by the customer.
    Consult,
    /// Note what it was about (see `Agent::wrap_up`).
    WrapUp,
    /// As a supervisor: be seen by the agents, not by the customer.
    Whisper,
    /// Hand the contact to one of `Contact::advisers` and leave it.
    HandToAdviser,
    /// Let one of `Contact::advisers` answer the customer as well.
    BringInAdviser,
    /// Give it another name, which every agent sees.
    Rename,
    /// Keep its customer from writing to the company.
    Ban,
    /// Let them write again.
    Unban,
}

/// What the agent may do with one connection right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionAction {
    /// Put on hold.
    Hold,
    /// Take off hold.
    Resume,
    /// Drop this party.
    Disconnect,
    /// Send touch tones to this party.
    SendDigits,
    /// Mute at the platform: nobody hears this party.
    Mute,
    /// Take that back.
    Unmute,
}

/// A person or number at the other end. Text from outside: hostile, shown as text only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Party {
    /// Name, where the platform or the flow gives one.
    pub name: Option<String>,
    /// Number (E.164 where the platform gives it so) or address, verbatim.
    pub address: Option<String>,
}

/// One contact attribute of the flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Attribute {
    /// Key.
    pub name: String,
    /// Value; text from outside.
    pub value: String,
}

/// What a reference of a task points to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceKind {
    /// An address on the web. From outside: opened only by the agent's own act.
    Url,
    /// Plain text.
    Text,
    /// A number, as text.
    Number,
    /// A date, as the platform writes it.
    Date,
    /// An e-mail address.
    Email,
    /// A file at the platform; the value is its name there.
    Attachment,
    /// A kind we do not know, with the provider's text.
    #[serde(untagged)]
    Unknown(String),
}

/// One reference of a task. Text from outside: hostile, shown as text only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Reference {
    /// What it is called.
    pub name: String,
    /// What it points to.
    pub kind: ReferenceKind,
    /// Where it points to.
    pub value: String,
}

/// The addresses of an e-mail. Text from outside. The body is not part of the
/// platform's open protocol and so not of the model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EmailHead {
    /// Sender.
    pub from: Option<Party>,
    /// Recipients.
    pub to: Vec<Party>,
    /// Recipients of a copy.
    pub cc: Vec<Party>,
}

/// How a supervisor takes part in somebody else's contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MonitorMode {
    /// Hears or reads along, and is neither heard nor seen.
    Silent,
    /// Talks with the agents, unheard and unseen by the customer.
    Whisper,
    /// Takes part.
    Barge,
}

/// That this agent supervises the contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Monitoring {
    /// How.
    pub mode: MonitorMode,
    /// Whose contact it is, where the platform tells. Text from outside.
    pub agent: Option<String>,
    /// Since when.
    #[serde(default)]
    pub since: Option<UnixMillis>,
}

/// Role of a connection within its contact.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionKind {
    /// This agent's own leg.
    Agent,
    /// The first other party: the customer.
    Initial,
    /// Anybody who joined later.
    ThirdParty,
    /// A supervisor.
    Monitoring,
    /// A role we do not know, with the provider's text.
    #[serde(untagged)]
    Unknown(String),
}

/// Where a connection stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// Announced.
    Init,
    /// Ringing or dialling.
    Connecting,
    /// Talking.
    Connected,
    /// On hold.
    Hold,
    /// Listening in.
    SilentMonitor,
    /// Barged in.
    Barge,
    /// Gone.
    Disconnected,
    /// Declined.
    Rejected,
    /// A state we do not know, with the provider's text.
    #[serde(untagged)]
    Unknown(String),
}

impl ConnectionState {
    /// On the line: being called, talking, on hold or listening.
    pub fn is_active(&self) -> bool {
        matches!(self, Self::Connecting | Self::Connected | Self::Hold | Self::SilentMonitor | Self::Barge)
    }
}

/// One leg of a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Connection {
    /// Provider's id.
    pub id: ConnectionId,
    /// Role.
    pub kind: ConnectionKind,
    /// Where it stands.
    pub state: ConnectionState,
    /// Since when.
    pub state_since: Option<UnixMillis>,
    /// Who is there.
    pub party: Party,
    /// Muted at the platform (not the microphone of this computer).
    pub muted_by_platform: bool,
    /// Muted so that only a supervisor can take it back.
    #[serde(default)]
    pub mute_forced: bool,
    /// What this party can send besides speech. Not shown here: told in words.
    #[serde(default)]
    pub sends: BTreeSet<Sight>,
    /// What the agent may do with it.
    pub allowed: BTreeSet<ConnectionAction>,
}

/// What a colleague said who brought a contact here. Text from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Handover {
    /// Whose wish it was.
    pub by: Option<String>,
    /// In their words.
    pub note: Option<String>,
    /// Only advice is wanted: the contact stays with them.
    pub consult: bool,
}

/// Somebody whose advice was asked for and who is in the contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Adviser {
    /// As the directory names them.
    pub id: EndpointId,
    /// Shown name.
    pub name: String,
}

/// One contact, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Contact {
    /// Provider's id.
    pub id: ContactId,
    /// Medium.
    pub channel: Channel,
    /// Who started it.
    pub direction: Direction,
    /// Where it stands.
    pub state: ContactState,
    /// Since when.
    pub state_since: UnixMillis,
    /// Set once the contact is finished.
    pub outcome: Option<Outcome>,
    /// Queue it came through.
    pub queue: Option<Queue>,
    /// Waiting since.
    pub queued_since: Option<UnixMillis>,
    /// Offer runs out at this time, where the platform says or we know.
    pub offer_expires: Option<UnixMillis>,
    /// The customer.
    pub customer: Party,
    /// Title of a task or e-mail.
    pub subject: Option<String>,
    /// Text of a task. Text from outside.
    #[serde(default)]
    pub description: Option<String>,
    /// References of a task, sorted by name.
    #[serde(default)]
    pub references: Vec<Reference>,
    /// A task that was to begin at this time.
    #[serde(default)]
    pub scheduled_for: Option<UnixMillis>,
    /// Template that a task was made from, as the platform names it.
    #[serde(default)]
    pub template: Option<String>,
    /// Addresses of an e-mail.
    #[serde(default)]
    pub email: Option<EmailHead>,
    /// Set while this agent supervises the contact of somebody else.
    #[serde(default)]
    pub monitoring: Option<Monitoring>,
    /// A supervisor takes part in this agent's contact.
    #[serde(default)]
    pub supervised: bool,
    /// Attributes of the flow, sorted by name.
    pub attributes: Vec<Attribute>,
    /// Legs, in the provider's order.
    pub connections: Vec<Connection>,
    /// The customer is on hold.
    pub on_hold: bool,
    /// Speech of this contact runs through this program.
    pub softphone: bool,
    /// The platform accepts it by itself.
    pub auto_accept: bool,
    /// What the agent may do now.
    pub allowed: BTreeSet<ContactAction>,
    /// After-contact work is ended by the platform at this time.
    #[serde(default)]
    pub wrap_up_ends: Option<UnixMillis>,
    /// Whoever handed it over said this, and who that was. Text from outside.
    #[serde(default)]
    pub handover: Option<Handover>,
    /// Whose advice this agent has asked for, while they are there.
    #[serde(default)]
    pub advisers: Vec<Adviser>,
    /// Everything else that the platform tells.
    #[serde(default)]
    pub details: Box<ContactDetails>,
}

impl Contact {
    /// This agent's own leg.
    pub fn agent_connection(&self) -> Option<&Connection> {
        self.connections.iter().find(|c| matches!(c.kind, ConnectionKind::Agent | ConnectionKind::Monitoring))
    }

    /// Other parties on the line, in the provider's order: ringing, talking or on hold.
    pub fn parties(&self) -> impl Iterator<Item = &Connection> {
        self.connections.iter().filter(|leg| {
            leg.state.is_active() && !matches!(leg.kind, ConnectionKind::Agent | ConnectionKind::Monitoring)
        })
    }

    /// The customer's leg.
    pub fn initial_connection(&self) -> Option<&Connection> {
        self.connections.iter().find(|c| c.kind == ConnectionKind::Initial)
    }
}

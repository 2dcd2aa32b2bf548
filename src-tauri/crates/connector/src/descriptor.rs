//! What a connector is, as data. UI, desk and tests branch on this, never on a
//! platform's name.

use std::collections::BTreeSet;

use serde::Serialize;
use trunkline_model::PlatformId;

/// Something a platform can do. The conformance suite runs the chapter of each
/// capability a connector names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// The agent's state is chosen from here. Without it, the state is shown as
    /// the platform tells it, and cannot be changed.
    AgentState,
    /// Media can be switched on and off one by one (`Agent::media`).
    MediaStates,
    /// Contacts are offered to the agent and worked on from here. Without it,
    /// contacts are shown as the platform tells them, and allow nothing.
    Offers,
    /// Tells events of its own ([`crate::Event::PlatformEvent`]).
    PlatformEvents,
    /// Supervisors' words to their teams come as such events.
    Announcements,
    /// Tells who is online ([`crate::Event::Roster`]), to those who may see it.
    Roster,
    /// Voice contacts whose speech runs through this program.
    Voice,
    /// Hold and resume of a party.
    Hold,
    /// Touch tones.
    Digits,
    /// A state for after the present contact can be queued.
    NextState,
    /// Contacts can be declined.
    Reject,
    /// Wrap-up is ended by the agent.
    WrapUp,
    /// The agent can call numbers.
    Dial,
    /// Further parties can be called to a contact, and brought together.
    Parties,
    /// The platform has a directory of endpoints.
    Endpoints,
    /// Contacts with a conversation: messages both ways.
    Messages,
    /// Things can be said in conversations that the customer does not see, when
    /// another agent is there.
    Whispers,
    /// Somebody else can be asked for advice.
    Consult,
    /// What a contact was about can be noted (`Agent::wrap_up`).
    WrapUpCodes,
    /// Files both ways in conversations.
    Attachments,
    /// The agent can make tasks.
    CreateTask,
    /// Tasks can be made from templates, and changed later.
    TaskTemplates,
    /// Softphone, desk phone and language can be changed from here.
    Preferences,
    /// Supervisors listen to contacts and join in.
    Monitoring,
    /// Supervisors see their teams, and begin to listen from here.
    Supervision,
    /// There are lists to take work from ([`crate::Event::WorkLists`]).
    WorkLists,
    /// Customers' records can be read, searched for and linked, and earlier
    /// conversations read.
    Customers,
    /// There are words kept ready to be said.
    CannedMessages,
    /// Contacts that are over can be looked through.
    Archive,
    /// A word can be passed on to whoever takes a contact over.
    HandoverNotes,
    /// Problems with a contact can be reported.
    ReportIssue,
    /// The platform's own panel can be opened in a window.
    PlatformPanel,
}

/// How an agent signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginWay {
    /// Fill a form; secrets go to the vault.
    Form,
    /// The platform's own login page in a window.
    Window,
}

/// What a form field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Plain text.
    Text,
    /// A web address.
    Address,
    /// A secret: never stored in settings, shown or logged.
    Secret,
    /// A whole number; stored as one.
    Number,
    /// Yes, or nothing; stored as true.
    Switch,
}

/// One field of the account form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoginField {
    /// Key in the account's settings, or in its vault for a secret.
    pub key: &'static str,
    /// Message key of the label; `<label>_hint` is its help text.
    pub label_key: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// Must be filled.
    pub required: bool,
    /// Message key of the part of the form that it belongs to; absent: the
    /// first. What is needed by few stands in a part of its own.
    pub part_key: Option<&'static str>,
}

/// A connector, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Descriptor {
    /// For example `amazon-connect`.
    pub id: PlatformId,
    /// Shown name: a brand, so not translated.
    pub name: &'static str,
    /// Ways to sign in, best first.
    pub login: Vec<LoginWay>,
    /// Account form.
    pub fields: Vec<LoginField>,
    /// What it can do.
    pub capabilities: BTreeSet<Capability>,
}

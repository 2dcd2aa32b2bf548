//! What a supervisor sees of the own teams. Text in all of it is from outside.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AgentState, AuthorRole, ContactId, MediaStateKind, Party, QueueId, Subtype, TeamId, UnixMillis};

/// People who work together, and whom somebody supervises.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Team {
    /// Provider's id.
    pub id: TeamId,
    /// Shown name.
    pub name: String,
}

/// The teams of a supervisor at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Supervision {
    /// Who is signed in, by name.
    pub agents: Vec<SupervisedAgent>,
    /// Queues in the platform's order.
    pub queues: Vec<SupervisedQueue>,
    /// What agents work on, longest first.
    pub contacts: Vec<SupervisedContact>,
    /// Parts that could not be read this time.
    pub missing: Vec<SupervisionPart>,
    /// When it was read, by this computer's clock.
    pub at: UnixMillis,
}

/// One list of [`Supervision`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SupervisionPart {
    /// `agents`.
    Agents,
    /// Who waits in `queues`.
    Waiting,
    /// `contacts`.
    Contacts,
}

/// How one medium of somebody else stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SupervisedMedium {
    /// The platform's own name ("CHAT").
    pub name: String,
    /// How it stands.
    pub state: MediaStateKind,
}

/// Somebody in a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SupervisedAgent {
    /// Provider's id.
    pub id: String,
    /// Shown name.
    pub name: String,
    /// One of the supervisor's teams; absent: the platform does not say which.
    pub team: Option<TeamId>,
    /// As a whole.
    pub state: AgentState,
    /// In each medium.
    pub media: Vec<SupervisedMedium>,
    /// Conversations at work.
    pub contacts: u32,
}

/// A queue and who waits in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SupervisedQueue {
    /// Provider's id.
    pub id: QueueId,
    /// Shown name.
    pub name: String,
    /// Who waits, longest first.
    pub waiting: Vec<WaitingContact>,
    /// Conversations out of it that agents work on.
    pub active: u32,
}

/// Somebody who waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WaitingContact {
    /// Who.
    pub customer: Party,
    /// On which way.
    pub kind: Subtype,
    /// Since when, by this computer's clock.
    pub since: Option<UnixMillis>,
    /// Marks on the customer.
    pub labels: Vec<String>,
}

/// Somebody who works on a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SupervisedPart {
    /// Shown name.
    pub name: String,
    /// `Agent`, or `Supervisor` for one who listens.
    pub role: AuthorRole,
}

/// Whether a supervisor can listen to a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Listening {
    /// It can be begun.
    Possible,
    /// This agent takes part already.
    Mine,
    /// Somebody else listens, and one may.
    Taken,
    /// A call that another program carries: listened to at the telephone.
    Telephone,
    /// The platform takes no listener now (no push-mode contact, being handed over).
    Impossible,
}

/// A contact that an agent works on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SupervisedContact {
    /// Provider's id.
    pub id: ContactId,
    /// Who.
    pub customer: Party,
    /// On which ways, at least one.
    pub kinds: Vec<Subtype>,
    /// Queue that it came through.
    pub queue: Option<String>,
    /// Since when, by this computer's clock.
    pub since: Option<UnixMillis>,
    /// Who works on it.
    pub people: Vec<SupervisedPart>,
    /// Whether it can be listened to.
    pub listening: Listening,
}

//! The agent and the states an agent can be in.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AgentStateId, Channel, MediaDomainId, QueueId, Team, UnixMillis, WrapUpForm};

/// The class of an agent state; decides whether the platform routes contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AgentStateKind {
    /// Signed in, not yet placed.
    Init,
    /// Contacts are routed to the agent.
    Routable,
    /// At work but not taking contacts (break, lunch, training ...).
    NotRoutable,
    /// Not working.
    Offline,
    /// Set by the platform (busy, after-contact work ...): cannot be chosen.
    System,
    /// Set by the platform after a failure: no contacts until it is left.
    Error,
    /// The platform sent a class we do not know; `AgentState::name` keeps its text.
    Unknown,
}

/// What a state set by the platform means, so that the UI has words for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AgentActivity {
    /// A state with a name of its own, chosen by the agent: show the name.
    #[default]
    Named,
    /// The one state of a platform in which contacts come.
    Online,
    /// The one in which none come, but the agent is at work.
    Paused,
    /// The one in which the agent is not at work.
    Offline,
    /// A contact is being reserved or rings.
    Reserved,
    /// On a contact.
    Busy,
    /// After-contact work.
    AfterContactWork,
    /// An outbound call or call-back is dialling.
    Calling,
    /// The agent did not answer; no contacts until the state is left.
    MissedByAgent,
    /// The customer did not answer a call-back.
    MissedByCustomer,
    /// The agent's or the customer's side could not be reached.
    ConnectFailed,
    /// A number is invalid or cannot be reached.
    BadAddress,
    /// The line that was called was engaged.
    LineEngaged,
    /// Signed in at several places at once.
    SeveralWindows,
    /// Any other failure reported by the platform.
    Failed,
    /// A system state we have no words for: show the name.
    Unknown,
}

/// One agent state, present, next or selectable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AgentState {
    /// Absent for states set by the platform.
    pub id: Option<AgentStateId>,
    /// Class of the state.
    pub kind: AgentStateKind,
    /// The platform's own name, verbatim ("Lunch", "PendingBusy").
    pub name: String,
    /// Meaning of a state set by the platform.
    #[serde(default)]
    pub activity: AgentActivity,
    /// Since when, by this computer's clock; absent in lists of choices.
    pub since: Option<UnixMillis>,
}

/// The state an agent picked last, which may not be the present one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PickedState {
    /// The platform's own name, verbatim.
    pub name: String,
    /// Since when, by this computer's clock.
    pub since: Option<UnixMillis>,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Queue {
    /// Provider's id.
    pub id: QueueId,
    /// Shown name; the agent's own queue has none.
    pub name: Option<String>,
}

/// What the agent is routed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RoutingProfile {
    /// Shown name.
    pub name: Option<String>,
    /// Queue that outbound calls count for when none is chosen.
    pub default_outbound_queue: Option<Queue>,
    /// All queues.
    pub queues: Vec<Queue>,
    /// Contacts at once per channel.
    pub concurrency: BTreeMap<Channel, u32>,
}

/// How one medium of an agent stands, where a platform has a state for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MediaStateKind {
    /// Contacts are routed.
    Ready,
    /// Contacts are routed, and there are some at work.
    Active,
    /// At work on as many as the agent takes: no more come.
    Busy,
    /// Switched off; what is at work is finished first.
    Ending,
    /// Switched off.
    NotReady,
    /// Held back by the platform for as long as another medium needs the agent.
    Interrupted,
    /// A state we have no words for.
    Unknown,
}

/// The agent's state in one medium.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MediaDomain {
    /// Provider's id.
    pub id: MediaDomainId,
    /// Shown name, the platform's own ("CHAT").
    pub name: String,
    /// How it stands.
    pub state: MediaStateKind,
    /// Since when, by this computer's clock.
    pub since: Option<UnixMillis>,
    /// Contacts at once; 0: none can ever come.
    pub limit: u32,
    /// It can be switched now. Where a state for each is of no use (the agent as a
    /// whole is not ready) it cannot.
    pub switchable: bool,
}

impl MediaDomain {
    /// It is switched on, whether or not one more contact fits in.
    pub fn is_on(&self) -> bool {
        matches!(
            self.state,
            MediaStateKind::Ready | MediaStateKind::Active | MediaStateKind::Busy | MediaStateKind::Interrupted
        )
    }
}

/// The agent on one account, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Agent {
    /// Shown name.
    pub name: String,
    /// Sign-in name.
    pub username: Option<String>,
    /// Present state.
    pub state: AgentState,
    /// State that is taken when the present contact ends.
    pub next_state: Option<AgentState>,
    /// States the agent may choose, in the platform's order.
    pub selectable_states: Vec<AgentState>,
    /// Calls come to this program (true) or to a desk phone (false).
    pub softphone_enabled: bool,
    /// Voice contacts are accepted by the platform by itself.
    pub auto_accept: bool,
    /// Desk-phone number, E.164, when there is one.
    pub extension: Option<String>,
    /// What the agent is routed.
    pub routing_profile: RoutingProfile,
    /// Rights, by the platform's names.
    pub permissions: BTreeSet<String>,
    /// Outbound calls are possible: the right to them, and a softphone or desk
    /// phone to make them with.
    #[serde(default)]
    pub can_dial: bool,
    /// Language of the agent at the platform, as the platform writes it (`en_US`).
    #[serde(default)]
    pub language: Option<String>,
    /// Languages the agent may choose; none when it cannot be chosen.
    #[serde(default)]
    pub languages: Vec<String>,
    /// Queues that an outbound call may count for.
    #[serde(default)]
    pub dial_queues: Vec<Queue>,
    /// The queue that it counts for when none is chosen.
    #[serde(default)]
    pub default_dial_queue: Option<QueueId>,
    /// The agent's own id at the platform (an ARN on Amazon Connect).
    #[serde(default)]
    pub platform_id: Option<String>,
    /// Countries that may be called: ISO 3166-1 alpha-2, upper case, sorted.
    /// Empty: the platform does not say.
    #[serde(default)]
    pub dialable_countries: Vec<String>,
    /// The state the agent picked last.
    #[serde(default)]
    pub picked: Option<PickedState>,
    /// The state in each medium, in the platform's order; none where the agent's
    /// state counts for all of them.
    #[serde(default)]
    pub media: Vec<MediaDomain>,
    /// What can be noted at the end of a contact; absent where nothing can.
    #[serde(default)]
    pub wrap_up: Option<WrapUpForm>,
    /// Whom the agent supervises; none for most.
    #[serde(default)]
    pub supervises: Vec<Team>,
}

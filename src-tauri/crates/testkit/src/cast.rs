//! The people, places and numbers of all tests. Fixed, so that a value in a
//! failing test or a log line tells at once who is meant. Numbers are of the
//! range that is reserved for fiction (NANP 555-01XX); names under
//! `example.com` and `.example` are reserved by RFC 2606.

use trunkline_model::{
    AccountId, Agent, AgentActivity, AgentState, AgentStateId, AgentStateKind, Channel, Connection, ConnectionId,
    ConnectionKind, ConnectionState, Contact, ContactId, ContactKey, ContactState, Direction, Party, PlatformId, Queue,
    QueueId, RoutingProfile, UnixMillis,
};

/// Somebody at a desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgentRole {
    /// Shown name.
    pub name: &'static str,
    /// Sign-in name.
    pub username: &'static str,
    /// The account of the program that signs this agent in.
    pub account: &'static str,
}

/// Somebody who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CustomerRole {
    /// Name as the flow looked it up.
    pub name: &'static str,
    /// E.164.
    pub number: &'static str,
    /// Contact id of this customer's first contact.
    pub contact: &'static str,
}

/// A queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueRole {
    /// Shown name.
    pub name: &'static str,
    /// Provider's id.
    pub id: &'static str,
}

/// The agent of most tests.
pub const AGENT_ONE: AgentRole = AgentRole { name: "Agent One", username: "agent.one", account: "account-one" };
/// A second agent, or the first one's second account.
pub const AGENT_TWO: AgentRole = AgentRole { name: "Agent Two", username: "agent.two", account: "account-two" };

/// The first customer who calls.
pub const CUSTOMER_ONE: CustomerRole =
    CustomerRole { name: "Customer One", number: "+12025550123", contact: "c0000001-0000-4000-8000-000000000001" };
/// Calls while the first is being served.
pub const CUSTOMER_TWO: CustomerRole =
    CustomerRole { name: "Customer Two", number: "+12025550145", contact: "c0000002-0000-4000-8000-000000000002" };
/// One more.
pub const CUSTOMER_THREE: CustomerRole =
    CustomerRole { name: "Customer Three", number: "+12025550178", contact: "c0000003-0000-4000-8000-000000000003" };

/// The queue of most tests.
pub const QUEUE_SALES: QueueRole = QueueRole { name: "Sales", id: "queue-sales" };
/// Another.
pub const QUEUE_SUPPORT: QueueRole = QueueRole { name: "Support", id: "queue-support" };

/// The connector of most tests.
pub const PLATFORM: &str = "amazon-connect";
/// 2026-11-21T10:00:00Z: when tests begin.
pub const NOW: UnixMillis = UnixMillis(1_795_255_200_000);
/// A secret that must never be seen in a log.
pub const TOKEN_ONE: &str = "tok-ONE-5f0e8d7c6b5a4938-do-not-log";
/// Another.
pub const PASSWORD_ONE: &str = "pass-ONE-hunter2-do-not-log";

impl AgentRole {
    /// Its account.
    pub fn account(&self) -> AccountId {
        AccountId::from(self.account)
    }

    /// The agent, available since [`NOW`], with the states of [`states`].
    pub fn agent(&self) -> Agent {
        Agent {
            name: self.name.to_owned(),
            username: Some(self.username.to_owned()),
            state: AgentState { since: Some(NOW), ..state("Available", AgentStateKind::Routable) },
            next_state: None,
            selectable_states: states(),
            softphone_enabled: true,
            auto_accept: false,
            extension: None,
            routing_profile: RoutingProfile {
                name: Some("Basic".to_owned()),
                default_outbound_queue: Some(QUEUE_SALES.queue()),
                queues: vec![QUEUE_SALES.queue(), QUEUE_SUPPORT.queue()],
                concurrency: [(Channel::Voice, 1)].into(),
            },
            permissions: Default::default(),
            can_dial: true,
            language: None,
            languages: Vec::new(),
            dial_queues: vec![QUEUE_SALES.queue(), QUEUE_SUPPORT.queue()],
            default_dial_queue: Some(QUEUE_SALES.queue().id),
            platform_id: None,
            dialable_countries: Vec::new(),
            picked: None,
            media: Vec::new(),
            wrap_up: None,
            supervises: Vec::new(),
        }
    }
}

impl CustomerRole {
    /// Its first contact's id.
    pub fn contact_id(&self) -> ContactId {
        ContactId::from(self.contact)
    }

    /// Its first contact, offered to `agent`.
    pub fn key(&self, agent: &AgentRole) -> ContactKey {
        ContactKey::new(agent.account(), self.contact_id())
    }

    /// Who is at the other end.
    pub fn party(&self) -> Party {
        Party { name: Some(self.name.to_owned()), address: Some(self.number.to_owned()) }
    }

    /// An inbound voice contact in `state` since [`NOW`], through [`QUEUE_SALES`].
    pub fn voice_contact(&self, state: ContactState) -> Contact {
        let connecting =
            if state == ContactState::Connected { ConnectionState::Connected } else { ConnectionState::Connecting };
        let leg = |id: &str, kind, state, party| Connection {
            id: ConnectionId::new(format!("{}-{id}", self.contact)),
            kind,
            state,
            state_since: Some(NOW),
            party,
            muted_by_platform: false,
            mute_forced: false,
            sends: std::collections::BTreeSet::new(),
            allowed: Default::default(),
        };
        Contact {
            id: self.contact_id(),
            channel: Channel::Voice,
            direction: Direction::Inbound,
            state,
            state_since: NOW,
            outcome: None,
            queue: Some(QUEUE_SALES.queue()),
            queued_since: Some(NOW.shifted(-20_000)),
            offer_expires: None,
            customer: self.party(),
            subject: None,
            description: None,
            references: Vec::new(),
            scheduled_for: None,
            template: None,
            email: None,
            monitoring: None,
            supervised: false,
            wrap_up_ends: None,
            handover: None,
            advisers: Vec::new(),
            details: Box::default(),
            attributes: Vec::new(),
            connections: vec![
                leg("agent", ConnectionKind::Agent, connecting, Party::default()),
                leg("customer", ConnectionKind::Initial, ConnectionState::Connected, self.party()),
            ],
            on_hold: false,
            softphone: true,
            auto_accept: false,
            allowed: Default::default(),
        }
    }
}

impl QueueRole {
    /// As the model has it.
    pub fn queue(&self) -> Queue {
        Queue { id: QueueId::from(self.id), name: Some(self.name.to_owned()) }
    }
}

/// The connector of most tests.
pub fn platform() -> PlatformId {
    PlatformId::from(PLATFORM)
}

/// The states an agent of the cast may choose: Available, Lunch, Offline.
pub fn states() -> Vec<AgentState> {
    vec![
        state("Available", AgentStateKind::Routable),
        state("Lunch", AgentStateKind::NotRoutable),
        state("Offline", AgentStateKind::Offline),
    ]
}

/// A named state with an id made from its name (`state-lunch`).
pub fn state(name: &str, kind: AgentStateKind) -> AgentState {
    AgentState {
        id: Some(AgentStateId::new(format!("state-{}", name.to_ascii_lowercase()))),
        kind,
        name: name.to_owned(),
        activity: AgentActivity::Named,
        since: None,
    }
}

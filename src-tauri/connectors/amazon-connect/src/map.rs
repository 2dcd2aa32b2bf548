//! Provider to model: wire types become the shared vocabulary here and nowhere else.

mod actions;
mod details;
mod outcome;
pub mod templates;
mod work;

use std::collections::BTreeSet;

use trunkline_model::{
    Agent, AgentActivity, AgentState, AgentStateId, AgentStateKind, Attribute, Channel, Connection, ConnectionAction,
    ConnectionId, ConnectionKind, ConnectionState, Contact, ContactId, ContactState, Direction, Endpoint, EndpointId,
    EndpointKind, Outcome, Party, Queue, QueueId, RoutingProfile, UnixMillis,
};

use crate::settings::AmazonConnectSettings;
use actions::allowed;
pub use actions::digits_leg;
pub use outcome::{is_offer, not_reached, outcome_when_gone, remember};
pub use work::may_speak;

use crate::wire::{
    self, AgentStateType, ConnectionStateType, ConnectionType, ContactStateType, ContactType, InitiationMethod,
    Timestamp,
};

/// Everything the configuration loop gathered (section 7.4).
#[derive(Clone, Debug, PartialEq)]
pub struct AgentConfiguration {
    /// GetAgentConfiguration.
    pub base: wire::Configuration,
    /// GetAgentPermissions, all pages.
    pub permissions: Vec<String>,
    /// GetAgentStates, all pages.
    pub states: Vec<wire::AgentState>,
    /// GetDialableCountryCodes, all pages.
    pub country_codes: Vec<String>,
    /// GetRoutingProfileQueues, all pages.
    pub queues: Vec<wire::Queue>,
}

/// The service's clock against ours: service minus local, milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skew(pub i64);

impl Skew {
    /// A time of the service on this computer's clock.
    pub fn local(self, time: Timestamp) -> Option<UnixMillis> {
        Some(UnixMillis::from_seconds(time.0)?.shifted(-self.0))
    }

    /// A local time as the service's seconds.
    pub fn service_seconds(self, time: UnixMillis) -> f64 {
        time.shifted(self.0).0 as f64 / 1000.0
    }
}

/// What this program itself did or saw on a contact; the wire does not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// AcceptContact succeeded.
    pub accepted: bool,
    /// We declined it while it rang.
    pub declined: bool,
    /// We ended the agent's leg.
    pub ended_by_us: bool,
    /// The platform took our transfer.
    pub transferred: bool,
    /// It was seen ringing.
    pub was_offered: bool,
    /// It was seen connected or paused.
    pub was_connected: bool,
    /// Other parties on the line when it was last seen alive.
    pub parties: usize,
    /// First seen at this local time, for contacts without a time of their own.
    pub first_seen: UnixMillis,
    /// Settled when first seen finished; later snapshots do not change it.
    pub outcome: Option<Outcome>,
}

fn text(private: Option<&wire::Private>) -> Option<String> {
    private.map(|text| text.expose().trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn activity(kind: &AgentStateType, name: &str) -> AgentActivity {
    match name {
        "PendingBusy" | "Pending" | "PendingAvailable" => AgentActivity::Reserved,
        "Busy" | "Joining" => AgentActivity::Busy,
        "AfterCallWork" => AgentActivity::AfterContactWork,
        "CallingCustomer" | "Dialing" => AgentActivity::Calling,
        "MissedCallAgent" => AgentActivity::MissedByAgent,
        "MissedCallCustomer" => AgentActivity::MissedByCustomer,
        "FailedConnectAgent" | "FailedConnectCustomer" => AgentActivity::ConnectFailed,
        "BadAddressAgent" | "BadAddressCustomer" => AgentActivity::BadAddress,
        "LineEngagedAgent" | "LineEngagedCustomer" => AgentActivity::LineEngaged,
        "MultipleCcpWindows" => AgentActivity::SeveralWindows,
        "Error" | "AgentHungUp" | "Default" | "InvalidLocale" | "RealtimeCommunicationError" => AgentActivity::Failed,
        _ => match kind {
            AgentStateType::Error => AgentActivity::Failed,
            AgentStateType::System | AgentStateType::Init | AgentStateType::Other(_) => AgentActivity::Unknown,
            _ => AgentActivity::Named,
        },
    }
}

/// An agent state. An administrator may have named a selectable state "Busy":
/// only states without an ARN are the system's own.
pub fn agent_state(state: &wire::AgentState, skew: Skew) -> AgentState {
    let kind = match state.kind {
        AgentStateType::Init => AgentStateKind::Init,
        AgentStateType::Routable => AgentStateKind::Routable,
        AgentStateType::NotRoutable => AgentStateKind::NotRoutable,
        AgentStateType::Offline => AgentStateKind::Offline,
        AgentStateType::System => AgentStateKind::System,
        AgentStateType::Error => AgentStateKind::Error,
        AgentStateType::Other(_) => AgentStateKind::Unknown,
    };
    AgentState {
        id: state.arn.as_deref().map(AgentStateId::new),
        kind,
        name: state.name.clone(),
        activity: match &state.arn {
            Some(_) => AgentActivity::Named,
            None => activity(&state.kind, &state.name),
        },
        since: state.start_timestamp.and_then(|time| skew.local(time)),
    }
}

fn queue(queue: &wire::Queue) -> Option<Queue> {
    let id = queue.arn.as_deref().or(queue.name.as_deref())?;
    Some(Queue { id: QueueId::new(id), name: queue.name.clone() })
}

/// The agent, whole. Without a configuration yet, what the snapshot alone tells.
pub fn agent(
    snapshot: &wire::Snapshot,
    configuration: Option<&AgentConfiguration>,
    skew: Skew,
    settings: &AmazonConnectSettings,
) -> Agent {
    let base = configuration.map(|configuration| &configuration.base);
    let profile = base.map(|base| &base.routing_profile);
    Agent {
        name: base.map(|base| base.name.clone()).unwrap_or_default(),
        username: base.and_then(|base| base.username.clone()),
        state: agent_state(&snapshot.state, skew),
        next_state: snapshot.next_state.as_ref().map(|state| agent_state(state, skew)),
        selectable_states: configuration
            .map(|configuration| configuration.states.iter().map(|state| agent_state(state, skew)).collect())
            .unwrap_or_default(),
        softphone_enabled: base.is_some_and(|base| base.softphone_enabled),
        auto_accept: base.is_some_and(|base| base.softphone_auto_accept),
        extension: base.and_then(|base| text(base.extension.as_ref())),
        routing_profile: RoutingProfile {
            name: profile.and_then(|profile| profile.name.clone()),
            default_outbound_queue: profile.and_then(|profile| profile.default_outbound_queue.as_ref()).and_then(queue),
            queues: configuration
                .map(|configuration| configuration.queues.iter().filter_map(queue).collect())
                .unwrap_or_default(),
            // Without a map the vendor's client assumes one call and one chat (5.3).
            concurrency: match profile.and_then(|profile| profile.channel_concurrency_map.as_ref()) {
                Some(map) => map.iter().map(|(name, count)| (channel_of_concurrency(name), *count)).collect(),
                None => [(Channel::Voice, 1), (Channel::Chat, 1)].into(),
            },
        },
        language: base.and_then(wire::Configuration::language).map(str::to_owned),
        languages: if base.is_some() { settings.languages.clone() } else { Vec::new() },
        can_dial: configuration.is_some_and(|configuration| can_dial(configuration, settings)),
        dial_queues: configuration.map(dial_queues).unwrap_or_default(),
        default_dial_queue: profile
            .and_then(|profile| profile.default_outbound_queue.as_ref())
            .and_then(|queue| queue.arn.as_deref())
            .map(QueueId::new),
        permissions: configuration
            .map(|configuration| configuration.permissions.iter().cloned().collect())
            .unwrap_or_default(),
        platform_id: base.and_then(|base| base.agent_arn.clone()),
        dialable_countries: configuration.map(details::dialable_countries).unwrap_or_default(),
        picked: details::picked(snapshot, skew),
        media: Vec::new(),
        wrap_up: None,
        supervises: Vec::new(),
    }
}

/// The right to call, and something to call with: the softphone, or a desk
/// phone that has a number.
pub fn can_dial(configuration: &AgentConfiguration, settings: &AmazonConnectSettings) -> bool {
    let base = &configuration.base;
    configuration.permissions.contains(&settings.outbound_right)
        && (base.softphone_enabled || text(base.extension.as_ref()).is_some())
}

/// Queues that an outbound call may count for: those of the routing profile
/// with a name (the agent's own queue has none), the default one among them.
fn dial_queues(configuration: &AgentConfiguration) -> Vec<Queue> {
    let default = configuration.base.routing_profile.default_outbound_queue.iter();
    let mut queues: Vec<Queue> = Vec::new();
    for named in default.chain(&configuration.queues).filter(|queue| queue.arn.is_some() && queue.name.is_some()) {
        queues.extend(queue(named).filter(|queue| !queues.iter().any(|known| known.id == queue.id)));
    }
    queues
}

fn channel_of_concurrency(name: &str) -> Channel {
    match name {
        "VOICE" => Channel::Voice,
        "CHAT" => Channel::Chat,
        "TASK" => Channel::Task,
        "EMAIL" => Channel::Email,
        other => Channel::Unknown(other.to_owned()),
    }
}

fn channel(kind: &ContactType) -> Channel {
    match kind {
        ContactType::Voice | ContactType::QueueCallback => Channel::Voice,
        ContactType::Chat => Channel::Chat,
        ContactType::Task => Channel::Task,
        ContactType::Email => Channel::Email,
        ContactType::Other(other) => Channel::Unknown(other.clone()),
    }
}

/// Who started a contact (section 5.3).
pub fn direction(contact: &wire::Contact) -> Direction {
    if contact.agent_connection().is_some_and(|leg| leg.kind == ConnectionType::Monitoring) {
        return Direction::Monitoring;
    }
    if contact.kind == ContactType::QueueCallback {
        return Direction::Callback;
    }
    let by_method = matches!(
        contact.initiation_method,
        Some(InitiationMethod::Outbound | InitiationMethod::ExternalOutbound | InitiationMethod::AgentReply)
    );
    let outbound = match contact.kind {
        ContactType::Voice | ContactType::Chat => match contact.initial_connection() {
            Some(leg) => leg.kind == ConnectionType::Outbound,
            None => by_method,
        },
        _ => by_method,
    };
    if outbound { Direction::Outbound } else { Direction::Inbound }
}

fn contact_state(contact: &wire::Contact, memory: &Memory) -> ContactState {
    match &contact.state.kind {
        ContactStateType::Init => ContactState::Init,
        // AcceptContact succeeded: ringing stops at once, not with the next snapshot.
        ContactStateType::Incoming | ContactStateType::Connecting if memory.accepted => ContactState::Connecting,
        ContactStateType::Incoming => ContactState::Offered,
        ContactStateType::Connecting if is_offer(contact) => ContactState::Offered,
        ContactStateType::Connecting | ContactStateType::Pending => ContactState::Connecting,
        ContactStateType::Connected => ContactState::Connected,
        ContactStateType::Paused => ContactState::Paused,
        ContactStateType::Missed | ContactStateType::Rejected | ContactStateType::Error | ContactStateType::Ended => {
            match memory.outcome {
                Some(Outcome::Missed | Outcome::Abandoned) => ContactState::Missed,
                Some(Outcome::Declined) => ContactState::Rejected,
                Some(Outcome::Failed | Outcome::Busy | Outcome::NoAnswer | Outcome::BadAddress) => ContactState::Failed,
                _ => ContactState::Ended,
            }
        }
        ContactStateType::Other(other) => ContactState::Unknown(other.clone()),
    }
}

fn connection_state(state: &ConnectionStateType) -> ConnectionState {
    match state {
        ConnectionStateType::Init => ConnectionState::Init,
        ConnectionStateType::Connecting => ConnectionState::Connecting,
        ConnectionStateType::Connected => ConnectionState::Connected,
        ConnectionStateType::Hold => ConnectionState::Hold,
        ConnectionStateType::Disconnected => ConnectionState::Disconnected,
        ConnectionStateType::SilentMonitor => ConnectionState::SilentMonitor,
        ConnectionStateType::Barge => ConnectionState::Barge,
        ConnectionStateType::Rejected => ConnectionState::Rejected,
        ConnectionStateType::Other(other) => ConnectionState::Unknown(other.clone()),
    }
}

/// A number as shown: the vendor's client strips `sip:NUMBER@...` likewise (4.3).
fn shown_number(number: &str) -> String {
    match number.strip_prefix("sip:") {
        Some(rest) => rest.split('@').next().unwrap_or(rest).to_owned(),
        None => number.to_owned(),
    }
}

fn endpoint_party(endpoint: Option<&wire::Endpoint>) -> Party {
    let Some(endpoint) = endpoint else {
        return Party::default();
    };
    Party {
        name: text(endpoint.display_name.as_ref())
            .or_else(|| text(endpoint.name.as_ref()))
            .or_else(|| endpoint.queue.as_ref().and_then(|queue| queue.name.clone())),
        address: text(endpoint.phone_number.as_ref())
            .map(|number| shown_number(&number))
            .or_else(|| text(endpoint.email_address.as_ref()))
            .or_else(|| text(endpoint.agent_login.as_ref())),
    }
}

fn connection_party(leg: &wire::Connection) -> Party {
    let mut party = endpoint_party(leg.endpoint.as_ref());
    let name = leg
        .quick_connect_name
        .clone()
        .filter(|name| !name.is_empty())
        .or_else(|| leg.chat_media_info.as_ref().and_then(|chat| text(chat.customer_name.as_ref())))
        .or_else(|| {
            let agent = leg.monitoring_info.as_ref()?.agent.as_ref()?;
            text(agent.agent_name.as_ref())
        });
    party.name = name.or(party.name);
    party
}

fn customer(contact: &wire::Contact, settings: &AmazonConnectSettings) -> Party {
    let leg = contact.customer_connection().map(connection_party).unwrap_or_default();
    let own = contact.agent_connection().filter(|leg| leg.initial).map(connection_party).unwrap_or_default();
    let endpoint = endpoint_party(contact.customer_endpoint.as_ref());
    let attribute = settings.customer_name_attributes.iter().find_map(|name| {
        let attribute = contact.attributes.get(name)?;
        text(attribute.value.as_ref())
    });
    Party { name: attribute.or(leg.name).or(endpoint.name).or(own.name), address: leg.address.or(endpoint.address) }
}

fn connections(contact: &wire::Contact, skew: Skew) -> Vec<Connection> {
    let voice = contact.kind.is_voice();
    let connected = contact.state.kind == ContactStateType::Connected;
    let own = contact.agent_connection().map(|leg| leg.connection_id.as_str());
    let talking = contact.parties().filter(|leg| leg.state.kind == ConnectionStateType::Connected).count();
    contact
        .connections
        .iter()
        .map(|leg| {
            let kind = match &leg.kind {
                // Whether a consulted colleague's leg has the type agent is not published (12, item 12).
                ConnectionType::Agent if Some(leg.connection_id.as_str()) != own => ConnectionKind::ThirdParty,
                ConnectionType::Agent => ConnectionKind::Agent,
                ConnectionType::Monitoring => ConnectionKind::Monitoring,
                _ if leg.initial => ConnectionKind::Initial,
                ConnectionType::Inbound | ConnectionType::Outbound => ConnectionKind::ThirdParty,
                ConnectionType::Other(other) => ConnectionKind::Unknown(other.clone()),
            };
            let mut allowed = BTreeSet::new();
            if voice && connected && matches!(kind, ConnectionKind::Initial | ConnectionKind::ThirdParty) {
                match leg.state.kind {
                    ConnectionStateType::Connected => {
                        allowed.extend([
                            ConnectionAction::Hold,
                            ConnectionAction::Disconnect,
                            ConnectionAction::SendDigits,
                        ]);
                    }
                    ConnectionStateType::Hold => {
                        allowed.extend([ConnectionAction::Resume, ConnectionAction::Disconnect]);
                    }
                    ConnectionStateType::Connecting => {
                        allowed.insert(ConnectionAction::Disconnect);
                    }
                    _ => {}
                }
            }
            if voice && connected {
                allowed.extend(details::mute_action(contact, leg, &kind));
            }
            // Off a conference for a while: the others talk on and do not hear the agent (4.3).
            if voice && connected && kind == ConnectionKind::Agent {
                match leg.state.kind {
                    ConnectionStateType::Connected if talking > 1 => {
                        allowed.insert(ConnectionAction::Hold);
                    }
                    ConnectionStateType::Hold => {
                        allowed.insert(ConnectionAction::Resume);
                    }
                    _ => {}
                }
            }
            Connection {
                id: ConnectionId::new(leg.connection_id.clone()),
                kind,
                state: connection_state(&leg.state.kind),
                state_since: leg.state.timestamp.and_then(|time| skew.local(time)),
                party: connection_party(leg),
                muted_by_platform: leg.mute || leg.forced_mute,
                mute_forced: leg.forced_mute,
                sends: details::sends(leg),
                allowed,
            }
        })
        .collect()
}

/// An entry of the directory. Without an ARN a number stands for itself; what
/// has neither cannot be called.
pub fn endpoint(endpoint: &wire::Endpoint) -> Option<Endpoint> {
    let party = endpoint_party(Some(endpoint));
    let number = text(endpoint.phone_number.as_ref()).map(|number| shown_number(&number));
    Some(Endpoint {
        id: EndpointId::new(endpoint.arn.clone().or_else(|| text(endpoint.phone_number.as_ref()))?),
        name: party.name.or(party.address).unwrap_or_default(),
        kind: match endpoint.kind.as_deref() {
            Some("phone_number") => EndpointKind::PhoneNumber,
            Some("agent") => EndpointKind::Agent,
            Some("queue") => EndpointKind::Queue,
            other => EndpointKind::Unknown(other.unwrap_or_default().to_owned()),
        },
        number,
    })
}

/// Who is at a leg, in one word.
pub fn party_name(leg: &wire::Connection) -> Option<String> {
    let party = connection_party(leg);
    party.name.or(party.address)
}

/// A contact, whole.
pub fn contact(contact: &wire::Contact, memory: &Memory, skew: Skew, settings: &AmazonConnectSettings) -> Contact {
    let state = contact_state(contact, memory);
    let softphone = contact.softphone_media().is_some();
    let on_hold = contact.main_party().is_some_and(|leg| leg.state.kind == ConnectionStateType::Hold);
    let state_since = contact.state.timestamp.and_then(|time| skew.local(time)).unwrap_or(memory.first_seen);
    let subject = contact
        .segment_attributes
        .get("connect:EmailSubject")
        .and_then(|attribute| attribute.text.clone())
        .or_else(|| text(contact.name.as_ref()));
    let ring = i64::from(settings.ring_seconds) * 1000;
    let voice = channel(&contact.kind) == Channel::Voice;
    Contact {
        id: ContactId::new(contact.contact_id.clone()),
        channel: channel(&contact.kind),
        direction: direction(contact),
        state_since,
        outcome: memory.outcome.filter(|_| state.is_finished()),
        queue: contact.queue.as_ref().and_then(queue),
        queued_since: contact.queue_timestamp.and_then(|time| skew.local(time)),
        offer_expires: (voice && state == ContactState::Offered && ring > 0).then(|| state_since.shifted(ring)),
        customer: customer(contact, settings),
        subject,
        description: text(contact.description.as_ref()),
        references: work::references(contact),
        scheduled_for: work::scheduled_for(contact, skew),
        template: work::template(contact),
        email: work::email(contact),
        monitoring: work::monitoring(contact, skew),
        supervised: work::supervised(contact),
        attributes: contact
            .attributes
            .iter()
            .map(|(key, attribute)| Attribute {
                name: attribute.name.clone().unwrap_or_else(|| key.clone()),
                value: attribute.value.as_ref().map(|value| value.expose().to_owned()).unwrap_or_default(),
            })
            .collect(),
        connections: connections(contact, skew),
        on_hold,
        softphone,
        auto_accept: contact.auto_accept(),
        allowed: allowed(contact, &state, softphone, on_hold, settings),
        wrap_up_ends: None,
        handover: None,
        advisers: Vec::new(),
        details: Box::new(details::details(contact, settings)),
        state,
    }
}

#[cfg(test)]
mod tests;

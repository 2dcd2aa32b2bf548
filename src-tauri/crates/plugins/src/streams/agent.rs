//! The agent in the shape of the CTI service: of several accounts one leads.

use serde_json::{Map, Value, json};
use trunkline_desk::{AccountView, DeskSnapshot};
use trunkline_model::{
    Agent, AgentActivity, AgentState, AgentStateKind, Channel, LinkState, Queue, UnixMillis, VoiceEnhancement,
};

use super::names;
use super::seconds;

/// The accounts that the agent is signed in to.
pub(super) fn signed_in(desk: &DeskSnapshot) -> impl Iterator<Item = (&AccountView, &Agent)> {
    desk.accounts.iter().filter_map(|account| {
        let gone = matches!(account.link.state, LinkState::SignedOut | LinkState::NeedsSignIn | LinkState::Refused);
        account.agent.as_ref().filter(|_| !gone).map(|agent| (account, agent))
    })
}

/// The account whose state is the agent's: the first, in the panel's order, at
/// which the agent is at work and can choose a state; else the first at which
/// one can be chosen; else the first.
pub(super) fn leading(desk: &DeskSnapshot) -> Option<(&AccountView, &Agent)> {
    let chooses = |agent: &Agent| !agent.selectable_states.is_empty();
    let at_work = |agent: &Agent| !matches!(agent.state.kind, AgentStateKind::Offline | AgentStateKind::Init);
    signed_in(desk)
        .find(|(_, agent)| chooses(agent) && at_work(agent))
        .or_else(|| signed_in(desk).find(|(_, agent)| chooses(agent)))
        .or_else(|| signed_in(desk).next())
}

fn kind(kind: AgentStateKind) -> &'static str {
    match kind {
        AgentStateKind::Init => "init",
        AgentStateKind::Routable => "routable",
        AgentStateKind::NotRoutable => "not_routable",
        AgentStateKind::Offline => "offline",
        AgentStateKind::System | AgentStateKind::Unknown => "system",
        AgentStateKind::Error => "error",
    }
}

/// The name of a state. Pages know the vendor's names of states that a platform
/// sets by itself: those of other platforms get the one that means the same.
fn name(account: &AccountView, state: &AgentState) -> String {
    let vendors = match state.activity {
        _ if names::is_vendors(account) || state.id.is_some() => None,
        AgentActivity::Reserved => Some("PendingBusy"),
        AgentActivity::Busy => Some("Busy"),
        AgentActivity::AfterContactWork => Some("AfterCallWork"),
        AgentActivity::Calling => Some("CallingCustomer"),
        AgentActivity::MissedByAgent => Some("MissedCallAgent"),
        AgentActivity::MissedByCustomer => Some("MissedCallCustomer"),
        AgentActivity::ConnectFailed => Some("FailedConnectCustomer"),
        AgentActivity::BadAddress => Some("BadAddressCustomer"),
        AgentActivity::LineEngaged => Some("LineEngagedCustomer"),
        AgentActivity::SeveralWindows => Some("MultipleCcpWindows"),
        AgentActivity::Failed => Some("Error"),
        _ => None,
    };
    let own = Some(state.name.as_str()).filter(|name| !name.is_empty());
    // A platform without names for its states still needs one here.
    let plain = match state.kind {
        AgentStateKind::Routable => "Available",
        AgentStateKind::Offline => "Offline",
        AgentStateKind::NotRoutable => "Unavailable",
        AgentStateKind::Init => "Init",
        AgentStateKind::Error => "Error",
        AgentStateKind::System | AgentStateKind::Unknown => "Busy",
    };
    vendors.or(own).unwrap_or(plain).to_owned()
}

/// One state; `since`: where the platform does not say.
pub(super) fn state(account: &AccountView, state: &AgentState, since: Option<UnixMillis>) -> Value {
    let mut members = Map::from_iter([
        ("agentStateARN".to_owned(), json!(state.id.as_ref().map(|id| names::outer(account, id.as_str())))),
        ("type".to_owned(), json!(kind(state.kind))),
        ("name".to_owned(), json!(name(account, state))),
    ]);
    if let Some(at) = state.since.or(since) {
        members.insert("startTimestamp".to_owned(), seconds(at));
    }
    Value::Object(members)
}

/// The state that the agent picked last.
pub(super) fn picked(account: &AccountView, agent: &Agent) -> Value {
    match &agent.picked {
        Some(picked) => json!({"state": picked.name, "timeStamp": picked.since.map(seconds)}),
        // A state that has an id was chosen.
        None if agent.state.id.is_some() => {
            json!({"state": name(account, &agent.state), "timeStamp": agent.state.since.map(seconds)})
        }
        None => Value::Null,
    }
}

fn queue(account: &AccountView, queue: &Queue) -> Value {
    json!({"queueARN": names::outer(account, queue.id.as_str()), "name": queue.name})
}

/// Stands for the routing profile, whose own id the panel does not keep. Pages
/// read the instance's id out of it.
fn profile(account: &AccountView, agent: &Agent) -> String {
    let instance = agent.platform_id.as_deref().filter(|_| names::is_vendors(account));
    let instance = instance.and_then(|id| id.split_once("/agent/")).map(|(instance, _)| instance.to_owned());
    format!("{}/routing-profile/unknown", instance.unwrap_or_else(|| format!("trunkline:{}", account.id)))
}

/// The configuration, lists included. `identity`: the page may know who the agent is.
pub(super) fn configuration(desk: &DeskSnapshot, account: &AccountView, agent: &Agent, identity: bool) -> Value {
    let known = |text: &str| if identity { text.to_owned() } else { String::new() };
    let profile_of = &agent.routing_profile;
    let default = agent
        .default_dial_queue
        .as_ref()
        .and_then(|id| agent.dial_queues.iter().find(|queue| queue.id == *id))
        .or(profile_of.default_outbound_queue.as_ref());
    let concurrency: Map<String, Value> = profile_of
        .concurrency
        .iter()
        .map(|(channel, most)| {
            let name = match channel {
                Channel::Voice => "VOICE",
                Channel::Chat => "CHAT",
                Channel::Task => "TASK",
                Channel::Email => "EMAIL",
                Channel::Unknown(text) => text,
            };
            (name.to_owned(), json!(most))
        })
        .collect();
    let mut permissions = agent.permissions.clone();
    if agent.can_dial && !names::is_vendors(account) {
        permissions.insert("outboundCall".to_owned());
    }
    let id = agent
        .platform_id
        .clone()
        .unwrap_or_else(|| names::outer(account, agent.username.as_deref().unwrap_or("agent")));
    json!({
        "name": known(&agent.name),
        "username": known(agent.username.as_deref().unwrap_or_default()),
        "softphoneEnabled": agent.softphone_enabled,
        "softphoneAutoAccept": agent.auto_accept,
        "extension": known(agent.extension.as_deref().unwrap_or_default()),
        "routingProfile": {
            "name": profile_of.name,
            "routingProfileARN": profile(account, agent),
            "defaultOutboundQueue": default.map_or_else(|| json!({}), |one| queue(account, one)),
            "channelConcurrencyMap": concurrency,
            "queues": profile_of.queues.iter().map(|one| queue(account, one)).collect::<Vec<_>>(),
        },
        "agentPreferences": {"LANGUAGE": agent.language},
        "agentARN": known(&id),
        "permissions": permissions,
        "agentStates": agent.selectable_states.iter().map(|one| state(account, one, None)).collect::<Vec<_>>(),
        "dialableCountries": agent.dialable_countries.iter().map(|code| code.to_lowercase()).collect::<Vec<_>>(),
        "voiceEnhancementMode": match (desk.audio.processing, desk.audio.enhancement) {
            (true, VoiceEnhancement::NoiseSuppression) => "NOISE_SUPPRESSION",
            _ => "NONE",
        },
    })
}

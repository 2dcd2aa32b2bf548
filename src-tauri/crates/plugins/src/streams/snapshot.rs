//! The whole picture that a page gets.

use serde_json::{Value, json};
use trunkline_desk::{ContactView, DeskSnapshot, DeviceChoice, DeviceUse};
use trunkline_model::{ContactState, LinkState, MediaState, UnixMillis};

use super::{agent, contact, seconds};

/// What a page may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// Who the agent is.
    pub agent: bool,
    /// The agent's contacts.
    pub contacts: bool,
}

/// The agent snapshot of the CTI service: the state of the account that leads,
/// the contacts of all. Null: nobody is signed in. `now` by this computer's
/// clock, as all times of the desk are.
pub fn snapshot(desk: &DeskSnapshot, rights: Rights, now: UnixMillis) -> Value {
    let Some((account, who)) = agent::leading(desk) else { return Value::Null };
    let contacts: Vec<Value> =
        desk.contacts.iter().filter(|_| rights.contacts).map(|view| contact::contact(desk, view, now)).collect();
    json!({
        "state": agent::state(account, &who.state, Some(account.link.since)),
        "nextState": who.next_state.as_ref().map(|next| agent::state(account, next, None)),
        "agentAvailabilityState": agent::picked(account, who),
        "contacts": contacts,
        "snapshotTimestamp": seconds(now),
    })
}

/// The configuration, lists included; null: nobody is signed in.
pub(super) fn configuration(desk: &DeskSnapshot, rights: Rights) -> Value {
    agent::leading(desk).map_or(Value::Null, |(account, who)| agent::configuration(desk, account, who, rights.agent))
}

/// Calls of which the microphone is open or muted.
pub(super) fn live(desk: &DeskSnapshot) -> impl Iterator<Item = &ContactView> {
    desk.contacts.iter().filter(|view| {
        let speaks = view.media.as_ref().is_some_and(|media| {
            matches!(media.state, MediaState::Live | MediaState::Reconnecting | MediaState::Ready)
        });
        speaks && view.contact.state == ContactState::Connected
    })
}

/// Whether the agent is muted: in every call there is, since pages know one microphone.
pub(super) fn mute(desk: &DeskSnapshot) -> Value {
    let mut calls = live(desk).filter_map(|view| view.media.as_ref()).map(|media| media.mute_wanted).peekable();
    json!({"muted": calls.peek().is_some() && calls.all(|muted| muted)})
}

fn chosen(device: &DeviceUse) -> &str {
    match &device.choice {
        DeviceChoice::SystemDefault => "default",
        DeviceChoice::Named { name } => name,
    }
}

/// The computer's devices by name, and which serve.
pub(super) fn devices(desk: &DeskSnapshot) -> Value {
    let audio = &desk.audio;
    let device = |kind: &str, name: &str| json!({"deviceId": name, "groupId": "", "kind": kind, "label": name});
    let inputs = audio.inputs.iter().map(|one| device("audioinput", &one.name));
    let outputs = audio.outputs.iter().map(|one| device("audiooutput", &one.name));
    json!({
        "list": inputs.chain(outputs).collect::<Vec<_>>(),
        "speaker": chosen(&audio.speaker),
        "microphone": chosen(&audio.microphone),
        "ringer": chosen(&audio.ringer),
    })
}

/// How the account that leads is connected.
pub(super) fn network(desk: &DeskSnapshot) -> Value {
    let leading = agent::leading(desk).map(|(account, _)| account).or(desk.accounts.first());
    let status = match leading.map(|account| account.link.state) {
        Some(LinkState::Online | LinkState::Degraded) => "connected",
        Some(LinkState::Connecting) => "connecting",
        Some(LinkState::Refused) => "failed",
        Some(LinkState::Offline | LinkState::SignedOut | LinkState::NeedsSignIn) | None => "disconnected",
    };
    json!({"status": status})
}

#[cfg(test)]
mod tests;

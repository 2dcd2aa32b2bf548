//! The tray icon's state, derived from the whole desk.

use serde::Serialize;
use trunkline_model::{AgentActivity, AgentStateKind, ContactKey, ContactState, LinkState, MediaState, Party};

use crate::contacts::ContactEntry;
use crate::{AccountView, Desk};

/// By urgency, the most urgent last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TrayState {
    /// No account is signed in.
    Offline,
    /// Signed in, but not taking contacts.
    NotReady,
    /// Taking contacts.
    Ready,
    /// After-contact work.
    WrapUp,
    /// On a call.
    InCall,
    /// On a call, muted.
    Muted,
    /// An account is broken and needs the agent, or calls cannot be taken.
    Trouble,
    /// A contact rings.
    Ringing,
}

/// What the tray shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrayPicture {
    /// Icon.
    pub state: TrayState,
    /// Mute of the live call, as the agent wants it; `None` without one.
    pub live_muted: Option<bool>,
    /// Name of each account and of its agent's state (empty before it is
    /// known), by the accounts' `order`.
    pub agents: Vec<(String, String)>,
    /// The contact that the agent works on, and who that is: the live call, else
    /// the oldest that was taken, else the oldest that waits.
    pub contact: Option<(ContactKey, Party)>,
}

impl Desk {
    /// Everything the tray shows. Cheap enough for every change: of the whole
    /// desk only these names are copied.
    pub fn tray_picture(&self) -> TrayPicture {
        let live_muted = self
            .by_arrival()
            .filter_map(|entry| entry.view.media.as_ref())
            .find(|media| matches!(media.state, MediaState::Live | MediaState::Reconnecting))
            .map(|media| media.mute_wanted);
        let mut views: Vec<&AccountView> = self.accounts.values().map(|entry| &entry.view).collect();
        views.sort_by_key(|view| (view.order, &view.id));
        let state_name = |view: &AccountView| view.agent.as_ref().map(|agent| agent.state.name.clone());
        let agents = views.into_iter().map(|view| (view.name.clone(), state_name(view).unwrap_or_default())).collect();
        TrayPicture { state: self.tray(), live_muted, agents, contact: self.worked_on() }
    }

    fn worked_on(&self) -> Option<(ContactKey, Party)> {
        let rank = |entry: &&ContactEntry| match entry.view.contact.state {
            _ if entry.is_live_call() => 0,
            ContactState::Connecting | ContactState::Connected | ContactState::Paused => 1,
            ContactState::Offered => 2,
            _ => 3,
        };
        // Of equals the first is taken: the oldest.
        let entry = self.by_arrival().filter(|entry| rank(entry) < 3).min_by_key(rank)?;
        Some((entry.view.key.clone(), entry.view.contact.customer.clone()))
    }

    /// The icon: the most urgent of what is true on any account.
    pub fn tray(&self) -> TrayState {
        let accounts = self.accounts.values().map(|entry| account_state(&entry.view));
        let contacts = self.contacts.values().map(contact_state);
        accounts.chain(contacts).max().unwrap_or(TrayState::Offline)
    }
}

fn account_state(view: &AccountView) -> TrayState {
    match view.link.state {
        LinkState::SignedOut | LinkState::Connecting => return TrayState::Offline,
        // Nothing arrives, or the agent must act: either way no call will come.
        LinkState::NeedsSignIn | LinkState::Refused | LinkState::Offline => {
            return TrayState::Trouble;
        }
        LinkState::Online | LinkState::Degraded => {}
    }
    let Some(agent) = &view.agent else {
        return TrayState::NotReady;
    };
    match (agent.state.kind, agent.state.activity) {
        (AgentStateKind::Error, _) => TrayState::Trouble,
        (_, AgentActivity::AfterContactWork) => TrayState::WrapUp,
        (AgentStateKind::Routable, _) => TrayState::Ready,
        (AgentStateKind::Offline, _) => TrayState::Offline,
        (AgentStateKind::Init | AgentStateKind::NotRoutable | AgentStateKind::System | AgentStateKind::Unknown, _) => {
            TrayState::NotReady
        }
    }
}

fn contact_state(entry: &ContactEntry) -> TrayState {
    if entry.shown.is_some() {
        return TrayState::Ringing;
    }
    let view = &entry.view;
    let media = view.media.as_ref();
    if view.contact.state.is_active() && media.is_some_and(|leg| leg.state == MediaState::Failed) {
        return TrayState::Trouble;
    }
    match view.contact.state {
        ContactState::Connecting | ContactState::Connected => {
            if media.is_some_and(|leg| leg.mute_wanted) {
                TrayState::Muted
            } else {
                TrayState::InCall
            }
        }
        ContactState::Ended => TrayState::WrapUp,
        ContactState::Init
        | ContactState::Offered
        | ContactState::Paused
        | ContactState::Missed
        | ContactState::Rejected
        | ContactState::Failed
        | ContactState::Unknown(_) => TrayState::Offline,
    }
}

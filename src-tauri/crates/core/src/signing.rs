//! Signing in again, and when and how an agent may sign out.

use std::time::Duration;

use trunkline_connector::Capability;
use trunkline_desk::Desk;
use trunkline_model::{AccountId, AgentStateId, AgentStateKind, Link, LinkState};
use trunkline_rpc::{RpcCode, RpcError};

use crate::accounts::can;
use crate::{Parts, rpc_error};

/// The account's link as it is.
pub(crate) fn link(parts: &Parts, account: &AccountId) -> Option<Link> {
    parts.desk.look(|desk| desk.account(account).map(|view| view.link.clone()))
}

/// A connector was started anew: waits until it says how far it gets with what
/// is stored, and tells whether it needs the agent. `before`: its link until then.
pub(crate) async fn asks_for_sign_in(
    parts: &Parts,
    account: &AccountId,
    before: Option<&Link>,
    limit: Duration,
) -> bool {
    let mut changes = parts.desk.watch();
    let asks = async {
        loop {
            changes.borrow_and_update();
            match link(parts, account) {
                None => return false,
                // The old connector's last word may come after the press; the new one has not said anything by it.
                Some(now) if Some(&now) == before => {}
                Some(now) if matches!(now.state, LinkState::Connecting | LinkState::SignedOut) => {}
                Some(now) => return now.state == LinkState::NeedsSignIn,
            }
            if changes.changed().await.is_err() {
                return false;
            }
        }
    };
    // A platform that does not answer is told by the link.
    tokio::time::timeout(limit, asks).await.unwrap_or(false)
}

/// Why the agent cannot sign out now, or not into that state.
pub(crate) fn cannot_leave(desk: &Desk, account: &AccountId, state: Option<&AgentStateId>) -> Option<RpcError> {
    let view = desk.account(account)?;
    // Without a connection a contact could never be finished: then one may leave.
    let connected = matches!(view.link.state, LinkState::Online | LinkState::Degraded);
    // Contacts that are only shown here go on elsewhere, whoever leaves here.
    let worked_on = can(view, Capability::Offers);
    let mut contacts = desk.snapshot().contacts.into_iter();
    if connected && worked_on && contacts.any(|view| view.key.account == *account && view.contact.state.is_active()) {
        return Some(RpcError::new(RpcCode::NotPossible, "error_contacts_active"));
    }
    let (state, agent) = (state?, view.agent.as_ref()?);
    match agent.selectable_states.iter().find(|known| known.id.as_ref() == Some(state)) {
        None => Some(rpc_error::field("state", "error_state_unknown")),
        // Contacts would be offered to somebody who is not there.
        Some(known) if known.kind == AgentStateKind::Routable => {
            Some(rpc_error::field("state", "error_state_routable"))
        }
        Some(_) => None,
    }
}

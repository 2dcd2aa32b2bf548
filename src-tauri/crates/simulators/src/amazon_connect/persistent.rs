//! Peer connections that are kept between an agent's calls.
//!
//! | request | answer |
//! | --- | --- |
//! | invite with persistentConnection, agent allowed | as any, with inactivityDuration; the peer is kept |
//! | the same, agent not allowed | no peerConnectionId, no token, inactivityDuration 0 |
//! | connectContact with id and token of a living one | empty result; the call sits at it from now on |
//! | connectContact otherwise | error 400 `Stale Peer Connection` |
//! | disconnectContact | empty result; the call leaves, the peer stays |
//! | bye with the id of a kept one | empty result; it ends with all its calls |

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::Value;

use super::call::{Call, lock};
use super::handle::AmazonConnectSim;
use super::peer::PeerHandle;
use super::shared::Shared;
use super::signalling;
use crate::Moment;

/// One of them, with its peerConnectionId and peerConnectionToken.
pub(crate) struct KeptPeer {
    pub agent: String,
    pub ids: (String, String),
    pub peer: Arc<PeerHandle>,
}

/// The living one that these parameters name, of this agent.
pub(crate) fn find(shared: &Shared, agent: &str, params: &Value) -> Option<(Arc<PeerHandle>, (String, String))> {
    lock(&shared.kept)
        .iter()
        .find(|kept| {
            kept.agent == agent
                && params["peerConnectionId"] == kept.ids.0.as_str()
                && params["peerConnectionToken"] == kept.ids.1.as_str()
                && kept.peer.is_alive()
        })
        .map(|kept| (kept.peer.clone(), kept.ids.clone()))
}

pub(crate) fn keep(shared: &Shared, call: &Call, ids: &(String, String), peer: &Arc<PeerHandle>) {
    peer.keep();
    lock(&shared.kept).push(KeptPeer { agent: call.agent.clone(), ids: ids.clone(), peer: peer.clone() });
}

/// A call comes to a kept peer.
pub(crate) fn connect(shared: &Shared, call: &Arc<Call>, peer: Arc<PeerHandle>, ids: (String, String)) {
    peer.seat(call);
    *lock(&call.peer) = Some(peer);
    *lock(&call.peer_ids) = Some(ids);
    let now = Moment::now();
    call.note(|f| {
        f.connect_contacts.push(now);
        f.media_connected.get_or_insert(now);
    });
    // The call may be over meanwhile; then there is nothing to do.
    let _ = lock(&shared.world).media_connected(call);
}

/// True when a kept one has that id; it has ended.
pub(crate) fn end(shared: &Shared, agent: &str, id: &str) -> bool {
    let mut kept = lock(&shared.kept);
    let before = kept.len();
    kept.retain(|one| {
        let ends = one.agent == agent && one.ids.0 == id;
        if ends {
            one.peer.stop();
        }
        !ends
    });
    kept.len() < before
}

impl AmazonConnectSim {
    /// Peer connections of an agent that outlive its calls and are alive.
    #[must_use]
    pub fn kept_connections(&self, agent: &str) -> usize {
        lock(&self.shared.kept).iter().filter(|kept| kept.agent == agent && kept.peer.is_alive()).count()
    }

    /// When the client has said bye to a kept peer connection.
    #[must_use]
    pub fn kept_byes(&self) -> Vec<Moment> {
        lock(&self.shared.kept_byes).clone()
    }

    /// Peer connections made so far, kept or not: each has had its ICE and DTLS.
    #[must_use]
    pub fn peers_made(&self) -> usize {
        self.shared.peers_made.load(Ordering::SeqCst)
    }

    /// An agent's kept peer connections vanish without a word, as with a crashed
    /// media server.
    pub fn lose_kept_connections(&self, agent: &str) {
        for kept in lock(&self.shared.kept).iter().filter(|kept| kept.agent == agent) {
            kept.peer.stop();
        }
    }

    /// The service ends them and says so (PCBye).
    pub fn drop_kept_connections(&self, agent: &str) {
        let ids: Vec<String> =
            lock(&self.shared.kept).iter().filter(|kept| kept.agent == agent).map(|kept| kept.ids.0.clone()).collect();
        for id in ids {
            end(&self.shared, agent, &id);
            signalling::tell_pc_bye(&self.shared, agent, "", &id);
        }
    }
}

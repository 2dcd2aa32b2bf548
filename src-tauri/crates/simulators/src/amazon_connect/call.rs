//! What is shared about one call: ids, facts for the expectations, and the
//! customer's ears and mouth.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use uuid::Uuid;

use super::options::OfferCall;
use super::peer::PeerHandle;
use super::recording::{Recorder, Recording};
use super::speaker::Speaker;
use crate::Moment;

/// Who ended a connected call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// DestroyConnection of the agent.
    Agent,
    /// The customer, or the simulator's handle for them.
    Customer,
}

/// Everything that has happened to a call so far, each with its moment.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CallFacts {
    /// The first snapshot with the contact was handed to the socket.
    pub offered: Option<Moment>,
    /// AcceptContact arrived (or the service accepted by itself).
    pub accepted: Option<Moment>,
    /// RejectContact arrived, or DestroyConnection while it rang.
    pub rejected: Option<Moment>,
    /// The ring time ran out.
    pub missed: Option<Moment>,
    /// The customer left while it rang.
    pub abandoned: Option<Moment>,
    /// HoldConnection took effect, once for each hold.
    pub holds: Vec<Moment>,
    /// ResumeConnection took effect, once for each.
    pub resumes: Vec<Moment>,
    /// All digits of SendDigits in order.
    pub digits: String,
    /// The connected call ended.
    pub ended: Option<(EndedBy, Moment)>,
    /// The contact was cleared or completed.
    pub cleared: Option<Moment>,
    /// ICE and DTLS of the peer are up.
    pub media_connected: Option<Moment>,
    /// The peer lost its media path (ICE disconnected) and had not ended.
    pub media_lost: Vec<Moment>,
    /// `invite` messages, ICE restarts included.
    pub invites: Vec<Moment>,
    /// `invite` messages with iceRestart.
    pub ice_restarts: Vec<Moment>,
    /// `accept` of the signalling.
    pub signalling_accept: Option<Moment>,
    /// `bye` of the client.
    pub client_bye: Option<Moment>,
    /// The client answered the server's bye.
    pub bye_answered: Option<Moment>,
    /// The customer began to speak.
    pub speech_started: Option<Moment>,
    /// Bodies of SendSoftphoneCallMetrics.
    pub metrics: Vec<serde_json::Value>,
    /// Body of SendSoftphoneCallReport.
    pub report: Option<serde_json::Value>,
}

impl CallFacts {
    /// True between the last hold and its resume.
    #[must_use]
    pub fn is_on_hold(&self) -> bool {
        self.holds.len() > self.resumes.len()
    }

    /// The facts as one line, without numbers, names or tokens.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut parts = Vec::new();
        let mut tell = |happened: bool, name: &str| {
            if happened {
                parts.push(name.to_owned());
            }
        };
        tell(self.offered.is_some(), "offered");
        tell(self.media_connected.is_some(), "media connected");
        tell(self.accepted.is_some(), "accepted");
        tell(self.rejected.is_some(), "rejected");
        tell(self.missed.is_some(), "missed");
        tell(self.abandoned.is_some(), "abandoned");
        tell(!self.holds.is_empty(), "held");
        tell(!self.resumes.is_empty(), "resumed");
        tell(!self.digits.is_empty(), "digits received");
        match self.ended {
            Some((EndedBy::Agent, _)) => parts.push("ended by the agent".to_owned()),
            Some((EndedBy::Customer, _)) => parts.push("ended by the customer".to_owned()),
            None => {}
        }
        if self.cleared.is_some() {
            parts.push("cleared".to_owned());
        }
        if parts.is_empty() {
            "nothing has happened to the call yet".to_owned()
        } else {
            format!("so far: {}", parts.join(", "))
        }
    }
}

pub(crate) struct Call {
    pub contact_id: String,
    pub agent: String,
    pub agent_connection: String,
    pub customer_connection: String,
    pub call_context_token: String,
    pub media_leg_token: String,
    pub offer: OfferCall,
    pub outbound: bool,
    pub facts: watch::Sender<CallFacts>,
    pub peer: Mutex<Option<PeerHandle>>,
    pub recorder: Arc<Mutex<Recorder>>,
    pub speaker: Arc<Mutex<Speaker>>,
    /// Socket that sent the first invite.
    pub inviter: Mutex<Option<u64>>,
    /// peerConnectionId and peerConnectionToken, once given out.
    pub peer_ids: Mutex<Option<(String, String)>>,
    taken: AtomicBool,
    accepted: AtomicBool,
    held: AtomicBool,
    agent_muted: AtomicBool,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere must not take the simulator's state with it.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Call {
    pub(crate) fn new(offer: OfferCall, outbound: bool) -> Arc<Self> {
        let speaker = Speaker::new(offer.speech.clone());
        Arc::new(Self {
            contact_id: Uuid::new_v4().to_string(),
            agent: offer.agent.clone(),
            agent_connection: Uuid::new_v4().to_string(),
            customer_connection: Uuid::new_v4().to_string(),
            call_context_token: format!("call-context-{}", Uuid::new_v4()),
            media_leg_token: format!("media-leg-{}", Uuid::new_v4()),
            offer,
            outbound,
            facts: watch::Sender::new(CallFacts::default()),
            peer: Mutex::new(None),
            recorder: Arc::new(Mutex::new(Recorder::default())),
            speaker: Arc::new(Mutex::new(speaker)),
            inviter: Mutex::new(None),
            peer_ids: Mutex::new(None),
            taken: AtomicBool::new(false),
            accepted: AtomicBool::new(false),
            held: AtomicBool::new(false),
            agent_muted: AtomicBool::new(false),
        })
    }

    pub(crate) fn note(&self, change: impl FnOnce(&mut CallFacts)) {
        self.facts.send_modify(change);
    }

    /// True the first time only.
    pub(crate) fn claim(&self) -> bool {
        !self.taken.swap(true, Ordering::SeqCst)
    }

    pub(crate) fn set_accepted(&self) {
        self.accepted.store(true, Ordering::SeqCst);
        self.set_gate();
    }

    pub(crate) fn set_held(&self, held: bool) {
        self.held.store(held, Ordering::SeqCst);
        self.set_gate();
    }

    pub(crate) fn set_agent_muted(&self, muted: bool) {
        self.agent_muted.store(muted, Ordering::SeqCst);
        self.set_gate();
    }

    pub(crate) fn is_accepted(&self) -> bool {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(crate) fn is_held(&self) -> bool {
        self.held.load(Ordering::SeqCst)
    }

    /// The agent's voice reaches the customer, or not.
    fn set_gate(&self) {
        let muted = self.agent_muted.load(Ordering::SeqCst);
        let open = self.is_accepted() && !self.is_held() && !muted;
        lock(&self.recorder).gate(Moment::now(), open);
    }

    pub(crate) fn recording(&self) -> Recording {
        lock(&self.recorder).all()
    }

    pub(crate) fn recording_heard(&self) -> Recording {
        lock(&self.recorder).heard_by_customer()
    }

    pub(crate) fn end_media(&self) {
        if let Some(peer) = lock(&self.peer).take() {
            peer.stop();
        }
    }

    pub(crate) fn has_live_peer(&self) -> bool {
        lock(&self.peer).as_ref().is_some_and(PeerHandle::is_alive)
    }
}

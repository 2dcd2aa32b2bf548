//! What is shared about one call: ids, facts for the expectations, and who
//! takes part.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use uuid::Uuid;

use super::facts::{self, Facts};
use super::member::Member;
use super::options::{OfferCall, OutboundAnswer};
use super::peer::PeerHandle;
use super::recording::{Recorder, Recording};
use super::room::Room;
use crate::Moment;

/// Who ended a connected call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// DestroyConnection of the agent.
    Agent,
    /// The customer, or the simulator's handle for them.
    Customer,
    /// The last third party, when the customer had left before.
    ThirdParty,
}

/// How a contact came to be; the values of `initiationMethod`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Initiation {
    Inbound,
    Outbound,
    /// Another agent's quick connect to this agent.
    Transfer,
    /// Another agent's quick connect to a queue.
    QueueTransfer,
    /// Made by CreateTaskContact or another system.
    Api,
    /// The customer asked to be called back.
    Callback,
    /// A supervisor's part in somebody else's call.
    Monitor,
}

impl Initiation {
    pub(crate) fn wire_name(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
            Self::Transfer => "transfer",
            Self::QueueTransfer => "queue_transfer",
            Self::Api => "api",
            Self::Callback => "callback",
            Self::Monitor => "monitor",
        }
    }
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
    /// The customer was put on hold, once for each hold.
    pub holds: Vec<Moment>,
    /// The customer was taken from hold, once for each.
    pub resumes: Vec<Moment>,
    /// All digits sent to the customer in order.
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
    /// `connectContact` of the signalling, those that were done.
    pub connect_contacts: Vec<Moment>,
    /// `disconnectContact` of the client.
    pub disconnect_contact: Option<Moment>,
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
}

impl Facts for CallFacts {
    fn summary(&self) -> String {
        let told = [
            (self.offered.is_some(), "offered"),
            (self.media_connected.is_some(), "media connected"),
            (self.accepted.is_some(), "accepted"),
            (self.rejected.is_some(), "rejected"),
            (self.missed.is_some(), "missed"),
            (self.abandoned.is_some(), "abandoned"),
            (!self.holds.is_empty(), "held"),
            (!self.resumes.is_empty(), "resumed"),
            (!self.digits.is_empty(), "digits received"),
            (matches!(self.ended, Some((EndedBy::Agent, _))), "ended by the agent"),
            (matches!(self.ended, Some((EndedBy::Customer, _))), "ended by the customer"),
            (matches!(self.ended, Some((EndedBy::ThirdParty, _))), "ended by the third party"),
            (self.cleared.is_some(), "cleared"),
        ];
        facts::in_words("the call", &told)
    }
}

pub(crate) struct Call {
    pub contact_id: String,
    /// The first contact of a chain of transfers; else its own id.
    pub initial_contact_id: String,
    pub agent: String,
    pub agent_connection: String,
    pub customer_connection: String,
    /// How the customer of a call-back reacts.
    pub answers: Option<OutboundAnswer>,
    pub call_context_token: String,
    pub media_leg_token: String,
    pub offer: OfferCall,
    pub initiation: Initiation,
    pub facts: watch::Sender<CallFacts>,
    pub peer: Mutex<Option<Arc<PeerHandle>>>,
    /// What the agent's client has sent.
    pub recorder: Arc<Mutex<Recorder>>,
    pub room: Arc<Room>,
    /// The agent in the room.
    pub me: Arc<Member>,
    pub customer: Arc<Member>,
    /// Third parties that this agent has called, with their connection ids.
    pub third_parties: watch::Sender<Vec<(String, Arc<Member>)>>,
    /// How many of them the handle has returned from an expectation.
    pub third_parties_taken: AtomicUsize,
    /// Socket that sent the first invite.
    pub inviter: Mutex<Option<u64>>,
    /// peerConnectionId and peerConnectionToken, once given out.
    pub peer_ids: Mutex<Option<(String, String)>>,
    taken: AtomicBool,
    accepted: AtomicBool,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere must not take the simulator's state with it.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ids of a new contact; `initial` is that of another contact.
struct Ids {
    contact: String,
    initial: Option<String>,
    agent_connection: String,
}

impl Ids {
    fn new(initial: Option<String>) -> Self {
        let id = || Uuid::new_v4().to_string();
        Self { contact: id(), initial, agent_connection: id() }
    }
}

impl Call {
    /// A call between one agent and one customer.
    pub(crate) fn new(offer: OfferCall, initiation: Initiation) -> Arc<Self> {
        let customer = Member::played(offer.speech.clone(), offer.speech_start);
        customer.note(|f| f.dialled = Some(Moment::now()));
        let room = Room::new(customer.clone());
        let call = Self::make(offer, initiation, room, customer, Ids::new(None), None);
        call.me.admit(true);
        call
    }

    /// A call to a customer who has asked for it, and who will react so.
    pub(crate) fn called_back(offer: OfferCall, answer: OutboundAnswer) -> Arc<Self> {
        let customer = Member::played(offer.speech.clone(), offer.speech_start);
        let room = Room::new(customer.clone());
        // The first contact is the one in which the customer asked for it.
        let ids = Ids::new(Some(Uuid::new_v4().to_string()));
        let call = Self::make(offer, Initiation::Callback, room, customer, ids, Some(answer));
        call.me.admit(true);
        call
    }

    /// A supervisor's part in `of`. Its connection has the contact's id.
    pub(crate) fn monitoring(of: &Self, agent: &str) -> Arc<Self> {
        let offer = OfferCall { agent: agent.to_owned(), ring: None, force: true, ..of.offer.clone() };
        let mut ids = Ids::new(None);
        ids.agent_connection.clone_from(&ids.contact);
        let call = Self::make(offer, Initiation::Monitor, of.room.clone(), of.customer.clone(), ids, None);
        call.me.admit(true);
        call.set_accepted();
        call
    }

    /// The contact of another agent whom `from` wants in its conversation.
    pub(crate) fn transferred(from: &Self, agent: &str, initiation: Initiation) -> Arc<Self> {
        let offer = OfferCall { agent: agent.to_owned(), ring: None, force: false, ..from.offer.clone() };
        let initial = Some(from.initial_contact_id.clone());
        let (room, customer) = (from.room.clone(), from.customer.clone());
        Self::make(offer, initiation, room, customer, Ids::new(initial), None)
    }

    fn make(
        offer: OfferCall,
        initiation: Initiation,
        room: Arc<Room>,
        customer: Arc<Member>,
        ids: Ids,
        answers: Option<OutboundAnswer>,
    ) -> Arc<Self> {
        let Ids { contact: contact_id, initial, agent_connection } = ids;
        let recorder = Arc::new(Mutex::new(Recorder::default()));
        let me = Member::client(recorder.clone());
        me.join(false);
        room.enter(&me);
        Arc::new(Self {
            initial_contact_id: initial.unwrap_or_else(|| contact_id.clone()),
            contact_id,
            agent: offer.agent.clone(),
            agent_connection,
            customer_connection: Uuid::new_v4().to_string(),
            call_context_token: format!("call-context-{}", Uuid::new_v4()),
            media_leg_token: format!("media-leg-{}", Uuid::new_v4()),
            answers,
            offer,
            initiation,
            facts: watch::Sender::new(CallFacts::default()),
            peer: Mutex::new(None),
            recorder,
            room,
            me,
            customer,
            third_parties: watch::Sender::new(Vec::new()),
            third_parties_taken: AtomicUsize::new(0),
            inviter: Mutex::new(None),
            peer_ids: Mutex::new(None),
            taken: AtomicBool::new(false),
            accepted: AtomicBool::new(false),
        })
    }

    pub(crate) fn has_called(&self, connection: &str, member: &Arc<Member>) {
        let entry = (connection.to_owned(), member.clone());
        self.third_parties.send_modify(|all| all.push(entry));
    }

    pub(crate) fn is_outbound(&self) -> bool {
        self.initiation == Initiation::Outbound
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
    }

    pub(crate) fn is_accepted(&self) -> bool {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(crate) fn recording(&self) -> Recording {
        lock(&self.recorder).all()
    }

    /// The call leaves its peer, which ends with its last call unless it is kept.
    pub(crate) fn end_media(&self) {
        if let Some(peer) = lock(&self.peer).take() {
            peer.leave(self);
        }
    }

    pub(crate) fn kill_peer(&self) {
        if let Some(peer) = lock(&self.peer).take() {
            peer.stop();
        }
    }

    pub(crate) fn has_live_peer(&self) -> bool {
        lock(&self.peer).as_ref().is_some_and(|peer| peer.is_alive())
    }
}

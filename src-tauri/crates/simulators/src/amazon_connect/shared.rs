//! What all parts of one simulator share, and the effects of state changes.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::call::{Call, lock};
use super::chat::{self, Chat, ChatEffect, ChatToken};
use super::error::SimError;
use super::faults::{Faults, RequestNote};
use super::gate::{Gate, GateNote};
use super::options::{OutboundAnswer, SimOptions};
use super::persistent::KeptPeer;
use super::resilience::Discovery;
use super::signalling;
use super::snapshot::TurnGrant;
use super::state::{Effect, Refusal, World};
use super::turn_server::TurnServer;
use super::websocket::Sockets;
use super::work::{self, TaskTemplate, Work, WorkEffect};
use crate::Moment;

/// A step or result that a hosted page has posted to `/report`.
#[derive(Clone, Debug)]
pub struct PageReport {
    /// When it arrived.
    pub at: Moment,
    /// The posted JSON.
    pub body: serde_json::Value,
}

/// A problem that an agent has reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimIssue {
    /// With which contact.
    pub contact: String,
    /// Code; empty when there was none.
    pub code: String,
    /// Words; empty when there were none.
    pub description: String,
}

/// Agent states after an outbound call that did not connect.
pub(crate) const NOT_REACHED: &str = "FailedConnectCustomer";
pub(crate) const BUSY: &str = "LineEngagedCustomer";

pub(crate) struct Token {
    pub value: String,
    pub agent: String,
    pub expires: Instant,
}

#[derive(Default)]
pub(crate) struct Sessions {
    pub tokens: Vec<Token>,
    /// Values of session cookies and every token ever issued, by agent.
    pub cookies: Vec<(String, String)>,
    pub chat_tokens: Vec<ChatToken>,
    pub socket_tokens: HashMap<String, (String, Instant)>,
}

pub(crate) struct Shared {
    pub options: SimOptions,
    pub world: Mutex<World>,
    pub changed: watch::Sender<u64>,
    pub faults: Mutex<Faults>,
    pub gate: Mutex<Gate>,
    pub gate_notes: Mutex<Vec<GateNote>>,
    pub sessions: Mutex<Sessions>,
    pub sockets: Mutex<Sockets>,
    pub requests: Mutex<Vec<RequestNote>>,
    pub task_templates: Mutex<Vec<TaskTemplate>>,
    pub discovery: Mutex<Discovery>,
    pub pages: Mutex<HashMap<String, (String, Vec<u8>)>>,
    pub reports: watch::Sender<Vec<PageReport>>,
    /// Every call of this run, also those gone from the snapshot.
    pub calls: watch::Sender<Vec<Arc<Call>>>,
    /// The same for chat contacts.
    pub chats: watch::Sender<Vec<Arc<Chat>>>,
    /// The same for tasks and e-mails.
    pub works: watch::Sender<Vec<Arc<Work>>>,
    /// Peer connections that outlive their calls.
    pub kept: Mutex<Vec<KeptPeer>>,
    /// Peer connections made so far.
    pub peers_made: AtomicUsize,
    /// Bye to kept ones, each with its moment.
    pub kept_byes: Mutex<Vec<Moment>>,
    /// Problems reported, in order.
    pub issues: Mutex<Vec<SimIssue>>,
    pub turn: Mutex<Option<TurnServer>>,
    pub http: SocketAddr,
    pub tls: SocketAddr,
    pub stop: CancellationToken,
    /// Cancelled to cut every open connection, then replaced.
    pub lines: Mutex<CancellationToken>,
    pub down: AtomicBool,
    pub runtime: tokio::runtime::Handle,
}

impl Shared {
    /// Changes the world, then does what follows from it.
    pub(crate) fn act(
        self: &Arc<Self>,
        change: impl FnOnce(&mut World) -> Result<Vec<Effect>, Refusal>,
    ) -> Result<(), Refusal> {
        let effects = {
            let mut world = lock(&self.world);
            let changed = change(&mut world);
            let supervisors = world.follow_supervisors();
            world.bridge();
            let mut effects = changed?;
            effects.extend(supervisors);
            // Known before any client can ask for its media.
            for effect in &effects {
                match effect {
                    Effect::New(call) => self.calls.send_modify(|calls| calls.push(call.clone())),
                    Effect::Chat(ChatEffect::New(chat)) => {
                        self.chats.send_modify(|chats| chats.push(chat.clone()));
                    }
                    Effect::Work(WorkEffect::New(work)) => {
                        self.works.send_modify(|works| works.push(work.clone()));
                    }
                    _ => {}
                }
            }
            effects
        };
        self.announce();
        for effect in effects {
            self.run(effect);
        }
        Ok(())
    }

    /// Wakes long polls and expectations.
    pub(crate) fn announce(&self) {
        self.changed.send_modify(|n| *n += 1);
    }

    fn run(self: &Arc<Self>, effect: Effect) {
        match effect {
            Effect::ServerBye(call) => signalling::server_bye(self, &call),
            Effect::AwaitBye(call) => {
                let shared = self.clone();
                self.later(async move {
                    let mut facts = call.facts.subscribe();
                    let said = facts.wait_for(|f| f.client_bye.is_some() || f.disconnect_contact.is_some());
                    let in_time = tokio::time::timeout(Duration::from_secs(2), said).await;
                    if in_time.is_err() {
                        signalling::server_bye(&shared, &call);
                    }
                });
            }
            Effect::Ring(call) => {
                let ring = call.offer.ring.unwrap_or(self.options.ring);
                self.timer(ring, move |world| world.ring_expired(&call));
            }
            Effect::WrapUp(call) => {
                if let Some(time) = self.options.wrap_up {
                    self.timer(time, move |world| world.wrap_up_over(&call));
                }
            }
            Effect::Dialled(call, answer) => match answer {
                OutboundAnswer::After(time) => {
                    self.timer(time, move |world| world.dialled_answers(&call));
                }
                OutboundAnswer::Fails(time) => {
                    self.timer(time, move |world| world.dialled_fails(&call, NOT_REACHED));
                }
                OutboundAnswer::Busy(time) => {
                    self.timer(time, move |world| world.dialled_fails(&call, BUSY));
                }
                OutboundAnswer::Never => {}
            },
            Effect::ThirdParty(connection, answer) => match answer {
                OutboundAnswer::After(time) => {
                    self.timer(time, move |world| world.party_answers(&connection));
                }
                OutboundAnswer::Fails(time) | OutboundAnswer::Busy(time) => {
                    self.timer(time, move |world| world.party_fails(&connection));
                }
                OutboundAnswer::Never => {}
            },
            Effect::Offer(call, connection, login, initiation) => {
                // The party may have been dropped; then nobody is asked.
                let _ = self.act(|world| world.offer_transfer(&call, &connection, &login, initiation));
            }
            Effect::Queue(call, connection, after) => {
                self.timer(after, move |world| world.queue_round(&call, &connection));
            }
            Effect::New(_) => {}
            Effect::Chat(effect) => chat::run(self, effect),
            Effect::Work(effect) => work::run(self, effect),
            Effect::Bridge(room) => {
                if let Err(error) = room.run_by_itself() {
                    tracing::warn!(%error, "those who are left cannot talk on");
                }
            }
        }
    }

    pub(crate) fn timer(
        self: &Arc<Self>,
        time: Duration,
        change: impl FnOnce(&mut World) -> Result<Vec<Effect>, Refusal> + Send + 'static,
    ) {
        let shared = self.clone();
        self.later(async move {
            tokio::time::sleep(time).await;
            // The contact may be long gone; then there is nothing to do.
            let _ = shared.act(change);
        });
    }

    /// Runs until done or until the simulator ends.
    pub(crate) fn later(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.runtime.spawn(async move {
            tokio::select! {
                () = work => {}
                () = stop.cancelled() => {}
            }
        });
    }

    pub(crate) fn note_request(&self, operation: &str, agent: Option<String>) -> usize {
        let mut requests = lock(&self.requests);
        requests.push(RequestNote { at: Moment::now(), operation: operation.to_owned(), agent, status: 0 });
        requests.len() - 1
    }

    pub(crate) fn note_status(&self, index: usize, status: u16) {
        if let Some(note) = lock(&self.requests).get_mut(index) {
            note.status = status;
        }
    }

    pub(crate) fn turn_grant(&self, name: &str) -> TurnGrant {
        match &*lock(&self.turn) {
            Some(turn) => turn.grant(name, Duration::from_secs(3600)),
            None => TurnGrant {
                url: "turn:127.0.0.1:9?transport=udp".to_owned(),
                username: String::new(),
                credential: String::new(),
            },
        }
    }

    /// Slowness and silence, before an answer.
    pub(crate) async fn weather(&self) {
        let (slow, mut silent) = {
            let faults = lock(&self.faults);
            (faults.slow, faults.silent.subscribe())
        };
        let wait = self.options.latency + slow;
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        // An error means that the simulator is gone.
        let _ = silent.wait_for(|silent| !silent).await;
    }

    pub(crate) fn is_silent(&self) -> bool {
        *lock(&self.faults).silent.borrow()
    }

    pub(crate) fn skew(&self) -> f64 {
        lock(&self.faults).skew
    }

    /// A token the client can use from now on.
    pub(crate) fn issue_token(&self, agent: &str) -> (String, Instant) {
        let value = format!("{agent}-access-{}", uuid::Uuid::new_v4().simple());
        let expires = Instant::now() + self.options.token_life;
        let mut sessions = lock(&self.sessions);
        sessions.tokens.push(Token { value: value.clone(), agent: agent.to_owned(), expires });
        sessions.cookies.push((value.clone(), agent.to_owned()));
        (value, expires)
    }

    pub(crate) fn agent_of_token(&self, value: &str) -> Option<String> {
        let now = Instant::now();
        lock(&self.sessions).tokens.iter().find(|t| t.value == value && t.expires > now).map(|t| t.agent.clone())
    }

    pub(crate) fn agent_of_cookie(&self, value: &str) -> Option<String> {
        lock(&self.sessions).cookies.iter().find(|(cookie, _)| cookie == value).map(|(_, agent)| agent.clone())
    }

    /// Cuts every connection; the port stays ours.
    pub(crate) fn cut_lines(&self) {
        let old = std::mem::take(&mut *lock(&self.lines));
        old.cancel();
    }

    pub(crate) fn end(&self) {
        self.stop.cancel();
        self.down.store(true, Ordering::SeqCst);
        self.cut_lines();
        for call in self.calls.borrow().iter() {
            call.room.close();
            call.end_media();
        }
        for kept in lock(&self.kept).drain(..) {
            kept.peer.stop();
        }
        lock(&self.turn).take();
    }
}

impl Shared {
    /// Looks again after each change until `done` or the time is over.
    pub(crate) async fn expect(
        &self,
        what: &str,
        timeout: Duration,
        done: impl Fn() -> bool,
        seen: impl Fn() -> String,
    ) -> Result<(), SimError> {
        let mut changed = self.changed.subscribe();
        let wait = async {
            while !done() {
                if changed.changed().await.is_err() {
                    break;
                }
            }
        };
        match tokio::time::timeout(timeout, wait).await {
            Ok(()) => Ok(()),
            Err(_) => Err(SimError::Expected { what: what.to_owned(), waited: timeout, seen: seen() }),
        }
    }
}

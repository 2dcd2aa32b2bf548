//! A voice session: negotiation from the connector's side, the state of the
//! path and statistics to it.
//!
//! # Inputs
//!
//! | input | origin |
//! | --- | --- |
//! | prepare, offer, answer, restart, fail, close | the connector, through [`VoiceSession`] |
//! | join, fresh_ends (a contact comes) | the core |
//! | note_accepted, note_live, note_first_heard | the core |
//! | connected, disconnected, failed | the peer connection |
//! | a second passed | the clock |
//! | the last handle was dropped | the owner: the same as close |
//!
//! # Transitions of the path, and what is told
//!
//! | from | connected | disconnected | failed |
//! | --- | --- | --- | --- |
//! | New | -> Up, `Connected` | - | -> Over, `Failed(PathLost)` |
//! | Up | - | -> Down, `PathLost` | -> Down, `PathLost`, then as in Down |
//! | Down | -> Up, `PathRestored` | - | no restart under way: -> Over, `Failed(PathLost)`; else waits for it |
//! | Over | -> Up, `PathRestored` (a late restart) | - | - |

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::{mpsc, watch};
use tokio_util::sync::{CancellationToken, DropGuard};
use trunkline_connector::ports::{CandidateInit, IceServer, MediaError, MediaEvent, MediaOffer};
use trunkline_model::{CallSummary, IceRoute, MediaFailure, MediaStats, UnixMillis};
use url::{Host, Url};

use crate::capture::{Capture, Encoder};
use crate::connection::{Connection, Gathering, PathState, Reports};
use crate::parts::{Ends, Ledgers, Part};
use crate::playout::Playout;
use crate::sdp;
use crate::sender::{Codec, Sender};
use crate::summary::Ledger;
use crate::thread;

/// Time for a relay to answer, as in Amazon's own client.
const GATHERING_LIMIT: Duration = Duration::from_secs(8);
/// An ICE restart that has not mended the path by then has failed.
const RESTART_LIMIT: Duration = Duration::from_secs(30);

/// What a session is built from.
#[derive(Clone, Debug)]
pub struct SessionConfig {
    /// Relays; the only way packets travel.
    pub ice_servers: Vec<IceServer>,
    /// Local addresses for packets. A wildcard means one socket on every
    /// interface except the loopback one, and one relay allocation for each.
    pub bind: Vec<String>,
}

impl SessionConfig {
    /// A configuration with the addresses of [`SessionConfig::default_bind`].
    pub fn new(ice_servers: Vec<IceServer>) -> Self {
        let bind = Self::default_bind(&ice_servers);
        Self { ice_servers, bind }
    }

    /// Addresses that reach these relays: the loopback address for relays on
    /// this computer (a wildcard leaves it out), the wildcard for all others.
    pub fn default_bind(ice_servers: &[IceServer]) -> Vec<String> {
        let mut bind: Vec<String> = Vec::new();
        for url in ice_servers.iter().flat_map(|server| &server.urls) {
            let address = match loopback(url) {
                Some(true) => "[::1]:0",
                Some(false) => "127.0.0.1:0",
                None => "0.0.0.0:0",
            };
            if !bind.iter().any(|known| known == address) {
                bind.push(address.to_owned());
            }
        }
        if bind.is_empty() {
            bind.push("0.0.0.0:0".to_owned());
        }
        bind
    }
}

/// Whether a relay is on this computer, and there by IPv6.
fn loopback(url: &str) -> Option<bool> {
    let rest = url.strip_prefix("turn:")?;
    // Written like this the host is parsed as one; `turn:` alone has none in the eyes of a URL.
    let parsed = Url::parse(&format!("udp://{rest}")).ok()?;
    match parsed.host()? {
        Host::Ipv4(address) => address.is_loopback().then_some(false),
        Host::Ipv6(address) => address.is_loopback().then_some(true),
        // For other than web addresses the parser leaves IPv4 as a name.
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            let here = name == "localhost" || name.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback());
            here.then_some(false)
        }
    }
}

/// Everything that [`VoiceSession::open`] gives.
#[derive(Debug)]
pub struct Opened {
    /// For negotiation.
    pub session: VoiceSession,
    /// What the agent hears.
    pub playout: Playout,
    /// What the agent says.
    pub capture: Capture,
    /// What happens on the leg by itself.
    pub events: mpsc::Receiver<MediaEvent>,
}

/// A handle on a session. The session ends with [`VoiceSession::close`] or with
/// its last handle; either gives the relay back.
#[derive(Clone)]
pub struct VoiceSession {
    inner: Arc<Handle>,
}

impl std::fmt::Debug for VoiceSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VoiceSession").field("ended", &self.inner.shared.ended.is_cancelled()).finish()
    }
}

struct Handle {
    shared: Arc<Shared>,
    /// Negotiation is one step at a time.
    negotiation: tokio::sync::Mutex<Negotiation>,
    gathering: watch::Receiver<Gathering>,
    summary: watch::Receiver<Option<CallSummary>>,
    _end_with_me: DropGuard,
}

#[derive(Default)]
struct Negotiation {
    /// Ports of candidates that were sent: an older generation.
    sent_ports: HashSet<u16>,
    /// Made ahead by [`VoiceSession::prepare`], not asked for yet.
    ready: Option<MediaOffer>,
}

struct Shared {
    connection: Connection,
    ledgers: Ledgers,
    ends: Ends,
    restart: Mutex<Restart>,
    agreed: Mutex<Option<Codec>>,
    /// Type of the first candidate of the answer.
    stated_kind: Mutex<Option<String>>,
    ended: CancellationToken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Restart {
    None,
    Since(Instant),
}

impl Shared {
    fn note(&self, note: impl Fn(&mut Ledger, Instant)) {
        self.ledgers.note(note);
    }

    fn sample(&self) -> MediaStats {
        let stats = self.ends.sample();
        self.note(|ledger, _| ledger.stats(stats));
        stats
    }

    fn restart(&self) -> std::sync::MutexGuard<'_, Restart> {
        self.restart.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, failure: MediaFailure) -> MediaError {
        self.note(|ledger, _| ledger.failed(failure));
        MediaError::Failed(failure)
    }
}

impl VoiceSession {
    /// Builds a session that is not negotiated yet. Needs a Tokio runtime.
    ///
    /// # Errors
    /// `Failed(Offer)` when sockets cannot be bound or a codec cannot be made.
    pub async fn open(config: SessionConfig) -> Result<Opened, MediaError> {
        thread::run(Self::open_here(config)).await.unwrap_or(Err(MediaError::Closed))
    }

    async fn open_here(config: SessionConfig) -> Result<Opened, MediaError> {
        let offer_failed = MediaError::Failed(MediaFailure::Offer);
        let (path, path_events) = mpsc::unbounded_channel();
        let (gathering_tx, gathering) = watch::channel(Gathering::default());
        let (frames_tx, frames) = mpsc::channel(8);
        let ends = Ends::new(frames_tx);
        let (playout, capture) = ends.fresh().map_err(codec_failed)?;
        let encoder = Encoder::new().map_err(codec_failed)?;
        let reports =
            Reports { path, gathering: gathering_tx, inbox: Arc::clone(&ends.inbox), remote: Arc::clone(&ends.remote) };
        let connection = Connection::build(&config.ice_servers, config.bind, reports).await.map_err(|error| {
            tracing::error!(%error, "the peer connection cannot be built");
            offer_failed
        })?;
        let ended = CancellationToken::new();
        let sender = Sender {
            track: Arc::clone(&connection.track),
            ssrc: connection.ssrc,
            frames,
            encoder,
            outgoing: Arc::clone(&ends.outgoing),
            remote: Arc::clone(&ends.remote),
            ended: ended.clone(),
        };
        let shared = Arc::new(Shared {
            connection,
            ledgers: Ledgers::new(Instant::now(), wall_clock()),
            ends,
            restart: Mutex::new(Restart::None),
            agreed: Mutex::new(None),
            stated_kind: Mutex::new(None),
            ended: ended.clone(),
        });
        let (events_tx, events) = mpsc::channel(EVENTS);
        let (summary_tx, summary) = watch::channel(None);
        let watcher = Watcher {
            shared: Arc::clone(&shared),
            path_events,
            path: Path::New,
            sender: Some(sender),
            events: events_tx,
        };
        tokio::spawn(watcher.run(summary_tx));
        let session = Self {
            inner: Arc::new(Handle {
                shared,
                negotiation: tokio::sync::Mutex::default(),
                gathering,
                summary,
                _end_with_me: ended.drop_guard(),
            }),
        };
        Ok(Opened { session, playout, capture, events })
    }

    /// Makes the offer and gathers. The first relay candidate is enough. An
    /// offer that was made ahead is given at once.
    ///
    /// # Errors
    /// `IceGatheringTimeout` without a relay candidate after 8 s, or sooner
    /// when all relays refused; `Offer`; `Closed`.
    pub async fn offer(&self) -> Result<MediaOffer, MediaError> {
        let shared = self.shared();
        shared.note(|ledger, now| ledger.offering(now));
        self.until_closed(async {
            let mut negotiation = self.inner.negotiation.lock().await;
            if let Some(ready) = negotiation.ready.take() {
                shared.note(|ledger, now| {
                    ledger.described(now);
                    ledger.gathered(now);
                });
                return Ok(ready);
            }
            self.negotiate(&mut negotiation, false).await
        })
        .await
    }

    /// Makes the first offer and gathers ahead of any contact: the crate has no
    /// candidate pool, but a connection that is not answered yet does the same.
    /// It holds its relay allocation, refreshed, until it is closed.
    ///
    /// # Errors
    /// As [`VoiceSession::offer`].
    pub async fn prepare(&self) -> Result<(), MediaError> {
        self.until_closed(async {
            let mut negotiation = self.inner.negotiation.lock().await;
            let offer = self.negotiate(&mut negotiation, false).await?;
            negotiation.ready = Some(offer);
            Ok(())
        })
        .await
    }

    /// A contact's part in this connection, with times and totals of its own.
    /// Without a part the connection's own are counted only.
    pub fn join(&self) -> Part {
        self.shared().ledgers.join(Instant::now(), wall_clock())
    }

    /// New ends for the audio engine, with an empty jitter buffer, a fresh decoder
    /// and all counters at zero: nothing that was heard or said before comes out of
    /// them. Those given before must not be used any more.
    ///
    /// # Errors
    /// `Failed(Offer)` when a decoder cannot be made.
    pub fn fresh_ends(&self) -> Result<(Playout, Capture), MediaError> {
        self.shared().ends.fresh().map_err(codec_failed)
    }

    /// The contact has gone: what happens from now on is not its own any more.
    pub fn leave(&self, part: &Part) {
        let shared = self.shared();
        if !shared.ended.is_cancelled() && shared.ends.outgoing.codec().is_some() {
            shared.sample();
        }
        shared.ledgers.leave(part);
    }

    /// A new offer through fresh servers, for a path that was lost. Its
    /// candidates are the new ones only.
    ///
    /// # Errors
    /// As [`VoiceSession::offer`]. The call goes on as it was.
    pub async fn restart(&self, ice_servers: Vec<IceServer>) -> Result<MediaOffer, MediaError> {
        let work = async {
            *self.shared().restart() = Restart::Since(Instant::now());
            if let Err(error) = self.shared().connection.set_servers(&ice_servers).await {
                tracing::warn!(%error, "the fresh relay servers cannot be used");
                return Err(MediaError::Failed(MediaFailure::Offer));
            }
            let mut negotiation = self.inner.negotiation.lock().await;
            negotiation.ready = None;
            self.negotiate(&mut negotiation, true).await
        };
        let result = self.until_closed(work).await;
        if result.is_err() {
            *self.shared().restart() = Restart::None;
        }
        result
    }

    /// Takes the answer to the last offer.
    ///
    /// # Errors
    /// `InvalidRemoteDescription`, `NoRemoteCandidate`, `Closed`.
    pub async fn answer(&self, sdp: &str, candidates: &[CandidateInit]) -> Result<(), MediaError> {
        let shared = self.shared();
        self.until_closed(async {
            let _one_at_a_time = self.inner.negotiation.lock().await;
            shared.note(|ledger, now| ledger.answered(now));
            let answer = sdp::Answer::parse(sdp, candidates).map_err(|failure| shared.failed(failure))?;
            *shared.stated_kind.lock().unwrap_or_else(PoisonError::into_inner) =
                answer.candidates.first().and_then(|candidate| sdp::candidate_kind(candidate)).map(str::to_owned);
            shared.connection.set_answer(answer.sdp, &answer.candidates).await.map_err(|error| {
                tracing::warn!(%error, "the answer cannot be applied");
                shared.failed(MediaFailure::InvalidRemoteDescription)
            })?;
            let agreed = shared.connection.agreed().await.unwrap_or(Codec::Opus);
            shared.note(|ledger, _| ledger.agreed(agreed.name()));
            *shared.agreed.lock().unwrap_or_else(PoisonError::into_inner) = Some(agreed);
            Ok(())
        })
        .await
    }

    /// Negotiation failed at the signalling level: for the summary.
    pub fn fail(&self, failure: MediaFailure) {
        self.shared().note(|ledger, _| ledger.failed(failure));
    }

    /// The agent accepted the contact.
    pub fn note_accepted(&self) {
        self.shared().note(|ledger, now| ledger.accepted(now));
    }

    /// Speech flows from now on.
    pub fn note_live(&self) {
        self.shared().note(|ledger, now| ledger.live(now));
    }

    /// The first received speech was played to the agent.
    pub fn note_first_heard(&self) {
        self.shared().note(|ledger, now| ledger.heard(now));
    }

    /// Ends the session, gives the relay back, and tells how it was. Every
    /// further call tells the same.
    pub async fn close(&self) -> CallSummary {
        self.shared().ended.cancel();
        let mut summary = self.inner.summary.clone();
        match summary.wait_for(Option::is_some).await {
            Ok(done) => done.clone().unwrap_or_default(),
            // The runtime is going down and took the watcher with it.
            Err(_) => self.shared().ledgers.own_summary(),
        }
    }

    fn shared(&self) -> &Shared {
        &self.inner.shared
    }

    async fn until_closed<T>(&self, work: impl Future<Output = Result<T, MediaError>>) -> Result<T, MediaError> {
        tokio::select! {
            biased;
            () = self.shared().ended.cancelled() => Err(MediaError::Closed),
            done = work => done,
        }
    }

    async fn negotiate(&self, negotiation: &mut Negotiation, restart: bool) -> Result<MediaOffer, MediaError> {
        let shared = self.shared();
        // A restart that fails leaves a call that may still live, so only a first offer marks the summary.
        let failed = |failure| if restart { MediaError::Failed(failure) } else { shared.failed(failure) };
        let mut gathering = self.inner.gathering.clone();
        let cannot = |error: webrtc::error::Error| {
            tracing::warn!(%error, restart, "the offer cannot be made");
            failed(MediaFailure::Offer)
        };
        let offer = shared.connection.create_offer(restart).await.map_err(cannot)?;
        gathering.mark_unchanged();
        let before = gathering.borrow().relayed.len();
        shared.connection.set_offer(offer).await.map_err(cannot)?;
        shared.note(|ledger, now| ledger.described(now));
        let sent = &negotiation.sent_ports;
        let fresh = |gathering: &Gathering| {
            gathering.relayed.iter().skip(before).any(|port| !sent.contains(port)) || (!restart && gathering.complete)
        };
        let in_time = tokio::time::timeout(GATHERING_LIMIT, gathering.wait_for(fresh)).await.is_ok();
        let text = shared.connection.local_text().await.ok_or_else(|| failed(MediaFailure::Offer))?;
        let candidates = sdp::relay_candidates(&text, &negotiation.sent_ports);
        if candidates.is_empty() {
            tracing::warn!(in_time, restart, "no relay gave a candidate: unreachable, or it refused the credentials");
            return Err(failed(MediaFailure::IceGatheringTimeout));
        }
        shared.note(|ledger, now| ledger.gathered(now));
        negotiation.sent_ports.extend(candidates.iter().filter_map(sdp::candidate_port));
        Ok(MediaOffer { sdp: sdp::sent_offer(&text), candidates })
    }
}

fn codec_failed(error: opus::Error) -> MediaError {
    tracing::error!(%error, "the codec cannot be made");
    MediaError::Failed(MediaFailure::Offer)
}

fn wall_clock() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(0))
}

const EVENTS: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Path {
    New,
    Up,
    Down,
    Over,
}

/// Until the wall clock's next second.
fn until_next_second() -> Duration {
    Duration::from_millis(1000 - wall_clock().0.rem_euclid(1000).unsigned_abs())
}

/// The task behind a session: follows the path, samples, and closes.
struct Watcher {
    shared: Arc<Shared>,
    path_events: mpsc::UnboundedReceiver<PathState>,
    path: Path,
    sender: Option<Sender>,
    events: mpsc::Sender<MediaEvent>,
}

impl Watcher {
    async fn run(mut self, done: watch::Sender<Option<CallSummary>>) {
        // What is shown changes with the seconds of the wall clock: all of it at once costs a window least.
        let mut second =
            tokio::time::interval_at(tokio::time::Instant::now() + until_next_second(), Duration::from_secs(1));
        second.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                biased;
                () = self.shared.ended.cancelled() => break,
                Some(state) = self.path_events.recv() => self.on_path(state).await,
                _ = second.tick() => self.on_second(),
            }
        }
        if self.path != Path::New {
            self.shared.sample();
        }
        self.shared.connection.close().await;
        done.send_replace(Some(self.shared.ledgers.own_summary()));
    }

    async fn on_path(&mut self, state: PathState) {
        match state {
            PathState::Connected => self.on_connected().await,
            PathState::Disconnected => self.on_lost(),
            PathState::Failed if self.path == Path::New => self.give_up(),
            PathState::Failed => {
                self.on_lost();
                if *self.shared.restart() == Restart::None {
                    self.give_up();
                }
            }
            PathState::Other => {}
        }
    }

    async fn on_connected(&mut self) {
        if std::mem::replace(&mut *self.shared.restart(), Restart::None) != Restart::None {
            self.shared.note(|ledger, _| ledger.mended());
        }
        let before = std::mem::replace(&mut self.path, Path::Up);
        match before {
            Path::New => {
                self.shared.note(|ledger, now| ledger.connected(now));
                let agreed = *self.shared.agreed.lock().unwrap_or_else(PoisonError::into_inner);
                self.shared.ends.outgoing.start(agreed.unwrap_or(Codec::Opus));
                if let Some(sender) = self.sender.take() {
                    tokio::spawn(sender.run());
                }
                self.tell(MediaEvent::Connected);
            }
            Path::Up => {}
            Path::Down | Path::Over => self.tell(MediaEvent::PathRestored),
        }
        let stated = self.shared.stated_kind.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let remote = self.shared.connection.remote_kind().await.or(stated).unwrap_or_default();
        // The policy allows nothing else than a relay, reached over UDP.
        let route = IceRoute { local: "relay".to_owned(), remote, protocol: "udp".to_owned() };
        self.shared.note(|ledger, _| ledger.route(route.clone()));
    }

    fn on_lost(&mut self) {
        if self.path == Path::Up {
            self.path = Path::Down;
            self.shared.note(|ledger, _| ledger.path_lost());
            self.tell(MediaEvent::PathLost);
        }
    }

    fn give_up(&mut self) {
        if self.path != Path::Over {
            self.path = Path::Over;
            self.shared.failed(MediaFailure::PathLost);
            self.tell(MediaEvent::Failed(MediaFailure::PathLost));
        }
    }

    fn on_second(&mut self) {
        let restart = *self.shared.restart();
        if let Restart::Since(begun) = restart
            && begun.elapsed() > RESTART_LIMIT
        {
            *self.shared.restart() = Restart::None;
            if self.path == Path::Down {
                self.give_up();
            }
        }
        if self.path == Path::New {
            return;
        }
        let stats = self.shared.sample();
        // Statistics give way when nobody reads, so that there is room for what must not be lost.
        if self.events.capacity() > EVENTS / 2 {
            self.tell(MediaEvent::Stats(Box::new(stats)));
        }
    }

    fn tell(&self, event: MediaEvent) {
        if self.events.try_send(event).is_err() {
            tracing::warn!("nobody reads the media events");
        }
    }
}

//! One peer connection in the core: who is on it, and the one call that the
//! audio engine sees of it.
//!
//! | legs on it | engine | devices |
//! | --- | --- | --- |
//! | none | nothing | closed |
//! | first comes | a new call with fresh ends, silent | closed |
//! | one goes live | the call is live | open |
//! | a live one leaves, another is live | as it was | open |
//! | the last live one leaves, others wait | a new call, silent | closed |
//! | the last one leaves | nothing | closed |

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::mpsc;
use trunkline_audio::{CallId, CallSink, CallSource, Frame};
use trunkline_connector::ports::{MediaError, MediaEvent};
use trunkline_media::{Capture, Playout, SessionConfig, VoiceSession};
use trunkline_model::ContactKey;

use super::{Call, Calls};

/// What happens to the path, for whoever holds the line.
const PATH_EVENTS: usize = 64;

pub(super) struct Line {
    pub(super) session: VoiceSession,
    connected: AtomicBool,
    /// A connector keeps it without contacts too.
    held: AtomicBool,
    standing: Mutex<Standing>,
}

#[derive(Default)]
struct Standing {
    legs: Vec<Arc<Call>>,
    /// The engine's call while somebody is here.
    engine: Option<CallId>,
    /// Made before, not given to the engine yet: those of the session's opening.
    ends: Option<(Playout, Capture)>,
    muted: bool,
}

struct FromSession(Playout);
impl CallSource for FromSession {
    fn pull(&mut self, frame: &mut Frame) {
        self.0.pull(frame);
    }
}

struct ToSession(Capture);
impl CallSink for ToSession {
    fn push(&mut self, frame: &Frame) {
        self.0.push(frame);
    }
}

impl Line {
    /// A connection with nobody on it yet.
    pub(super) async fn open(
        calls: &Arc<Calls>,
        config: SessionConfig,
        held: bool,
    ) -> Result<(Arc<Self>, mpsc::Receiver<MediaEvent>), MediaError> {
        let opened = VoiceSession::open(config).await?;
        let line = Arc::new(Self {
            session: opened.session,
            connected: AtomicBool::new(false),
            held: AtomicBool::new(held),
            standing: Mutex::new(Standing { ends: Some((opened.playout, opened.capture)), ..Standing::default() }),
        });
        {
            let mut lines = calls.lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.retain(|other| other.strong_count() > 0);
            lines.push(Arc::downgrade(&line));
        }
        let (path, events) = mpsc::channel(PATH_EVENTS);
        tokio::spawn(forward(Arc::downgrade(calls), Arc::downgrade(&line), opened.events, path));
        Ok((line, events))
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn engine(&self) -> Option<CallId> {
        self.standing().engine
    }

    pub(super) fn legs(&self) -> Vec<Arc<Call>> {
        self.standing().legs.clone()
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Acquire)
    }

    pub(super) fn is_muted(&self) -> bool {
        self.standing().muted
    }

    /// A contact comes; says whether the microphone is muted.
    pub(super) fn enter(&self, calls: &Calls, call: &Arc<Call>, muted: bool) -> Result<bool, MediaError> {
        let mut standing = self.standing();
        if standing.legs.is_empty() {
            standing.muted = muted;
            self.begin(calls, &mut standing)?;
        } else {
            standing.muted |= muted;
        }
        standing.legs.push(Arc::clone(call));
        tell_engine(calls, &standing);
        Ok(standing.muted)
    }

    /// A contact goes, and with the last live one the microphone.
    pub(super) fn leave(&self, calls: &Calls, call: &Arc<Call>) {
        let mut standing = self.standing();
        let before = standing.legs.len();
        standing.legs.retain(|other| !Arc::ptr_eq(other, call));
        if standing.legs.len() == before {
            return;
        }
        self.session.leave(&call.part);
        if !standing.legs.iter().any(|other| other.live.load(Ordering::Acquire)) {
            if let Some(id) = standing.engine.take() {
                calls.audio.with(|engine| engine.detach_call(id));
            }
            if !standing.legs.is_empty()
                && let Err(error) = self.begin(calls, &mut standing)
            {
                tracing::error!(%error, "those who still wait on this connection cannot be heard");
            }
        }
        tell_engine(calls, &standing);
    }

    /// A new call of the engine, silent until somebody is live.
    fn begin(&self, calls: &Calls, standing: &mut Standing) -> Result<(), MediaError> {
        let (playout, capture) = match standing.ends.take() {
            Some(ends) => ends,
            None => self.session.fresh_ends()?,
        };
        let id = CallId(calls.next.fetch_add(1, Ordering::Relaxed));
        let (playout, capture) = (FromSession(playout), ToSession(capture));
        calls.audio.with(|engine| engine.attach_call(id, Box::new(playout), Box::new(capture)));
        standing.engine = Some(id);
        Ok(())
    }

    /// The agent's mute; says which contacts show it.
    pub(super) fn mute(&self, calls: &Calls, call: &Call, muted: bool) -> Vec<ContactKey> {
        let mut standing = self.standing();
        standing.muted = muted;
        tell_engine(calls, &standing);
        let mut shown: Vec<_> = standing.legs.iter().map(|leg| leg.contact.clone()).collect();
        if !shown.contains(&call.contact) {
            shown.push(call.contact.clone());
        }
        shown
    }

    /// The connector's word on one contact's microphone.
    pub(super) fn silence(&self, calls: &Calls, call: &Call, silenced: bool) {
        let standing = self.standing();
        call.silenced.store(silenced, Ordering::Release);
        tell_engine(calls, &standing);
    }

    pub(super) fn let_go(&self) {
        self.held.store(false, Ordering::Release);
    }

    /// Gives the relay back when nobody is here and nobody holds it.
    pub(super) async fn end_if_unused(&self) {
        if !self.held.load(Ordering::Acquire) && self.standing().legs.is_empty() {
            self.session.close().await;
        }
    }
}

/// Muted by the agent, or silenced for one contact: either is enough.
fn tell_engine(calls: &Calls, standing: &Standing) {
    let silenced = standing.legs.iter().any(|leg| leg.silenced.load(Ordering::Acquire));
    if let Some(id) = standing.engine {
        calls.audio.with(|engine| engine.set_mute(id, standing.muted || silenced));
    }
}

/// Session events go to the desk first, then to the connector. A connector
/// that does not read loses statistics, never the desk's picture.
async fn forward(
    calls: Weak<Calls>,
    line: Weak<Line>,
    mut events: mpsc::Receiver<MediaEvent>,
    path: mpsc::Sender<MediaEvent>,
) {
    while let Some(event) = events.recv().await {
        let (Some(calls), Some(line)) = (calls.upgrade(), line.upgrade()) else { return };
        match event {
            MediaEvent::Connected | MediaEvent::PathRestored => line.connected.store(true, Ordering::Release),
            MediaEvent::PathLost | MediaEvent::Failed(_) => line.connected.store(false, Ordering::Release),
            MediaEvent::Stats(_) => {}
        }
        // Both are read from the line's own state once they are told, so a leg that comes now misses nothing.
        let legs = line.legs();
        for call in &legs {
            if !call.closed.load(Ordering::Acquire) {
                calls.on_session(call, &event);
            }
            let to_connector = call.to_connector.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let Some(to_connector) = to_connector else { continue };
            if matches!(event, MediaEvent::Stats(_)) {
                let _ = to_connector.try_send(event.clone());
            } else if to_connector.send(event.clone()).await.is_err() {
                tracing::debug!("the connector has let go of its media leg");
            }
        }
        if !matches!(event, MediaEvent::Stats(_)) {
            // Nobody reads it of a connection that nobody holds.
            let _ = path.try_send(event);
        }
    }
}

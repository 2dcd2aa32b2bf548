//! Voice media: ties each media session to the audio engine and the desk.
//!
//! Inputs by origin:
//!
//! | origin | input | effect |
//! | --- | --- | --- |
//! | connector | `open` | session made, attached to the engine: silence out, nothing heard, no device open |
//! | agent (desk effect) | `open_devices` | microphone and speaker open, still silent |
//! | connector | `go_live` | speech flows both ways |
//! | connector | `may_speak(false)` | the engine sends zeros, whatever the agent's mute says (silent monitoring) |
//! | agent | `set_mute` | the engine sends zeros; what is shown comes back from the sent frames |
//! | engine | `sending`, `first_heard` | shown; noted for the summary |
//! | session | connected, path lost, restored, stats, failed | shown; passed on to the connector |
//! | connector | `close` | devices and relay released, summary to the desk |
//! | desk effect | `release` | devices released at once; the session too, should the connector be gone |

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;
use trunkline_audio::{CallId, CallSink, CallSource, Frame, SendingNow};
use trunkline_connector::ports::{
    CandidateInit, IceServer, MediaError, MediaEvent, MediaLeg, MediaOffer, MediaPort, MediaRequest,
};
use trunkline_desk::{Input, MediaNews, Sending};
use trunkline_media::{Capture, Playout, SessionConfig, VoiceSession};
use trunkline_model::{CallSummary, ContactKey, MediaFailure, MediaState};

use crate::audio::AudioDesk;
use crate::desk::SharedDesk;

/// A connector has this long to close the leg of a finished contact before we do.
const CLOSE_GRACE: Duration = Duration::from_secs(5);

/// All legs that exist.
pub(crate) struct Calls {
    desk: Arc<SharedDesk>,
    audio: Arc<AudioDesk>,
    entries: Mutex<BTreeMap<ContactKey, Arc<Call>>>,
    next: AtomicU64,
}

struct Call {
    contact: ContactKey,
    id: CallId,
    session: VoiceSession,
    /// Path and agent both: what `MediaState` is derived from.
    connected: AtomicBool,
    live: AtomicBool,
    muted: AtomicBool,
    /// The connector lets nothing of the microphone out; held while it is carried out.
    silenced: Mutex<bool>,
    closed: AtomicBool,
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

impl Calls {
    pub(crate) fn new(desk: Arc<SharedDesk>, audio: Arc<AudioDesk>) -> Arc<Self> {
        Arc::new(Self { desk, audio, entries: Mutex::default(), next: AtomicU64::new(1) })
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<ContactKey, Arc<Call>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, contact: &ContactKey) -> Option<Arc<Call>> {
        self.entries().get(contact).cloned()
    }

    fn find_id(&self, id: CallId) -> Option<Arc<Call>> {
        self.entries().values().find(|call| call.id == id).cloned()
    }

    fn news(&self, contact: &ContactKey, news: MediaNews) {
        self.desk.apply(Input::Media { contact: contact.clone(), news });
    }

    /// The agent accepted: devices open while the platform is being told.
    pub(crate) fn open_devices(&self, contact: &ContactKey) {
        if let Some(call) = self.find(contact) {
            call.session.note_accepted();
            self.audio.with(|engine| engine.prepare_call(call.id));
        }
    }

    /// The contact is over for the desk: devices are released now, and the
    /// session too unless the connector does it within [`CLOSE_GRACE`].
    pub(crate) fn release(self: &Arc<Self>, contact: &ContactKey) {
        let Some(call) = self.find(contact) else { return };
        self.audio.with(|engine| engine.detach_call(call.id));
        self.audio.refresh_metering();
        let calls = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(CLOSE_GRACE).await;
            if let Some(calls) = calls.upgrade()
                && !call.closed.load(Ordering::Acquire)
            {
                tracing::warn!(contact = %call.contact.contact, "media was not closed by its connector");
                calls.close(&call).await;
            }
        });
    }

    /// The agent's act, and nobody else's.
    pub(crate) fn set_mute(&self, contact: &ContactKey, muted: bool) -> bool {
        let Some(call) = self.find(contact) else { return false };
        call.muted.store(muted, Ordering::Release);
        self.mute_engine(&call, None);
        self.news(contact, MediaNews::MuteWanted(muted));
        true
    }

    /// Muted by the agent or silenced by the connector: either is enough.
    fn mute_engine(&self, call: &Call, silenced: Option<bool>) {
        let mut standing = call.silenced.lock().unwrap_or_else(PoisonError::into_inner);
        *standing = silenced.unwrap_or(*standing);
        let muted = *standing || call.muted.load(Ordering::Acquire);
        self.audio.with(|engine| engine.set_mute(call.id, muted));
    }

    pub(crate) fn toggle_mute(&self) {
        let live = self.entries().values().find(|call| call.live.load(Ordering::Acquire)).cloned();
        if let Some(call) = live {
            let muted = call.muted.load(Ordering::Acquire);
            self.set_mute(&call.contact, !muted);
        }
    }

    pub(crate) fn any_live(&self) -> bool {
        self.entries().values().any(|call| call.live.load(Ordering::Acquire))
    }

    pub(crate) fn sending(&self, id: CallId, sending: SendingNow) {
        if let Some(call) = self.find_id(id) {
            let sending = match sending {
                SendingNow::Sound => Sending::Sound,
                SendingNow::Muted => Sending::Muted,
                SendingNow::Silence => Sending::Silence,
            };
            // Before the call is live silence is sent on purpose: not worth a word.
            if call.live.load(Ordering::Acquire) {
                self.news(&call.contact, MediaNews::Sending(sending));
            }
        }
    }

    pub(crate) fn first_heard(&self, id: CallId) {
        if let Some(call) = self.find_id(id) {
            call.session.note_first_heard();
        }
    }

    async fn close(&self, call: &Arc<Call>) -> CallSummary {
        let first = !call.closed.swap(true, Ordering::AcqRel);
        call.live.store(false, Ordering::Release);
        self.audio.with(|engine| engine.detach_call(call.id));
        let summary = call.session.close().await;
        if first {
            {
                let mut entries = self.entries();
                // A newer leg of the same contact may have taken the place.
                if entries.get(&call.contact).is_some_and(|other| Arc::ptr_eq(other, call)) {
                    entries.remove(&call.contact);
                }
            }
            self.news(&call.contact, MediaNews::Closed(Box::new(summary.clone())));
            self.audio.refresh_metering();
        }
        summary
    }

    pub(crate) async fn close_all(&self) {
        let calls: Vec<_> = self.entries().values().cloned().collect();
        for call in calls {
            self.close(&call).await;
        }
    }

    fn on_session(&self, call: &Call, event: &MediaEvent) {
        let live = call.live.load(Ordering::Acquire);
        match event {
            MediaEvent::Connected | MediaEvent::PathRestored => {
                call.connected.store(true, Ordering::Release);
                self.news(&call.contact, MediaNews::State(if live { MediaState::Live } else { MediaState::Ready }));
            }
            MediaEvent::PathLost => {
                call.connected.store(false, Ordering::Release);
                let state = if live { MediaState::Reconnecting } else { MediaState::Connecting };
                self.news(&call.contact, MediaNews::State(state));
            }
            MediaEvent::Stats(stats) => self.news(&call.contact, MediaNews::Stats(stats.clone())),
            MediaEvent::Failed(failure) => self.news(&call.contact, MediaNews::Failed(*failure)),
        }
    }
}

/// The media port that connectors get.
pub(crate) struct Port(pub(crate) Arc<Calls>);

#[async_trait]
impl MediaPort for Port {
    async fn open(&self, request: MediaRequest) -> Result<Box<dyn MediaLeg>, MediaError> {
        let calls = &self.0;
        // A leg built anew for a contact that was muted stays muted: only the
        // agent's own act un-mutes.
        let mut muted = false;
        if let Some(old) = calls.find(&request.contact) {
            muted = old.muted.load(Ordering::Acquire);
            calls.close(&old).await;
        }
        let bind = SessionConfig::default_bind(&request.ice_servers);
        let opened = VoiceSession::open(SessionConfig { ice_servers: request.ice_servers, bind }).await?;
        let call = Arc::new(Call {
            contact: request.contact.clone(),
            id: CallId(calls.next.fetch_add(1, Ordering::Relaxed)),
            session: opened.session,
            connected: AtomicBool::new(false),
            live: AtomicBool::new(false),
            muted: AtomicBool::new(muted),
            silenced: Mutex::new(false),
            closed: AtomicBool::new(false),
        });
        let (playout, capture) = (FromSession(opened.playout), ToSession(opened.capture));
        calls.audio.with(|engine| engine.attach_call(call.id, Box::new(playout), Box::new(capture)));
        if muted {
            calls.audio.with(|engine| engine.set_mute(call.id, true));
        }
        calls.entries().insert(request.contact.clone(), Arc::clone(&call));
        calls.news(&request.contact, MediaNews::State(MediaState::Connecting));

        let (to_connector, events) = mpsc::channel(64);
        tokio::spawn(forward(Arc::downgrade(calls), Arc::clone(&call), opened.events, to_connector));
        Ok(Box::new(Leg { calls: Arc::clone(calls), call, events: Mutex::new(Some(events)) }))
    }
}

/// Session events go to the desk first, then to the connector. A connector
/// that does not read loses statistics, never the desk's picture.
async fn forward(
    calls: Weak<Calls>,
    call: Arc<Call>,
    mut events: mpsc::Receiver<MediaEvent>,
    to_connector: mpsc::Sender<MediaEvent>,
) {
    while let Some(event) = events.recv().await {
        let Some(calls) = calls.upgrade() else { return };
        if !call.closed.load(Ordering::Acquire) {
            calls.on_session(&call, &event);
        }
        if matches!(event, MediaEvent::Stats(_)) {
            let _ = to_connector.try_send(event);
        } else if to_connector.send(event).await.is_err() {
            tracing::debug!("the connector has let go of its media leg");
        }
    }
}

struct Leg {
    calls: Arc<Calls>,
    call: Arc<Call>,
    events: Mutex<Option<mpsc::Receiver<MediaEvent>>>,
}

#[async_trait]
impl MediaLeg for Leg {
    async fn offer(&self) -> Result<MediaOffer, MediaError> {
        self.call.session.offer().await
    }

    async fn answer(&self, sdp: &str, candidates: &[CandidateInit]) -> Result<(), MediaError> {
        self.call.session.answer(sdp, candidates).await
    }

    async fn restart(&self, ice_servers: Vec<IceServer>) -> Result<MediaOffer, MediaError> {
        self.call.session.restart(ice_servers).await
    }

    async fn go_live(&self) {
        if self.call.closed.load(Ordering::Acquire) || self.call.live.swap(true, Ordering::AcqRel) {
            return;
        }
        self.call.session.note_live();
        self.calls.audio.with(|engine| engine.go_live(self.call.id));
        if self.call.connected.load(Ordering::Acquire) {
            self.calls.news(&self.call.contact, MediaNews::State(MediaState::Live));
        }
        self.calls.audio.refresh_metering();
    }

    fn may_speak(&self, allowed: bool) {
        self.calls.mute_engine(&self.call, Some(!allowed));
    }

    fn events(&self) -> Option<mpsc::Receiver<MediaEvent>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn fail(&self, failure: MediaFailure) {
        self.call.session.fail(failure);
        self.calls.news(&self.call.contact, MediaNews::Failed(failure));
    }

    async fn close(&self) -> CallSummary {
        self.calls.close(&self.call).await
    }
}

impl Drop for Leg {
    // A connector that ends (crash, cancel) without closing must not leave the
    // microphone open or the relay allocated.
    fn drop(&mut self) {
        if !self.call.closed.load(Ordering::Acquire)
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let (calls, call) = (Arc::clone(&self.calls), Arc::clone(&self.call));
            runtime.spawn(async move { calls.close(&call).await });
        }
    }
}

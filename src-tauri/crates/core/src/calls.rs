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
//! | connector | `line` | a connection without a contact: nothing shown, no device |
//! | connector | `attach` | a contact comes to it: ends are fresh, so nothing of the last one is heard |
//! | connector | `close` of a leg | devices released, summary to the desk; the relay too, unless the line is held |
//! | desk effect | `release` | devices released at once; the session too, should the connector be gone |

mod line;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{OnceCell, mpsc};
use trunkline_audio::{CallId, SendingNow};
use trunkline_connector::ports::{
    CandidateInit, IceServer, MediaError, MediaEvent, MediaLeg, MediaLine, MediaOffer, MediaPort, MediaRequest,
};
use trunkline_desk::{Input, MediaNews, Sending};
use trunkline_media::{Part, SessionConfig};
use trunkline_model::{CallSummary, ContactKey, MediaFailure, MediaState};

use self::line::Line;
use crate::audio::AudioDesk;
use crate::desk::SharedDesk;

/// A connector has this long to close the leg of a finished contact before we do.
const CLOSE_GRACE: Duration = Duration::from_secs(5);

/// All legs that exist, and the connections they are on.
pub(crate) struct Calls {
    desk: Arc<SharedDesk>,
    audio: Arc<AudioDesk>,
    entries: Mutex<BTreeMap<ContactKey, Arc<Call>>>,
    lines: Mutex<Vec<Weak<Line>>>,
    next: AtomicU64,
}

struct Call {
    contact: ContactKey,
    line: Arc<Line>,
    /// Its times and totals on that connection.
    part: Part,
    live: AtomicBool,
    /// The connector lets nothing of the microphone out.
    silenced: AtomicBool,
    closed: AtomicBool,
    to_connector: Mutex<Option<mpsc::Sender<MediaEvent>>>,
    summary: OnceCell<CallSummary>,
}

impl Calls {
    pub(crate) fn new(desk: Arc<SharedDesk>, audio: Arc<AudioDesk>) -> Arc<Self> {
        Arc::new(Self { desk, audio, entries: Mutex::default(), lines: Mutex::default(), next: AtomicU64::new(1) })
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<ContactKey, Arc<Call>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, contact: &ContactKey) -> Option<Arc<Call>> {
        self.entries().get(contact).cloned()
    }

    /// Those that the engine's one call stands for.
    fn find_id(&self, id: CallId) -> Vec<Arc<Call>> {
        self.entries().values().filter(|call| call.line.engine() == Some(id)).cloned().collect()
    }

    fn news(&self, contact: &ContactKey, news: MediaNews) {
        self.desk.apply(Input::Media { contact: contact.clone(), news });
    }

    /// The agent accepted: devices open while the platform is being told.
    pub(crate) fn open_devices(&self, contact: &ContactKey) {
        if let Some(call) = self.find(contact) {
            call.part.note_accepted();
            if let Some(id) = call.line.engine() {
                self.audio.with(|engine| engine.prepare_call(id));
                // The call itself has the microphone now.
                self.audio.call_rings_no_more(contact);
            }
        }
    }

    /// The contact is over for the desk: devices are released now, and the
    /// leg too unless the connector does it within [`CLOSE_GRACE`].
    pub(crate) fn release(self: &Arc<Self>, contact: &ContactKey) {
        self.audio.call_rings_no_more(contact);
        let Some(call) = self.find(contact) else { return };
        call.line.leave(self, &call);
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

    /// The agent's act, and nobody else's. Contacts on one connection share the
    /// microphone's stream, so they share its mute.
    pub(crate) fn set_mute(&self, contact: &ContactKey, muted: bool) -> bool {
        let Some(call) = self.find(contact) else { return false };
        for shown in call.line.mute(self, &call, muted) {
            self.news(&shown, MediaNews::MuteWanted(muted));
        }
        true
    }

    pub(crate) fn toggle_mute(&self) {
        let live = self.entries().values().find(|call| call.live.load(Ordering::Acquire)).cloned();
        if let Some(call) = live {
            self.set_mute(&call.contact, !call.line.is_muted());
        }
    }

    pub(crate) fn any_live(&self) -> bool {
        self.entries().values().any(|call| call.live.load(Ordering::Acquire))
    }

    pub(crate) fn sending(&self, id: CallId, sending: SendingNow) {
        let sending = match sending {
            SendingNow::Sound => Sending::Sound,
            SendingNow::Muted => Sending::Muted,
            SendingNow::Silence => Sending::Silence,
        };
        // Before a call is live silence is sent on purpose: not worth a word.
        for call in self.find_id(id).iter().filter(|call| call.live.load(Ordering::Acquire)) {
            self.news(&call.contact, MediaNews::Sending(sending));
        }
    }

    pub(crate) fn first_heard(&self, id: CallId) {
        for call in self.find_id(id).iter().filter(|call| call.live.load(Ordering::Acquire)) {
            call.part.note_first_heard();
        }
    }

    async fn close(&self, call: &Arc<Call>) -> CallSummary {
        call.closed.store(true, Ordering::Release);
        call.live.store(false, Ordering::Release);
        // Once, and whoever else closes it waits until the desk knows.
        let close = async || {
            call.line.leave(self, call);
            let summary = call.part.summary();
            call.line.end_if_unused().await;
            call.to_connector.lock().unwrap_or_else(PoisonError::into_inner).take();
            {
                let mut entries = self.entries();
                // A newer leg of the same contact may have taken the place.
                if entries.get(&call.contact).is_some_and(|other| Arc::ptr_eq(other, call)) {
                    entries.remove(&call.contact);
                }
            }
            self.news(&call.contact, MediaNews::Closed(Box::new(summary.clone())));
            self.audio.refresh_metering();
            summary
        };
        call.summary.get_or_init(close).await.clone()
    }

    pub(crate) async fn close_all(&self) {
        let calls: Vec<_> = self.entries().values().cloned().collect();
        for call in calls {
            self.close(&call).await;
        }
        let lines: Vec<_> = self.lines.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect();
        for line in lines.iter().filter_map(Weak::upgrade) {
            line.session.close().await;
        }
    }

    fn on_session(&self, call: &Call, event: &MediaEvent) {
        let live = call.live.load(Ordering::Acquire);
        match event {
            MediaEvent::Connected | MediaEvent::PathRestored => {
                self.news(&call.contact, MediaNews::State(if live { MediaState::Live } else { MediaState::Ready }));
            }
            MediaEvent::PathLost => {
                let state = if live { MediaState::Reconnecting } else { MediaState::Connecting };
                self.news(&call.contact, MediaNews::State(state));
            }
            MediaEvent::Stats(stats) => self.news(&call.contact, MediaNews::Stats(stats.clone())),
            MediaEvent::Failed(failure) => self.news(&call.contact, MediaNews::Failed(*failure, None)),
        }
    }
}

/// The media port that connectors get.
pub(crate) struct Port(pub(crate) Arc<Calls>);

#[async_trait]
impl MediaPort for Port {
    async fn open(&self, request: MediaRequest) -> Result<Box<dyn MediaLeg>, MediaError> {
        let calls = &self.0;
        let bind = SessionConfig::default_bind(&request.ice_servers);
        let (line, _path) = Line::open(calls, SessionConfig { ice_servers: request.ice_servers, bind }, false).await?;
        seat(calls, &line, request.contact).await
    }

    async fn line(&self, ice_servers: Vec<IceServer>) -> Result<Box<dyn MediaLine>, MediaError> {
        let bind = SessionConfig::default_bind(&ice_servers);
        let (line, path) = Line::open(&self.0, SessionConfig { ice_servers, bind }, true).await?;
        Ok(Box::new(Held { calls: Arc::clone(&self.0), line, path: Mutex::new(Some(path)) }))
    }
}

/// A contact's leg on that connection.
async fn seat(calls: &Arc<Calls>, line: &Arc<Line>, contact: ContactKey) -> Result<Box<dyn MediaLeg>, MediaError> {
    // A leg built anew for a contact that was muted stays muted: only the
    // agent's own act un-mutes.
    let mut muted = false;
    if let Some(old) = calls.find(&contact) {
        muted = old.line.is_muted();
        calls.close(&old).await;
    }
    let (to_connector, events) = mpsc::channel(64);
    let call = Arc::new(Call {
        contact: contact.clone(),
        line: Arc::clone(line),
        part: line.session.join(),
        live: AtomicBool::new(false),
        silenced: AtomicBool::new(false),
        closed: AtomicBool::new(false),
        to_connector: Mutex::new(Some(to_connector.clone())),
        summary: OnceCell::new(),
    });
    let shared_mute = line.enter(calls, &call, muted)?;
    calls.entries().insert(contact.clone(), Arc::clone(&call));
    if line.is_connected() {
        calls.news(&contact, MediaNews::State(MediaState::Ready));
        let _ = to_connector.try_send(MediaEvent::Connected);
    } else {
        calls.news(&contact, MediaNews::State(MediaState::Connecting));
    }
    if shared_mute && !muted {
        calls.news(&contact, MediaNews::MuteWanted(true));
    }
    Ok(Box::new(Leg { calls: Arc::clone(calls), call, events: Mutex::new(Some(events)) }))
}

/// A connection in a connector's hands.
struct Held {
    calls: Arc<Calls>,
    line: Arc<Line>,
    path: Mutex<Option<mpsc::Receiver<MediaEvent>>>,
}

#[async_trait]
impl MediaLine for Held {
    async fn prepare(&self) -> Result<(), MediaError> {
        self.line.session.prepare().await
    }

    async fn attach(&self, contact: ContactKey) -> Result<Box<dyn MediaLeg>, MediaError> {
        seat(&self.calls, &self.line, contact).await
    }

    fn events(&self) -> Option<mpsc::Receiver<MediaEvent>> {
        self.path.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    async fn close(&self) {
        self.line.let_go();
        for call in self.line.legs() {
            self.calls.close(&call).await;
        }
        self.line.session.close().await;
    }
}

impl Drop for Held {
    // As with a leg: a connector that ends must not leave the relay allocated.
    fn drop(&mut self) {
        self.line.let_go();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let line = Arc::clone(&self.line);
            runtime.spawn(async move { line.end_if_unused().await });
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
        self.call.line.session.offer().await
    }

    async fn answer(&self, sdp: &str, candidates: &[CandidateInit]) -> Result<(), MediaError> {
        self.call.line.session.answer(sdp, candidates).await
    }

    async fn restart(&self, ice_servers: Vec<IceServer>) -> Result<MediaOffer, MediaError> {
        self.call.line.session.restart(ice_servers).await
    }

    async fn go_live(&self) {
        if self.call.closed.load(Ordering::Acquire) || self.call.live.swap(true, Ordering::AcqRel) {
            return;
        }
        self.call.part.note_live();
        if let Some(id) = self.call.line.engine() {
            self.calls.audio.with(|engine| engine.go_live(id));
        }
        if self.call.line.is_connected() {
            self.calls.news(&self.call.contact, MediaNews::State(MediaState::Live));
        }
        self.calls.audio.refresh_metering();
    }

    fn may_speak(&self, allowed: bool) {
        self.call.line.silence(&self.calls, &self.call, !allowed);
    }

    fn events(&self) -> Option<mpsc::Receiver<MediaEvent>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn fail(&self, failure: MediaFailure, address: Option<String>) {
        self.call.part.note_failed(failure, address.clone());
        self.calls.news(&self.call.contact, MediaNews::Failed(failure, address));
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

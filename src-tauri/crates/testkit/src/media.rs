use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Notify, mpsc};
use trunkline_connector::ports::{
    CandidateInit, IceServer, MediaError, MediaEvent, MediaLeg, MediaLine, MediaOffer, MediaPort, MediaRequest,
};
use trunkline_model::{CallSummary, ContactKey, MediaFailure};

use crate::{PATIENCE, cast, locked};

/// Something that was asked of the media port, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum MediaCall {
    /// A leg was built, with that many TURN servers.
    Open(ContactKey, usize),
    /// A connection without a contact was built; connections count from 1.
    Line(usize),
    /// Its offer was made ahead.
    Prepare(usize),
    /// A contact's leg on that connection.
    Attach(ContactKey, usize),
    /// The connection was closed or let go.
    CloseLine(usize),
    /// The offer was made.
    Offer(ContactKey),
    /// The answer arrived, with that many candidates.
    Answer(ContactKey, usize),
    /// ICE was restarted.
    Restart(ContactKey),
    /// Speech was let through.
    GoLive(ContactKey),
    /// The microphone may be sent, or may not.
    MaySpeak(ContactKey, bool),
    /// Negotiation failed elsewhere.
    Fail(ContactKey, MediaFailure, Option<String>),
    /// The leg ended.
    Close(ContactKey),
}

#[derive(Debug, Default)]
struct Switches {
    open: Option<MediaFailure>,
    offer: Option<MediaFailure>,
    answer: Option<MediaFailure>,
    gathering_takes: Duration,
    connects_by_itself: bool,
    offers: Option<MediaOffer>,
}

/// A media port without media: records what is asked, fails where the test
/// says, and emits what the test tells it to. Clones share it.
#[derive(Clone, Debug)]
pub struct FakeMedia(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    calls: Mutex<Vec<MediaCall>>,
    switches: Mutex<Switches>,
    events: Mutex<Vec<(ContactKey, mpsc::Sender<MediaEvent>)>>,
    lines: Mutex<Vec<FakeLine>>,
    changed: Notify,
}

impl FakeMedia {
    /// Everything works; a leg is `Connected` as soon as it has its answer.
    pub fn new() -> Self {
        Self(Arc::new(Shared {
            calls: Mutex::default(),
            switches: Mutex::new(Switches { connects_by_itself: true, ..Switches::default() }),
            events: Mutex::default(),
            lines: Mutex::default(),
            changed: Notify::new(),
        }))
    }

    /// No leg can be built (or again).
    pub fn fail_open(&self, failure: Option<MediaFailure>) {
        locked(&self.0.switches).open = failure;
    }

    /// Offers fail, `IceGatheringTimeout` for example (or work again). Restarts are offers too.
    pub fn fail_offer(&self, failure: Option<MediaFailure>) {
        locked(&self.0.switches).offer = failure;
    }

    /// Answers are not usable (or again).
    pub fn fail_answer(&self, failure: Option<MediaFailure>) {
        locked(&self.0.switches).answer = failure;
    }

    /// Gathering takes this long before it works or fails.
    pub fn gathering_takes(&self, time: Duration) {
        locked(&self.0.switches).gathering_takes = time;
    }

    /// Every leg offers this from now on: for another side that looks into it.
    pub fn offers(&self, offer: MediaOffer) {
        locked(&self.0.switches).offers = Some(offer);
    }

    /// Whether a leg says `Connected` by itself once it has its answer.
    pub fn connects_by_itself(&self, yes: bool) {
        locked(&self.0.switches).connects_by_itself = yes;
    }

    /// Lets the contact's leg emit an event. Panics when there is no such leg.
    pub async fn emit(&self, contact: &ContactKey, event: MediaEvent) {
        let sender =
            locked(&self.0.events).iter().rev().find(|(key, _)| key == contact).map(|(_, sender)| sender.clone());
        let sender = sender.unwrap_or_else(|| panic!("no media leg for {contact}: {:?}", self.calls()));
        // A leg whose events nobody takes is no failure of the port.
        let _ = sender.send(event).await;
    }

    /// Lets a connection without a contact emit an event. Panics when there is no such connection.
    pub async fn emit_on_line(&self, line: usize, event: MediaEvent) {
        let sender = locked(&self.0.lines).get(line.wrapping_sub(1)).map(|line| line.sender.clone());
        let sender = sender.unwrap_or_else(|| panic!("no line {line}: {:?}", self.calls()));
        let _ = sender.send(event).await;
    }

    /// Everything asked so far.
    pub fn calls(&self) -> Vec<MediaCall> {
        locked(&self.0.calls).clone()
    }

    /// Waits until `call` has been made.
    pub async fn expect(&self, call: &MediaCall) {
        let made = async {
            loop {
                let changed = self.0.changed.notified();
                if self.calls().contains(call) {
                    return;
                }
                changed.await;
            }
        };
        tokio::time::timeout(PATIENCE, made)
            .await
            .unwrap_or_else(|_| panic!("expected {call:?} of the media port, saw {:?}", self.calls()));
    }

    fn note(&self, call: MediaCall) {
        locked(&self.0.calls).push(call);
        self.0.changed.notify_waiters();
    }
}

impl Default for FakeMedia {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl MediaPort for FakeMedia {
    async fn open(&self, request: MediaRequest) -> Result<Box<dyn MediaLeg>, MediaError> {
        self.note(MediaCall::Open(request.contact.clone(), request.ice_servers.len()));
        if let Some(failure) = locked(&self.0.switches).open {
            return Err(MediaError::Failed(failure));
        }
        Ok(self.leg(request.contact, None))
    }

    async fn line(&self, ice_servers: Vec<IceServer>) -> Result<Box<dyn MediaLine>, MediaError> {
        if let Some(failure) = locked(&self.0.switches).open.filter(|_| !ice_servers.is_empty()) {
            return Err(MediaError::Failed(failure));
        }
        let (sender, receiver) = mpsc::channel(64);
        let line = {
            let mut lines = locked(&self.0.lines);
            let line = FakeLine { number: lines.len() + 1, sender, up: Arc::default() };
            lines.push(line.clone());
            line
        };
        self.note(MediaCall::Line(line.number));
        Ok(Box::new(HeldLine {
            port: self.clone(),
            line,
            receiver: Mutex::new(Some(receiver)),
            closed: Mutex::default(),
        }))
    }
}

/// A connection without a contact. Up once a leg of it has its answer.
#[derive(Clone, Debug)]
struct FakeLine {
    number: usize,
    sender: mpsc::Sender<MediaEvent>,
    up: Arc<Mutex<bool>>,
}

struct HeldLine {
    port: FakeMedia,
    line: FakeLine,
    receiver: Mutex<Option<mpsc::Receiver<MediaEvent>>>,
    closed: Mutex<bool>,
}

impl HeldLine {
    fn end(&self) {
        if !std::mem::replace(&mut *locked(&self.closed), true) {
            self.port.note(MediaCall::CloseLine(self.line.number));
        }
    }
}

#[async_trait]
impl MediaLine for HeldLine {
    async fn prepare(&self) -> Result<(), MediaError> {
        self.port.note(MediaCall::Prepare(self.line.number));
        let (time, failure) = {
            let switches = locked(&self.port.0.switches);
            (switches.gathering_takes, switches.offer)
        };
        tokio::time::sleep(time).await;
        failure.map_or(Ok(()), |failure| Err(MediaError::Failed(failure)))
    }

    async fn attach(&self, contact: ContactKey) -> Result<Box<dyn MediaLeg>, MediaError> {
        self.port.note(MediaCall::Attach(contact.clone(), self.line.number));
        Ok(self.port.leg(contact, Some(self.line.clone())))
    }

    fn events(&self) -> Option<mpsc::Receiver<MediaEvent>> {
        locked(&self.receiver).take()
    }

    async fn close(&self) {
        self.end();
    }
}

impl Drop for HeldLine {
    fn drop(&mut self) {
        self.end();
    }
}

impl FakeMedia {
    fn leg(&self, contact: ContactKey, line: Option<FakeLine>) -> Box<FakeLeg> {
        let (sender, receiver) = mpsc::channel(64);
        locked(&self.0.events).push((contact.clone(), sender.clone()));
        if line.as_ref().is_some_and(|line| *locked(&line.up)) {
            let _ = sender.try_send(MediaEvent::Connected);
        }
        Box::new(FakeLeg {
            port: self.clone(),
            contact,
            line,
            sender,
            receiver: Mutex::new(Some(receiver)),
            failure: Mutex::new(None),
        })
    }
}

struct FakeLeg {
    port: FakeMedia,
    contact: ContactKey,
    line: Option<FakeLine>,
    sender: mpsc::Sender<MediaEvent>,
    receiver: Mutex<Option<mpsc::Receiver<MediaEvent>>>,
    failure: Mutex<Option<(MediaFailure, Option<String>)>>,
}

impl FakeLeg {
    async fn gather(&self) -> Result<MediaOffer, MediaError> {
        let (time, failure, scripted) = {
            let switches = locked(&self.port.0.switches);
            (switches.gathering_takes, switches.offer, switches.offers.clone())
        };
        tokio::time::sleep(time).await;
        if let Some(failure) = failure {
            *locked(&self.failure) = Some((failure, None));
            return Err(MediaError::Failed(failure));
        }
        Ok(scripted.unwrap_or_else(|| MediaOffer {
            sdp: "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n".to_owned(),
            candidates: vec![CandidateInit {
                candidate: "candidate:1 1 udp 41885695 127.0.0.1 50000 typ relay raddr 0.0.0.0 rport 0".to_owned(),
                sdp_mid: Some("0".to_owned()),
                sdp_m_line_index: Some(0),
                username_fragment: Some("fake".to_owned()),
            }],
        }))
    }
}

#[async_trait]
impl MediaLeg for FakeLeg {
    async fn offer(&self) -> Result<MediaOffer, MediaError> {
        self.port.note(MediaCall::Offer(self.contact.clone()));
        self.gather().await
    }

    async fn answer(&self, sdp: &str, candidates: &[CandidateInit]) -> Result<(), MediaError> {
        self.port.note(MediaCall::Answer(self.contact.clone(), candidates.len()));
        let (scripted, connects) = {
            let switches = locked(&self.port.0.switches);
            (switches.answer, switches.connects_by_itself)
        };
        // The contract's own rules hold without a script.
        let failure = if sdp.trim().is_empty() {
            Some(MediaFailure::InvalidRemoteDescription)
        } else if candidates.is_empty() && !sdp.contains("a=candidate:") {
            Some(MediaFailure::NoRemoteCandidate)
        } else {
            scripted
        };
        if let Some(failure) = failure {
            *locked(&self.failure) = Some((failure, None));
            return Err(MediaError::Failed(failure));
        }
        if connects {
            if let Some(line) = &self.line {
                *locked(&line.up) = true;
                let _ = line.sender.send(MediaEvent::Connected).await;
            }
            let _ = self.sender.send(MediaEvent::Connected).await;
        }
        Ok(())
    }

    async fn restart(&self, _ice_servers: Vec<IceServer>) -> Result<MediaOffer, MediaError> {
        self.port.note(MediaCall::Restart(self.contact.clone()));
        self.gather().await
    }

    async fn go_live(&self) {
        self.port.note(MediaCall::GoLive(self.contact.clone()));
    }

    fn may_speak(&self, allowed: bool) {
        self.port.note(MediaCall::MaySpeak(self.contact.clone(), allowed));
    }

    fn events(&self) -> Option<mpsc::Receiver<MediaEvent>> {
        locked(&self.receiver).take()
    }

    fn fail(&self, failure: MediaFailure, address: Option<String>) {
        *locked(&self.failure) = Some((failure, address.clone()));
        self.port.note(MediaCall::Fail(self.contact.clone(), failure, address));
    }

    async fn close(&self) -> CallSummary {
        self.port.note(MediaCall::Close(self.contact.clone()));
        let (failure, failed_address) = locked(&self.failure).clone().unzip();
        CallSummary {
            started: cast::NOW,
            ended: cast::NOW.shifted(60_000),
            failure,
            failed_address: failed_address.flatten(),
            ..CallSummary::default()
        }
    }
}

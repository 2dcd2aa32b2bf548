//! The service's WebRTC endpoint of one agent: str0m on a thread of its own. One
//! call sits at it, or several when it is kept between calls: they all hear the
//! agent, and the agent hears them all.
//!
//! A thread and not a task, so that a busy async runtime does not disturb the
//! 20 ms rhythm. Inputs by origin: the signalling (offer, ICE restart, stop),
//! the network (datagrams), the clock (timeouts, the next audio frame).

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak, mpsc};
use std::time::{Duration, Instant};

use str0m::change::SdpOffer;
use str0m::media::{Direction, Frequency, MediaKind, MediaTime, Mid};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc, RtcConfig};

use super::call::{Call, lock};
use super::error::SimError;
use super::options::{BeforeAccept, SpeechStart};
use super::room::{ConductorId, FRAME};
use crate::Moment;

const FRAME_TIME: Duration = Duration::from_millis(20);

/// Tells the world that media came up; called on the peer's thread.
pub(crate) type OnConnected = Box<dyn Fn(&Arc<Call>) + Send>;

/// The calls at a peer.
type Seats = Arc<Mutex<Vec<Weak<Call>>>>;

/// An answer ready for the wire: SDP without candidate lines, and the list.
pub(crate) struct Answer {
    pub sdp: String,
    pub candidates: Vec<String>,
}

pub(crate) struct PeerHandle {
    orders: mpsc::Sender<Order>,
    stopped: Arc<AtomicBool>,
    alive: Arc<AtomicBool>,
    kept: AtomicBool,
    seats: Seats,
}

enum Order {
    Restart { sdp: String, candidates: Vec<String>, reply: tokio::sync::oneshot::Sender<Result<Answer, SimError>> },
}

impl PeerHandle {
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
    }

    /// It stays without calls.
    pub(crate) fn keep(&self) {
        self.kept.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.kept.load(Ordering::SeqCst)
    }

    pub(crate) fn seat(&self, call: &Arc<Call>) {
        lock(&self.seats).push(Arc::downgrade(call));
    }

    pub(crate) fn leave(&self, call: &Call) {
        lock(&self.seats).retain(|other| other.upgrade().is_some_and(|other| !std::ptr::eq(&*other, call)));
        if !self.is_kept() {
            self.stop();
        }
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.alive.load(Ordering::SeqCst)
    }

    /// A new offer on the same connection, with fresh ICE credentials.
    pub(crate) fn restart(
        &self,
        sdp: String,
        candidates: Vec<String>,
    ) -> tokio::sync::oneshot::Receiver<Result<Answer, SimError>> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        // A failed send drops `reply`, which the receiver sees.
        let _ = self.orders.send(Order::Restart { sdp, candidates, reply });
        answer
    }
}

impl Drop for PeerHandle {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Settings of the peer that come from the simulator's options.
#[derive(Clone, Copy)]
pub(crate) struct PeerOptions {
    pub address: IpAddr,
    pub before_accept: BeforeAccept,
}

/// Answers an offer and starts the peer. Blocking: makes a certificate.
pub(crate) fn answer(
    call: &Arc<Call>,
    sdp: &str,
    candidates: &[String],
    options: PeerOptions,
    on_connected: OnConnected,
) -> Result<(Answer, PeerHandle), SimError> {
    let socket = UdpSocket::bind((options.address, 0)).map_err(SimError::io("binding the peer's UDP port"))?;
    let address = socket.local_addr().map_err(SimError::io("reading the peer's UDP port"))?;
    let mut rtc = RtcConfig::new()
        .set_crypto_provider(Arc::new(str0m::crypto::from_feature_flags()))
        .clear_codecs()
        .enable_opus(true, false)
        .build(Instant::now());
    let host = Candidate::host(address, "udp").map_err(|e| SimError::Peer(e.to_string()))?;
    rtc.add_local_candidate(host.clone());
    let answer = accept(&mut rtc, sdp, candidates, &host)?;

    let (orders, inbox) = mpsc::channel();
    let stopped = Arc::new(AtomicBool::new(false));
    let alive = Arc::new(AtomicBool::new(true));
    let seats: Seats = Arc::new(Mutex::new(vec![Arc::downgrade(call)]));
    let thread = PeerThread {
        rtc,
        socket,
        address,
        host,
        seats: seats.clone(),
        inbox,
        stopped: stopped.clone(),
        before_accept: options.before_accept,
        on_connected,
        mid: None,
        encoder: encoder()?,
        decoder: opus::Decoder::new(48_000, opus::Channels::Mono).map_err(|e| SimError::Peer(e.to_string()))?,
        next_frame: None,
        rtp_time: 0,
        conductor: ConductorId::new(),
    };
    let ended = alive.clone();
    std::thread::Builder::new()
        .name("sim-peer".to_owned())
        .spawn(move || {
            thread.run();
            ended.store(false, Ordering::SeqCst);
        })
        .map_err(SimError::io("starting the peer's thread"))?;
    Ok((answer, PeerHandle { orders, stopped, alive, kept: AtomicBool::new(false), seats }))
}

fn encoder() -> Result<opus::Encoder, SimError> {
    let failed = |e: opus::Error| SimError::Peer(e.to_string());
    let mut encoder = opus::Encoder::new(48_000, opus::Channels::Mono, opus::Application::Audio).map_err(failed)?;
    encoder.set_bitrate(opus::Bitrate::Bits(32_000)).map_err(failed)?;
    encoder.set_inband_fec(true).map_err(failed)?;
    encoder.set_packet_loss_perc(5).map_err(failed)?;
    Ok(encoder)
}

fn accept(rtc: &mut Rtc, sdp: &str, candidates: &[String], host: &Candidate) -> Result<Answer, SimError> {
    let refused = |e: &dyn std::fmt::Display| SimError::Peer(e.to_string());
    let offer = SdpOffer::from_sdp_string(sdp).map_err(|e| refused(&e))?;
    let answer = rtc.sdp_api().accept_offer(offer).map_err(|e| refused(&e))?;
    for text in candidates {
        let candidate = Candidate::from_sdp_string(text).map_err(|e| refused(&e))?;
        rtc.add_remote_candidate(candidate);
    }
    let sdp = answer.to_sdp_string();
    let sdp: String = sdp
        .split_inclusive("\r\n")
        .filter(|line| !line.starts_with("a=candidate:") && !line.starts_with("a=end-of-candidates"))
        .collect();
    Ok(Answer { sdp, candidates: vec![host.to_sdp_string()] })
}

struct PeerThread {
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    host: Candidate,
    seats: Seats,
    inbox: mpsc::Receiver<Order>,
    stopped: Arc<AtomicBool>,
    before_accept: BeforeAccept,
    on_connected: OnConnected,
    mid: Option<Mid>,
    encoder: opus::Encoder,
    decoder: opus::Decoder,
    next_frame: Option<Instant>,
    rtp_time: u64,
    conductor: ConductorId,
}

impl PeerThread {
    fn run(mut self) {
        let mut buffer = vec![0; 2000];
        while !self.stopped.load(Ordering::SeqCst) && self.rtc.is_alive() {
            let calls: Vec<Arc<Call>> = lock(&self.seats).iter().filter_map(Weak::upgrade).collect();
            if let Err(error) = self.turn(&calls, &mut buffer) {
                tracing::debug!(%error, "the simulated peer ended");
                break;
            }
        }
        let _ = self.rtc.close();
        while let Ok(Output::Transmit(t)) = self.rtc.poll_output() {
            let _ = self.socket.send_to(&t.contents, t.destination);
        }
    }

    /// One round: drain outputs, obey orders, send a due frame, wait.
    fn turn(&mut self, calls: &[Arc<Call>], buffer: &mut [u8]) -> Result<(), Box<dyn std::error::Error>> {
        let due = self.drain(calls)?;
        while let Ok(order) = self.inbox.try_recv() {
            self.obey(order);
            self.drain(calls)?;
        }
        let now = Instant::now();
        if self.next_frame.is_some_and(|at| at <= now) {
            self.send_frame(calls, now)?;
            return Ok(());
        }
        let wake = self.next_frame.map_or(due, |frame| frame.min(due));
        // Orders and the stop flag are looked at at least every 20 ms.
        let wait = wake.saturating_duration_since(now).min(FRAME_TIME);
        if wait.is_zero() {
            self.rtc.handle_input(Input::Timeout(now))?;
            return Ok(());
        }
        self.socket.set_read_timeout(Some(wait))?;
        match self.socket.recv_from(buffer) {
            Ok((count, source)) => {
                let now = Instant::now();
                let Ok(receive) = Receive::new(Protocol::Udp, source, self.address, &buffer[..count]) else {
                    return Ok(());
                };
                self.rtc.handle_input(Input::Receive(now, receive))?;
            }
            Err(error) if is_timeout(&error) => {
                self.rtc.handle_input(Input::Timeout(Instant::now()))?;
            }
            // An ICMP "port unreachable" of a relay that is gone.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    fn drain(&mut self, calls: &[Arc<Call>]) -> Result<Instant, Box<dyn std::error::Error>> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(at) => return Ok(at),
                Output::Transmit(t) => {
                    let _ = self.socket.send_to(&t.contents, t.destination);
                }
                Output::Event(event) => self.event(calls, event),
            }
        }
    }

    fn event(&mut self, calls: &[Arc<Call>], event: Event) {
        match event {
            Event::Connected => {
                let now = Instant::now();
                self.next_frame.get_or_insert(now);
                for call in calls {
                    call.note(|f| f.media_connected = Some(f.media_connected.unwrap_or(Moment::at(now))));
                    (self.on_connected)(call);
                }
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                for call in calls {
                    call.note(|f| f.media_lost.push(Moment::now()));
                }
            }
            Event::MediaAdded(media) if media.kind == MediaKind::Audio => {
                self.mid = Some(media.mid);
                if matches!(media.direction, Direction::Inactive) {
                    tracing::debug!("the agent offered an inactive audio line");
                }
            }
            Event::MediaData(data) => {
                let mut samples = vec![0.0; 5760];
                match self.decoder.decode_float(&data.data, &mut samples, false) {
                    Ok(count) => {
                        samples.truncate(count);
                        let time = data.time.rebase(Frequency::FORTY_EIGHT_KHZ).numer();
                        for call in calls {
                            lock(&call.recorder).packet(data.network_time, time, data.data.len(), &samples);
                            call.room.client_sent(&call.me, &samples);
                        }
                    }
                    Err(error) => tracing::debug!(%error, "a packet that is not Opus"),
                }
            }
            _ => {}
        }
    }

    fn obey(&mut self, order: Order) {
        let Order::Restart { sdp, candidates, reply } = order;
        let answer = accept(&mut self.rtc, &sdp, &candidates, &self.host);
        let _ = reply.send(answer);
    }

    fn send_frame(&mut self, calls: &[Arc<Call>], now: Instant) -> Result<(), Box<dyn std::error::Error>> {
        let at = self.next_frame.unwrap_or(now);
        // After a long stall the rhythm starts anew instead of bursting.
        self.next_frame =
            Some(if now.duration_since(at) > 10 * FRAME_TIME { now + FRAME_TIME } else { at + FRAME_TIME });
        let rtp_time = self.rtp_time;
        self.rtp_time += FRAME as u64;
        let is_quiet = |call: &Arc<Call>| {
            self.before_accept == BeforeAccept::Nothing
                && !call.is_accepted()
                && call.offer.speech_start != SpeechStart::AtMediaConnected
        };
        if !calls.is_empty() && calls.iter().all(is_quiet) {
            return Ok(());
        }
        let mut frame = [0.0; FRAME];
        for call in calls {
            let mut own = [0.0; FRAME];
            call.room.frame(&call.me, self.conductor, now, &mut own);
            for (sum, sample) in frame.iter_mut().zip(own) {
                *sum += sample;
            }
            let told = call.facts.borrow().speech_started.is_some();
            let started = call.customer.facts.borrow().speech_started;
            if !told && started.is_some() {
                call.note(|f| f.speech_started = started);
            }
        }
        let mut packet = [0; 1275];
        let count = self.encoder.encode_float(&frame, &mut packet)?;
        let Some(writer) = self.mid.and_then(|mid| self.rtc.writer(mid)) else {
            return Ok(());
        };
        let Some(pt) = writer.payload_params().next().map(|p| p.pt()) else {
            return Ok(());
        };
        let time = MediaTime::new(rtp_time, Frequency::FORTY_EIGHT_KHZ);
        writer.write(pt, now, time, &packet[..count])?;
        Ok(())
    }
}

fn is_timeout(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}

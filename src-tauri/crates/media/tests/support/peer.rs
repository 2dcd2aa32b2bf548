//! The other side: str0m, a WebRTC implementation that shares nothing with the
//! one under test, as a host peer in a thread of its own.

use std::net::{SocketAddr, UdpSocket};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use str0m::change::SdpOffer;
use str0m::format::Codec;
use str0m::media::{Frequency, MediaTime, Mid};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};
use trunkline_connector::ports::{CandidateInit, MediaOffer};

enum Order {
    Offer(MediaOffer, Sender<Reply>),
    Block(bool),
    Lose(bool),
    Stop,
}

#[derive(Clone, Debug)]
pub struct Reply {
    pub sdp: String,
    pub candidates: Vec<CandidateInit>,
}

/// What the peer saw.
#[derive(Default)]
pub struct Seen {
    /// Sound decoded from what was received, in order.
    pub sound: Vec<f32>,
    /// Frames received, with their time of arrival.
    pub frames: Vec<Instant>,
    pub connected: bool,
    pub payload_type: Option<u8>,
    /// Opus packets of 20 ms that carry the sound of the one before as well (RFC 6716, section 4.2.4).
    pub redundant: usize,
}

pub struct Peer {
    orders: Sender<Order>,
    pub seen: Arc<Mutex<Seen>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

pub struct PeerOptions {
    /// Played over and over.
    pub speech: Vec<f32>,
    /// G.711 instead of Opus.
    pub narrow: bool,
}

impl Peer {
    pub fn start(options: PeerOptions) -> Self {
        let (orders, inbox) = mpsc::channel();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        let thread = std::thread::spawn(move || Running::new(options, shared).run(&inbox));
        Self { orders, seen, thread: Some(thread) }
    }

    pub async fn answer(&self, offer: MediaOffer) -> Reply {
        let (reply, answer) = mpsc::channel();
        self.orders.send(Order::Offer(offer, reply)).unwrap();
        tokio::task::spawn_blocking(move || answer.recv_timeout(Duration::from_secs(5)).unwrap()).await.unwrap()
    }

    /// While blocked nothing is sent and nothing that comes is looked at.
    pub fn block(&self, blocked: bool) {
        self.orders.send(Order::Block(blocked)).unwrap();
    }

    /// While it does, one of ten datagrams that come is thrown away.
    pub fn lose(&self, some: bool) {
        self.orders.send(Order::Lose(some)).unwrap();
    }

    pub fn sound(&self) -> Vec<f32> {
        self.seen.lock().unwrap().sound.clone()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Running {
    options: PeerOptions,
    seen: Arc<Mutex<Seen>>,
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    mid: Option<Mid>,
    encoder: opus::Encoder,
    decoder: opus::Decoder,
    at: usize,
    next: Option<Instant>,
    blocked: bool,
    loses: bool,
    come: usize,
}

impl Running {
    fn new(options: PeerOptions, seen: Arc<Mutex<Seen>>) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let config = RtcConfig::new().clear_codecs();
        let config = if options.narrow { config.enable_pcmu(true, false) } else { config.enable_opus(true, false) };
        let mut rtc = config.set_rtcp_report_interval_audio(Duration::from_millis(500)).build(Instant::now());
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        let mut encoder = opus::Encoder::new(48_000, opus::Channels::Mono, opus::Application::Audio).unwrap();
        encoder.set_inband_fec(true).unwrap();
        encoder.set_packet_loss_perc(10).unwrap();
        Self {
            options,
            seen,
            rtc,
            socket,
            address,
            mid: None,
            encoder,
            decoder: opus::Decoder::new(48_000, opus::Channels::Mono).unwrap(),
            at: 0,
            next: None,
            blocked: false,
            loses: false,
            come: 0,
        }
    }

    fn run(mut self, orders: &Receiver<Order>) {
        let mut buffer = vec![0; 2_000];
        loop {
            while let Ok(order) = orders.try_recv() {
                match order {
                    Order::Offer(offer, reply) => reply.send(self.accept(&offer)).unwrap(),
                    Order::Block(blocked) => self.blocked = blocked,
                    Order::Lose(some) => self.loses = some,
                    Order::Stop => return,
                }
            }
            let mut wait = self.flush().saturating_duration_since(Instant::now());
            self.speak();
            if let Some(next) = self.next {
                wait = wait.min(next.saturating_duration_since(Instant::now()));
            }
            self.flush();
            self.socket.set_read_timeout(Some(wait.clamp(Duration::from_millis(1), Duration::from_millis(5)))).unwrap();
            let received = self.socket.recv_from(&mut buffer);
            let now = Instant::now();
            self.come += 1;
            let lost = self.blocked || (self.loses && self.come.is_multiple_of(10));
            match received {
                Ok((length, source)) if !lost => {
                    if let Ok(contents) = (&buffer[..length]).try_into() {
                        let receive = Receive { proto: Protocol::Udp, source, destination: self.address, contents };
                        self.rtc.handle_input(Input::Receive(now, receive)).unwrap();
                    }
                }
                _ => self.rtc.handle_input(Input::Timeout(now)).unwrap(),
            }
        }
    }

    fn flush(&mut self) -> Instant {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => return at,
                Output::Transmit(packet) => {
                    if !self.blocked {
                        let _ = self.socket.send_to(&packet.contents, packet.destination);
                    }
                }
                Output::Event(event) => self.on_event(event),
            }
        }
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::Connected => {
                self.seen.lock().unwrap().connected = true;
                self.next.get_or_insert(Instant::now());
            }
            Event::MediaAdded(added) => self.mid = Some(added.mid),
            Event::MediaData(data) => {
                let mut seen = self.seen.lock().unwrap();
                seen.frames.push(Instant::now());
                seen.payload_type = Some(*data.pt);
                if data.params.spec().codec == Codec::PCMU {
                    seen.sound.extend(data.data.iter().map(|&byte| mu_law(byte)));
                } else {
                    seen.redundant += usize::from(matches!(&data.data[..], [0..=0x7F, flags, ..] if flags & 0x40 != 0));
                    let mut sound = [0.0; 5_760];
                    let length = self.decoder.decode_float(&data.data, &mut sound, false).unwrap();
                    seen.sound.extend_from_slice(&sound[..length]);
                }
            }
            _ => {}
        }
    }

    fn speak(&mut self) {
        let (Some(next), Some(mid)) = (self.next, self.mid) else { return };
        let now = Instant::now();
        if now < next || self.blocked {
            if self.blocked {
                self.next = Some(now);
            }
            return;
        }
        self.next = Some(next.max(now - Duration::from_millis(40)) + Duration::from_millis(20));
        let wanted = if self.options.narrow { Codec::PCMU } else { Codec::Opus };
        let Some(writer) = self.rtc.writer(mid) else { return };
        let Some(pt) = writer.payload_params().find(|p| p.spec().codec == wanted).map(|p| p.pt()) else { return };
        let speech = &self.options.speech;
        let frame: Vec<f32> =
            (0..960).map(|n| if speech.is_empty() { 0.0 } else { speech[(self.at + n) % speech.len()] }).collect();
        let (payload, time) = if self.options.narrow {
            let bytes: Vec<u8> = frame.iter().step_by(6).map(|&s| to_mu_law(s)).collect();
            (bytes, MediaTime::new(self.at as u64 / 6, Frequency::EIGHT_KHZ))
        } else {
            let bytes = self.encoder.encode_vec_float(&frame, 400).unwrap();
            (bytes, MediaTime::new(self.at as u64, Frequency::FORTY_EIGHT_KHZ))
        };
        self.at += 960;
        writer.write(pt, now, time, payload).unwrap();
    }

    fn accept(&mut self, offer: &MediaOffer) -> Reply {
        let parsed = SdpOffer::from_sdp_string(&offer.sdp).unwrap_or_else(|error| panic!("{error}: {}", offer.sdp));
        let answer = self.rtc.sdp_api().accept_offer(parsed).unwrap();
        for candidate in &offer.candidates {
            self.rtc.add_remote_candidate(Candidate::from_sdp_string(&candidate.candidate).unwrap());
        }
        let sdp: String = answer
            .to_sdp_string()
            .lines()
            .filter(|line| !line.starts_with("a=candidate:") && !line.starts_with("a=end-of-candidates"))
            .map(|line| format!("{line}\r\n"))
            .collect();
        let candidate = Candidate::host(self.address, "udp").unwrap().to_sdp_string();
        let candidates = vec![CandidateInit {
            candidate,
            sdp_mid: Some("0".to_owned()),
            sdp_m_line_index: Some(0),
            username_fragment: None,
        }];
        Reply { sdp, candidates }
    }
}

/// The textbook form, on purpose not the one under test.
fn mu_law(byte: u8) -> f32 {
    let value = f32::from(!byte & 0x7F) / 127.0;
    let magnitude = (256.0_f32.powf(value) - 1.0) / 255.0;
    if byte & 0x80 == 0 { -magnitude } else { magnitude }
}

fn to_mu_law(sample: f32) -> u8 {
    let value = (1.0 + 255.0 * sample.abs().min(1.0)).ln() / 256.0_f32.ln();
    let code = (value * 127.0).round() as u8;
    if sample < 0.0 { !(code | 0x80) } else { !code }
}

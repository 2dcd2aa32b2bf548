//! The smallest possible softphone: one WebRTC audio line over loopback that
//! sends a tone and keeps what it hears.

use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use str0m::change::SdpAnswer;
use str0m::media::{Direction, Frequency, MediaKind, MediaTime};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};
use trunkline_simulators::{Moment, speech};

use super::Socket;

const FRAME: usize = 960;

/// Decoded packets with their arrival.
type Heard = Arc<Mutex<Vec<(Instant, Vec<f32>)>>>;

/// A running softphone; ends with its value.
pub struct Softphone {
    heard: Heard,
    ended: Arc<AtomicBool>,
}

impl Softphone {
    /// Invites for the first contact of `snapshot` and sends a tone of `hertz`.
    pub async fn call(socket: &mut Socket, snapshot: &Value, hertz: f32) -> Self {
        let contact = &snapshot["snapshot"]["contacts"][0];
        let leg = &contact["connections"][0];
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = udp.local_addr().unwrap();
        let mut rtc = RtcConfig::new()
            .set_crypto_provider(Arc::new(str0m::crypto::from_feature_flags()))
            .clear_codecs()
            .enable_opus(true, false)
            .build(Instant::now());
        let host = Candidate::host(address, "udp").unwrap();
        rtc.add_local_candidate(host.clone());
        let mut change = rtc.sdp_api();
        let mid = change.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let (offer, pending) = change.apply().unwrap();
        let params = json!({
            "sdp": offer.to_sdp_string(),
            "candidates": [{ "candidate": host.to_sdp_string(), "sdpMid": "0", "sdpMLineIndex": 0 }],
            "callContextToken": leg["softphoneMediaInfo"]["callContextToken"],
            "contactId": contact["contactId"],
        });
        let connection = leg["connectionId"].as_str().unwrap();
        let answer = socket.rpc(connection, "invite", params).await;
        let result = &answer["result"];
        let sdp = result["sdp"].as_str().unwrap_or_else(|| panic!("the invite is answered: {answer}"));
        rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(sdp).unwrap()).unwrap();
        for candidate in result["candidates"].as_array().unwrap() {
            let text = candidate["candidate"].as_str().unwrap();
            rtc.add_remote_candidate(Candidate::from_sdp_string(text).unwrap());
        }
        let phone = Self { heard: Arc::default(), ended: Arc::default() };
        let (heard, ended) = (phone.heard.clone(), phone.ended.clone());
        std::thread::spawn(move || run(rtc, &udp, mid, hertz, &heard, &ended));
        phone
    }

    /// What arrived between two moments, 48 kHz mono.
    pub fn between(&self, from: Moment, to: Moment) -> Vec<f32> {
        let heard = self.heard.lock().unwrap();
        let inside = heard.iter().filter(|(at, _)| *at >= from.instant && *at < to.instant);
        inside.flat_map(|(_, samples)| samples.iter().copied()).collect()
    }
}

impl Drop for Softphone {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
    }
}

fn run(mut rtc: Rtc, udp: &UdpSocket, mid: str0m::media::Mid, hertz: f32, heard: &Heard, ended: &AtomicBool) {
    let address = udp.local_addr().unwrap();
    let mut encoder = opus::Encoder::new(48_000, opus::Channels::Mono, opus::Application::Audio).unwrap();
    let mut decoder = opus::Decoder::new(48_000, opus::Channels::Mono).unwrap();
    let tone = speech::tone(hertz.round(), 1.0);
    let (mut position, mut next, mut rtp) = (0, None::<Instant>, 0);
    let mut buffer = vec![0; 2000];
    while !ended.load(Ordering::SeqCst) && rtc.is_alive() {
        let due = loop {
            match rtc.poll_output().unwrap() {
                Output::Timeout(at) => break at,
                Output::Transmit(t) => {
                    let _ = udp.send_to(&t.contents, t.destination);
                }
                Output::Event(Event::Connected) => next = Some(Instant::now()),
                Output::Event(Event::MediaData(data)) => {
                    let mut samples = vec![0.0; 5760];
                    let count = decoder.decode_float(&data.data, &mut samples, false).unwrap();
                    samples.truncate(count);
                    heard.lock().unwrap().push((Instant::now(), samples));
                }
                Output::Event(_) => {}
            }
        };
        let now = Instant::now();
        if let Some(at) = next.filter(|at| *at <= now) {
            next = Some(at + Duration::from_millis(20));
            let frame: Vec<f32> = (0..FRAME).map(|n| tone[(position + n) % tone.len()]).collect();
            position += FRAME;
            let mut packet = [0; 1275];
            let count = encoder.encode_float(&frame, &mut packet).unwrap();
            let writer = rtc.writer(mid).unwrap();
            let pt = writer.payload_params().next().unwrap().pt();
            let time = MediaTime::new(rtp, Frequency::FORTY_EIGHT_KHZ);
            rtp += FRAME as u64;
            writer.write(pt, now, time, &packet[..count]).unwrap();
            continue;
        }
        let wake = next.map_or(due, |at| at.min(due));
        let wait = wake.saturating_duration_since(now).clamp(Duration::from_millis(1), Duration::from_millis(20));
        udp.set_read_timeout(Some(wait)).unwrap();
        let input = match udp.recv_from(&mut buffer) {
            Ok((count, source)) => match Receive::new(Protocol::Udp, source, address, &buffer[..count]) {
                Ok(receive) => Input::Receive(Instant::now(), receive),
                Err(_) => continue,
            },
            Err(_) => Input::Timeout(Instant::now()),
        };
        rtc.handle_input(input).unwrap();
    }
}

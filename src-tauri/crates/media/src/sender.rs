//! Sends a packet every 20 ms, whatever happens: what the microphone gives,
//! else silence. A stream that stops looks like a dead line to the other side,
//! and to the address translators between.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use rtc::rtp::{Header, Packet};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;

use crate::capture::{self, PACKET};
use crate::receiver::{OPUS, PCMU};

/// What the answer chose for our stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// The usual one.
    Opus,
    /// G.711 mu-law.
    Pcmu,
}

impl Codec {
    /// Its payload type in our offer.
    pub fn payload_type(self) -> u8 {
        match self {
            Self::Opus => OPUS,
            Self::Pcmu => PCMU,
        }
    }

    /// Time stamp units of a packet of 20 ms.
    fn packet_units(self) -> u32 {
        match self {
            Self::Opus => 960,
            Self::Pcmu => 160,
        }
    }
}

/// Read by the audio thread, written by the session.
#[derive(Debug, Default)]
pub struct Outgoing {
    /// 0: not connected.
    codec: AtomicU8,
    /// Packets sent.
    pub packets: AtomicU64,
}

impl Outgoing {
    /// The codec, once packets can flow.
    pub fn codec(&self) -> Option<Codec> {
        match self.codec.load(Ordering::Relaxed) {
            1 => Some(Codec::Opus),
            2 => Some(Codec::Pcmu),
            _ => None,
        }
    }

    /// Packets can flow.
    pub fn start(&self, codec: Codec) {
        self.codec.store(if codec == Codec::Opus { 1 } else { 2 }, Ordering::Relaxed);
    }
}

/// Time without a packet from the microphone after which silence is sent in its place.
const PATIENCE: Duration = Duration::from_millis(60);
const PACKET_TIME: Duration = Duration::from_millis(20);

/// The sending task's parts.
pub struct Sender {
    /// Where packets go.
    pub track: Arc<TrackLocalStaticRTP>,
    /// Our source.
    pub ssrc: u32,
    /// What the audio thread encoded.
    pub frames: mpsc::Receiver<Bytes>,
    /// Codec and count.
    pub outgoing: Arc<Outgoing>,
    /// End of the session.
    pub ended: CancellationToken,
}

impl Sender {
    /// Runs from "connected" to the end of the session.
    pub async fn run(mut self) {
        let Some(codec) = self.outgoing.codec() else { return };
        let silence = silence(codec);
        let mut sequence = rand::random::<u16>();
        let mut timestamp = rand::random::<u32>();
        let mut first = true;
        // Encoded before the start and late by now.
        while self.frames.try_recv().is_ok() {}
        let mut due = Instant::now();
        let mut listening = true;
        let mut speaking = false;
        loop {
            let deadline = if speaking { due + PATIENCE } else { due };
            let payload = tokio::select! {
                biased;
                () = self.ended.cancelled() => return,
                frame = self.frames.recv(), if listening => match frame {
                    Some(frame) => { speaking = true; due = Instant::now() + PACKET_TIME; frame }
                    None => { listening = false; continue }
                },
                () = sleep_until(deadline) => {
                    if speaking {
                        // The time that passed without a packet has passed for the listener too.
                        let missed = deadline.saturating_duration_since(due).as_millis() / 20;
                        timestamp = timestamp.wrapping_add(missed as u32 * codec.packet_units());
                        speaking = false;
                    }
                    // After a stall there is no use in catching up.
                    due = deadline.max(Instant::now() - PACKET_TIME) + PACKET_TIME;
                    silence.clone()
                }
            };
            let header = Header {
                version: 2,
                marker: std::mem::take(&mut first),
                payload_type: codec.payload_type(),
                sequence_number: sequence,
                timestamp,
                ssrc: self.ssrc,
                ..Header::default()
            };
            sequence = sequence.wrapping_add(1);
            timestamp = timestamp.wrapping_add(codec.packet_units());
            if self.track.write_rtp(Packet { header, payload }).await.is_ok() {
                self.outgoing.packets.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// A packet of silence, from an encoder that has settled on it.
fn silence(codec: Codec) -> Bytes {
    match codec {
        Codec::Pcmu => Bytes::from_static(&[0xFF; 160]),
        Codec::Opus => capture::encoder()
            .and_then(|mut encoder| {
                let quiet = [0.0; PACKET];
                for _ in 0..4 {
                    encoder.encode_vec_float(&quiet, 400)?;
                }
                encoder.encode_vec_float(&quiet, 400)
            })
            // The standard's own empty packet (code 0, 20 ms) if an encoder cannot be had.
            .map_or_else(|_| Bytes::from_static(&[0x58, 0x00]), Bytes::from),
    }
}

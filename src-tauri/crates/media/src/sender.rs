//! Sends a packet every 20 ms, whatever happens: what the microphone gives,
//! else silence. A stream that stops looks like a dead line to the other side,
//! and to the address translators between.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use rtc::rtp::{Header, Packet};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;

use crate::capture::{Encoder, PACKET};
use crate::receiver::{OPUS, PCMU};
use crate::redundancy::Redundancy;
use crate::reports::SharedView;

/// What the answer chose for our stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// The usual one.
    Opus,
    /// G.711 mu-law.
    Pcmu,
}

impl Codec {
    /// Its RTP name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::Pcmu => "PCMU",
        }
    }

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
const CATCH_UP: Duration = Duration::from_millis(200);

/// The sending task's parts.
pub struct Sender {
    /// Where packets go.
    pub track: Arc<TrackLocalStaticRTP>,
    /// Our source.
    pub ssrc: u32,
    /// 20 ms each, from the audio thread.
    pub frames: mpsc::Receiver<Vec<f32>>,
    /// The one encoder of this stream.
    pub encoder: Encoder,
    /// Codec and count.
    pub outgoing: Arc<Outgoing>,
    /// What the peer says of our stream.
    pub remote: SharedView,
    /// End of the session.
    pub ended: CancellationToken,
}

impl Sender {
    /// Runs from "connected" to the end of the session.
    pub async fn run(mut self) {
        let Some(codec) = self.outgoing.codec() else { return };
        let silence = [0.0; PACKET];
        let mut redundancy = Redundancy::default();
        let mut sequence = rand::random::<u16>();
        let mut timestamp = rand::random::<u32>();
        let mut first = true;
        // Said before the start and late by now.
        while self.frames.try_recv().is_ok() {}
        let mut due = Instant::now();
        let mut listening = true;
        let mut speaking = false;
        loop {
            let deadline = if speaking { due + PATIENCE } else { due };
            let sound = tokio::select! {
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
                    // A short stall of this computer is caught up with, a long one is not.
                    due = deadline.max(Instant::now() - CATCH_UP) + PACKET_TIME;
                    Vec::new()
                }
            };
            let sound = if sound.len() == PACKET { &sound[..] } else { &silence[..] };
            self.encoder.repeat(redundancy.look(&self.remote.lock().unwrap_or_else(PoisonError::into_inner)));
            let Some(payload) = self.encoder.encode(codec, sound) else { continue };
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

//! What the agent says, encoded.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::g711;
use crate::playout::FRAME;
use crate::sender::{Codec, Outgoing};
use crate::stats::LevelMeter;

/// 20 ms at 48 kHz, one packet.
pub(crate) const PACKET: usize = 960;

/// Bit rate of speech, mono. With redundancy on, libopus stays wideband here.
const BIT_RATE: i32 = 32_000;
/// Loss that the encoder prepares for, percent: without it no redundancy is written at all.
const EXPECTED_LOSS: i32 = 10;
/// Of 10. Above 6 the gain is not heard in speech and the cost doubles.
const COMPLEXITY: i32 = 6;

/// An Opus encoder with the settings of the sent offer: mono, in-band
/// redundancy, no DTX.
pub(crate) fn encoder() -> Result<opus::Encoder, opus::Error> {
    let mut encoder = opus::Encoder::new(48_000, opus::Channels::Mono, opus::Application::Voip)?;
    encoder.set_bitrate(opus::Bitrate::Bits(BIT_RATE))?;
    encoder.set_inband_fec(true)?;
    encoder.set_packet_loss_perc(EXPECTED_LOSS)?;
    encoder.set_complexity(COMPLEXITY)?;
    encoder.set_dtx(false)?;
    Ok(encoder)
}

/// The audio engine's end of the sent stream. It never waits: when the sender
/// cannot follow, a packet is left out.
pub struct Capture {
    opus: opus::Encoder,
    narrow: g711::Downsampler,
    outgoing: Arc<Outgoing>,
    frames: mpsc::Sender<Bytes>,
    level: Arc<LevelMeter>,
    pending: Vec<f32>,
    packet: [u8; 1_000],
}

impl std::fmt::Debug for Capture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Capture").field("pending", &self.pending.len()).finish_non_exhaustive()
    }
}

impl Capture {
    pub(crate) fn new(
        outgoing: Arc<Outgoing>,
        frames: mpsc::Sender<Bytes>,
        level: Arc<LevelMeter>,
    ) -> Result<Self, opus::Error> {
        Ok(Self {
            opus: encoder()?,
            narrow: g711::Downsampler::default(),
            outgoing,
            frames,
            level,
            pending: Vec::with_capacity(PACKET),
            packet: [0; 1_000],
        })
    }

    /// 10 ms at 48 kHz, mono, -1 to 1. Muted is silence pushed, not nothing
    /// pushed; when nothing is pushed the session sends silence by itself.
    pub fn push(&mut self, frame: &[f32; FRAME]) {
        let Some(codec) = self.outgoing.codec() else {
            // Not connected: nothing could be sent, so nothing is encoded.
            self.pending.clear();
            return;
        };
        self.level.add(frame);
        self.pending.extend_from_slice(frame);
        if self.pending.len() < PACKET {
            return;
        }
        let encoded = match codec {
            Codec::Opus => match self.opus.encode_float(&self.pending, &mut self.packet) {
                Ok(length) => Bytes::copy_from_slice(&self.packet[..length]),
                // The sender fills the gap with silence.
                Err(_) => Bytes::new(),
            },
            Codec::Pcmu => {
                let mut length = 0;
                let mut six = [0.0; 6];
                for samples in self.pending.chunks_exact(6) {
                    six.copy_from_slice(samples);
                    self.packet[length] = g711::encode(self.narrow.push(&six));
                    length += 1;
                }
                Bytes::copy_from_slice(&self.packet[..length])
            }
        };
        self.pending.clear();
        if !encoded.is_empty() {
            // A full channel means that the sender is stuck; a late packet would be of no use.
            let _ = self.frames.try_send(encoded);
        }
    }
}

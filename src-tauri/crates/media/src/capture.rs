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

/// Bit rate of speech, mono: enough for sound up to 20 kHz with redundancy.
const BIT_RATE: i32 = 32_000;
/// Loss that the encoder prepares for where there is any, percent. At 0 it writes no redundancy at all.
const EXPECTED_LOSS: i32 = 10;
/// Of 10. PESQ (wideband) of a recorded and of a synthetic voice, and the share of a core: 5: 4.26, 3.48, 0.78 %;
/// 6: 4.32, 3.67, 0.78 %; 8: 4.34, 3.79, 1.00 %, all with redundancy. From 6 on libopus quantises with AVX2, which pays
/// for the rest.
const COMPLEXITY: i32 = 6;

/// An Opus encoder with the settings of the sent offer: mono, in-band
/// redundancy as [`Encoder::repeat`] says, no DTX.
fn opus_encoder() -> Result<opus::Encoder, opus::Error> {
    // Not `Voip`: its adaptive high-pass turns the phase of low voices (measured: the correlation of
    // a voice with itself falls from 0.99 to 0.7), and our own audio chain has cut the hum already.
    let mut encoder = opus::Encoder::new(48_000, opus::Channels::Mono, opus::Application::Audio)?;
    encoder.set_signal(opus::Signal::Voice)?;
    encoder.set_bitrate(opus::Bitrate::Bits(BIT_RATE))?;
    encoder.set_inband_fec(true)?;
    encoder.set_packet_loss_perc(EXPECTED_LOSS)?;
    encoder.set_complexity(COMPLEXITY)?;
    encoder.set_dtx(false)?;
    Ok(encoder)
}

/// The audio engine's end of the sent stream. It never waits: when the sender
/// cannot follow, 20 ms are left out.
///
/// Encoding is the sender's, which encodes silence with the same encoder while
/// nobody pushes: a listener's decoder follows the history of one encoder, and
/// two that take turns are heard as distortion that can last for seconds.
pub struct Capture {
    outgoing: Arc<Outgoing>,
    frames: mpsc::Sender<Vec<f32>>,
    level: Arc<LevelMeter>,
    pending: Vec<f32>,
}

impl std::fmt::Debug for Capture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Capture").field("pending", &self.pending.len()).finish_non_exhaustive()
    }
}

impl Capture {
    pub(crate) fn new(outgoing: Arc<Outgoing>, frames: mpsc::Sender<Vec<f32>>, level: Arc<LevelMeter>) -> Self {
        Self { outgoing, frames, level, pending: Vec::with_capacity(PACKET) }
    }

    /// 10 ms at 48 kHz, mono, -1 to 1. Muted is silence pushed, not nothing
    /// pushed; when nothing is pushed the session sends silence by itself.
    pub fn push(&mut self, frame: &[f32; FRAME]) {
        if self.outgoing.codec().is_none() {
            // Not connected: nothing could be sent.
            self.pending.clear();
            return;
        }
        self.level.add(frame);
        self.pending.extend_from_slice(frame);
        if self.pending.len() >= PACKET {
            let packet = std::mem::replace(&mut self.pending, Vec::with_capacity(PACKET));
            // A full channel means that the sender is stuck; late sound would be of no use.
            let _ = self.frames.try_send(packet);
        }
    }
}

/// Sound to packets, in the codec that was agreed.
pub(crate) struct Encoder {
    opus: opus::Encoder,
    narrow: g711::Downsampler,
    packet: [u8; 1_000],
}

impl Encoder {
    pub(crate) fn new() -> Result<Self, opus::Error> {
        Ok(Self { opus: opus_encoder()?, narrow: g711::Downsampler::default(), packet: [0; 1_000] })
    }

    /// Whether packets carry the sound of the one before as well, from the next on; at first they do.
    pub(crate) fn repeat(&mut self, repeats: bool) {
        // Refused is only what is no percentage.
        let _ = self.opus.set_packet_loss_perc(if repeats { EXPECTED_LOSS } else { 0 });
    }

    /// 20 ms as a payload; `None` when the encoder fails.
    pub(crate) fn encode(&mut self, codec: Codec, sound: &[f32]) -> Option<Bytes> {
        let length = match codec {
            Codec::Opus => self.opus.encode_float(sound, &mut self.packet).ok()?,
            Codec::Pcmu => {
                let (pieces, _) = sound.as_chunks::<6>();
                for (byte, six) in self.packet.iter_mut().zip(pieces) {
                    *byte = g711::encode(self.narrow.push(six));
                }
                pieces.len().min(self.packet.len())
            }
        };
        Some(Bytes::copy_from_slice(&self.packet[..length]))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::opus_packet::{has_redundancy, tests::voice};

    #[test]
    fn packets_carry_the_one_before_only_while_that_is_wanted() {
        let mut encoder = Encoder::new().unwrap();
        let mut at = 0;
        let mut repeated = |encoder: &mut Encoder| {
            let packets = (0..50).map(|_| {
                at += PACKET;
                encoder.encode(Codec::Opus, &voice(at - PACKET..at)).unwrap()
            });
            // The first packet still holds what was prepared before.
            packets.skip(1).filter(|packet| has_redundancy(packet)).count()
        };
        let at_first = repeated(&mut encoder);
        assert!(at_first > 15, "a new stream knows nothing of its path: {at_first} of 49");
        encoder.repeat(false);
        assert_eq!(repeated(&mut encoder), 0, "nothing is lost there");
        encoder.repeat(true);
        let again = repeated(&mut encoder);
        assert!(again > 15, "something was lost: {again} of 49");
    }
}

//! What the agent hears: jitter buffer, decoder, stretching.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::g711;
use crate::jitter::{Action, JitterBuffer, JitterConfig, JitterCounters, Stretch};
use crate::receiver::{Inbox, PCMU};
use crate::stats::PlayoutMeter;
use crate::stretch;

/// 10 ms at 48 kHz.
pub const FRAME: usize = 480;
/// Longest packet: 120 ms.
const LONGEST: usize = 5_760;
/// Concealment longer than this is silence: a decoder only hums by then.
const HUM: usize = 9_600;
/// Sound that begins or ends abruptly is faded over 2.5 ms.
const FADE: usize = 120;

/// The audio engine's end of the received stream. It never waits.
pub struct Playout {
    inbox: Arc<Inbox>,
    meter: Arc<PlayoutMeter>,
    arrived: VecDeque<crate::jitter::Arrived>,
    buffer: JitterBuffer,
    decoder: Decoder,
    ready: VecDeque<f32>,
    piece: Vec<f32>,
    concealed_for: usize,
    silent: bool,
    heard: bool,
    last: f32,
}

impl std::fmt::Debug for Playout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Playout").field("buffer", &self.buffer).finish_non_exhaustive()
    }
}

impl Playout {
    pub(crate) fn new(inbox: Arc<Inbox>, meter: Arc<PlayoutMeter>, config: JitterConfig) -> Result<Self, opus::Error> {
        Ok(Self {
            inbox,
            meter,
            arrived: VecDeque::with_capacity(128),
            buffer: JitterBuffer::new(config),
            decoder: Decoder::new()?,
            ready: VecDeque::with_capacity(4 * LONGEST),
            piece: Vec::with_capacity(2 * LONGEST),
            concealed_for: 0,
            silent: true,
            heard: false,
            last: 0.0,
        })
    }

    /// The next 10 ms at 48 kHz, mono, -1 to 1. Called by the audio engine's
    /// thread at the pace of the sound card.
    pub fn pull(&mut self, frame: &mut [f32; FRAME]) {
        self.pull_at(Instant::now(), frame);
    }

    /// [`Playout::pull`] with the time given.
    pub fn pull_at(&mut self, now: Instant, frame: &mut [f32; FRAME]) {
        self.inbox.take_into(&mut self.arrived);
        while let Some(packet) = self.arrived.pop_front() {
            self.buffer.insert(packet);
        }
        // Each answer of the buffer brings at least 2.5 ms, so four fill a frame.
        for _ in 0..8 {
            if self.ready.len() >= FRAME {
                break;
            }
            let action = self.buffer.pull(now, self.ready.len());
            self.act(action);
        }
        for sample in frame.iter_mut() {
            *sample = self.ready.pop_front().unwrap_or(0.0);
        }
        self.meter.level.add(frame);
        if self.heard {
            self.meter.played.fetch_add(FRAME as u64, Ordering::Relaxed);
        }
    }

    /// True once sound from a packet has been given out.
    pub fn has_played(&self) -> bool {
        self.heard
    }

    /// What the jitter buffer counted.
    pub fn counters(&self) -> JitterCounters {
        self.buffer.counters()
    }

    /// Delay that the jitter buffer aims at.
    pub fn target(&self) -> Duration {
        self.buffer.target()
    }

    fn act(&mut self, action: Action) {
        self.piece.clear();
        match action {
            Action::Decode { payload, payload_type, fresh, stretch, waited, .. } => {
                if fresh {
                    self.decoder.forget();
                }
                self.decoder.decode(payload_type, &payload, &mut self.piece);
                self.heard = true;
                let decoded = self.piece.len() as u64;
                let change = self.adjust(stretch);
                self.buffer.stretched(change);
                let waited = u64::try_from(waited.as_micros()).unwrap_or(0);
                self.meter.waited_us.fetch_add(waited.saturating_mul(decoded), Ordering::Relaxed);
                self.meter.emitted.fetch_add(decoded, Ordering::Relaxed);
                self.begin_sound();
            }
            Action::Fec { payload, payload_type, samples } => {
                self.decoder.recover(payload_type, &payload, samples as usize, &mut self.piece);
                self.begin_sound();
            }
            Action::Conceal { samples, begins } => {
                let samples = samples as usize;
                if begins {
                    self.meter.gaps.fetch_add(1, Ordering::Relaxed);
                    self.concealed_for = 0;
                }
                self.meter.concealed.fetch_add(samples as u64, Ordering::Relaxed);
                self.concealed_for += samples;
                if self.concealed_for > HUM {
                    self.silence(samples);
                } else {
                    self.decoder.conceal(samples, &mut self.piece);
                }
            }
            Action::Silence { samples } => self.silence(samples as usize),
        }
        if let Some(&last) = self.piece.last() {
            self.last = last;
        }
        self.ready.extend(self.piece.drain(..));
    }

    fn adjust(&mut self, stretch: Stretch) -> i64 {
        let less = |samples: usize| -i64::try_from(samples).unwrap_or(0);
        match stretch {
            Stretch::Keep => 0,
            Stretch::Shorten => less(stretch::shorten(&mut self.piece, false)),
            Stretch::ShortenNow => less(stretch::shorten(&mut self.piece, true)),
            Stretch::Lengthen => i64::try_from(stretch::lengthen(&mut self.piece)).unwrap_or(0),
        }
    }

    fn begin_sound(&mut self) {
        self.concealed_for = 0;
        if std::mem::take(&mut self.silent) {
            for (index, sample) in self.piece.iter_mut().take(FADE).enumerate() {
                *sample *= index as f32 / FADE as f32;
            }
        }
    }

    fn silence(&mut self, samples: usize) {
        self.piece.resize(samples, 0.0);
        if !std::mem::replace(&mut self.silent, true) {
            let from = self.last;
            for (index, sample) in self.piece.iter_mut().take(FADE).enumerate() {
                *sample = from * (1.0 - index as f32 / FADE as f32);
            }
        }
    }
}

struct Decoder {
    opus: opus::Decoder,
    narrow: g711::Upsampler,
    /// The last sound of a codec without concealment of its own.
    past: Vec<f32>,
    last_was_narrow: bool,
    scratch: Box<[f32; LONGEST]>,
}

impl Decoder {
    fn new() -> Result<Self, opus::Error> {
        Ok(Self {
            opus: opus::Decoder::new(48_000, opus::Channels::Mono)?,
            narrow: g711::Upsampler::default(),
            past: Vec::with_capacity(FRAME),
            last_was_narrow: false,
            scratch: Box::new([0.0; LONGEST]),
        })
    }

    fn forget(&mut self) {
        // A decoder that cannot be reset still decodes; the first frame is only less clean.
        let _ = self.opus.reset_state();
        self.narrow = g711::Upsampler::default();
        self.past.clear();
    }

    fn decode(&mut self, payload_type: u8, payload: &[u8], out: &mut Vec<f32>) {
        self.last_was_narrow = payload_type == PCMU;
        if self.last_was_narrow {
            for &byte in payload.iter().take(LONGEST / 6) {
                self.narrow.push(g711::decode(byte), out);
            }
            self.past.clear();
            self.past.extend_from_slice(&out[out.len().saturating_sub(FRAME)..]);
            return;
        }
        match self.opus.decode_float(payload, &mut self.scratch[..], false) {
            Ok(samples) => out.extend_from_slice(&self.scratch[..samples.min(LONGEST)]),
            // What cannot be decoded is as good as lost.
            Err(_) => self.conceal(crate::opus_packet::duration(payload).unwrap_or(960) as usize, out),
        }
    }

    fn recover(&mut self, payload_type: u8, payload: &[u8], samples: usize, out: &mut Vec<f32>) {
        let samples = samples.min(LONGEST);
        if payload_type == PCMU {
            return self.conceal(samples, out);
        }
        match self.opus.decode_float(payload, &mut self.scratch[..samples], true) {
            Ok(given) => out.extend_from_slice(&self.scratch[..given.min(samples)]),
            Err(_) => self.conceal(samples, out),
        }
    }

    fn conceal(&mut self, samples: usize, out: &mut Vec<f32>) {
        let samples = samples.min(LONGEST);
        if !self.last_was_narrow {
            // libopus conceals in pieces of 2.5 ms.
            let whole = (samples / 120 * 120).max(120);
            if let Ok(given) = self.opus.decode_float(&[], &mut self.scratch[..whole], false) {
                out.extend_from_slice(&self.scratch[..given.min(samples)]);
                return;
            }
        }
        // G.711 has no concealment: the last 10 ms again, quieter each time (as its appendix I does
        // with the last pitch period).
        if self.past.is_empty() {
            out.resize(out.len() + samples, 0.0);
            return;
        }
        for index in 0..samples {
            let at = index % self.past.len();
            if at == 0 {
                for sample in &mut self.past {
                    *sample *= 0.7;
                }
            }
            out.push(self.past[at]);
        }
    }
}

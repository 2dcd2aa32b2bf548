//! Counting what happens on a call. The network task and the audio thread count
//! without waiting for each other; once a second the session reads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use trunkline_model::{MediaStats, StreamStats};

use crate::jitter::Arrived;
use crate::quality::Line;
use crate::reports::RemoteView;

/// Root mean square over the time between two readings.
#[derive(Debug, Default)]
pub struct LevelMeter {
    /// Sum of squares, in parts of 10^9 of full scale.
    energy: AtomicU64,
    samples: AtomicU64,
}

impl LevelMeter {
    /// Adds sound.
    pub fn add(&self, sound: &[f32]) {
        let energy: f32 = sound.iter().map(|sample| sample * sample).sum();
        self.energy.fetch_add((f64::from(energy) * 1e9) as u64, Ordering::Relaxed);
        self.samples.fetch_add(sound.len() as u64, Ordering::Relaxed);
    }

    /// Level since the last reading, 0 to 1.
    pub fn take(&self) -> f32 {
        let energy = self.energy.swap(0, Ordering::Relaxed) as f64 / 1e9;
        let samples = self.samples.swap(0, Ordering::Relaxed);
        if samples == 0 { 0.0 } else { (energy / samples as f64).sqrt() as f32 }
    }
}

/// Counted by the audio thread while it plays.
#[derive(Debug, Default)]
pub struct PlayoutMeter {
    /// Sum over samples of their time in the buffer, microseconds.
    pub waited_us: AtomicU64,
    /// Samples decoded from packets.
    pub emitted: AtomicU64,
    /// Samples made up.
    pub concealed: AtomicU64,
    /// Gaps begun.
    pub gaps: AtomicU64,
    /// Samples of any origin, silence before the first packet left out.
    pub played: AtomicU64,
    /// Level of what is played.
    pub level: LevelMeter,
}

/// Counts a received stream as RFC 3550, appendix A.3 and A.8 do.
#[derive(Clone, Debug, Default)]
pub struct Inbound {
    ssrc: Option<u32>,
    received: u64,
    /// Of the source under way.
    source_received: u64,
    first: i64,
    highest: i64,
    lost_before: i64,
    transit: Option<f64>,
    epoch: Option<Instant>,
    jitter_ms: f64,
    last: Option<(i64, u32)>,
}

impl Inbound {
    /// Counts a packet, also one of padding only.
    pub fn observe(&mut self, packet: &Arrived) {
        if self.ssrc != Some(packet.ssrc) {
            self.lost_before = self.lost();
            self.ssrc = Some(packet.ssrc);
            self.source_received = 0;
            self.first = i64::from(packet.sequence);
            self.highest = self.first;
            self.transit = None;
            self.last = None;
        }
        let difference = i64::from(packet.sequence.wrapping_sub(self.highest as u16) as i16);
        if difference.abs() > 3_000 {
            // The sender restarted: what was counted stays counted.
            self.lost_before = self.lost();
            self.source_received = 0;
            self.first = i64::from(packet.sequence);
            self.highest = self.first;
            self.transit = None;
        } else {
            self.highest = self.highest.max(self.highest + difference);
        }
        self.received += 1;
        self.source_received += 1;
        let epoch = *self.epoch.get_or_insert(packet.arrival);
        let arrival_ms = packet.arrival.saturating_duration_since(epoch).as_secs_f64() * 1_000.0;
        let clock = f64::from(packet.clock_rate.max(1)) / 1_000.0;
        // Time stamps wrap after a day of Opus: only differences are used.
        let stamp = match self.last {
            Some((extended, raw)) => extended + i64::from(packet.timestamp.wrapping_sub(raw) as i32),
            None => i64::from(packet.timestamp),
        };
        self.last = Some((stamp, packet.timestamp));
        let transit = arrival_ms - stamp as f64 / clock;
        if let Some(before) = self.transit {
            let change = (transit - before).abs();
            if change < 5_000.0 {
                self.jitter_ms += (change - self.jitter_ms) / 16.0;
            }
        }
        self.transit = Some(transit);
    }

    /// Packets received.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Packets that are missing.
    pub fn lost(&self) -> i64 {
        if self.source_received == 0 {
            return self.lost_before;
        }
        let expected = self.highest - self.first + 1;
        self.lost_before + (expected - i64::try_from(self.source_received).unwrap_or(expected)).max(0)
    }

    /// Inter-arrival jitter, milliseconds.
    pub fn jitter_ms(&self) -> f32 {
        self.jitter_ms as f32
    }
}

/// What one second's picture is made of.
pub struct Readings<'a> {
    /// Received stream.
    pub inbound: &'a Inbound,
    /// Audio thread's counts.
    pub playout: &'a PlayoutMeter,
    /// Level of what is sent.
    pub sent_level: f32,
    /// Packets sent.
    pub sent: u64,
    /// What the peer reports of our stream.
    pub remote: RemoteView,
}

/// Makes a picture out of two readings.
#[derive(Debug, Default)]
pub struct Sampler {
    waited_us: u64,
    emitted: u64,
    concealed: u64,
    played: u64,
    remote_lost: i64,
    sent: u64,
}

impl Sampler {
    /// The picture of the time since the last one.
    pub fn sample(&mut self, readings: &Readings<'_>) -> MediaStats {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let playout = readings.playout;
        let (waited_us, emitted) = (load(&playout.waited_us), load(&playout.emitted));
        let (concealed, played) = (load(&playout.concealed), load(&playout.played));
        let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f32 / whole as f32 };
        let concealed_share = share(concealed - self.concealed, played - self.played).min(1.0);
        let fresh = emitted - self.emitted;
        let buffer_ms = if fresh == 0 { 0.0 } else { (waited_us - self.waited_us) as f32 / fresh as f32 / 1_000.0 };
        let remote = readings.remote;
        let remote_lost_now = (remote.lost - self.remote_lost).max(0);
        let sent_now = readings.sent.saturating_sub(self.sent).max(1);
        let remote_share = (remote_lost_now as f32 / sent_now as f32).min(1.0);
        let mut stats = MediaStats {
            received: StreamStats {
                packets: readings.inbound.received(),
                packets_lost: readings.inbound.lost(),
                jitter_ms: readings.inbound.jitter_ms(),
                level: playout.level.take(),
            },
            sent: StreamStats {
                packets: readings.sent,
                packets_lost: remote.lost,
                jitter_ms: remote.jitter_ms,
                level: readings.sent_level,
            },
            round_trip_ms: remote.round_trip_ms,
            jitter_buffer_ms: buffer_ms,
            jitter_buffer_delay_total_s: waited_us as f64 / 1e6,
            jitter_buffer_emitted: emitted,
            concealed: concealed_share,
            concealment_events: load(&playout.gaps),
            ..MediaStats::default()
        };
        // Before the audio side plays, the network's own loss is all that is known.
        if stats.received.packets > 0 {
            let round_trip_ms = remote.round_trip_ms.unwrap_or(0.0);
            let heard = Line { round_trip_ms, buffer_ms, lost: concealed_share }.estimate();
            // The peer's buffer is not known; twice its jitter is what the trade assumes.
            let said = Line { round_trip_ms, buffer_ms: 20.0 + 2.0 * remote.jitter_ms, lost: remote_share }.estimate();
            let worse = if said.mos < heard.mos { said } else { heard };
            stats.mos = Some(worse.mos);
            stats.quality = worse.quality;
        }
        *self = Self { waited_us, emitted, concealed, played, remote_lost: remote.lost, sent: readings.sent };
        stats
    }
}

#[cfg(test)]
#[path = "stats_tests.rs"]
mod tests;

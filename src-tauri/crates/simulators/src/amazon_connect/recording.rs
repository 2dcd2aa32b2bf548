//! What the peer hears, aligned to the clock.

use std::time::{Duration, Instant};

use crate::{Moment, speech::RATE};

/// Samples at 48 kHz mono and when they began.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// Samples between -1 and 1; gaps are zeros, so that sample `n` belongs to
    /// `started` + n / 48000 s.
    pub samples: Vec<f32>,
    /// Moment of the first sample, by the packet with the least delay; `None`
    /// when nothing was received.
    pub started: Option<Moment>,
    /// One entry a packet, in order of arrival.
    pub packets: Vec<PacketNote>,
}

/// One received media packet.
#[derive(Clone, Copy, Debug)]
pub struct PacketNote {
    /// When it arrived.
    pub at: Moment,
    /// RTP time in 48 kHz ticks, unwrapped.
    pub rtp_time: u64,
    /// Bytes of Opus.
    pub bytes: usize,
    /// Root mean square of the decoded samples.
    pub level: f32,
    /// The packet decodes to (nearly) nothing: muted, or digital silence.
    pub silent: bool,
    /// It reached the customer: accepted, not on hold, not muted by the service.
    pub heard: bool,
}

/// Below this root mean square a packet counts as silent (-74 dBFS): Opus
/// turns digital silence into a few units of the last place only.
pub const SILENCE: f32 = 0.0002;

impl Recording {
    /// Length in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(RATE)
    }

    /// The samples between two moments, clipped to what exists.
    #[must_use]
    pub fn between(&self, from: Moment, to: Moment) -> &[f32] {
        let Some(started) = self.started else {
            return &[];
        };
        let index = |moment: Moment| {
            let after = moment.since(started).as_secs_f64();
            ((after * f64::from(RATE)) as usize).min(self.samples.len())
        };
        let (a, b) = (index(from), index(to));
        if a < b { &self.samples[a..b] } else { &[] }
    }

    /// Arrival of the first heard packet at or after `from` louder than `level`.
    #[must_use]
    pub fn first_sound_after(&self, from: Moment, level: f32) -> Option<Moment> {
        first_sound(&self.packets, from, level)
    }

    /// Packets received, and how many of them were silent.
    #[must_use]
    pub fn packet_counts(&self) -> (usize, usize) {
        let silent = self.packets.iter().filter(|p| p.silent).count();
        (self.packets.len(), silent)
    }

    /// Root mean square of all samples.
    #[must_use]
    pub fn level(&self) -> f32 {
        level(&self.samples)
    }

    /// Strength of one frequency in `samples`, 0 to 1 of a full-scale sine
    /// (Goertzel).
    #[must_use]
    pub fn tone_level(samples: &[f32], hertz: f32) -> f32 {
        if samples.is_empty() {
            return 0.0;
        }
        let step = f64::from(hertz) / f64::from(RATE) * std::f64::consts::TAU;
        let (mut re, mut im) = (0.0, 0.0);
        for (n, value) in samples.iter().enumerate() {
            let (sin, cos) = (step * n as f64).sin_cos();
            re += f64::from(*value) * cos;
            im += f64::from(*value) * sin;
        }
        (2.0 * re.hypot(im) / samples.len() as f64) as f32
    }
}

fn first_sound(packets: &[PacketNote], from: Moment, level: f32) -> Option<Moment> {
    packets.iter().find(|p| p.heard && p.at >= from && p.level > level).map(|p| p.at)
}

pub(crate) fn level(samples: &[f32]) -> f32 {
    if samples.is_empty() {
        return 0.0;
    }
    (samples.iter().map(|s| s * s).sum::<f32>() / samples.len() as f32).sqrt()
}

/// Puts packets onto a time line.
///
/// Position follows the RTP time, which is exact, with two corrections by the
/// clock: a sender that restarts its time ([`DRIFT`]) is put back at once, and
/// one whose time stood still for a while (a stalled capture) is put back when
/// [`WINDOW`] packets in a row were late by more than [`LATE`].
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    all: Vec<f32>,
    /// When the way to the customer opened or closed.
    gates: Gates,
    packets: Vec<PacketNote>,
    started: Option<Moment>,
    /// RTP time of sample zero, may lie before the first packet.
    origin: i64,
    /// Packets in a row that were late, and by how many samples at least.
    late: (usize, i64),
}

const DRIFT: Duration = Duration::from_millis(250);
const LATE: i64 = RATE as i64 / 50;
const WINDOW: usize = 25;

impl Recorder {
    pub(crate) fn packet(&mut self, at: Instant, rtp_time: u64, bytes: usize, samples: &[f32]) {
        let at = Moment::at(at);
        let rtp = i64::try_from(rtp_time).unwrap_or(i64::MAX);
        let started = *self.started.get_or_insert_with(|| {
            self.origin = rtp;
            at
        });
        let by_clock = (at.since(started).as_secs_f64() * f64::from(RATE)) as i64;
        let drift = (DRIFT.as_secs_f64() * f64::from(RATE)) as i64;
        if (rtp - self.origin - by_clock).abs() > drift {
            self.origin = rtp - by_clock;
            self.late = (0, i64::MAX);
        }
        self.catch_up(by_clock - (rtp - self.origin));
        let position = usize::try_from(rtp - self.origin).unwrap_or(0);
        // The packet with the least delay tells where the time line lies: no
        // packet can arrive before its time.
        let due = started.instant + Duration::from_secs_f64(position as f64 / f64::from(RATE));
        let early = due.saturating_duration_since(at.instant);
        if let Some(sooner) = started.instant.checked_sub(early) {
            self.started = Some(Moment::at(sooner));
        }
        let end = position + samples.len();
        if self.all.len() < end {
            self.all.resize(end, 0.0);
        }
        self.all[position..end].copy_from_slice(samples);
        let heard = self.gates.is_open();
        let level = level(samples);
        self.packets.push(PacketNote { at, rtp_time, bytes, level, silent: level < SILENCE, heard });
    }

    fn catch_up(&mut self, behind: i64) {
        if behind <= LATE {
            self.late = (0, i64::MAX);
            return;
        }
        self.late = (self.late.0 + 1, self.late.1.min(behind));
        if self.late.0 >= WINDOW {
            self.origin -= self.late.1;
            self.late = (0, i64::MAX);
        }
    }

    pub(crate) fn first_heard(&self, from: Moment, level: f32) -> Option<Moment> {
        first_sound(&self.packets, from, level)
    }

    pub(crate) fn all(&self) -> Recording {
        self.with(self.all.clone())
    }

    /// From now on the customer hears the agent, or does not.
    pub(crate) fn gate(&mut self, at: Moment, open: bool) {
        self.gates.set(at, open);
    }

    fn with(&self, samples: Vec<f32>) -> Recording {
        Recording { samples, started: self.started, packets: self.packets.clone() }
    }
}

/// When a way was open, by the clock. Closed before the first opening.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gates(Vec<(Moment, bool)>);

impl Gates {
    pub(crate) fn set(&mut self, at: Moment, open: bool) {
        if self.is_open() != open {
            self.0.push((at, open));
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.0.last().is_some_and(|(_, open)| *open)
    }

    /// Silences the time line wherever the way was closed. Cut by the clock
    /// and not packet by packet, so that a packet which was handled late on a
    /// busy machine stays on its side of a hold.
    pub(crate) fn keep(&self, recording: &mut Recording) {
        let Some(started) = recording.started else {
            return;
        };
        let length = recording.samples.len();
        let index = |moment: Moment| {
            let after = moment.since(started).as_secs_f64() * f64::from(RATE);
            (after as usize).min(length)
        };
        let mut closed_from = Some(0);
        for (at, open) in &self.0 {
            match (closed_from, open) {
                (Some(from), true) => {
                    // The sample in which it opens is still silent.
                    let until = (index(*at) + 1).min(length);
                    recording.samples[from..until.max(from)].fill(0.0);
                    closed_from = None;
                }
                (None, false) => closed_from = Some(index(*at)),
                _ => {}
            }
        }
        if let Some(from) = closed_from {
            recording.samples[from..].fill(0.0);
        }
    }
}

/// Adds recordings by the clock. Packets are those of the first.
pub(crate) fn mix(mut recordings: Vec<Recording>) -> Recording {
    recordings.retain(|r| r.started.is_some());
    let Some(started) = recordings.iter().filter_map(|r| r.started).min() else {
        return Recording::default();
    };
    if recordings.len() == 1 {
        return recordings.swap_remove(0);
    }
    let mut samples: Vec<f32> = Vec::new();
    for recording in &recordings {
        let after = recording.started.map_or(Duration::ZERO, |s| s.since(started));
        let offset = (after.as_secs_f64() * f64::from(RATE)).round() as usize;
        let end = offset + recording.samples.len();
        if samples.len() < end {
            samples.resize(end, 0.0);
        }
        for (sum, value) in samples[offset..end].iter_mut().zip(&recording.samples) {
            *sum += value;
        }
    }
    let packets = recordings.swap_remove(0).packets;
    Recording { samples, started: Some(started), packets }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech;

    #[test]
    fn a_lost_packet_leaves_a_gap_of_its_own_length() {
        let mut recorder = Recorder::default();
        let begin = Instant::now();
        let at = |ms| begin + Duration::from_millis(ms);
        recorder.packet(at(0), 5000, 10, &[0.5; 960]);
        recorder.packet(at(41), 5000 + 1920, 10, &[0.25; 960]);
        let all = recorder.all();
        assert_eq!(all.samples.len(), 2880, "two packets and the gap between");
        assert_eq!(all.samples[1000], 0.0, "the gap is silent");
        assert_eq!(all.samples[1920], 0.25, "the second is in its place");
    }

    #[test]
    fn the_customer_hears_only_between_the_gates() {
        let mut recorder = Recorder::default();
        let begin = Instant::now();
        let at = |ms| begin + Duration::from_millis(ms);
        let (open, closed) = (Moment::at(at(15)), Moment::at(at(55)));
        recorder.packet(at(0), 0, 10, &[0.5; 960]);
        recorder.gate(open, true);
        recorder.packet(at(20), 960, 10, &[0.5; 960]);
        recorder.packet(at(40), 1920, 10, &[0.5; 960]);
        recorder.gate(closed, false);
        recorder.packet(at(60), 2880, 10, &[0.5; 960]);
        recorder.packet(at(80), 3840, 10, &[0.5; 960]);
        let mut heard = recorder.all();
        recorder.gates.keep(&mut heard);
        let between = |a, b| heard.between(Moment::at(at(a)), Moment::at(at(b)));
        assert!(between(0, 15).iter().all(|s| *s == 0.0), "nothing before");
        assert!(between(16, 55).iter().all(|s| *s == 0.5), "then the agent is heard");
        assert!(between(55, 100).iter().all(|s| *s == 0.0), "and not after");
        let flags: Vec<bool> = heard.packets.iter().map(|p| p.heard).collect();
        assert_eq!(flags, [false, true, true, false, false], "packets are marked too");
        let all = recorder.all().samples;
        assert!(all.iter().all(|s| *s == 0.5), "everything was received");
    }

    #[test]
    fn recordings_are_added_where_the_clock_puts_them() {
        let begin = Instant::now();
        let at = |ms| Moment::at(begin + Duration::from_millis(ms));
        let recording = |ms, value| Recording { samples: vec![value; 960], started: Some(at(ms)), packets: Vec::new() };
        let silent = Recording::default();
        let both = mix(vec![recording(10, 0.25), silent, recording(0, 0.5)]);
        assert_eq!(both.started, Some(at(0)), "from the earlier one on");
        assert_eq!(both.samples.len(), 480 + 960, "to the end of the later");
        let values = [both.samples[0], both.samples[500], both.samples[1400]];
        assert_eq!(values, [0.5, 0.75, 0.25], "alone, together, alone");
    }

    #[test]
    fn a_restarted_rtp_clock_is_put_back_to_the_wall_clock() {
        let mut recorder = Recorder::default();
        let begin = Instant::now();
        recorder.packet(begin, 90_000_000, 10, &[0.5; 960]);
        recorder.packet(begin + Duration::from_secs(1), 7, 10, &[0.5; 960]);
        assert_eq!(recorder.all().samples.len(), 48_960, "the second packet lies one second after the first");
    }

    #[test]
    fn a_late_first_packet_does_not_shift_the_rest() {
        let mut recorder = Recorder::default();
        let begin = Instant::now();
        let at = |ms| begin + Duration::from_millis(ms);
        // The first should have come at 0 ms.
        recorder.packet(at(60), 0, 10, &[0.5; 960]);
        recorder.packet(at(61), 960, 10, &[0.5; 960]);
        recorder.packet(at(62), 1920, 10, &[0.5; 960]);
        recorder.packet(at(63), 2880, 10, &[0.5; 960]);
        let started = recorder.all().started.map(|m| m.instant);
        let off = started.map(|s| s.saturating_duration_since(begin));
        assert!(
            off.is_some_and(|o| o <= Duration::from_millis(4)),
            "the time line begins where the punctual packets say: {off:?}"
        );
    }

    #[test]
    fn a_sender_whose_time_stood_still_is_put_back_to_the_clock() {
        let mut recorder = Recorder::default();
        let begin = Instant::now();
        for n in 0..100_u32 {
            // Its capture stalls for 200 ms after half a second.
            let stall = if n < 25 { 0 } else { 200 };
            let at = begin + Duration::from_millis(u64::from(n * 20 + stall));
            recorder.packet(at, u64::from(n) * 960, 10, &[0.5; 960]);
        }
        let seconds = recorder.all().seconds();
        assert!((seconds - 2.2).abs() < 0.001, "two seconds of sound and the stall, not {seconds}");
    }

    #[test]
    fn a_tone_is_found_at_its_frequency_only() {
        let samples = speech::tone(440.0, 0.5);
        assert!(Recording::tone_level(&samples, 440.0) > 0.45, "the tone is there");
        assert!(Recording::tone_level(&samples, 1000.0) < 0.01, "and nowhere else");
    }
}

//! Adding frames, keeping them within bounds, gating and measuring them.

use crate::vocabulary::{FRAME, Frame, SAMPLE_RATE, SILENCE};

/// Adds `frame` to `sum`.
pub(crate) fn add(sum: &mut Frame, frame: &Frame) {
    for (sum, sample) in sum.iter_mut().zip(frame) {
        *sum += sample;
    }
}

/// Largest sample, without sign.
pub(crate) fn peak(frame: &Frame) -> f32 {
    frame.iter().fold(0.0, |peak: f32, sample| peak.max(sample.abs()))
}

/// Below half a step of 16-bit sound: zeros once encoded.
const ZERO: f32 = 1.0 / 65_536.0;
/// -60 dB: speech is above it, comfort noise and codec residue are not.
const AUDIBLE: f32 = 1.0e-3;

/// Nothing but zeros reaches the customer from this frame.
pub(crate) fn is_zero(frame: &Frame) -> bool {
    peak(frame) < ZERO
}

/// Somebody could hear this frame.
pub(crate) fn is_audible(frame: &Frame) -> bool {
    peak(frame) > AUDIBLE
}

/// Keeps a mix below full scale: gain falls at once, and comes back in 100 ms.
#[derive(Debug)]
pub(crate) struct Limiter {
    gain: f32,
}

/// Just below full scale, so that rounding never clips.
const CEILING: f32 = 0.98;
/// Recovery per frame.
const RELEASE: f32 = 0.1;

impl Limiter {
    pub(crate) fn new() -> Self {
        Self { gain: 1.0 }
    }

    pub(crate) fn run(&mut self, frame: &mut Frame) {
        // A source gone mad must not destroy the mix (or ears) for good.
        for sample in frame.iter_mut() {
            if !sample.is_finite() {
                *sample = 0.0;
            }
        }
        let peak = peak(frame);
        let from = self.gain;
        let needed = if peak > CEILING { CEILING / peak } else { 1.0 };
        let to = needed.min(from + RELEASE).min(1.0);
        self.gain = to;
        if from >= 1.0 && to >= 1.0 {
            return;
        }
        for (index, sample) in frame.iter_mut().enumerate() {
            // Up slowly, down within 1 ms.
            let part = if to < from { (index as f32 / 48.0).min(1.0) } else { index as f32 / FRAME as f32 };
            *sample = (*sample * (from + (to - from) * part)).clamp(-CEILING, CEILING);
        }
    }
}

/// The mute gate of one call. Closing is immediate and complete: the next frame
/// is exactly zero. Opening fades in over 5 ms, so that it does not click.
#[derive(Debug)]
pub(crate) struct Gate {
    open: bool,
}

const FADE_IN: usize = 240;

impl Gate {
    pub(crate) fn new() -> Self {
        Self { open: false }
    }

    /// What is sent of `frame`.
    pub(crate) fn pass(&mut self, frame: &Frame, open: bool) -> Frame {
        let was_open = std::mem::replace(&mut self.open, open);
        if !open {
            return SILENCE;
        }
        let mut out = *frame;
        if !was_open {
            for (index, sample) in out.iter_mut().take(FADE_IN).enumerate() {
                *sample *= index as f32 / FADE_IN as f32;
            }
        }
        out
    }
}

/// Second-order Butterworth high-pass: takes away rumble and direct current,
/// which upset echo canceller and codec.
#[derive(Debug)]
pub(crate) struct HighPass {
    b: [f64; 3],
    a: [f64; 2],
    z: [f64; 2],
}

impl HighPass {
    /// Speech begins above 80 Hz.
    pub(crate) fn new(cutoff: f64) -> Self {
        let omega = std::f64::consts::TAU * cutoff / f64::from(SAMPLE_RATE);
        let alpha = omega.sin() / std::f64::consts::SQRT_2;
        let cos = omega.cos();
        let scale = 1.0 / (1.0 + alpha);
        let side = (1.0 + cos) / 2.0 * scale;
        Self { b: [side, -2.0 * side, side], a: [-2.0 * cos * scale, (1.0 - alpha) * scale], z: [0.0; 2] }
    }

    pub(crate) fn run(&mut self, frame: &mut Frame) {
        for sample in frame.iter_mut() {
            let input = f64::from(if sample.is_finite() { *sample } else { 0.0 });
            let output = self.b[0] * input + self.z[0];
            self.z[0] = self.b[1] * input - self.a[0] * output + self.z[1];
            self.z[1] = self.b[2] * input - self.a[1] * output;
            *sample = output as f32;
        }
        // Decaying filters otherwise end in denormal numbers, which are slow.
        for state in &mut self.z {
            if state.abs() < 1.0e-20 {
                *state = 0.0;
            }
        }
    }
}

/// Root mean square over several frames.
#[derive(Debug, Default)]
pub(crate) struct Level {
    squares: f32,
    frames: u32,
}

impl Level {
    pub(crate) fn take(&mut self, frame: &Frame) {
        self.squares += frame.iter().map(|sample| sample * sample).sum::<f32>();
        self.frames += 1;
    }

    /// The level since the last reading; `None` when nothing was measured.
    pub(crate) fn read(&mut self) -> Option<f32> {
        let Self { squares, frames } = std::mem::take(self);
        (frames > 0).then(|| (squares / (frames * FRAME as u32) as f32).sqrt().min(1.0))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::f32::consts::TAU;

    use super::*;

    fn sine(frequency: f32, level: f32) -> Frame {
        std::array::from_fn(|index| level * (TAU * frequency * index as f32 / 48_000.0).sin())
    }

    #[test]
    fn two_loud_voices_stay_below_full_scale_and_one_is_untouched() {
        let mut limiter = Limiter::new();
        let alone = sine(1_000.0, 0.9);
        let mut frame = alone;
        limiter.run(&mut frame);
        assert_eq!(frame, alone, "a single voice passes bit by bit");
        for _ in 0..5 {
            let mut sum = sine(1_000.0, 0.9);
            add(&mut sum, &sine(1_000.0, 0.9));
            limiter.run(&mut sum);
            assert!(peak(&sum) <= CEILING, "the sum is limited: {}", peak(&sum));
        }
        let mut quiet = sine(1_000.0, 0.1);
        for _ in 0..12 {
            quiet = sine(1_000.0, 0.1);
            limiter.run(&mut quiet);
        }
        assert!((peak(&quiet) - 0.1).abs() < 0.001, "the gain comes back");
    }

    #[test]
    fn not_a_number_is_taken_out() {
        let mut limiter = Limiter::new();
        let mut frame = sine(500.0, 0.5);
        frame[7] = f32::NAN;
        frame[8] = f32::INFINITY;
        limiter.run(&mut frame);
        assert!(frame.iter().all(|sample| sample.is_finite()), "a broken source cannot poison the mix");
        let mut filter = HighPass::new(80.0);
        frame[9] = f32::NAN;
        filter.run(&mut frame);
        assert!(frame.iter().all(|sample| sample.is_finite()), "nor a broken microphone");
    }

    #[test]
    fn the_gate_closes_to_exact_zero_and_opens_softly() {
        let mut gate = Gate::new();
        let frame = [0.5; FRAME];
        gate.pass(&frame, true);
        assert_eq!(gate.pass(&frame, true), frame, "open passes unchanged");
        assert_eq!(gate.pass(&frame, false), SILENCE, "the first muted frame is exactly zero");
        let opened = gate.pass(&frame, true);
        assert!(opened[0] == 0.0 && opened[FADE_IN] == 0.5, "opening fades in over 5 ms");
    }

    #[test]
    fn the_high_pass_takes_direct_current_and_keeps_speech() {
        let mut filter = HighPass::new(80.0);
        let mut frame = [0.5; FRAME];
        for _ in 0..50 {
            frame = [0.5; FRAME];
            filter.run(&mut frame);
        }
        assert!(peak(&frame) < 0.001, "direct current is gone: {}", peak(&frame));
        let mut filter = HighPass::new(80.0);
        let mut level = Level::default();
        for _ in 0..20 {
            let mut speech = sine(1_000.0, 0.5);
            filter.run(&mut speech);
            level.take(&speech);
        }
        let level = level.read().expect("measured");
        assert!((level - 0.3536).abs() < 0.005, "1 kHz keeps its level: {level}");
    }

    #[test]
    fn levels_are_root_mean_square_and_empty_without_sound() {
        let mut level = Level::default();
        assert_eq!(level.read(), None, "no frames, no level");
        level.take(&[0.25; FRAME]);
        assert!((level.read().expect("one frame") - 0.25).abs() < 1.0e-6, "a constant is its own level");
        assert_eq!(level.read(), None, "reading starts afresh");
    }
}

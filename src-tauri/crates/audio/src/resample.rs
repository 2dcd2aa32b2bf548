//! Changes the sample rate of one mono stream, with a ratio that may wander.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Adjustable, Async, FixedAsync, PolynomialDegree, Resampler, SincInterpolationParameters, SincInterpolationType,
    WindowFunction,
};

use crate::vocabulary::{FRAME, SAMPLE_RATE};

/// Which side has a fixed size of [`FRAME`] samples at 48 kHz.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fixed {
    /// 48 kHz frames in, device samples out.
    Input,
    /// Device samples in, 48 kHz frames out.
    Output,
}

/// One direction between the engine's rate and a device's.
pub(crate) struct Resample {
    inner: Async<f32>,
    speed: f64,
}

/// Length of the sinc filter: 48 taps either side, under 1 ms of delay.
const SINC_TAPS: usize = 96;

impl Resample {
    /// `None` when the rate cannot be converted (0 Hz, or absurdly high).
    pub(crate) fn new(device_rate: u32, fixed: Fixed) -> Option<Self> {
        if !(4_000..=768_000).contains(&device_rate) {
            return None;
        }
        let (ratio, side) = match fixed {
            Fixed::Input => (f64::from(device_rate) / f64::from(SAMPLE_RATE), FixedAsync::Input),
            Fixed::Output => (f64::from(SAMPLE_RATE) / f64::from(device_rate), FixedAsync::Output),
        };
        let inner = if device_rate == SAMPLE_RATE {
            // Only the clocks' drift: no aliasing to filter away.
            Async::new_poly(ratio, 1.02, PolynomialDegree::Septic, FRAME, 1, side)
        } else {
            let parameters = SincInterpolationParameters {
                sinc_len: SINC_TAPS,
                f_cutoff: None,
                oversampling_factor: 160,
                interpolation: SincInterpolationType::Quadratic,
                window: WindowFunction::BlackmanHarris2,
            };
            Async::new_sinc(ratio, 1.02, &parameters, FRAME, 1, side)
        };
        Some(Self { inner: inner.ok()?, speed: 1.0 })
    }

    /// Relative speed: above 1.0 takes more input for the same output.
    pub(crate) fn set_speed(&mut self, speed: f64) {
        if (speed - self.speed).abs() > 1.0e-6 && self.inner.set_resample_ratio_relative(1.0 / speed, true).is_ok() {
            self.speed = speed;
        }
    }

    /// Samples the next [`run`](Self::run) takes.
    pub(crate) fn wanted(&self) -> usize {
        self.inner.input_frames_next()
    }

    /// Samples the next [`run`](Self::run) gives.
    pub(crate) fn given(&self) -> usize {
        self.inner.output_frames_next()
    }

    /// Converts; returns how many samples of `output` were written.
    pub(crate) fn run(&mut self, input: &[f32], output: &mut [f32]) -> usize {
        let length = output.len();
        let Ok(from) = InterleavedSlice::new(input, 1, input.len()) else { return 0 };
        let Ok(mut to) = InterleavedSlice::new_mut(output, 1, length) else { return 0 };
        self.inner.process_into_buffer(&from, &mut to, None).map_or(0, |(_, written)| written)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::f32::consts::TAU;

    use super::*;

    /// Root mean square of what is left after the best-fitting sine is removed.
    fn residual(samples: &[f32], frequency: f32, rate: f32) -> f32 {
        let (mut sine, mut cosine) = (0.0, 0.0);
        for (index, sample) in samples.iter().enumerate() {
            let phase = TAU * frequency * index as f32 / rate;
            sine += sample * phase.sin();
            cosine += sample * phase.cos();
        }
        let scale = 2.0 / samples.len() as f32;
        let (sine, cosine) = (sine * scale, cosine * scale);
        let left: f32 = samples
            .iter()
            .enumerate()
            .map(|(index, sample)| {
                let phase = TAU * frequency * index as f32 / rate;
                (sample - sine * phase.sin() - cosine * phase.cos()).powi(2)
            })
            .sum();
        (left / samples.len() as f32).sqrt()
    }

    #[test]
    fn a_tone_keeps_its_pitch_at_every_device_rate() {
        for rate in [8_000, 16_000, 44_100, 48_000, 96_000] {
            let mut resample = Resample::new(rate, Fixed::Input).expect("a usual rate");
            let mut heard = Vec::new();
            let mut phase = 0.0_f32;
            let mut output = vec![0.0; 4096];
            for _ in 0..100 {
                let input: Vec<f32> = (0..resample.wanted())
                    .map(|_| {
                        phase = (phase + 1_000.0 / 48_000.0).fract();
                        0.5 * (TAU * phase).sin()
                    })
                    .collect();
                let given = resample.given();
                let written = resample.run(&input, &mut output[..given]);
                heard.extend_from_slice(&output[..written]);
            }
            let expected = rate as usize;
            assert!(heard.len().abs_diff(expected) < 300, "one second stays one second at {rate}: {}", heard.len());
            let steady = &heard[heard.len() / 4..heard.len() / 4 + rate as usize / 2];
            let left = residual(steady, 1_000.0, rate as f32);
            assert!(left < 0.005, "1 kHz stays a clean 1 kHz at {rate}: residual {left}");
        }
    }

    #[test]
    fn capture_gives_whole_frames_and_takes_more_when_faster() {
        let mut resample = Resample::new(44_100, Fixed::Output).expect("a usual rate");
        resample.set_speed(1.005);
        let mut taken = 0;
        for _ in 0..100 {
            let input = vec![0.1; resample.wanted()];
            taken += input.len();
            let mut frame = [0.0; FRAME];
            assert_eq!(resample.run(&input, &mut frame), FRAME, "always a whole frame");
        }
        assert!((44_200..44_500).contains(&taken), "0.5 % faster takes 0.5 % more: {taken}");
    }

    #[test]
    fn an_absurd_rate_is_refused() {
        assert!(Resample::new(0, Fixed::Input).is_none(), "0 Hz is no rate");
        assert!(Resample::new(u32::MAX, Fixed::Output).is_none(), "4 GHz is no rate");
    }
}

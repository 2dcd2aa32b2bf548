//! What the simulated customers say: short sentences made with espeak-ng.
//!
//! The files are 16 kHz mono; [`sample`] gives them at 48 kHz.

use std::io::Cursor;
use std::sync::OnceLock;

const FILES: [&[u8]; 5] = [
    include_bytes!("../resources/speech/customer-one.wav"),
    include_bytes!("../resources/speech/customer-two.wav"),
    include_bytes!("../resources/speech/customer-three.wav"),
    include_bytes!("../resources/speech/customer-four.wav"),
    include_bytes!("../resources/speech/customer-five.wav"),
];

/// How many sentences there are.
pub const COUNT: usize = FILES.len();

/// The sample rate of everything this crate hands out, in hertz.
pub const RATE: u32 = 48_000;

/// Sentence `n` (modulo [`COUNT`]) as 48 kHz mono samples between -1 and 1,
/// seven to ten seconds long.
#[must_use]
pub fn sample(n: usize) -> Vec<f32> {
    static READY: [OnceLock<Vec<f32>>; COUNT] = [const { OnceLock::new() }; COUNT];
    let n = n % COUNT;
    READY[n]
        .get_or_init(|| {
            // The files are compiled in and a test reads them all.
            read(FILES[n]).map_or_else(Vec::new, |(rate, samples)| resample(&samples, rate))
        })
        .clone()
}

/// A sine tone of `hertz` for `seconds`, at half of full scale.
#[must_use]
pub fn tone(hertz: f32, seconds: f32) -> Vec<f32> {
    let count = (seconds * RATE as f32) as usize;
    (0..count)
        .map(|n| {
            let turns = f64::from(hertz) * n as f64 / f64::from(RATE);
            (0.5 * (turns * std::f64::consts::TAU).sin()) as f32
        })
        .collect()
}

fn read(bytes: &[u8]) -> Option<(u32, Vec<f32>)> {
    let reader = hound::WavReader::new(Cursor::new(bytes)).ok()?;
    let rate = reader.spec().sample_rate;
    let samples =
        reader.into_samples::<i16>().map(|s| s.map(|s| f32::from(s) / 32768.0)).collect::<Result<Vec<_>, _>>().ok()?;
    Some((rate, samples))
}

/// Neighbours on each side that a resampled value is made from.
const REACH: usize = 24;

/// Raises the rate with a windowed sinc, enough for speech: images above the
/// old half rate stay 50 dB down.
fn resample(samples: &[f32], rate: u32) -> Vec<f32> {
    if rate == RATE || rate == 0 {
        return samples.to_vec();
    }
    // The position between two inputs repeats after RATE / gcd outputs.
    let phases = u64::from(RATE / gcd(RATE, rate));
    let tables: Vec<[f32; 2 * REACH]> =
        (0..phases).map(|n| taps((n * u64::from(rate) % u64::from(RATE)) as f64 / f64::from(RATE))).collect();
    let count = samples.len() as u64 * u64::from(RATE) / u64::from(rate);
    (0..count)
        .map(|n| {
            let middle = (n * u64::from(rate) / u64::from(RATE)) as usize;
            let table = &tables[(n % phases) as usize];
            table
                .iter()
                .enumerate()
                .filter_map(|(k, tap)| {
                    let index = (middle + k + 1).checked_sub(REACH)?;
                    Some(tap * samples.get(index)?)
                })
                .sum()
        })
        .collect()
}

/// Weights of the inputs around a point that lies `fraction` after the middle.
fn taps(fraction: f64) -> [f32; 2 * REACH] {
    use std::f64::consts::PI;
    std::array::from_fn(|k| {
        let x = fraction - (k as f64 + 1.0 - REACH as f64);
        let window = 0.5 + 0.5 * (PI * x / (REACH as f64 + 1.0)).cos();
        let sinc = if x.abs() < 1e-9 { 1.0 } else { (PI * x).sin() / (PI * x) };
        (sinc * window) as f32
    })
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_is_five_to_ten_seconds_of_sound() {
        for n in 0..COUNT {
            let samples = sample(n);
            let seconds = samples.len() as f32 / RATE as f32;
            assert!(
                (5.0..10.0).contains(&seconds),
                "sentence {n} lasts {seconds} s: short enough for a test, long enough to be heard"
            );
            let power = samples.iter().map(|s| s * s).sum::<f32>() / samples.len() as f32;
            assert!(power.sqrt() > 0.02, "sentence {n} is audible");
            assert!(samples.iter().all(|s| s.abs() <= 1.01), "sentence {n} is not clipped by resampling");
        }
    }

    #[test]
    fn resampling_keeps_a_tone_a_tone() {
        let low: Vec<f32> = (0..16_000).map(|n| (n as f32 * 1000.0 / 16_000.0 * std::f32::consts::TAU).sin()).collect();
        let high = resample(&low, 16_000);
        let wanted = tone(1000.0, 1.0);
        let error =
            high[2000..40_000].iter().zip(&wanted[2000..40_000]).map(|(a, b)| (a - 2.0 * b).abs()).fold(0.0, f32::max);
        assert!(error < 0.02, "a 1 kHz tone survives, largest error {error}");
    }
}

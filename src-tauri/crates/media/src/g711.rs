//! G.711 mu-law (ITU-T G.711), and the way between its 8 kHz and our 48 kHz.

/// One mu-law byte as a sample, -1 to 1.
pub fn decode(byte: u8) -> f32 {
    let inverted = !byte;
    let exponent = (inverted >> 4) & 7;
    let mantissa = i32::from(inverted & 15);
    let magnitude = (((mantissa << 3) + 0x84) << exponent) - 0x84;
    let value = if inverted & 0x80 == 0 { magnitude } else { -magnitude };
    value as f32 / 32_768.0
}

/// A sample, -1 to 1, as a mu-law byte.
pub fn encode(sample: f32) -> u8 {
    const CLIP: i32 = 32_635;
    let value = (sample * 32_768.0) as i32;
    let sign = if value < 0 { 0x80 } else { 0 };
    let biased = value.abs().min(CLIP) + 0x84;
    let exponent = (biased as u32).ilog2().saturating_sub(7).min(7);
    let mantissa = (biased >> (exponent + 3)) & 15;
    !(sign | ((exponent as u8) << 4) | mantissa as u8)
}

const RATIO: usize = 6;
/// Taps of the low-pass at 3.6 kHz: eight zero crossings to each side at 8 kHz.
const TAPS: usize = 2 * 8 * RATIO + 1;

fn low_pass() -> [f32; TAPS] {
    let mut taps = [0.0; TAPS];
    let middle = (TAPS / 2) as f32;
    let cutoff = 3_600.0 / 48_000.0;
    let mut sum = 0.0;
    for (index, tap) in taps.iter_mut().enumerate() {
        let at = index as f32 - middle;
        let sinc = if at == 0.0 {
            2.0 * cutoff
        } else {
            (std::f32::consts::TAU * cutoff * at).sin() / (std::f32::consts::PI * at)
        };
        let window = 0.5 + 0.5 * (std::f32::consts::PI * at / (middle + 1.0)).cos();
        *tap = sinc * window;
        sum += *tap;
    }
    for tap in &mut taps {
        *tap /= sum;
    }
    taps
}

/// 8 kHz to 48 kHz.
#[derive(Clone, Debug)]
pub struct Upsampler {
    taps: [f32; TAPS],
    past: [f32; TAPS / RATIO + 1],
}

impl Default for Upsampler {
    fn default() -> Self {
        Self { taps: low_pass(), past: [0.0; TAPS / RATIO + 1] }
    }
}

impl Upsampler {
    /// Six samples for one.
    pub fn push(&mut self, sample: f32, out: &mut Vec<f32>) {
        self.past.rotate_right(1);
        self.past[0] = sample;
        for phase in 0..RATIO {
            let mut sum = 0.0;
            for (index, past) in self.past.iter().enumerate() {
                if let Some(tap) = self.taps.get(phase + index * RATIO) {
                    sum += tap * past;
                }
            }
            out.push(sum * RATIO as f32);
        }
    }
}

/// 48 kHz to 8 kHz.
#[derive(Clone, Debug)]
pub struct Downsampler {
    taps: [f32; TAPS],
    past: [f32; TAPS],
}

impl Default for Downsampler {
    fn default() -> Self {
        Self { taps: low_pass(), past: [0.0; TAPS] }
    }
}

impl Downsampler {
    /// One sample for six.
    pub fn push(&mut self, samples: &[f32; RATIO]) -> f32 {
        self.past.rotate_right(RATIO);
        for (place, sample) in self.past.iter_mut().zip(samples.iter().rev()) {
            *place = *sample;
        }
        self.past.iter().zip(&self.taps).map(|(past, tap)| past * tap).sum()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn mu_law_agrees_with_the_standard_and_round_trips() {
        // Values of the decoder output in ITU-T G.711, table 2b, scaled from 14 to 16 bits.
        for (byte, value) in [(0x80, 32_124), (0x00, -32_124), (0xFF, 0), (0xF0, 120), (0x8F, 16_764)] {
            let decoded = (decode(byte) * 32_768.0).round() as i32;
            assert_eq!(decoded, value, "byte {byte:#x} decodes as the standard says");
        }
        for byte in 0..=255_u8 {
            let again = encode(decode(byte));
            let same = again == byte || (decode(byte) == 0.0 && decode(again) == 0.0);
            assert!(same, "byte {byte:#x} survives decoding and encoding, got {again:#x}");
        }
    }

    #[test]
    fn a_tone_survives_the_way_to_8_khz_and_back() {
        let mut down = Downsampler::default();
        let mut up = Upsampler::default();
        let tone: Vec<f32> =
            (0..9_600).map(|n| (std::f32::consts::TAU * 1_000.0 * n as f32 / 48_000.0).sin() * 0.5).collect();
        let mut out = Vec::new();
        for six in tone.chunks_exact(RATIO) {
            let narrow = down.push(six.try_into().unwrap());
            up.push(narrow, &mut out);
        }
        let level = |sound: &[f32]| (sound.iter().map(|s| s * s).sum::<f32>() / sound.len() as f32).sqrt();
        let ratio = level(&out[2_000..8_000]) / level(&tone[2_000..8_000]);
        assert!((ratio - 1.0).abs() < 0.05, "1 kHz keeps its level, got {ratio}");
    }
}

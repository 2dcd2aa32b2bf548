//! Makes sound a little shorter or longer without changing its pitch, by
//! leaving out or repeating one pitch period with a cross-fade (the overlap-add
//! that WSOLA is built from).

/// Shortest period looked for at 48 kHz: 2.5 ms (400 Hz).
const SHORTEST: usize = 120;
/// Longest: 10 ms (100 Hz). Lower voices are handled by their half period's double.
const LONGEST: usize = 480;
/// Sound below this level may be cut anywhere.
const QUIET: f32 = 0.003;

/// Leaves out one period. Returns how many samples went; 0 when the sound does
/// not allow it (nothing in it repeats) and `force` is not set.
pub fn shorten(sound: &mut Vec<f32>, force: bool) -> usize {
    let Some(period) = period(sound, force) else { return 0 };
    for index in 0..period {
        let fade = index as f32 / period as f32;
        sound[index] = sound[index] * (1.0 - fade) + sound[index + period] * fade;
    }
    sound.drain(period..2 * period);
    period
}

/// Repeats one period. Returns how many samples came.
pub fn lengthen(sound: &mut Vec<f32>) -> usize {
    let Some(period) = period(sound, false) else { return 0 };
    let repeated: Vec<f32> = (0..period)
        .map(|index| {
            let fade = index as f32 / period as f32;
            sound[index + period] * (1.0 - fade) + sound[index] * fade
        })
        .collect();
    sound.splice(period..period, repeated);
    period
}

/// The lag at which the sound resembles itself most.
fn period(sound: &[f32], force: bool) -> Option<usize> {
    let longest = LONGEST.min(sound.len() / 2);
    if longest < SHORTEST {
        return None;
    }
    let level = (sound.iter().map(|sample| sample * sample).sum::<f32>() / sound.len() as f32).sqrt();
    if level < QUIET {
        return Some(longest);
    }
    // In steps of four samples: 12 kHz is plenty to find a voice's pitch, and it keeps the search
    // at some ten thousand multiplications.
    let likeness = |lag: usize| {
        let (mut product, mut first, mut second) = (0.0_f32, 1e-9_f32, 1e-9_f32);
        for index in (0..longest.min(sound.len() - lag)).step_by(4) {
            let (a, b) = (sound[index], sound[index + lag]);
            product += a * b;
            first += a * a;
            second += b * b;
        }
        product / (first * second).sqrt()
    };
    let (best, found) =
        (SHORTEST..=longest).step_by(4).map(|lag| (lag, likeness(lag))).max_by(|a, b| a.1.total_cmp(&b.1))?;
    (force || found > 0.6).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f32, samples: usize) -> Vec<f32> {
        (0..samples).map(|n| (std::f32::consts::TAU * hertz * n as f32 / 48_000.0).sin() * 0.3).collect()
    }

    fn largest_step(sound: &[f32]) -> f32 {
        sound.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn a_voiced_sound_loses_and_gains_whole_periods_without_a_click() {
        for hertz in [110.0, 180.0, 240.0, 310.0] {
            let original = tone(hertz, 960);
            let mut shorter = original.clone();
            let gone = shorten(&mut shorter, false);
            assert!(gone > 0 && shorter.len() == 960 - gone, "{hertz} Hz: one period is left out");
            let mut longer = original.clone();
            let came = lengthen(&mut longer);
            assert!(came > 0 && longer.len() == 960 + came, "{hertz} Hz: one period is repeated");
            let usual = largest_step(&original);
            assert!(largest_step(&shorter) < usual * 1.5, "{hertz} Hz: no click where it was cut");
            assert!(largest_step(&longer) < usual * 1.5, "{hertz} Hz: no click where it was repeated");
        }
    }

    #[test]
    fn noise_is_left_alone_unless_forced_and_silence_is_always_cut() {
        let mut seed = 1_u32;
        let mut noise: Vec<f32> = (0..960)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 8) as f32 / 16_777_216.0 - 0.5
            })
            .collect();
        assert_eq!(shorten(&mut noise.clone(), false), 0, "nothing repeats in noise");
        assert!(shorten(&mut noise, true) > 0, "forced, a piece goes anyway");
        assert_eq!(shorten(&mut vec![0.0; 960], false), 480, "silence goes in the largest piece");
        assert_eq!(shorten(&mut vec![0.0; 100], true), 0, "too short a piece stays as it is");
    }
}

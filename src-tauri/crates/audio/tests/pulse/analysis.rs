//! Stimulus and measurement: chirps found again by a matched filter.

/// Below -40 dB nothing is heard.
const LOUD: f32 = 0.01;

/// `count` chirps (120 ms, 500-3000 Hz, Hann window) at uneven distances, and one
/// chirp alone. Chirps, because noise suppression eats steady tones.
pub fn chirps(count: usize, level: f32) -> (Vec<f32>, Vec<f32>) {
    let length = 5_760;
    let chirp: Vec<f32> = (0..length)
        .map(|index| {
            let part = index as f32 / length as f32;
            let time = index as f32 / 48_000.0;
            let phase = std::f32::consts::TAU * (500.0 * time + 0.5 * (2_500.0 / 0.12) * time * time);
            level * phase.sin() * 0.5 * (1.0 - (std::f32::consts::TAU * part).cos())
        })
        .collect();
    let mut sound = vec![0.0; 9_600];
    for index in 0..count {
        sound.extend_from_slice(&chirp);
        let pause = 14_400 + (index * 7_919) % 9_600;
        sound.extend(std::iter::repeat_n(0.0, pause));
    }
    sound.extend(std::iter::repeat_n(0.0, 14_400));
    (sound, chirp)
}

/// A steady tone.
pub fn tone(seconds: f32) -> Vec<f32> {
    (0..(seconds * 48_000.0) as usize)
        .map(|index| 0.3 * (std::f32::consts::TAU * 660.0 * index as f32 / 48_000.0).sin())
        .collect()
}

/// Where the chirp begins, for each time it was heard: normalised correlation, so
/// that loudness alone is never a match.
pub fn find_chirps(samples: &[f32], chirp: &[f32]) -> Vec<usize> {
    let length = chirp.len();
    if samples.len() < length {
        return Vec::new();
    }
    let own: f32 = chirp.iter().map(|sample| sample * sample).sum();
    let score = |at: usize| {
        let window = &samples[at..at + length];
        let (mut product, mut energy) = (0.0_f32, 1.0e-9_f32);
        for (sample, wanted) in window.iter().zip(chirp) {
            product += sample * wanted;
            energy += sample * sample;
        }
        product.abs() / (energy * own).sqrt()
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at + length <= samples.len() {
        // Only where there is sound at all.
        let middle = &samples[at + length / 2 - 240..at + length / 2 + 240];
        let loud = middle.iter().any(|sample| sample.abs() > 0.004);
        if loud && score(at) > 0.4 {
            let until = (at + 600).min(samples.len() - length);
            let best = (at..=until)
                .map(|at| (score(at), at))
                .fold((0.0, at), |best, next| if next.0 > best.0 { next } else { best });
            if best.0 > 0.6 {
                found.push(best.1);
                at = best.1 + length;
                continue;
            }
        }
        at += if loud { 4 } else { 48 };
    }
    found
}

/// First loud sample at or after `from`.
pub fn first_loud(samples: &[f32], from: usize) -> Option<usize> {
    samples.iter().skip(from).position(|sample| sample.abs() > LOUD).map(|at| at + from)
}

/// Last loud sample.
pub fn last_loud(samples: &[f32]) -> Option<usize> {
    samples.iter().rposition(|sample| sample.abs() > LOUD)
}

/// For each time the first later one, when it is less than 300 ms later.
pub fn delays(from: &[f32], to: &[f32]) -> Vec<f32> {
    from.iter().filter_map(|from| to.iter().map(|to| to - from).find(|delay| (-5.0..300.0).contains(delay))).collect()
}

pub fn percentile(values: &[f32], percent: usize) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    let at = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(at).copied().unwrap_or(f32::NAN)
}

pub fn summary(values: &[f32]) -> String {
    format!(
        "p50 {:.1}, p95 {:.1}, max {:.1} (n={})",
        percentile(values, 50),
        percentile(values, 95),
        percentile(values, 100),
        values.len()
    )
}

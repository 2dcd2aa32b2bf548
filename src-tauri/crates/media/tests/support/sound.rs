//! Test sounds, and how alike two sounds are.

use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

/// Sound with the pitch, the loudness and the pauses of a voice; another one
/// for each speaker. Not a tone and not a sweep: Opus predicts those from what
/// it sent before so closely that one lost packet distorts them for seconds,
/// which no voice does.
pub fn voice(seconds: f32, speaker: u32) -> Vec<f32> {
    let own = speaker as f32;
    let (base, swing, pace) = (110.0 + 55.0 * own, 2.3 + 0.61 * own, 9.0 + 2.7 * own);
    let mut phase = 0.0_f32;
    (0..(seconds * 48_000.0) as usize)
        .map(|n| {
            let t = n as f32 / 48_000.0;
            let pitch = base + 30.0 * (t * swing * 2.0).sin() + 12.0 * (t * 7.1 + own).sin();
            phase = (phase + pitch / 48_000.0).fract();
            let talking = if (t * 0.7 + 0.37 * own).fract() < 0.75 { 1.0 } else { 0.0 };
            let loudness = (0.55 + 0.45 * (t * pace).sin()) * talking;
            let tone: f32 = (1..10).map(|k| (std::f32::consts::TAU * phase * k as f32).sin() / k as f32).sum();
            tone * loudness * 0.2
        })
        .collect()
}

/// Best normalised correlation (0 to 1) of `piece` anywhere in `whole`, and where, in samples.
pub fn find(piece: &[f32], whole: &[f32]) -> (f32, usize) {
    let size = (piece.len() + whole.len()).next_power_of_two();
    let mut planner = FftPlanner::new();
    let forward = planner.plan_fft_forward(size);
    let inverse = planner.plan_fft_inverse(size);
    let transform = |sound: &[f32]| {
        let mut bins: Vec<Complex<f32>> = sound.iter().map(|&s| Complex::new(s, 0.0)).collect();
        bins.resize(size, Complex::default());
        forward.process(&mut bins);
        bins
    };
    let (a, b) = (transform(piece), transform(whole));
    let mut product: Vec<Complex<f32>> = a.iter().zip(&b).map(|(a, b)| a.conj() * b).collect();
    inverse.process(&mut product);
    let energy = piece.iter().map(|s| f64::from(s * s)).sum::<f64>();
    let mut running: f64 = whole.iter().take(piece.len()).map(|s| f64::from(s * s)).sum();
    let mut best = (0.0, 0);
    for at in 0..whole.len().saturating_sub(piece.len()) {
        let likeness = f64::from(product[at].re) / size as f64 / (energy * running.max(1e-6)).sqrt();
        if likeness > best.0 {
            best = (likeness, at);
        }
        running += f64::from(whole[at + piece.len()].powi(2)) - f64::from(whole[at].powi(2));
    }
    (best.0 as f32, best.1)
}

/// Share of the tenths of a second with sound in `recording` that are found in
/// `said` with a correlation of 0.9 and more. A busy computer that stretches
/// or drops a little costs the pieces in which that happened and no others.
pub fn share_found(said: &[f32], recording: &[f32]) -> f32 {
    let pieces: Vec<&[f32]> = recording.chunks_exact(4_800).filter(|piece| level(piece) > 0.02).collect();
    let found = pieces.iter().filter(|piece| find(piece, said).0 > 0.9).count();
    found as f32 / pieces.len().max(10) as f32
}

pub fn level(sound: &[f32]) -> f32 {
    (sound.iter().map(|s| s * s).sum::<f32>() / sound.len().max(1) as f32).sqrt()
}

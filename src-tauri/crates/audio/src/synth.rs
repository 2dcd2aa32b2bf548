//! Our own ringtones, made of sines: pleasant, and easy to tell apart across a room.

use std::f32::consts::TAU;

use crate::vocabulary::SAMPLE_RATE;

/// Ringtones first, then the other sounds.
pub(crate) const IDS: [&str; 7] = ["classic", "chime", "marimba", "pulse", "breeze", "call_waiting", "test"];
/// How many of [`IDS`] are ringtones.
pub(crate) const RINGTONES: usize = 5;

const RATE: f32 = SAMPLE_RATE as f32;

fn samples(seconds: f32) -> usize {
    (seconds * RATE) as usize
}

/// Samples of one round, and the silence after it when it is looped.
pub(crate) fn make(id: &str) -> Option<(Vec<f32>, usize)> {
    let (mut sound, pause) = match id {
        "classic" => (classic(), 1.6),
        "chime" => (notes(&CHIME, 2.4, bell), 0.8),
        "marimba" => (notes(&MARIMBA, 1.9, wood), 0.9),
        "pulse" => (pulse(), 1.2),
        "breeze" => (notes(&BREEZE, 3.0, reed), 0.7),
        "call_waiting" => (notes(&WAITING, 0.55, soft), 3.5),
        "test" => (notes(&TEST, 1.6, bell), 0.5),
        _ => return None,
    };
    settle(&mut sound);
    Some((sound, samples(pause)))
}

/// One note: start in seconds, frequency in Hz, loudness.
type Note = (f32, f32, f32);
/// A voice gives a note's sample at a time after its start.
type Voice = fn(f32, f32) -> f32;

const CHIME: [Note; 4] = [(0.0, 1046.5, 1.0), (0.28, 1318.5, 0.9), (0.56, 1568.0, 0.9), (0.84, 2093.0, 0.8)];
const MARIMBA: [Note; 8] = [
    (0.0, 523.3, 1.0),
    (0.16, 659.3, 0.9),
    (0.32, 784.0, 0.9),
    (0.48, 659.3, 0.8),
    (0.72, 523.3, 1.0),
    (0.88, 698.5, 0.9),
    (1.04, 880.0, 0.9),
    (1.2, 1046.5, 1.0),
];
const BREEZE: [Note; 5] =
    [(0.0, 440.0, 0.8), (0.45, 554.4, 0.8), (0.9, 659.3, 0.9), (1.35, 880.0, 1.0), (1.8, 659.3, 0.8)];
const WAITING: [Note; 2] = [(0.0, 587.3, 0.7), (0.22, 587.3, 0.7)];
const TEST: [Note; 3] = [(0.0, 659.3, 1.0), (0.3, 784.0, 1.0), (0.6, 1046.5, 1.0)];

fn sine(frequency: f32, time: f32) -> f32 {
    (TAU * frequency * time).sin()
}

/// Rises in 4 ms, so that no note begins with a click.
fn attack(time: f32) -> f32 {
    (time / 0.004).min(1.0)
}

/// A small bell: slightly inharmonic partials that die at their own speed.
fn bell(frequency: f32, time: f32) -> f32 {
    attack(time)
        * (sine(frequency, time) * (-3.2 * time).exp()
            + 0.45 * sine(frequency * 2.01, time) * (-5.0 * time).exp()
            + 0.22 * sine(frequency * 2.76, time) * (-8.0 * time).exp())
}

/// A wooden bar: a strong fourth partial that is gone at once.
fn wood(frequency: f32, time: f32) -> f32 {
    attack(time)
        * (sine(frequency, time) * (-9.0 * time).exp() + 0.5 * sine(frequency * 4.0, time) * (-30.0 * time).exp())
}

/// A breathy pipe with a little vibrato.
fn reed(frequency: f32, time: f32) -> f32 {
    let swell = (time / 0.06).min(1.0) * (-2.2 * time).exp();
    let phase = TAU * frequency * time + 0.6 * (TAU * 5.5 * time).sin();
    swell * (phase.sin() + 0.3 * (2.0 * phase).sin() + 0.12 * (3.0 * phase).sin())
}

/// A plain tone that ends by itself: must not cover a voice.
fn soft(frequency: f32, time: f32) -> f32 {
    let length = 0.14;
    if time > length { 0.0 } else { sine(frequency, time) * (TAU * time / (2.0 * length)).sin().max(0.0) }
}

fn notes(notes: &[Note], seconds: f32, voice: Voice) -> Vec<f32> {
    let mut sound = vec![0.0; samples(seconds)];
    for (start, frequency, loudness) in notes {
        for (index, sample) in sound.iter_mut().skip(samples(*start)).enumerate() {
            *sample += loudness * voice(*frequency, index as f32 / RATE);
        }
    }
    sound
}

/// The telephone of old: two tones in turn, sixteen times a second.
fn classic() -> Vec<f32> {
    let mut phase = 0.0_f32;
    (0..samples(1.4))
        .map(|index| {
            let time = index as f32 / RATE;
            let high = 0.5 + 0.5 * (8.0 * sine(16.0, time)).tanh();
            let frequency = 784.0 + (988.0 - 784.0) * high;
            phase = (phase + frequency / RATE).fract();
            (TAU * phase).sin() + 0.25 * (2.0 * TAU * phase).sin()
        })
        .collect()
}

/// Three soft beats of a fifth.
fn pulse() -> Vec<f32> {
    (0..samples(1.5))
        .map(|index| {
            let time = index as f32 / RATE;
            let beat = (TAU * (time % 0.5) / 0.8).sin().max(0.0);
            let beat = if time % 0.5 < 0.4 { beat } else { 0.0 };
            beat * (sine(349.2, time) + 0.8 * sine(523.3, time) + 0.25 * sine(1046.5, time))
        })
        .collect()
}

/// Brings a sound to one loudness and fades its last 20 ms.
fn settle(sound: &mut [f32]) {
    let peak = sound.iter().fold(0.0, |peak: f32, sample| peak.max(sample.abs())).max(1.0e-6);
    let fade = samples(0.02);
    let length = sound.len();
    for (index, sample) in sound.iter_mut().enumerate() {
        let left = length - index;
        *sample *= 0.7 / peak * (left.min(fade) as f32 / fade as f32);
    }
}

//! Ears and a mouth: recorders on the sinks' monitors, players into the
//! microphone feed, and the correlation that tells whether what was heard is
//! what was said.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

use super::desktop::{Desktop, devices};
use super::processes::{Program, wait_for};

/// Everything is recorded at this rate, one channel.
pub const RATE: usize = 48_000;

/// A running recording of one sink.
pub struct Recorder {
    // Ends parec first.
    program: Option<Program>,
    file: PathBuf,
    began: SystemTime,
}

impl Recorder {
    /// Records what is played at a sink, from now on.
    pub fn start(desktop: &Desktop, sink: &str) -> Result<Self> {
        let file = desktop.path(&format!("{sink}-{}.raw", nanos(SystemTime::now())));
        let output = std::fs::File::create(&file)?;
        let child = desktop
            .command("parec")
            .args([
                "-d",
                &format!("{sink}.monitor"),
                "--rate=48000",
                "--channels=1",
                "--format=s16le",
                "--latency-msec=10",
            ])
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(Stdio::null())
            .spawn()
            .context("parec cannot be started")?;
        let program = Program::adopt(child, "parec");
        // The first bytes mark the time of sample zero, to within the 10 ms asked for.
        let size = |file: &Path| std::fs::metadata(file).map_or(0, |meta| meta.len());
        wait_for("recorder", Duration::from_secs(5), || (size(&file) > 0).then_some(()))?;
        let samples = size(&file) / 2;
        let began = SystemTime::now() - Duration::from_secs_f64(samples as f64 / RATE as f64);
        Ok(Self { program: Some(program), file, began })
    }

    /// Ringer and speaker.
    pub fn of_both_outputs(desktop: &Desktop) -> Result<(Self, Self)> {
        Ok((Self::start(desktop, devices::RINGER)?, Self::start(desktop, devices::SPEAKER)?))
    }

    /// Time of the first sample.
    pub fn began(&self) -> SystemTime {
        self.began
    }

    /// Where in the recording a moment is, samples.
    pub fn position(&self, moment: SystemTime) -> usize {
        let offset = moment.duration_since(self.began).unwrap_or_default();
        (offset.as_secs_f64() * RATE as f64) as usize
    }

    /// Samples so far, -1 to 1.
    pub fn so_far(&self) -> Result<Vec<f32>> {
        Ok(to_samples(&std::fs::read(&self.file)?))
    }

    /// The part between two moments, as far as it is recorded.
    pub fn between(&self, from: SystemTime, to: SystemTime) -> Result<Vec<f32>> {
        let (start, end) = (self.position(from), self.position(to));
        let mut file = std::fs::File::open(&self.file)?;
        file.seek(SeekFrom::Start(start as u64 * 2))?;
        let mut bytes = Vec::new();
        file.take(end.saturating_sub(start) as u64 * 2).read_to_end(&mut bytes)?;
        Ok(to_samples(&bytes))
    }

    /// Waits until the recording reaches a moment.
    pub fn wait_until(&self, moment: SystemTime) -> Result<()> {
        let wanted = self.position(moment) as u64 * 2;
        wait_for("recording", Duration::from_secs(10), || {
            (std::fs::metadata(&self.file).map_or(0, |meta| meta.len()) >= wanted).then_some(())
        })
    }

    /// Ends it and keeps it as a wav file.
    pub fn save(mut self, to: &Path) -> Result<Vec<f32>> {
        self.program.take();
        let samples = self.so_far()?;
        write_wav(to, &samples)?;
        Ok(samples)
    }
}

/// Plays samples into a sink; dropping it stops.
pub fn play(desktop: &Desktop, sink: &str, samples: &[f32]) -> Result<Program> {
    let file = desktop.path(&format!("play-{}.wav", nanos(SystemTime::now())));
    write_wav(&file, samples)?;
    let child = desktop
        .command("paplay")
        .args([&format!("--device={sink}"), "--latency-msec=20"])
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("paplay cannot be started")?;
    Ok(Program::adopt(child, "paplay"))
}

/// 48 kHz, one channel, 16 bit.
pub fn write_wav(file: &Path, samples: &[f32]) -> Result<()> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE as u32,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(file, spec)?;
    for sample in samples {
        writer.write_sample((sample.clamp(-1.0, 1.0) * 32767.0) as i16)?;
    }
    Ok(writer.finalize()?)
}

fn to_samples(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(2).map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32768.0).collect()
}

fn nanos(time: SystemTime) -> u128 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos()
}

/// Root mean square.
pub fn level(samples: &[f32]) -> f32 {
    if samples.is_empty() {
        return 0.0;
    }
    (samples.iter().map(|s| s * s).sum::<f32>() / samples.len() as f32).sqrt()
}

/// First sample that is louder than `threshold`.
pub fn first_above(samples: &[f32], threshold: f32) -> Option<usize> {
    samples.iter().position(|sample| sample.abs() > threshold)
}

/// Bands of the pattern, 100 Hz to 6 kHz.
const BANDS: usize = 24;
/// Samples from one frame of the pattern to the next, and in one frame.
const HOP: usize = RATE / 100;
const FRAME: usize = 2048;

/// How loud each band is in each 10 ms, as logarithms: what makes words words.
fn pattern(samples: &[f32]) -> Vec<[f32; BANDS]> {
    let mel = |hertz: f32| 2595.0 * (1.0 + hertz / 700.0).log10();
    let hertz = |mel: f32| 700.0 * (10.0_f32.powf(mel / 2595.0) - 1.0);
    let (low, high) = (mel(100.0), mel(6000.0));
    let edge = |band: usize| {
        let at = hertz(low + (high - low) * band as f32 / BANDS as f32);
        (at * FRAME as f32 / RATE as f32).round() as usize
    };
    let forward = FftPlanner::<f32>::new().plan_fft_forward(FRAME);
    let mut buffer = vec![Complex::default(); FRAME];
    let mut frames = Vec::new();
    for start in (0..samples.len().saturating_sub(FRAME - 1)).step_by(HOP) {
        for (index, slot) in buffer.iter_mut().enumerate() {
            let window = 0.5 - 0.5 * (std::f32::consts::TAU * index as f32 / FRAME as f32).cos();
            *slot = Complex::new(samples[start + index] * window, 0.0);
        }
        forward.process(&mut buffer);
        frames.push(std::array::from_fn(|band| {
            let bins = edge(band)..edge(band + 1).max(edge(band) + 1);
            let energy: f32 = buffer[bins.clone()].iter().map(Complex::norm_sqr).sum::<f32>() / bins.len() as f32;
            // The floor keeps near-silence from counting as much as sound.
            (energy + 1e-3).ln()
        }));
    }
    frames
}

/// How much of `wanted` is found in `heard`: the best correlation of their
/// loudness per band and 10 ms. 1 is the same words, whatever gain control,
/// noise suppression, a codec or a few stretched milliseconds did to the wave;
/// other words stay below 0.5. With the place of `wanted`'s start, samples.
pub fn correlate(heard: &[f32], wanted: &[f32]) -> (f32, usize) {
    let (heard, mut wanted) = (pattern(heard), pattern(wanted));
    let length = wanted.len();
    if length == 0 || heard.len() < length {
        return (0.0, 0);
    }
    for band in 0..BANDS {
        let mean = wanted.iter().map(|frame| frame[band]).sum::<f32>() / length as f32;
        wanted.iter_mut().for_each(|frame| frame[band] -= mean);
    }
    let energy_wanted: f32 = wanted.iter().flatten().map(|value| value * value).sum();
    let mut best = (0.0_f32, 0);
    for (start, window) in heard.windows(length).enumerate() {
        let (mut product, mut sums, mut squares) = (0.0_f32, [0.0_f32; BANDS], 0.0_f32);
        for (frame, pattern) in window.iter().zip(&wanted) {
            for band in 0..BANDS {
                product += frame[band] * pattern[band];
                sums[band] += frame[band];
                squares += frame[band] * frame[band];
            }
        }
        let energy = squares - sums.iter().map(|sum| sum * sum).sum::<f32>() / length as f32;
        // Nothing but silence matches nothing.
        if energy < energy_wanted * 0.05 {
            continue;
        }
        let value = product / (energy * energy_wanted).sqrt();
        if value > best.0 {
            best = (value, start * HOP);
        }
    }
    best
}

/// The loudest second of speech: what correlation works best on.
pub fn telling_part(speech: &[f32], seconds: f32) -> &[f32] {
    let length = ((seconds * RATE as f32) as usize).min(speech.len());
    let mut best = (0.0, 0);
    for start in (0..=speech.len() - length).step_by(RATE / 10) {
        let loudness = level(&speech[start..start + length]);
        if loudness > best.0 {
            best = (loudness, start);
        }
    }
    &speech[best.1..best.1 + length]
}

/// Waits for a recording to hold `wanted` after `from`; gives the best correlation seen.
pub fn wait_to_hear(
    recorder: &Recorder,
    from: SystemTime,
    wanted: &[f32],
    enough: f32,
    limit: Duration,
) -> Result<f32> {
    let end = Instant::now() + limit;
    let mut best = 0.0_f32;
    loop {
        let heard = recorder.between(from, SystemTime::now())?;
        best = best.max(correlate(&heard, wanted).0);
        if best >= enough || Instant::now() > end {
            return Ok(best);
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

#[cfg(test)]
mod tests {
    use super::{RATE, correlate, telling_part};
    use trunkline_simulators::speech;

    #[test]
    fn words_are_found_where_they_are_however_they_were_changed() {
        let sentence = speech::sample(2);
        let wanted = telling_part(&sentence, 1.0);
        let at = RATE / 2;
        let mut heard = vec![0.0; at];
        // Quieter, then louder as gain control does it, with every other sign turned and 10 ms lost.
        heard.extend(
            wanted.iter().enumerate().map(|(index, sample)| -sample * (0.1 + 0.4 * index as f32 / RATE as f32)),
        );
        heard.drain(at + RATE / 2..at + RATE / 2 + RATE / 100);
        heard.extend(vec![0.0; RATE]);
        let (score, place) = correlate(&heard, wanted);
        assert!(score > 0.85, "the same words are found: {score}");
        assert!(place.abs_diff(at) < RATE / 50, "where they were put: {place}");
    }

    #[test]
    fn silence_and_a_tone_are_no_words() {
        let sentence = speech::sample(0);
        let wanted = telling_part(&sentence, 1.0);
        assert_eq!(correlate(&vec![0.0; RATE * 3], wanted).0, 0.0, "silence");
        let tone: Vec<f32> = (0..RATE * 3).map(|index| (index as f32 * 0.06).sin() * 0.3).collect();
        let (score, _) = correlate(&tone, wanted);
        assert!(score < 0.4, "a tone: {score}");
    }
}

//! Ears and a mouth: recorders on the sinks' monitors, players into the
//! microphone feed, and the correlation that tells whether what was heard is
//! what was said.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

use super::desktop::Desktop;
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
            .args(["-d", &format!("{sink}.monitor"), "--rate=48000", "--channels=1", "--format=s16le", "--latency-msec=10"])
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
        let bytes = std::fs::read(&self.file)?;
        Ok(bytes.chunks_exact(2).map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32768.0).collect())
    }

    /// The part between two moments.
    pub fn between(&self, from: SystemTime, to: SystemTime) -> Result<Vec<f32>> {
        let all = self.so_far()?;
        let (start, end) = (self.position(from).min(all.len()), self.position(to).min(all.len()));
        Ok(all[start..end.max(start)].to_vec())
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
    let spec = hound::WavSpec { channels: 1, sample_rate: RATE as u32, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut writer = hound::WavWriter::create(file, spec)?;
    for sample in samples {
        writer.write_sample((sample.clamp(-1.0, 1.0) * 32767.0) as i16)?;
    }
    Ok(writer.finalize()?)
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

/// Best normalised cross-correlation of `wanted` within `heard`: 1 is the same
/// sound, 0 unrelated; with the offset of `wanted`'s start in `heard`, samples.
pub fn correlate(heard: &[f32], wanted: &[f32]) -> (f32, isize) {
    if heard.is_empty() || wanted.is_empty() {
        return (0.0, 0);
    }
    let size = (heard.len() + wanted.len()).next_power_of_two();
    let mut planner = FftPlanner::<f32>::new();
    let (forward, inverse) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
    let spectrum = |samples: &[f32]| {
        let mut buffer: Vec<Complex<f32>> = samples.iter().map(|s| Complex::new(*s, 0.0)).collect();
        buffer.resize(size, Complex::default());
        forward.process(&mut buffer);
        buffer
    };
    let mut product: Vec<Complex<f32>> =
        spectrum(heard).into_iter().zip(spectrum(wanted)).map(|(a, b)| a * b.conj()).collect();
    inverse.process(&mut product);

    // Energy of `heard` under `wanted` at each offset, by running sums.
    let mut sums = vec![0.0_f64];
    for sample in heard {
        let last = sums.last().copied().unwrap_or_default();
        sums.push(last + f64::from(*sample) * f64::from(*sample));
    }
    let energy_wanted: f64 = wanted.iter().map(|s| f64::from(*s) * f64::from(*s)).sum();
    let mut best = (0.0_f32, 0_isize);
    for offset in -(wanted.len() as isize) / 2..heard.len() as isize {
        let index = offset.rem_euclid(size as isize) as usize;
        let from = offset.max(0) as usize;
        let to = (offset + wanted.len() as isize).clamp(0, heard.len() as isize) as usize;
        let energy_heard = sums[to] - sums[from];
        // An almost silent stretch correlates with anything.
        if energy_heard < energy_wanted * 1e-4 {
            continue;
        }
        let value = f64::from(product[index].re) / size as f64 / (energy_heard * energy_wanted).sqrt();
        let value = value.abs() as f32;
        if value > best.0 {
            best = (value, offset);
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
pub fn wait_to_hear(recorder: &Recorder, from: SystemTime, wanted: &[f32], enough: f32, limit: Duration) -> Result<f32> {
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
    use super::{correlate, level};

    fn noise(seed: u32, length: usize) -> Vec<f32> {
        let mut state = seed;
        (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / 8_388_608.0 - 1.0
            })
            .collect()
    }

    #[test]
    fn the_same_sound_is_found_where_it_is() {
        let wanted = noise(1, 4_000);
        let mut heard = vec![0.0; 10_000];
        for (index, sample) in wanted.iter().enumerate() {
            heard[3_000 + index] = sample * 0.3;
        }
        let (score, offset) = correlate(&heard, &wanted);
        assert!(score > 0.99, "a quieter copy is the same sound: {score}");
        assert_eq!(offset, 3_000, "it is found where it was put");
    }

    #[test]
    fn another_sound_of_the_same_loudness_is_not_it() {
        let (score, _) = correlate(&noise(2, 20_000), &noise(1, 4_000));
        assert!(score < 0.2, "unrelated noise does not match: {score}");
        assert!(level(&noise(2, 20_000)) > 0.3, "although it is as loud");
    }
}

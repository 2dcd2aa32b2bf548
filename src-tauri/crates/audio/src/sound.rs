//! Short sounds held in memory: the agent's ringtone files and our own tones.

use std::io::Cursor;
use std::path::Path;

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};
use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::errors::Error as DecodeError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

use crate::synth;
use crate::vocabulary::SAMPLE_RATE;

/// Longest sound, seconds.
pub(crate) const MOST_SECONDS: u32 = 60;
/// Largest file, bytes: 8 MiB.
pub(crate) const MOST_BYTES: usize = 8 * 1024 * 1024;
/// A ringtone below this peak (-40 dB) would be a missed call.
const LEAST_PEAK: f32 = 0.01;

/// A sound of at most a minute, 48 kHz mono, decoded to memory.
#[derive(Clone, PartialEq)]
pub struct Sound {
    samples: Vec<f32>,
    pause: usize,
}

impl std::fmt::Debug for Sound {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Sound({} ms, then {} ms of silence)", self.samples.len() / 48, self.pause / 48)
    }
}

/// Why a file is no ringtone.
#[derive(Debug, thiserror::Error)]
pub enum SoundError {
    /// Zero bytes.
    #[error("the file is empty")]
    Empty,
    /// More than 8 MiB.
    #[error("the file has {0} bytes, the limit is 8 MiB")]
    TooLarge(usize),
    /// More than a minute.
    #[error("the sound is longer than 60 seconds")]
    TooLong,
    /// Not wav, mp3, ogg/vorbis or flac.
    #[error("this is not a wav, mp3, ogg or flac file that can be read")]
    Unknown(#[source] Option<DecodeError>),
    /// The file ends too early or is damaged.
    #[error("the file is damaged or incomplete")]
    Damaged(#[source] Option<DecodeError>),
    /// Nothing could be heard.
    #[error("the sound is silent")]
    Silent,
    /// No built-in sound has this id.
    #[error("there is no built-in sound of this name")]
    UnknownBuiltin,
}

impl SoundError {
    /// The agent should choose another file, or a shorter one.
    #[must_use]
    pub fn is_about_size(&self) -> bool {
        matches!(self, Self::TooLarge(_) | Self::TooLong)
    }

    /// The content, not the size, is the trouble.
    #[must_use]
    pub fn is_about_content(&self) -> bool {
        matches!(self, Self::Empty | Self::Unknown(_) | Self::Damaged(_) | Self::Silent)
    }
}

impl Sound {
    /// Reads a wav, mp3, ogg/vorbis or flac file. `name` is only a hint (its
    /// extension); the content decides.
    ///
    /// # Errors
    /// See [`SoundError`]: empty, too large (8 MiB), too long (60 s), unknown
    /// format, damaged or cut off, silent.
    pub fn decode(name: &str, bytes: &[u8]) -> Result<Sound, SoundError> {
        if bytes.is_empty() {
            return Err(SoundError::Empty);
        }
        if bytes.len() > MOST_BYTES {
            return Err(SoundError::TooLarge(bytes.len()));
        }
        let (samples, rate) = decode_mono(name, bytes)?;
        let mut samples = to_engine_rate(samples, rate)?;
        let peak = samples.iter().fold(0.0, |peak: f32, sample| peak.max(sample.abs()));
        if peak < LEAST_PEAK {
            return Err(SoundError::Silent);
        }
        if peak > 1.0 {
            samples.iter_mut().for_each(|sample| *sample /= peak);
        }
        Ok(Self::looped(samples))
    }

    /// One of [`builtin_ids`](Self::builtin_ids).
    #[must_use]
    pub fn builtin(id: &str) -> Option<Sound> {
        synth::make(id).map(|(samples, pause)| Self { samples, pause })
    }

    /// Every built-in sound: the ringtones, then `call_waiting` and `test`.
    #[must_use]
    pub fn builtin_ids() -> &'static [&'static str] {
        &synth::IDS
    }

    /// The built-in sounds that are ringtones.
    #[must_use]
    pub fn ringtone_ids() -> &'static [&'static str] {
        &synth::IDS[..synth::RINGTONES]
    }

    /// A file rings again after a breath: a short one after a second, so that it
    /// does not drone, a tune almost at once.
    pub(crate) fn looped(samples: Vec<f32>) -> Self {
        let rate = SAMPLE_RATE as usize;
        let pause = if samples.len() < 5 * rate { rate } else { rate * 3 / 10 };
        Self { samples, pause }
    }

    /// Sound without its pause, seconds.
    #[must_use]
    pub fn seconds(&self) -> f32 {
        self.samples.len() as f32 / SAMPLE_RATE as f32
    }

    /// 48 kHz mono samples of one round.
    #[must_use]
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// Silence between two rounds of a ring, in samples.
    #[must_use]
    pub fn pause(&self) -> usize {
        self.pause
    }
}

fn decode_mono(name: &str, bytes: &[u8]) -> Result<(Vec<f32>, u32), SoundError> {
    let mut hint = Hint::new();
    if let Some(extension) = Path::new(name).extension().and_then(|extension| extension.to_str()) {
        hint.with_extension(extension);
    }
    let stream = MediaSourceStream::new(Box::new(Cursor::new(bytes.to_vec())), Default::default());
    let mut format = symphonia::default::get_probe()
        .probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(|error| SoundError::Unknown(Some(error)))?;
    let track = format.default_track(TrackType::Audio).ok_or(SoundError::Unknown(None))?;
    let track_id = track.id;
    let promised = track.num_frames;
    let parameters =
        track.codec_params.as_ref().and_then(|parameters| parameters.audio()).ok_or(SoundError::Unknown(None))?;
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .map_err(|error| SoundError::Unknown(Some(error)))?;

    let mut rate = 0;
    let mut mono: Vec<f32> = Vec::new();
    let mut interleaved: Vec<f32> = Vec::new();
    let mut failed: u32 = 0;
    loop {
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            Err(DecodeError::IoError(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                // Some readers say so at every end; the promised length decides below.
                break;
            }
            Err(error) => return Err(SoundError::Damaged(Some(error))),
        };
        if packet.track_id != track_id {
            continue;
        }
        let buffer = match decoder.decode(&packet) {
            Ok(buffer) => buffer,
            Err(DecodeError::DecodeError(_)) => {
                failed += 1;
                continue;
            }
            Err(error) => return Err(SoundError::Damaged(Some(error))),
        };
        let channels = buffer.spec().channels().count().max(1);
        rate = buffer.spec().rate();
        buffer.copy_to_vec_interleaved(&mut interleaved);
        let scale = 1.0 / channels as f32;
        mono.extend(interleaved.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() * scale));
        if mono.len() as u64 > u64::from(rate) * u64::from(MOST_SECONDS) {
            return Err(SoundError::TooLong);
        }
    }
    if mono.is_empty() || rate == 0 {
        return Err(if failed > 0 { SoundError::Damaged(None) } else { SoundError::Unknown(None) });
    }
    // Encoders pad and trim by up to a few thousand samples; a file cut off in
    // the middle misses far more.
    let missing = promised.map_or(0, |promised| promised.saturating_sub(mono.len() as u64));
    if missing > u64::from(rate) / 4 && missing > promised.unwrap_or(0) / 20 {
        return Err(SoundError::Damaged(None));
    }
    for sample in &mut mono {
        if !sample.is_finite() {
            *sample = 0.0;
        }
    }
    Ok((mono, rate))
}

fn to_engine_rate(samples: Vec<f32>, rate: u32) -> Result<Vec<f32>, SoundError> {
    if rate == SAMPLE_RATE {
        return Ok(samples);
    }
    let unusable = |_| SoundError::Unknown(None);
    if !(4_000..=384_000).contains(&rate) {
        return Err(SoundError::Unknown(None));
    }
    let length = samples.len();
    let mut resampler = Fft::<f32>::new(rate as usize, SAMPLE_RATE as usize, 1024, 1, FixedSync::Both)
        .map_err(|_| SoundError::Unknown(None))?;
    let mut output = vec![0.0; resampler.process_all_needed_output_len(length)];
    let room = output.len();
    let written = {
        let from = InterleavedSlice::new(&samples, 1, length).map_err(|_| SoundError::Unknown(None))?;
        let mut to = InterleavedSlice::new_mut(&mut output, 1, room).map_err(|_| SoundError::Unknown(None))?;
        resampler.process_all_into_buffer(&from, &mut to, length, None).map_err(unusable)?.1
    };
    output.truncate(written);
    Ok(output)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use proptest::prelude::*;

    use super::*;

    fn wav(rate: u32, channels: u16, seconds: f32, level: f32) -> Vec<u8> {
        let spec = hound::WavSpec {
            channels,
            sample_rate: rate,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
        for index in 0..(rate as f32 * seconds) as usize {
            let value = level * (std::f32::consts::TAU * 500.0 * index as f32 / rate as f32).sin();
            for _ in 0..channels {
                writer.write_sample((value * 32_767.0) as i16).unwrap();
            }
        }
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    #[test]
    fn wav_of_any_rate_becomes_48_khz_mono() {
        for (rate, channels) in [(8_000, 1), (22_050, 2), (44_100, 2), (48_000, 1), (96_000, 2)] {
            let sound = Sound::decode("tone.wav", &wav(rate, channels, 1.5, 0.5)).expect("a good file");
            assert!((sound.seconds() - 1.5).abs() < 0.03, "{rate} Hz: length kept, {} s", sound.seconds());
            let middle = &sound.samples()[24_000..48_000];
            let peak = middle.iter().fold(0.0, |peak: f32, sample| peak.max(sample.abs()));
            assert!((peak - 0.5).abs() < 0.03, "{rate} Hz: loudness kept, {peak}");
            let crossings = middle.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
            assert!((248..=252).contains(&crossings), "{rate} Hz: pitch kept, {crossings} periods in half a second");
        }
    }

    #[test]
    fn every_promised_format_is_read() {
        for name in ["tone.mp3", "tone.ogg", "tone.flac", "tone.wav"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sounds").join(name);
            let bytes = std::fs::read(&path).unwrap();
            let sound = Sound::decode(name, &bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!((sound.seconds() - 1.0).abs() < 0.15, "{name}: one second, {}", sound.seconds());
            let wrong_name = Sound::decode("tone.txt", &bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(sound, wrong_name, "{name}: the content decides, not the name");
        }
    }

    #[test]
    fn what_cannot_ring_is_refused_with_its_reason() {
        let good = wav(48_000, 1, 2.0, 0.5);
        let reason = |name: &str, bytes: &[u8]| Sound::decode(name, bytes).expect_err("refused");
        assert!(matches!(reason("a.wav", &[]), SoundError::Empty), "an empty file");
        assert!(matches!(reason("a.wav", &vec![0; MOST_BYTES + 1]), SoundError::TooLarge(_)), "a huge file");
        assert!(matches!(reason("a.mp3", b"<html>not found</html>"), SoundError::Unknown(_)), "a web page");
        assert!(matches!(reason("a.wav", &good[..good.len() / 2]), SoundError::Damaged(_)), "a file cut in half");
        assert!(
            matches!(reason("a.wav", &good[..30]), SoundError::Unknown(_) | SoundError::Damaged(_)),
            "half a header"
        );
        assert!(matches!(reason("a.wav", &wav(8_000, 1, 61.0, 0.5)), SoundError::TooLong), "more than a minute");
        assert!(matches!(reason("a.wav", &wav(48_000, 1, 1.0, 0.0)), SoundError::Silent), "silence");
        assert!(reason("a.wav", &[]).is_about_content() && reason("a.wav", &wav(8_000, 1, 61.0, 0.5)).is_about_size());
    }

    #[test]
    fn every_builtin_can_be_heard_and_rings_with_a_pause() {
        for id in Sound::builtin_ids() {
            let sound = Sound::builtin(id).unwrap_or_else(|| panic!("{id} is listed"));
            let peak = sound.samples().iter().fold(0.0, |peak: f32, sample| peak.max(sample.abs()));
            assert!((0.6..=0.71).contains(&peak), "{id}: one loudness, {peak}");
            let early = sound.samples()[..2_400].iter().any(|sample| sample.abs() > 0.05);
            assert!(early, "{id}: is heard within 50 ms of its start");
            let end = sound.samples().last().copied().unwrap();
            assert!(end.abs() < 0.01, "{id}: ends without a click");
            assert!(sound.pause() > 0, "{id}: has a pause");
        }
        assert!(Sound::ringtone_ids().len() >= 4 && !Sound::ringtone_ids().contains(&"call_waiting"));
        assert!(Sound::builtin("no such").is_none());
    }

    #[test]
    fn ringtones_differ() {
        let ids = Sound::ringtone_ids();
        for (index, one) in ids.iter().enumerate() {
            for other in &ids[index + 1..] {
                assert_ne!(Sound::builtin(one), Sound::builtin(other), "{one} and {other} are not the same sound");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            let _ = Sound::decode("x.wav", &bytes);
        }

        #[test]
        fn no_damage_makes_it_panic(at in 0_usize..4_000, value in any::<u8>(), kind in 0_usize..4) {
            let name = ["tone.mp3", "tone.ogg", "tone.flac", "tone.wav"][kind];
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sounds").join(name);
            let mut bytes = std::fs::read(path).unwrap();
            let at = at % bytes.len();
            bytes[at] = value;
            let _ = Sound::decode(name, &bytes);
        }
    }
}

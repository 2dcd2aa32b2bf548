//! The microphone's processing: echo, noise, gain.

use sonora::config::{
    AdaptiveDigital, EchoCanceller, GainController2, MaxProcessingRate, NoiseSuppression, NoiseSuppressionLevel,
    Pipeline, TransparentModeType,
};
use sonora::{AudioProcessing, Config, StreamConfig};

use crate::echo::{EchoWatch, power};
use crate::vocabulary::{FRAME, Frame, SAMPLE_RATE};

/// A filter that knows what the speaker plays. One frame of the speaker is shown
/// before each frame of the microphone.
pub(crate) trait EchoFilter: Send {
    /// What is about to be played.
    fn render(&mut self, frame: &Frame);
    /// Cleans what was heard. `delay_ms`: from `render` to the air and back here.
    fn capture(&mut self, frame: &mut Frame, delay_ms: f32);
    /// Whether noise is taken out, from the next frame on.
    fn suppress_noise(&mut self, on: bool);
}

/// The WebRTC project's echo canceller (AEC3), noise suppression and automatic
/// gain (AGC2), as ported to Rust by the crate `sonora`. The canceller rests
/// where no echo is.
pub(crate) struct WebRtcFilter {
    processing: AudioProcessing,
    scratch: Frame,
    watch: EchoWatch,
    played: f32,
    cancels: bool,
    suppresses: bool,
}

impl WebRtcFilter {
    /// `suppresses`: noise is taken out, too.
    pub(crate) fn new(suppresses: bool) -> Self {
        let mono = StreamConfig::new(SAMPLE_RATE, 1);
        let config = Self::config(true, suppresses);
        let processing = AudioProcessing::builder().config(config).capture_config(mono).render_config(mono).build();
        let watch = EchoWatch::default();
        Self { processing, scratch: [0.0; FRAME], watch, played: 0.0, cancels: true, suppresses }
    }

    fn config(cancels: bool, suppresses: bool) -> Config {
        Config {
            pipeline: Pipeline {
                // 32 kHz by default, which would cut speech above 16 kHz.
                maximum_internal_processing_rate: MaxProcessingRate::Rate48kHz,
                ..Pipeline::default()
            },
            echo_canceller: cancels.then_some(EchoCanceller {
                // Our own high-pass has run already.
                enforce_high_pass_filtering: false,
                // For an agent who talks over the customer from the first word, so
                // that `EchoWatch` has nothing to go by: the default takes six
                // seconds of the customer's speech to notice a headset, and until
                // then swallows the agent whenever both talk; this takes two.
                transparent_mode: TransparentModeType::Hmm,
            }),
            noise_suppression: suppresses
                .then_some(NoiseSuppression { level: NoiseSuppressionLevel::Moderate, ..NoiseSuppression::default() }),
            gain_controller2: Some(GainController2 {
                adaptive_digital: Some(AdaptiveDigital {
                    // The defaults (15 dB at once, up to 50) lift the room's
                    // noise before the first word; headsets need far less.
                    initial_gain_db: 3.0,
                    max_gain_db: 24.0,
                    ..AdaptiveDigital::default()
                }),
                ..GainController2::default()
            }),
            ..Config::default()
        }
    }
}

impl EchoFilter for WebRtcFilter {
    fn render(&mut self, frame: &Frame) {
        self.played = power(frame);
        if !self.cancels {
            return;
        }
        // The processed reference is not needed, only the canceller's memory of it.
        let _ = self.processing.process_render_f32(&[frame], &mut [&mut self.scratch]);
    }

    fn capture(&mut self, frame: &mut Frame, delay_ms: f32) {
        let cancels = self.watch.look(self.played, power(frame));
        if cancels != self.cancels {
            self.cancels = cancels;
            self.processing.apply_config(Self::config(cancels, self.suppresses));
        }
        // A hint only; the canceller measures for itself. Clamping is no error.
        let _ = self.processing.set_stream_delay_ms(delay_ms as i32);
        if self.processing.process_capture_f32(&[frame], &mut [&mut self.scratch]).is_ok() {
            *frame = self.scratch;
        }
    }

    fn suppress_noise(&mut self, on: bool) {
        if on != self.suppresses {
            self.suppresses = on;
            self.processing.apply_config(Self::config(self.cancels, on));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::vocabulary::SILENCE;

    /// Speech-like noise: bursts, so that the canceller has something to learn.
    fn voice(seed: &mut u32, tick: usize) -> Frame {
        let loud = if tick % 40 < 28 { 0.3 } else { 0.0 };
        let mut low = 0.0;
        std::array::from_fn(|_| {
            *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let white = (*seed >> 8) as f32 / 8_388_608.0 - 1.0;
            low += 0.25 * (white - low);
            low * loud
        })
    }

    fn energy(frame: &Frame) -> f32 {
        frame.iter().map(|sample| sample * sample).sum()
    }

    #[test]
    fn the_echo_of_the_speaker_is_taken_out() {
        let mut filter = WebRtcFilter::new(true);
        let mut seed = 7;
        // 40 ms from speaker to microphone, at half the loudness.
        let mut air = vec![SILENCE; 4];
        let (mut before, mut after) = (0.0, 0.0);
        for tick in 0..600 {
            let played = voice(&mut seed, tick);
            filter.render(&played);
            air.push(played);
            let mut heard = air.remove(0).map(|sample| sample * 0.5);
            if tick >= 400 {
                before += energy(&heard);
            }
            filter.capture(&mut heard, 40.0);
            if tick >= 400 {
                after += energy(&heard);
            }
        }
        let reduction = 10.0 * (before / after.max(1.0e-9)).log10();
        assert!(reduction > 25.0, "after four seconds the customer no longer hears themself: {reduction} dB");
    }

    #[test]
    fn the_agents_voice_passes_when_nothing_plays() {
        let mut filter = WebRtcFilter::new(true);
        let mut seed = 11;
        let (mut before, mut after) = (0.0, 0.0);
        for tick in 0..400 {
            filter.render(&SILENCE);
            let mut heard = voice(&mut seed, tick);
            if tick >= 100 {
                before += energy(&heard);
            }
            filter.capture(&mut heard, 40.0);
            if tick >= 100 {
                after += energy(&heard);
            }
        }
        let change = 10.0 * (after / before).log10();
        assert!(change > -12.0, "speech is not eaten: {change} dB");
    }

    /// How much of the agent's voice is lost while the customer talks too, dB, per second.
    fn double_talk_on_a_headset(filter: &mut WebRtcFilter, seconds: usize) -> Vec<f32> {
        let (mut customer, mut agent) = (3, 23);
        let mut losses = Vec::new();
        for second in 0..seconds {
            let (mut before, mut after) = (0.0, 0.0);
            for tick in 0..100 {
                filter.render(&voice(&mut customer, second * 100 + tick + 13));
                let mut heard = voice(&mut agent, second * 100 + tick);
                before += energy(&heard);
                filter.capture(&mut heard, 40.0);
                after += energy(&heard);
            }
            losses.push(10.0 * (before / after).log10());
        }
        losses
    }

    #[test]
    fn on_a_headset_both_can_talk_at_once() {
        let mut filter = WebRtcFilter::new(true);
        let losses = double_talk_on_a_headset(&mut filter, 8);
        println!("agent's voice lost, dB: {losses:.1?}");
        let later = &losses[3..];
        assert!(later.iter().all(|loss| *loss < 6.0), "after three seconds no echo is looked for: {losses:?}");
    }

    #[test]
    fn nothing_of_the_agent_is_lost_once_a_headset_is_noticed() {
        let mut filter = WebRtcFilter::new(true);
        let mut customer = 3;
        for tick in 0..150 {
            filter.render(&voice(&mut customer, tick));
            filter.capture(&mut SILENCE.clone(), 40.0);
        }
        assert!(!filter.cancels, "the customer spoke and the microphone heard nothing");
        let losses = double_talk_on_a_headset(&mut filter, 4);
        println!("agent's voice lost, dB: {losses:.1?}");
        assert!(losses.iter().all(|loss| *loss < 6.0), "from the first word on: {losses:?}");
    }

    /// How loud a fan in the room is after the filter, dB below before, from the third second on.
    fn noise_taken_out(filter: &mut WebRtcFilter) -> f32 {
        let mut seed = 31;
        let (mut before, mut after) = (0.0, 0.0);
        for tick in 0..500 {
            filter.render(&SILENCE);
            // Without the pauses of speech: it never stops.
            let mut heard = voice(&mut seed, 0).map(|sample| sample * 0.1);
            if tick >= 300 {
                before += energy(&heard);
            }
            filter.capture(&mut heard, 40.0);
            if tick >= 300 {
                after += energy(&heard);
            }
        }
        10.0 * (before / after).log10()
    }

    #[test]
    fn noise_is_taken_out_only_where_that_is_wanted_and_changes_at_once() {
        let mut filter = WebRtcFilter::new(true);
        let with = noise_taken_out(&mut filter);
        filter.suppress_noise(false);
        let without = noise_taken_out(&mut filter);
        filter.suppress_noise(true);
        let again = noise_taken_out(&mut filter);
        println!("noise taken out, dB: with {with:.1}, without {without:.1}, with again {again:.1}");
        assert!(with > without + 6.0, "suppression takes noise out: {with} dB, {without} dB without");
        assert!(again > without + 6.0, "also after it was off: {again} dB");
    }

    #[test]
    fn the_filter_delays_by_less_than_two_frames() {
        let mut filter = WebRtcFilter::new(true);
        let mut seed = 5;
        let (mut spoken, mut sent) = (Vec::new(), Vec::new());
        let mut took = std::time::Duration::ZERO;
        for tick in 0..300 {
            filter.render(&SILENCE);
            let mut frame = voice(&mut seed, tick);
            spoken.extend_from_slice(&frame);
            let begun = std::time::Instant::now();
            filter.capture(&mut frame, 40.0);
            took += begun.elapsed();
            sent.extend_from_slice(&frame);
        }
        let window = 48_000..96_000;
        let likeness = |lag: usize| -> f32 { window.clone().map(|at| spoken[at] * sent[at + lag]).sum() };
        let lag = (0..1_440).max_by(|one, other| likeness(*one).total_cmp(&likeness(*other))).expect("some lag");
        println!(
            "processing delays by {:.1} ms, {} us a frame in this build",
            lag as f32 / 48.0,
            took.as_micros() / 300
        );
        // Band splitting, the canceller's blocks and the suppressor's windows.
        assert!(lag < 960, "less than two frames: {lag} samples");
    }
}

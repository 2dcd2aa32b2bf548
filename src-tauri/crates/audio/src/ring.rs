//! What is playing on a device besides calls: rings that loop, sounds that end.

use std::sync::Arc;

use crate::sound::Sound;
use crate::vocabulary::{Frame, RingId, SILENCE};

/// Rings waiting for their device longer than this are not held back (ticks).
const PATIENCE: u32 = 200;
/// A finished sound keeps its device open until it has left the buffers (ticks).
const TAIL: u32 = 12;

/// The rings. The oldest one sounds; the others wait, so that two offers do not
/// make a din, and the next goes on when the first is answered.
#[derive(Debug, Default)]
pub(crate) struct Rings {
    playing: Vec<Ring>,
}

#[derive(Debug)]
struct Ring {
    id: RingId,
    sound: Arc<Sound>,
    volume: f32,
    at: usize,
}

impl Rings {
    /// Starts, or does nothing when this ring rings already.
    pub(crate) fn start(&mut self, id: RingId, sound: Arc<Sound>, volume: f32) {
        if self.playing.iter().any(|ring| ring.id == id) {
            return;
        }
        self.playing.push(Ring { id, sound, volume: clean(volume), at: 0 });
    }

    /// Stops; true when this was the one to be heard.
    pub(crate) fn stop(&mut self, id: RingId) -> bool {
        let heard = self.playing.first().is_some_and(|ring| ring.id == id);
        self.playing.retain(|ring| ring.id != id);
        heard
    }

    pub(crate) fn any(&self) -> bool {
        !self.playing.is_empty()
    }

    /// The next 10 ms.
    pub(crate) fn next(&mut self) -> Frame {
        let mut frame = SILENCE;
        let Some(ring) = self.playing.first_mut() else { return frame };
        let samples = ring.sound.samples();
        let round = samples.len() + ring.sound.pause();
        if samples.is_empty() || round == 0 {
            return frame;
        }
        for sample in &mut frame {
            *sample = samples.get(ring.at).copied().unwrap_or(0.0) * ring.volume;
            ring.at = (ring.at + 1) % round;
        }
        frame
    }
}

fn clean(volume: f32) -> f32 {
    if volume.is_finite() { volume.clamp(0.0, 1.0) } else { 0.0 }
}

/// Sounds that are played once, on one device.
#[derive(Debug, Default)]
pub(crate) struct Once {
    playing: Vec<(Arc<Sound>, f32, usize)>,
    tail: u32,
    waited: u32,
}

impl Once {
    pub(crate) fn start(&mut self, sound: Arc<Sound>, volume: f32) {
        self.waited = 0;
        self.playing.push((sound, clean(volume), 0));
    }

    /// The device is needed.
    pub(crate) fn any(&self) -> bool {
        !self.playing.is_empty() || self.tail > 0
    }

    /// The next 10 ms. While the device is not `open` the sound waits for it, but
    /// not for ever.
    pub(crate) fn next(&mut self, open: bool) -> Frame {
        let mut frame = SILENCE;
        if !open {
            self.waited += 1;
            if self.waited > PATIENCE {
                *self = Self::default();
            }
            return frame;
        }
        self.tail = self.tail.saturating_sub(1);
        for (sound, volume, at) in &mut self.playing {
            for (sample, next) in frame.iter_mut().zip(sound.samples().iter().skip(*at)) {
                *sample += next * *volume;
            }
            *at += frame.len();
        }
        let before = self.playing.len();
        self.playing.retain(|(sound, _, at)| *at < sound.samples().len());
        if self.playing.len() < before {
            self.tail = TAIL;
        }
        frame
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::mixer;
    use crate::vocabulary::FRAME;

    fn beep(frames: usize) -> Arc<Sound> {
        Arc::new(Sound::looped(vec![0.5; frames * FRAME]))
    }

    #[test]
    fn a_ring_loops_with_its_pause_until_stopped() {
        let mut rings = Rings::default();
        let sound = beep(3);
        let round = 3 + sound.pause() / FRAME;
        rings.start(RingId(1), sound, 0.5);
        let heard: Vec<bool> = (0..2 * round).map(|_| mixer::is_audible(&rings.next())).collect();
        let expected: Vec<bool> = (0..2 * round).map(|tick| tick % round < 3).collect();
        assert_eq!(heard, expected, "sound, pause, sound, pause");
        assert!(rings.stop(RingId(1)), "the heard ring was stopped");
        assert_eq!(rings.next(), SILENCE, "nothing after the stop");
    }

    #[test]
    fn one_ring_sounds_at_a_time_and_the_next_takes_over() {
        let mut rings = Rings::default();
        rings.start(RingId(1), beep(50), 0.4);
        rings.start(RingId(2), beep(50), 0.8);
        rings.start(RingId(1), beep(50), 1.0);
        assert!((mixer::peak(&rings.next()) - 0.2).abs() < 0.001, "the older ring alone, at its own volume");
        assert!(rings.stop(RingId(1)));
        assert!((mixer::peak(&rings.next()) - 0.4).abs() < 0.001, "then the newer one");
        assert!(!rings.stop(RingId(1)), "stopping twice does nothing");
    }

    #[test]
    fn a_single_sound_waits_for_its_device_and_ends() {
        let mut once = Once::default();
        once.start(beep(2), 1.0);
        assert_eq!(once.next(false), SILENCE, "held while the device opens");
        assert!(mixer::is_audible(&once.next(true)), "then played from the start");
        assert!(mixer::is_audible(&once.next(true)));
        assert!(once.any(), "the device stays open until the buffers are empty");
        for _ in 0..TAIL {
            once.next(true);
        }
        assert!(!once.any(), "then it is released");
        once.start(beep(2), 1.0);
        for _ in 0..=PATIENCE {
            once.next(false);
        }
        assert!(!once.any(), "a device that never comes is not waited for");
    }

    #[test]
    fn a_mad_volume_is_harmless() {
        let mut rings = Rings::default();
        rings.start(RingId(1), beep(1), f32::NAN);
        assert_eq!(rings.next(), SILENCE, "not a number is silence");
        rings.stop(RingId(1));
        rings.start(RingId(2), beep(1), 40.0);
        assert!(mixer::peak(&rings.next()) <= 0.5, "no louder than the sound itself");
    }
}

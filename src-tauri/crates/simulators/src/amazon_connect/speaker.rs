//! The customer's mouth: which samples go to the agent next.

use crate::Moment;

use super::options::Speech;
use super::recording::{Recorder, Recording};

/// Speech and what of it has been sent. Speech stands still on hold.
#[derive(Debug)]
pub(crate) struct Speaker {
    speech: Speech,
    position: usize,
    sent: Recorder,
    clock: u64,
}

impl Speaker {
    pub(crate) fn new(speech: Speech) -> Self {
        Self { speech, position: 0, sent: Recorder::default(), clock: 0 }
    }

    /// Says this instead, from its beginning.
    pub(crate) fn say(&mut self, speech: Speech) {
        self.speech = speech;
        self.position = 0;
    }

    /// Fills the next frame; `speaking` false gives silence and waits.
    pub(crate) fn fill(&mut self, frame: &mut [f32], speaking: bool, at: Moment) {
        frame.fill(0.0);
        if speaking {
            match &self.speech {
                Speech::Silent => {}
                Speech::Once(samples) => {
                    let rest = samples.get(self.position..).unwrap_or(&[]);
                    let count = rest.len().min(frame.len());
                    frame[..count].copy_from_slice(&rest[..count]);
                    self.position += count;
                }
                Speech::Loop(samples) if samples.is_empty() => {}
                Speech::Loop(samples) => {
                    for value in frame.iter_mut() {
                        *value = samples[self.position % samples.len()];
                        self.position = (self.position + 1) % samples.len();
                    }
                }
            }
        }
        self.sent.packet(at.instant, self.clock, 0, frame);
        self.clock += frame.len() as u64;
    }

    pub(crate) fn sent(&self) -> Recording {
        self.sent.all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speech_waits_while_not_speaking() {
        let mut speaker = Speaker::new(Speech::Once(vec![0.1, 0.2, 0.3]));
        let mut frame = [9.0; 2];
        speaker.fill(&mut frame, false, Moment::now());
        assert_eq!(frame, [0.0, 0.0], "nothing is said before the start");
        speaker.fill(&mut frame, true, Moment::now());
        assert_eq!(frame, [0.1, 0.2], "then it starts at its beginning");
        speaker.fill(&mut frame, true, Moment::now());
        assert_eq!(frame, [0.3, 0.0], "and ends in silence");
    }
}

//! Is there an echo at all? A headset makes none; an echo canceller then only
//! costs processor time and, while both talk, some of the agent's words.
//!
//! | state | sees | then |
//! | --- | --- | --- |
//! | possible | three times: the customer was loud, and the microphone 40 dB below through all the time an echo takes | none |
//! | none | eight seconds of the customer's speech without one such moment | possible |
//!
//! Only the customer's speech counts: silence says nothing about echo. The
//! agent's own speech makes the microphone loud, so it never speaks for "none".

use crate::vocabulary::Frame;

/// Frames looked at: the longest way from speaker to microphone (200 ms) and as
/// much speech before it.
const SPAN: usize = 40;
/// Oldest frames: whatever they made the speaker play has been heard within the span.
const PLAYED: usize = 20;
/// Mean power of the customer's speech that could be heard as echo: -40 dBFS.
const LOUD: f32 = 1.0e-4;
/// An echo that is weaker than this part of it is none: -40 dB. The span is
/// twice as long as the speech in it.
const WEAK: f32 = 1.0e-4 * PLAYED as f32 / SPAN as f32;
/// Frames between two looks.
const HOP: u32 = 10;
/// Looks without an echo that end the search.
const ENOUGH: u32 = 3;
/// Looks at the customer's speech without certainty that begin it again: eight seconds.
const DOUBT: u32 = 80;

/// Watches what is played and what is heard, frame by frame.
#[derive(Debug)]
pub(crate) struct EchoWatch {
    played: [f32; SPAN],
    heard: [f32; SPAN],
    /// Place of the oldest frame.
    oldest: usize,
    known: usize,
    since_look: u32,
    clear: u32,
    doubtful: u32,
    possible: bool,
}

impl Default for EchoWatch {
    fn default() -> Self {
        Self {
            played: [0.0; SPAN],
            heard: [0.0; SPAN],
            oldest: 0,
            known: 0,
            since_look: 0,
            clear: 0,
            doubtful: 0,
            possible: true,
        }
    }
}

impl EchoWatch {
    /// The frame that is played and the frame that is heard meanwhile, before
    /// any processing; true while there may be an echo.
    pub(crate) fn look(&mut self, played: f32, heard: f32) -> bool {
        self.played[self.oldest] = played;
        self.heard[self.oldest] = heard;
        self.oldest = (self.oldest + 1) % SPAN;
        self.known = (self.known + 1).min(SPAN);
        self.since_look += 1;
        if self.since_look >= HOP && self.known == SPAN {
            self.since_look = 0;
            self.judge();
        }
        self.possible
    }

    fn judge(&mut self) {
        let from_oldest = |values: &[f32; SPAN], count: usize| -> f32 {
            (0..count).map(|age| values[(self.oldest + age) % SPAN]).sum::<f32>() / count as f32
        };
        let speech = from_oldest(&self.played, PLAYED);
        if speech < LOUD {
            return;
        }
        if from_oldest(&self.heard, SPAN) < speech * WEAK {
            self.doubtful = 0;
            self.clear += 1;
            if self.clear >= ENOUGH && self.possible {
                self.possible = false;
                tracing::debug!("no echo on these devices: the canceller rests");
            }
        } else {
            self.doubtful += 1;
            if self.doubtful >= DOUBT {
                self.clear = 0;
                if !self.possible {
                    self.possible = true;
                    tracing::debug!("there may be an echo: the canceller works again");
                }
            }
        }
    }
}

/// Mean power of a frame; 1 is full scale.
pub(crate) fn power(frame: &Frame) -> f32 {
    frame.iter().map(|sample| sample * sample).sum::<f32>() / frame.len() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Power at a level, dB of full scale.
    fn db(level: f32) -> f32 {
        10.0_f32.powf(level / 10.0)
    }

    /// The customer's speech: a syllable of 200 ms, a gap of 100 ms.
    fn speech(tick: usize) -> f32 {
        if tick % 30 < 20 { db(-20.0) } else { 0.0 }
    }

    #[test]
    fn a_headset_is_noticed_within_a_second_of_speech() {
        let mut watch = EchoWatch::default();
        let noticed = (0..400).position(|tick| !watch.look(speech(tick), db(-70.0)));
        let ticks = noticed.unwrap_or(usize::MAX);
        assert!(ticks < 100, "the microphone hears its own noise only: {ticks} frames");
    }

    #[test]
    fn an_echo_is_never_taken_for_a_headset() {
        for delay in [0, 1, 4, 10, 19] {
            for loss in [0.0, 20.0, 35.0] {
                let mut watch = EchoWatch::default();
                let off = (0..3_000_usize).find(|tick| {
                    let echo = tick.checked_sub(delay).map_or(0.0, speech) * db(-loss);
                    !watch.look(speech(*tick), echo + db(-90.0))
                });
                assert_eq!(off, None, "{delay} frames late, {loss} dB weaker");
            }
        }
    }

    #[test]
    fn silence_of_the_customer_says_nothing() {
        let mut watch = EchoWatch::default();
        assert!((0..2_000).all(|_| watch.look(db(-60.0), db(-90.0))), "nothing was played that could come back");
    }

    #[test]
    fn the_agents_own_words_say_nothing() {
        let mut watch = EchoWatch::default();
        assert!(
            (0..2_000).all(|tick| watch.look(speech(tick), db(-25.0))),
            "whether an echo is below them is not known"
        );
    }

    #[test]
    fn an_echo_that_comes_later_is_noticed() {
        let mut watch = EchoWatch::default();
        for tick in 0..200 {
            watch.look(speech(tick), db(-80.0));
        }
        assert!(!watch.look(speech(200), db(-80.0)), "it was a headset");
        let back = (201..3_000).position(|tick| watch.look(speech(tick), speech(tick - 4) * db(-10.0)));
        let ticks = back.unwrap_or(usize::MAX);
        assert!((700..1_500).contains(&ticks), "after eight seconds of speech, not at the first word: {ticks} frames");
    }

    #[test]
    fn talking_at_once_for_a_while_does_not_bring_the_canceller_back() {
        let mut watch = EchoWatch::default();
        for tick in 0..200 {
            watch.look(speech(tick), db(-80.0));
        }
        let back = (200..6_000).find(|tick| {
            // Five seconds both, one second the customer alone.
            let agent = if tick % 600 < 500 { db(-25.0) } else { db(-80.0) };
            watch.look(speech(*tick), agent)
        });
        assert_eq!(back, None, "each pause of the agent says again that there is no echo");
    }
}

//! Whether a plugin's page answers.
//!
//! Inputs by origin: time (`tick`), the page (`answered`).
//!
//! | answer is missing for | done |
//! | --- | --- |
//! | nothing is asked, two seconds since the last | ask |
//! | five seconds | tell that it is frozen, once |
//! | fifteen seconds | end its process |

use std::time::{Duration, Instant};

/// Between two ticks.
pub(super) const TICK: Duration = Duration::from_secs(1);
const ASK_EVERY: Duration = Duration::from_secs(2);
const FROZEN_AFTER: Duration = Duration::from_secs(5);
const END_AFTER: Duration = Duration::from_secs(15);

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Nothing,
    /// Ask the page; an answer comes back as [`Pulse::answered`].
    Ask,
    /// Tell that it does not answer.
    TellFrozen,
    /// End its process.
    End,
}

/// One page's.
#[derive(Debug)]
pub(super) struct Pulse {
    /// Of the question that is open.
    asked: Option<Instant>,
    last_answer: Instant,
    frozen: bool,
    ended: bool,
}

impl Pulse {
    pub fn new(now: Instant) -> Self {
        Self { asked: None, last_answer: now, frozen: false, ended: false }
    }

    /// Time has passed. One question at most is open.
    pub fn tick(&mut self, now: Instant) -> Act {
        if self.ended {
            return Act::Nothing;
        }
        let Some(asked) = self.asked else {
            if now.saturating_duration_since(self.last_answer) < ASK_EVERY {
                return Act::Nothing;
            }
            self.asked = Some(now);
            return Act::Ask;
        };
        let missing = now.saturating_duration_since(asked);
        if missing >= END_AFTER {
            self.ended = true;
            return Act::End;
        }
        if missing >= FROZEN_AFTER && !self.frozen {
            self.frozen = true;
            return Act::TellFrozen;
        }
        Act::Nothing
    }

    /// The page has answered. True when it was said to be frozen.
    pub fn answered(&mut self, now: Instant) -> bool {
        self.asked = None;
        self.last_answer = now;
        std::mem::take(&mut self.frozen)
    }

    /// It is said to be frozen.
    pub fn frozen(&self) -> bool {
        self.frozen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn a_page_that_answers_is_asked_now_and_then() {
        let start = Instant::now();
        let mut pulse = Pulse::new(start);
        assert_eq!(pulse.tick(at(start, 1)), Act::Nothing, "not yet");
        assert_eq!(pulse.tick(at(start, 2)), Act::Ask, "two seconds after the start");
        assert_eq!(pulse.tick(at(start, 3)), Act::Nothing, "one question at a time");
        assert!(!pulse.answered(at(start, 3)), "nobody was told that it is frozen");
        assert_eq!(pulse.tick(at(start, 4)), Act::Nothing, "it has just answered");
        assert_eq!(pulse.tick(at(start, 5)), Act::Ask, "two seconds after the answer");
    }

    #[test]
    fn a_frozen_page_is_told_once_and_its_answer_too() {
        let start = Instant::now();
        let mut pulse = Pulse::new(start);
        assert_eq!(pulse.tick(at(start, 2)), Act::Ask, "asked");
        assert_eq!(pulse.tick(at(start, 6)), Act::Nothing, "four seconds are no reason to worry");
        assert_eq!(pulse.tick(at(start, 7)), Act::TellFrozen, "five are");
        assert!(pulse.frozen(), "nothing is posted to it meanwhile");
        assert_eq!(pulse.tick(at(start, 8)), Act::Nothing, "told once");
        assert!(pulse.answered(at(start, 9)), "its answer is news");
        assert!(!pulse.frozen(), "it may be posted to again");
        assert_eq!(pulse.tick(at(start, 11)), Act::Ask, "and is asked again");
    }

    #[test]
    fn a_page_that_never_answers_is_ended_once() {
        let start = Instant::now();
        let mut pulse = Pulse::new(start);
        let acts: Vec<Act> =
            (1..40).map(|seconds| pulse.tick(at(start, seconds))).filter(|act| *act != Act::Nothing).collect();
        assert_eq!(acts, [Act::Ask, Act::TellFrozen, Act::End], "asked, told, ended, and nothing after that");
    }
}

//! Keeps a ring between two clocks short without letting it run dry.
//!
//! The engine ticks by the computer's clock, a device by its own crystal, and
//! both are late at times. What matters for drop-outs is how close the ring came
//! to empty, so the pace is set by the *low-water mark*, not by the average fill:
//! that finds the shortest delay whatever the phase between the two clocks.

/// How near to empty the ring may come, at best, in milliseconds.
const MARGIN_LEAST: f32 = 3.0;
/// However bad the scheduling: beyond this, delay hurts more than a gap.
const MARGIN_MOST: f32 = 30.0;
/// Added after a drop-out.
const MARGIN_STEP: f32 = 3.0;
/// Taken away after [`CALM_TICKS`] without one.
const MARGIN_RELAX: f32 = 1.0;
/// 20 s of 10 ms ticks.
const CALM_TICKS: u32 = 2_000;
/// More than this above the margin is skipped, not played faster.
const SKIP_ABOVE: f32 = 25.0;
/// Change of speed per millisecond of error. 10 ms off is 0.3 %: not audible
/// in speech, gone in a few seconds; a crystal 100 ppm off costs 0.3 ms.
const GAIN: f32 = 3.0e-4;
/// Fastest change of speed, either way.
const SPEED_LIMIT: f32 = 5.0e-3;
/// The low-water mark is the least of this many slots of [`SLOT_TICKS`].
const SLOTS: usize = 8;
const SLOT_TICKS: u32 = 10;

/// What to do in this tick.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    /// Move data at this relative speed: above 1.0 drains the ring.
    Run(f64),
    /// The ring is far too full: skip one frame.
    Skip,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Pace {
    margin: f32,
    slots: [f32; SLOTS],
    slot: usize,
    ticks: u32,
    calm: u32,
}

impl Pace {
    pub(crate) fn new() -> Self {
        Self { margin: MARGIN_LEAST, slots: [f32::MAX; SLOTS], slot: 0, ticks: 0, calm: 0 }
    }

    /// Milliseconds that should be left at the low-water mark.
    pub(crate) fn margin(&self) -> f32 {
        self.margin
    }

    /// Takes what was seen since the last tick. `low`: least fill in
    /// milliseconds, `None` when the other side did not run. `ran_dry`: it found
    /// too little.
    pub(crate) fn step(&mut self, low: Option<f32>, ran_dry: bool) -> Step {
        if ran_dry {
            self.margin = (self.margin + MARGIN_STEP).min(MARGIN_MOST);
            self.calm = 0;
            self.forget();
        } else {
            self.calm += 1;
            if self.calm >= CALM_TICKS {
                self.calm = 0;
                self.margin = (self.margin - MARGIN_RELAX).max(MARGIN_LEAST);
            }
        }
        self.ticks += 1;
        if self.ticks >= SLOT_TICKS {
            self.ticks = 0;
            self.slot = (self.slot + 1) % SLOTS;
            self.slots[self.slot] = f32::MAX;
        }
        if let Some(low) = low {
            self.slots[self.slot] = self.slots[self.slot].min(low);
        }
        let lowest = self.slots.iter().copied().fold(f32::MAX, f32::min);
        if lowest == f32::MAX {
            return Step::Run(1.0);
        }
        let error = lowest - self.margin;
        if error > SKIP_ABOVE {
            self.forget();
            return Step::Skip;
        }
        Step::Run(f64::from(1.0 + (error * GAIN).clamp(-SPEED_LIMIT, SPEED_LIMIT)))
    }

    /// The marks describe a past that a skip or a drop-out has ended.
    fn forget(&mut self) {
        self.slots = [f32::MAX; SLOTS];
        self.ticks = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_ring_is_drained_and_an_empty_one_filled() {
        let mut pace = Pace::new();
        let Step::Run(fast) = pace.step(Some(14.0), false) else { panic!("10 ms too much is not skipped") };
        assert!(fast > 1.002 && fast < 1.0051, "10 ms above the margin plays a little faster: {fast}");
        let mut pace = Pace::new();
        let Step::Run(slow) = pace.step(Some(1.0), false) else { panic!("too little is never skipped") };
        assert!(slow < 1.0, "below the margin plays slower: {slow}");
    }

    #[test]
    fn far_too_much_is_skipped_once_then_looked_at_afresh() {
        let mut pace = Pace::new();
        assert_eq!(pace.step(Some(60.0), false), Step::Skip, "60 ms of delay are cut, not bled off");
        assert_eq!(pace.step(None, false), Step::Run(1.0), "the old mark is forgotten after a skip");
    }

    #[test]
    fn the_margin_grows_after_a_drop_out_and_comes_back() {
        let mut pace = Pace::new();
        for _ in 0..50 {
            pace.step(Some(0.0), true);
        }
        assert!((pace.margin() - MARGIN_MOST).abs() < 0.01, "the margin is bounded");
        for _ in 0..(CALM_TICKS * 40) {
            pace.step(Some(pace.margin()), false);
        }
        assert!((pace.margin() - MARGIN_LEAST).abs() < 0.01, "calm brings the short delay back");
    }
}

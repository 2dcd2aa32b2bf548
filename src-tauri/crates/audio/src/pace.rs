//! Keeps a ring between two clocks short without letting it run dry.
//!
//! The engine ticks by the computer's clock, a device by its own crystal, and
//! both are late at times. What matters for drop-outs is how close the ring came
//! to empty, so the pace is set by the *low-water mark*, not by the average fill:
//! that finds the shortest delay whatever the phase between the two clocks.

/// How near to empty the ring may come, at best, in milliseconds.
const MARGIN_LEAST: f32 = 3.0;
/// However bad the scheduling: beyond this, delay hurts more than a gap.
const MARGIN_MOST: f32 = 60.0;
/// Added after a drop-out.
const MARGIN_STEP: f32 = 4.0;
/// Taken away after [`CALM_TICKS`] without one.
const MARGIN_RELAX: f32 = 2.0;
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
/// A skip looks at the newest slots only: a backlog is cut within half a second,
/// though the ring was short before it.
const SKIP_SLOTS: usize = 3;
/// ... and at nothing less, because chunks may come in bursts (a busy sound server
/// hands over 50 ms at once) and then one look is always wrong.
const SKIP_TICKS: u32 = SKIP_SLOTS as u32 * SLOT_TICKS;

/// What to do in this tick.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    /// Move data at this relative speed: above 1.0 drains the ring.
    Run(f64),
    /// The ring is far too full: skip this many frames.
    Skip(usize),
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Pace {
    margin: f32,
    slots: [f32; SLOTS],
    slot: usize,
    ticks: u32,
    calm: u32,
    /// Ticks since the marks were last forgotten.
    seen: u32,
}

impl Pace {
    pub(crate) fn new() -> Self {
        Self { margin: MARGIN_LEAST, slots: [f32::MAX; SLOTS], slot: 0, ticks: 0, calm: 0, seen: 0 }
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
        self.seen = self.seen.saturating_add(1);
        self.ticks += 1;
        if self.ticks >= SLOT_TICKS {
            self.ticks = 0;
            self.slot = (self.slot + 1) % SLOTS;
            self.slots[self.slot] = f32::MAX;
        }
        if let Some(low) = low {
            self.slots[self.slot] = self.slots[self.slot].min(low);
        }
        let newest = |count: usize| {
            (0..count).map(|back| self.slots[(self.slot + SLOTS - back) % SLOTS]).fold(f32::MAX, f32::min)
        };
        let (recent, lowest) = (newest(SKIP_SLOTS + 1), newest(SLOTS));
        if lowest == f32::MAX {
            return Step::Run(1.0);
        }
        if recent != f32::MAX && recent - self.margin > SKIP_ABOVE && self.seen >= SKIP_TICKS {
            self.forget();
            return Step::Skip((((recent - self.margin) / 10.0) as usize).max(1));
        }
        let error = lowest - self.margin;
        Step::Run(f64::from(1.0 + (error * GAIN).clamp(-SPEED_LIMIT, SPEED_LIMIT)))
    }

    /// The marks describe a past that a skip or a drop-out has ended.
    fn forget(&mut self) {
        self.slots = [f32::MAX; SLOTS];
        self.ticks = 0;
        self.seen = 0;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

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
    fn far_too_much_is_skipped_after_a_look_at_it_and_then_looked_at_afresh() {
        let mut pace = Pace::new();
        let steps: Vec<Step> = (0..SKIP_TICKS).map(|_| pace.step(Some(63.0), false)).collect();
        let skips = steps.iter().filter(|step| matches!(step, Step::Skip(_))).count();
        assert_eq!((skips, steps.last()), (1, Some(&Step::Skip(6))), "60 ms of delay are cut at once, not bled off");
        assert_eq!(pace.step(None, false), Step::Run(1.0), "the old marks are forgotten after a skip");
    }

    #[test]
    fn bursts_are_no_backlog() {
        let mut pace = Pace::new();
        for tick in 0..500 {
            let mark = 3.0 + 10.0 * (4 - tick % 5) as f32;
            assert!(matches!(pace.step(Some(mark), false), Step::Run(_)), "five frames at once, every 50 ms");
        }
    }

    #[test]
    fn a_backlog_is_cut_within_half_a_second_though_the_ring_was_short_before() {
        let mut pace = Pace::new();
        for _ in 0..100 {
            pace.step(Some(3.0), false);
        }
        let cut = (0..50).position(|_| matches!(pace.step(Some(200.0), false), Step::Skip(_)));
        assert!(cut.is_some(), "a stalled device leaves no lasting delay");
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

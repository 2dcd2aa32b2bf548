//! Whether each sent packet carries the sound of the one before it as well
//! (Opus in-band redundancy), by what the peer reports of our stream.
//!
//! | state | sees | then |
//! | --- | --- | --- |
//! | on | reports in a row without a new loss: three at first, thirty once there was a loss | off |
//! | off | a report of a new loss | on |
//!
//! It is on at first, because nothing is known of the path. Where nothing is
//! lost it would only take a fifth of the encoder's time, and bits from the
//! sound itself.

use crate::reports::RemoteView;

/// Reports without a loss that end it on a path that has lost nothing yet.
const AT_FIRST: u32 = 3;
/// The same once something was lost: losses come in bursts.
const AFTER_LOSS: u32 = 30;

/// Decides it for one stream.
#[derive(Debug)]
pub(crate) struct Redundancy {
    reports: u64,
    lost: i64,
    /// Reports without a loss that it takes to end it; 0: it is off.
    wanted: u32,
}

impl Default for Redundancy {
    fn default() -> Self {
        Self { reports: 0, lost: 0, wanted: AT_FIRST }
    }
}

impl Redundancy {
    /// What the peer says now; cheap enough for every packet.
    pub(crate) fn look(&mut self, view: &RemoteView) -> bool {
        if view.reports != self.reports {
            // Duplicates make the count fall again.
            self.wanted = if view.lost > self.lost { AFTER_LOSS } else { self.wanted.saturating_sub(1) };
            self.lost = view.lost;
            self.reports = view.reports;
        }
        self.wanted > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The packets lost so far, report by report, and what follows from each.
    fn follow(redundancy: &mut Redundancy, from: u64, lost: &[i64]) -> Vec<bool> {
        let view =
            |(index, lost): (u64, &i64)| RemoteView { lost: *lost, reports: from + index, ..RemoteView::default() };
        (1..).zip(lost).map(|report| redundancy.look(&view(report))).collect()
    }

    #[test]
    fn a_path_that_loses_nothing_needs_none_after_three_reports() {
        let mut redundancy = Redundancy::default();
        assert!(redundancy.look(&RemoteView::default()), "nothing is known yet");
        assert_eq!(follow(&mut redundancy, 0, &[0, 0, 0, 0]), [true, true, false, false]);
    }

    #[test]
    fn one_report_read_twice_counts_once() {
        let mut redundancy = Redundancy::default();
        let view = RemoteView { reports: 1, ..RemoteView::default() };
        assert!((0..100).all(|_| redundancy.look(&view)), "one report is no proof of a good path");
    }

    #[test]
    fn a_loss_brings_it_back_at_once_and_for_longer() {
        let mut redundancy = Redundancy::default();
        follow(&mut redundancy, 0, &[0, 0, 0]);
        assert_eq!(follow(&mut redundancy, 3, &[2, 2, 3]), [true; 3], "the next packet carries it");
        let calm = follow(&mut redundancy, 6, &[3; 30]);
        assert_eq!(calm.iter().position(|on| !on), Some(29), "thirty reports without a loss");
        assert_eq!(follow(&mut redundancy, 36, &[4]), [true]);
    }

    #[test]
    fn a_count_that_falls_is_no_loss() {
        let mut redundancy = Redundancy::default();
        assert_eq!(follow(&mut redundancy, 0, &[-1, -2, -2, -2]), [true, true, false, false], "duplicates");
        assert_eq!(follow(&mut redundancy, 4, &[-1]), [true], "but one that rises again is");
    }
}

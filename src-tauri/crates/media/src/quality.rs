//! How good the line is, as the E-model (ITU-T G.107) estimates it, in the
//! short form that the trade uses.
//!
//! R starts at 94.77. It loses `d / 40` for a one-way delay of `d` milliseconds
//! up to 160 ms and `(d - 120) / 10` above, and 2.5 for each percent of sound
//! lost. The mean opinion score is the usual cubic in R. The delay counts our
//! real jitter buffer, and the loss what was really made up by concealment
//! after redundancy did its work, so both say what is heard.

use trunkline_model::Quality;

/// What is known of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Line {
    /// Round trip on the network, milliseconds; 0 when not known yet.
    pub round_trip_ms: f32,
    /// Delay by the receiving side's jitter buffer, milliseconds.
    pub buffer_ms: f32,
    /// Share of sound that is lost or made up, 0 to 1.
    pub lost: f32,
}

/// An estimate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Transmission rating, 0 to 100.
    pub rating: f32,
    /// Mean opinion score, 1 to 4.5.
    pub mos: f32,
    /// In one word.
    pub quality: Quality,
}

/// One packet is collected before it can be sent, the codec looks ahead 6.5 ms.
const CODEC_MS: f32 = 27.0;

impl Line {
    /// The E-model's opinion.
    pub fn estimate(self) -> Estimate {
        let delay = self.round_trip_ms / 2.0 + self.buffer_ms + CODEC_MS;
        let for_delay = if delay < 160.0 { delay / 40.0 } else { (delay - 120.0) / 10.0 };
        let for_loss = 2.5 * self.lost.clamp(0.0, 1.0) * 100.0;
        let rating = (94.77 - for_delay - for_loss).clamp(0.0, 100.0);
        let mos = 1.0 + 0.035 * rating + 7.0e-6 * rating * (rating - 60.0) * (100.0 - rating);
        let mos = mos.clamp(1.0, 4.5);
        let quality = if mos >= 4.0 {
            Quality::Good
        } else if mos >= 3.6 {
            Quality::Fair
        } else {
            Quality::Poor
        };
        Estimate { rating, mos, quality }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_has_its_known_points() {
        let clean = Line { round_trip_ms: 20.0, buffer_ms: 40.0, lost: 0.0 }.estimate();
        assert!((clean.rating - 92.8).abs() < 0.2 && clean.mos > 4.3, "a clean line is near the top: {clean:?}");
        assert_eq!(clean.quality, Quality::Good);
        let lossy = Line { lost: 0.05, ..Line { round_trip_ms: 20.0, buffer_ms: 40.0, lost: 0.0 } }.estimate();
        assert!((clean.rating - lossy.rating - 12.5).abs() < 0.01, "five percent lost cost 12.5");
        let far = Line { round_trip_ms: 600.0, buffer_ms: 100.0, lost: 0.0 }.estimate();
        assert!((far.rating - (94.77 - 30.7)).abs() < 0.1, "427 ms one way cost 30.7: {far:?}");
        assert_eq!(far.quality, Quality::Poor);
        let dead = Line { round_trip_ms: 9_000.0, buffer_ms: 900.0, lost: 1.0 }.estimate();
        assert!(dead.rating == 0.0 && dead.mos == 1.0, "and it ends at the bottom: {dead:?}");
    }
}

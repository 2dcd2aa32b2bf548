//! How long things take.

use std::time::Duration;

/// Time-outs, and the waits between attempts.
#[derive(Clone, Debug, PartialEq)]
pub struct Timing {
    /// From the open socket to the engine's handshake.
    pub handshake: Duration,
    /// From the wish to connect to the server's word.
    pub accept: Duration,
    /// The wait after a loss; doubled with each attempt in vain.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
    /// A wait is longer or shorter by at most this share.
    pub spread: f64,
}

impl Default for Timing {
    /// Dense in the beginning: a server that signs an agent out ten seconds after a
    /// loss (Expertflow) has them back before that. socket.io-client waits 1 s to
    /// 5 s, half longer or shorter.
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(5),
            accept: Duration::from_secs(10),
            first_wait: Duration::from_millis(300),
            longest_wait: Duration::from_secs(5),
            spread: 0.3,
        }
    }
}

impl Timing {
    /// The wait after `tries` attempts in vain; `share` from 0 to 1.
    pub fn wait(&self, tries: u32, share: f64) -> Duration {
        let doubled = 2_u32.checked_pow(tries.min(16)).and_then(|factor| self.first_wait.checked_mul(factor));
        let wait = doubled.unwrap_or(self.longest_wait).min(self.longest_wait);
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.5 };
        wait.mul_f64(1.0 + self.spread.clamp(0.0, 1.0) * (share * 2.0 - 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_spread_by_no_more_than_the_share() {
        let timing = Timing::default();
        let table = [300, 600, 1_200, 2_400, 4_800, 5_000, 5_000];
        for (tries, wait) in (0_u32..).zip(table) {
            assert_eq!(timing.wait(tries, 0.5), Duration::from_millis(wait), "after {tries} in vain");
        }
        assert_eq!(timing.wait(u32::MAX, 1.0), Duration::from_millis(6_500), "a third longer at most, for ever");
        assert_eq!(timing.wait(0, 0.0), Duration::from_millis(210));
        assert_eq!(timing.wait(0, f64::NAN), Duration::from_millis(300), "not a number spreads nothing");
    }
}

//! How long things take. The defaults are phoenix.js's, the same in 1.6.16,
//! 1.7.x and 1.8.x.

use std::time::Duration;

/// Intervals, time-outs and the two tables of tries.
#[derive(Clone, Debug, PartialEq)]
pub struct Timing {
    /// A heartbeat so long after the socket opened, and after each answer.
    pub heartbeat: Duration,
    /// A heartbeat without an answer for so long: the connection is dead.
    pub heartbeat_answer: Duration,
    /// A join or a push without an answer for so long has timed out.
    pub answer: Duration,
    /// Waits before reconnecting: first try, second try ... the last for ever.
    pub reconnect: Vec<Duration>,
    /// Waits before joining again, likewise.
    pub rejoin: Vec<Duration>,
    /// From the third try on, a wait is longer or shorter by at most this share,
    /// so that a floor of agents does not come back in lock-step. Not in
    /// phoenix.js; 0 switches it off.
    pub spread: f64,
    /// Pushes that may wait for their channel to be joined. phoenix.js has no limit.
    pub waiting_pushes: usize,
}

impl Default for Timing {
    fn default() -> Self {
        let table = |millis: &[u64]| millis.iter().map(|ms| Duration::from_millis(*ms)).collect();
        Self {
            heartbeat: Duration::from_secs(30),
            heartbeat_answer: Duration::from_secs(30),
            answer: Duration::from_secs(10),
            reconnect: table(&[10, 50, 100, 150, 200, 250, 500, 1000, 2000, 5000]),
            rejoin: table(&[1000, 2000, 5000, 10_000]),
            spread: 0.2,
            waiting_pushes: 256,
        }
    }
}

/// Tries before this one are not spread: they are shorter than a person notices.
const SPREAD_FROM: usize = 2;

impl Timing {
    /// The wait before reconnecting after `tries` tries in vain; `share` from 0 to 1.
    pub fn reconnect_after(&self, tries: usize, share: f64) -> Duration {
        self.wait(&self.reconnect, tries, share)
    }

    /// The wait before joining again after `tries` tries in vain; `share` from 0 to 1.
    pub fn rejoin_after(&self, tries: usize, share: f64) -> Duration {
        self.wait(&self.rejoin, tries, share)
    }

    fn wait(&self, table: &[Duration], tries: usize, share: f64) -> Duration {
        let Some(wait) = table.get(tries).or(table.last()).copied() else { return Duration::from_secs(5) };
        if tries < SPREAD_FROM || !share.is_finite() {
            return wait;
        }
        let factor = 1.0 + self.spread.clamp(0.0, 1.0) * (share.clamp(0.0, 1.0) * 2.0 - 1.0);
        wait.mul_f64(factor.max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::Timing;

    #[test]
    fn only_later_tries_are_spread_and_by_no_more_than_the_share() {
        let timing = Timing::default();
        for tries in 0..2 {
            assert_eq!(timing.reconnect_after(tries, 1.0), timing.reconnect[tries], "the first tries are the table's");
        }
        for tries in 2..20 {
            let table = timing.reconnect[tries.min(9)];
            assert_eq!(timing.reconnect_after(tries, 0.5), table, "the middle of the spread is the table's");
            assert_eq!(timing.reconnect_after(tries, 0.0), table.mul_f64(0.8), "a fifth shorter at most");
            assert_eq!(timing.reconnect_after(tries, 1.0), table.mul_f64(1.2), "a fifth longer at most");
            assert_eq!(timing.reconnect_after(tries, f64::NAN), table, "not a number spreads nothing");
        }
    }

    #[test]
    fn an_empty_table_is_no_busy_loop() {
        let timing = Timing { reconnect: Vec::new(), ..Timing::default() };
        assert!(timing.reconnect_after(0, 0.5).as_secs() >= 1, "a wait of its own");
    }
}

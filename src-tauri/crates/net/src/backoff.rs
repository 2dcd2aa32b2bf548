//! How long to wait before the next try. Pure: randomness comes in as a number.

use std::time::Duration;

/// Exponential back-off with full jitter: the wait is drawn evenly between
/// zero and a ceiling that grows with each attempt. Full jitter spreads the
/// reconnects of a whole floor of agents after a server restart better than
/// any fixed share of the ceiling does (AWS Architecture Blog, "Exponential
/// Backoff And Jitter", 2015).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// Ceiling of the first wait.
    pub base: Duration,
    /// Growth per attempt; below 1 counts as 1.
    pub factor: f64,
    /// No wait is longer.
    pub cap: Duration,
}

impl Backoff {
    /// Longest wait before attempt number `attempt` (0 is the first retry).
    pub fn ceiling(&self, attempt: u32) -> Duration {
        let factor = if self.factor.is_finite() { self.factor.max(1.0) } else { 1.0 };
        // Beyond 2^31 attempts the exponent has long overflowed to infinity, which the cap catches.
        let exponent = i32::try_from(attempt).unwrap_or(i32::MAX);
        let seconds = self.base.as_secs_f64() * factor.powi(exponent);
        if seconds >= self.cap.as_secs_f64() || !seconds.is_finite() {
            return self.cap;
        }
        Duration::from_secs_f64(seconds)
    }

    /// The wait before attempt number `attempt`; `random01` is a number from 0
    /// to 1 (others are clamped).
    pub fn delay(&self, attempt: u32, random01: f64) -> Duration {
        let share = if random01.is_nan() { 1.0 } else { random01.clamp(0.0, 1.0) };
        let ceiling = self.ceiling(attempt);
        // The product of the longest duration and 1.0 rounds to one that is too long.
        Duration::try_from_secs_f64(ceiling.as_secs_f64() * share).map_or(ceiling, |wait| wait.min(ceiling))
    }
}

/// A random number from 0 (included) to 1 (excluded) for [`Backoff::delay`].
pub fn random01() -> f64 {
    rand::random::<f64>()
}

/// The wait a server asked for with `Retry-After`, in its form in seconds
/// (RFC 9110, 10.2.3). The form with a date is ignored: it would trust two clocks.
pub fn retry_after(headers: &::http::HeaderMap) -> Option<Duration> {
    let seconds = headers.get(::http::header::RETRY_AFTER)?.to_str().ok()?.trim().parse::<u64>().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    const EXAMPLE: Backoff = Backoff { base: Duration::from_millis(500), factor: 2.0, cap: Duration::from_secs(30) };

    #[test]
    fn the_ceiling_doubles_until_the_cap() {
        let seconds: Vec<f64> = (0..8).map(|attempt| EXAMPLE.ceiling(attempt).as_secs_f64()).collect();
        assert_eq!(seconds, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0], "each wait may be twice as long, up to 30 s");
    }

    #[test]
    fn extreme_attempts_and_numbers_stay_within_the_cap() {
        assert_eq!(EXAMPLE.ceiling(u32::MAX), EXAMPLE.cap, "four thousand million attempts do not overflow");
        assert_eq!(EXAMPLE.delay(3, f64::NAN), EXAMPLE.ceiling(3), "not a number counts as the whole ceiling");
        assert_eq!(EXAMPLE.delay(3, -1.0), Duration::ZERO, "a share below zero counts as zero");
        assert_eq!(EXAMPLE.delay(3, 9.0), EXAMPLE.ceiling(3), "a share above one counts as one");
        let shrinking = Backoff { factor: 0.5, ..EXAMPLE };
        assert_eq!(shrinking.ceiling(5), EXAMPLE.base, "waits never shrink with the attempts");
        let huge = Backoff { base: Duration::MAX, factor: f64::MAX, cap: Duration::MAX };
        assert_eq!(huge.delay(u32::MAX, 1.0), Duration::MAX, "the largest numbers do not panic");
    }

    proptest! {
        #[test]
        fn waits_are_within_zero_and_the_ceiling_and_ceilings_never_shrink(
            base in 0u64..100_000, cap in 0u64..1_000_000, factor in 0.0f64..50.0, attempt in 0u32..10_000, share in 0.0f64..=1.0,
        ) {
            let backoff = Backoff { base: Duration::from_millis(base), factor, cap: Duration::from_millis(cap) };
            prop_assert!(backoff.delay(attempt, share) <= backoff.ceiling(attempt));
            prop_assert!(backoff.ceiling(attempt) <= backoff.cap);
            prop_assert!(backoff.ceiling(attempt) <= backoff.ceiling(attempt + 1));
        }
    }

    #[test]
    fn retry_after_is_read_in_seconds_only() {
        let mut headers = ::http::HeaderMap::new();
        assert_eq!(retry_after(&headers), None, "no header, no wish");
        headers.insert(::http::header::RETRY_AFTER, "17".parse().unwrap());
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(17)), "seconds are taken as they are");
        headers.insert(::http::header::RETRY_AFTER, "Fri, 31 Dec 1999 23:59:59 GMT".parse().unwrap());
        assert_eq!(retry_after(&headers), None, "a date is ignored");
    }

    #[test]
    fn random_numbers_are_within_zero_and_one_and_differ() {
        let drawn: Vec<f64> = (0..100).map(|_| random01()).collect();
        assert!(drawn.iter().all(|number| (0.0..1.0).contains(number)), "all are shares");
        assert!(drawn.windows(2).any(|pair| pair[0] != pair[1]), "they are not one constant");
    }
}

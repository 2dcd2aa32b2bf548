//! How much a plugin may say: the figures are the SmartAgent reference's.

/// Longest message, bytes of JSON.
pub(crate) const LONGEST_MESSAGE: usize = 64 << 10;

/// Tokens that come back with time: one is spent with each message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    burst: f64,
    per_ms: f64,
    tokens: f64,
    filled_at: i64,
}

impl Bucket {
    /// `per_second` in the long run, `burst` at once.
    pub(crate) fn new(per_second: f64, burst: f64) -> Self {
        Self { burst, per_ms: per_second / 1_000.0, tokens: burst, filled_at: i64::MIN }
    }

    /// True, and one token fewer, while there are any. `now`: milliseconds.
    pub(crate) fn take(&mut self, now: i64) -> bool {
        if self.filled_at != i64::MIN {
            // A clock that was set back gives nothing.
            #[allow(clippy::cast_precision_loss, reason = "a span of milliseconds")]
            let passed = now.saturating_sub(self.filled_at).max(0) as f64;
            self.tokens = self.burst.min(passed.mul_add(self.per_ms, self.tokens));
        }
        self.filled_at = now;
        let free = self.tokens >= 1.0;
        if free {
            self.tokens -= 1.0;
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_gets_its_burst_and_then_its_rate() {
        let mut bucket = Bucket::new(20.0, 40.0);
        let passed = (0..10_000).filter(|_| bucket.take(1_000)).count();
        assert_eq!(passed, 40, "of ten thousand at once, the burst");
        let later = (0..10_000).filter(|n| bucket.take(1_000 + n / 10)).count();
        assert!((19..=21).contains(&later), "and in the second after it, the rate: {later}");
        assert!(!bucket.take(-50_000), "a clock set back gives nothing");
    }
}

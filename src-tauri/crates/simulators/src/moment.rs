//! Points in time that can be compared inside this process and with other
//! processes' recordings.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A point on the monotonic clock together with its UNIX time.
///
/// The UNIX time is derived from the monotonic clock and one anchor taken at
/// first use, so differences between two moments are free of clock steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// The monotonic clock of this process.
    pub instant: Instant,
    /// Nanoseconds since 1970-01-01 UTC, for comparison with other processes.
    pub unix_nanos: u64,
}

fn anchor() -> (Instant, u64) {
    static ANCHOR: OnceLock<(Instant, u64)> = OnceLock::new();
    *ANCHOR.get_or_init(|| {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        (Instant::now(), u64::try_from(unix.as_nanos()).unwrap_or(u64::MAX))
    })
}

impl Moment {
    /// The present moment.
    #[must_use]
    pub fn now() -> Self {
        // The anchor must be older than the instant it is compared with.
        let _ = anchor();
        Self::at(Instant::now())
    }

    /// The moment of a monotonic instant, also of one before the anchor.
    #[must_use]
    pub fn at(instant: Instant) -> Self {
        let (base, unix) = anchor();
        let unix_nanos = match instant.checked_duration_since(base) {
            Some(after) => unix.saturating_add(nanos(after)),
            None => unix.saturating_sub(nanos(base.duration_since(instant))),
        };
        Self { instant, unix_nanos }
    }

    /// Seconds since 1970 with a fraction, as the service writes times.
    #[must_use]
    pub fn unix_seconds(self) -> f64 {
        self.unix_nanos as f64 / 1e9
    }

    /// Time since `earlier`; zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.instant.saturating_duration_since(earlier.instant)
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

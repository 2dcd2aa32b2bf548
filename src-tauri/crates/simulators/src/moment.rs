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

/// ISO 8601 in UTC with milliseconds.
pub(crate) fn iso_time(unix: f64) -> String {
    let millis = (unix * 1000.0) as i64;
    let (days, rest) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    // Civil date from days since 1970 (the usual era arithmetic).
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    let (s, ms) = (rest / 1000, rest % 1000);
    let (h, m, s) = (s / 3600, s / 60 % 60, s % 60);
    format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{ms:03}Z")
}

//! Wall-clock time as it crosses the wire to the UI.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Milliseconds since 1970-01-01T00:00:00Z **by this computer's clock**.
/// Connectors correct a provider's times by the measured skew before they put
/// them here, so that `now - since` is right on screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// From a provider's seconds with a fraction. `None` when not finite.
    pub fn from_seconds(seconds: f64) -> Option<Self> {
        // Beyond 2^53 ms a JavaScript number loses precision, and no call is that old.
        let millis = seconds * 1000.0;
        (millis.is_finite() && millis.abs() < 9.0e15).then_some(Self(millis.round() as i64))
    }

    /// Moves the time by a signed number of milliseconds.
    pub fn shifted(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to `self`, negative when `earlier` is later.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

//! The computer's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use trunkline_connector::ports::WallClock;
use trunkline_model::UnixMillis;

/// The wall clock of this computer. The only place of the program that reads it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl WallClock for SystemClock {
    fn now(&self) -> UnixMillis {
        // A clock before 1970 is a broken battery, not a reason to stop working.
        let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis),
        };
        UnixMillis(millis)
    }
}

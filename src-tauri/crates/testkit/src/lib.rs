//! Fakes, a fixed cast and recorders for tests.
//!
//! Everything a connector or the core gets from outside has a deterministic
//! stand-in here that records what was asked of it and does what the test told
//! it to. [`Stage`] joins them into the `Context` of one connector.
//!
//! Time-outs use `tokio::time`: with a paused clock a test that waits for
//! something which never comes fails at once instead of after [`PATIENCE`].
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in tests a panic is the message")]

pub mod cast;
mod clock;
mod events;
mod http;
mod log;
mod login;
mod media;
mod programs;
mod stage;
mod vault;
mod websocket;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use clock::FakeClock;
pub use events::EventLog;
pub use http::{FakeHttp, Reply, SentRequest};
pub use log::{LogCapture, LogGuard};
pub use login::FakeLogin;
pub use media::{FakeMedia, MediaCall};
pub use programs::FakePrograms;
pub use stage::{Stage, StageBuilder};
pub use vault::FakeVault;
pub use websocket::{FakePeer, FakeWebSocket};

/// How long an expectation waits: long enough for a loaded computer.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A failed test must not turn the others' messages into "poisoned lock".
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

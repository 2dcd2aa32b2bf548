//! The connector over the simulator.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod chats;
mod conformance;
mod parity;
mod resilience;
mod support;
mod told;
mod transport;
mod voice;
mod work;

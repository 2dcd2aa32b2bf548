//! The connector over the simulator.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod conformance;
mod support;

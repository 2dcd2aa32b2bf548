//! The connector over the simulator.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bad_input;
mod conformance;
mod connection;
mod support;

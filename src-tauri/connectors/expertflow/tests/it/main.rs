//! The connector over the simulator.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod assistance;
mod bad_input;
mod conformance;
mod conversations;
mod endings;
mod signing;
mod states;
mod support;
mod tasks;

//! The connector over the simulator.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod assistance;
mod bad_input;
mod conformance;
mod conversations;
mod customers;
mod endings;
mod lists;
mod long;
mod signing;
mod states;
mod supervision;
mod support;
mod tasks;

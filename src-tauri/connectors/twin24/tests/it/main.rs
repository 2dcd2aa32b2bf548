//! The connector over the simulated company: the conformance suite, and what is its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod acts;
mod bad_input;
mod conformance;
mod live;
mod sending;
mod support;

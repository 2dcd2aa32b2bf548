//! What the tests of the media crate share.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, missing_docs)]

pub mod engine;
pub mod peer;
pub mod relay;
pub mod sound;

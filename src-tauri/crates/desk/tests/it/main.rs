//! The desk as its callers see it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod annotations;
mod calls;
mod cast;
mod conversations;
mod events;
mod history;
mod parties;
mod properties;

//! What the core does as a whole: no window, real simulators.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod calling_out;
mod chatting;
mod config;
mod conversations;
mod diagnostics;
mod event_rules;
mod keeping_connections;
mod keeping_settings;
mod places;
mod platform_events;
mod plugins;
mod reading_history;
mod screen_pops;
mod session_expiry;
mod signing_out;
mod supervising;
mod talking_with_colleagues;
mod voice_enhancement;

//! The Phoenix client against frames of phoenix.js, hostile frames and virtual time.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "in tests a panic is the message")]

mod channels;
mod decoders;
mod drops;
mod golden;
mod presence;
mod rig;
mod socketio;

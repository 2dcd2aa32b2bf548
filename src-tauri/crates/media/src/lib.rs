//! WebRTC voice sessions: SDP, Opus, jitter buffer, statistics, call summary.
//!
//! [`VoiceSession::open`] gives three things: the session itself, with which a
//! connector negotiates; a [`Playout`] that the audio engine pulls the far
//! end's sound from; and a [`Capture`] that it pushes the microphone's into.
//! Neither of the two ever blocks.

mod arrival;
mod capture;
mod connection;
mod g711;
pub mod jitter;
mod opus_packet;
mod parts;
mod playout;
mod quality;
mod receiver;
mod redundancy;
mod reports;
pub mod sdp;
mod sender;
mod session;
mod stats;
mod stretch;
mod summary;
mod thread;

pub use capture::Capture;
pub use parts::Part;
pub use playout::Playout;
pub use quality::{Estimate, Line};
pub use session::{Opened, SessionConfig, VoiceSession};

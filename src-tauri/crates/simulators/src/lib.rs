//! Local servers that speak each platform's protocol, for demo mode and tests.
//!
//! A simulator is independent of the connector it serves: it has its own
//! encoders and decoders and its own WebRTC stack, so that a mistake made once
//! is not made twice and hidden. Each listens on 127.0.0.1 only and offers the
//! protocol, a typed handle for tests, and scenario scripts for demo mode.

pub mod amazon_connect;
pub mod centrifugo;
pub mod expertflow;
pub mod moment;
pub mod olos;
pub mod phoenix;
pub mod speech;
pub mod twin24;

pub use moment::Moment;

//! The plugin host without a window: what a plugin is, what it may do, and the
//! surfaces that its page speaks.
//!
//! [`Broker`] takes what pages say and what happens on the desk, and answers
//! with what is to be done; it knows neither files nor sockets nor the clock.

mod broker;
mod frames;
mod limits;
mod log;
mod manifest;
pub mod smartagent;
mod standing;
pub mod streams;

pub use broker::{Broker, Deed, Order, Outcome, Said, concerns};
pub use frames::{FrameFiles, FrameLog, FrameNews, FrameSink, FrameSpec, Frames, Posted, Refused};
pub use manifest::{FACADES, Manifest, ManifestError, SettingKind, origin_of};
pub use standing::{Plugin, Standing};

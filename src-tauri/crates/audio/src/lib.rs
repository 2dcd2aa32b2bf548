//! Devices, engine, mixer, filters, ringtones, levels. See README.md and
//! docs/media/audio.md.

mod device;
mod echo;
mod engine;
mod filter;
mod line;
mod mixer;
mod pace;
mod patchbay;
#[cfg(target_os = "linux")]
mod pulse;
mod resample;
mod ring;
mod sound;
mod synth;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod vocabulary;

pub use device::Host;
pub use engine::AudioEngine;
pub use sound::{Sound, SoundError};
pub use vocabulary::*;

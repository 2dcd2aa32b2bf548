//! Devices, engine, mixer, ringtones and levels.

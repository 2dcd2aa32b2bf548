// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Which device is meant.
 */
export type DeviceRole = "microphone" | "speaker" | "ringer";

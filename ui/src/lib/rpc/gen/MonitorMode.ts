// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * How a supervisor takes part in somebody else's contact.
 */
export type MonitorMode = "silent" | "whisper" | "barge";

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Where a connection stands.
 */
export type ConnectionState = "init" | "connecting" | "connected" | "hold" | "silent_monitor" | "barge" | "disconnected" | "rejected" | string;

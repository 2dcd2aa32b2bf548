// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Where a contact stands.
 */
export type ContactState = "init" | "offered" | "connecting" | "connected" | "paused" | "ended" | "missed" | "rejected" | "failed" | string;

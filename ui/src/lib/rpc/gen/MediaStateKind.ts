// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * How one medium of an agent stands, where a platform has a state for each.
 */
export type MediaStateKind = "ready" | "active" | "busy" | "ending" | "not_ready" | "interrupted" | "unknown";

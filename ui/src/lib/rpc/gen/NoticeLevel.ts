// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * How much it matters.
 */
export type NoticeLevel = "info" | "warning" | "error";

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What the other side hears of the line, in one word.
 */
export type Quality = "unknown" | "good" | "fair" | "poor";

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * How much an entry matters, the worst first.
 */
export type LogLevel = "error" | "warn" | "info" | "debug" | "trace";

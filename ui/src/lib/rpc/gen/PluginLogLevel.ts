// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * How much a line of a plugin's log matters.
 */
export type PluginLogLevel = "info" | "warning" | "error";

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * How a message of a plugin is meant.
 */
export type PopupLevel = "success" | "error";

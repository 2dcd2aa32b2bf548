// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * One list of [`Supervision`].
 */
export type SupervisionPart = "agents" | "waiting" | "contacts";

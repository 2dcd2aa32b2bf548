// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A team as the platform names it.
 */
export type TeamId = string;

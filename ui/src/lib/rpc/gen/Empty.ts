// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * No parameters.
 */
export type Empty = Record<symbol, never>;

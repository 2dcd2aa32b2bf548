// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A list that agents take work from, as the platform names it.
 */
export type WorkListId = string;

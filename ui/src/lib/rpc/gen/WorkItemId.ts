// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Something in such a list, as the platform names it.
 */
export type WorkItemId = string;

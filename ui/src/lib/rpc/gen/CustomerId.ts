// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A customer's record as the platform names it.
 */
export type CustomerId = string;

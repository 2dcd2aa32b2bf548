// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * One leg of a contact as the platform names it.
 */
export type ConnectionId = string;

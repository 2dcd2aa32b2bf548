// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A message as the platform names it.
 */
export type MessageId = string;

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A message of ours before and after the platform names it: made here, kept
 * through crashes, given to the platform so that a repetition is not a
 * second message.
 */
export type MessageToken = string;

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A queue as the platform names it (an ARN on Amazon Connect).
 */
export type QueueId = string;

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A task of ours before the platform names it: made here (a UUID), given to
 * the platform so that a repetition is not a second task.
 */
export type TaskToken = string;

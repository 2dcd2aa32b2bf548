// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * How far something the agent sends has got. What has arrived is a message and no longer here.
 */
export type OutgoingState = { "kind": "waiting" } | { "kind": "sending" } | { "kind": "failed",
/**
 * Message key of the reason (`error_...`).
 */
reason: string, };

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * How far a message of ours got.
 */
export type Delivery = "sent" | "delivered" | "read" | "failed";

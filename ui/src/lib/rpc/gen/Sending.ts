// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What the customer gets to hear from this computer, derived from the packets
 * actually sent, never from a flag.
 */
export type Sending = "nothing" | "sound" | "muted" | "silence";

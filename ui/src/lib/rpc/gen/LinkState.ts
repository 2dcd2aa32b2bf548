// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * How an account's connection stands.
 */
export type LinkState = "signed_out" | "needs_sign_in" | "connecting" | "online" | "degraded" | "offline" | "refused";

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * How a customer's signing in within a chat ended.
 */
export type AuthenticationState = "authenticated" | "failed" | "timed_out" | string;

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Codes that the UI acts on. Everything else is `failed`.
 */
export type RpcCode = "not_possible" | "not_allowed" | "invalid" | "not_signed_in" | "unavailable" | "unknown_command" | "failed";

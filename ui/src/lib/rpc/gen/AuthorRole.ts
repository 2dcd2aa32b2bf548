// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Who wrote something. Names are text from outside.
 */
export type AuthorRole = "me" | "customer" | "agent" | "supervisor" | "bot" | "system";

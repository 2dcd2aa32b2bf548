// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Whether one can write.
 */
export type ConversationState = "joining" | "open" | "ended" | "broken";

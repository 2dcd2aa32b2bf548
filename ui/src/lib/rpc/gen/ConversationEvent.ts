// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What happens in a conversation beside words. Who it happened to is the item's author.
 */
export type ConversationEvent = "joined" | "left" | "invited" | "renamed" | "idle" | "returned" | "auto_disconnected" | "transferred" | "transfer_failed" | "resumed" | "ended" | "authentication_started" | "authentication_succeeded" | { "authentication_failed": string };

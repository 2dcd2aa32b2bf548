// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What an event is about, for lists and rules. The platform's own type stays
 * beside it.
 */
export type EventSort = "screen_pop" | "third_party" | "status" | "call" | "message" | "other";

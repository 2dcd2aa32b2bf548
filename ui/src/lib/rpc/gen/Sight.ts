// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A medium besides speech that a party can send.
 */
export type Sight = "video" | "screen";

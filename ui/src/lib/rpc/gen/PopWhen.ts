// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * When a page is opened.
 */
export type PopWhen = "offer" | "accept" | "hand";

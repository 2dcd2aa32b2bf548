// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * How calls reach a platform that was made for a browser.
 */
export type Route = "direct" | "page";

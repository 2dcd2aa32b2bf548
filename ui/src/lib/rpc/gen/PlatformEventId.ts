// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * An event as the platform names it.
 */
export type PlatformEventId = string;

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A connector's name, for example `amazon-connect`.
 */
export type PlatformId = string;

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What stands behind an entry of the directory.
 */
export type EndpointKind = "phone_number" | "agent" | "queue" | string;

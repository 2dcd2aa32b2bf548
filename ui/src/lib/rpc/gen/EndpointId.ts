// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * An entry of the platform's directory as the platform names it.
 */
export type EndpointId = string;

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A medium as the platform routes it ("media routing domain" on Expertflow CX).
 */
export type MediaDomainId = string;

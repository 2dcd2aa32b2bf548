// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Role of a connection within its contact.
 */
export type ConnectionKind = "agent" | "initial" | "third_party" | "monitoring" | string;

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Who started the contact.
 */
export type Direction = "inbound" | "outbound" | "callback" | "monitoring";

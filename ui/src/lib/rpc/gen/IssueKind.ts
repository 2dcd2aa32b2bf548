// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What a problem with a contact is about.
 */
export type IssueKind = "sound" | "connection" | "messages" | "details" | "other";

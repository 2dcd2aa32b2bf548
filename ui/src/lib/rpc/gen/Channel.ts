// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * The medium of a contact.
 */
export type Channel = "voice" | "chat" | "task" | "email" | string;

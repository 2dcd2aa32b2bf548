// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * The kind of a contact within its channel.
 */
export type Subtype = "telephone" | "web_call" | "chat" | "sms" | "apple_messages" | "whatsapp" | "guide" | "task" | "email" | string;

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What a sound is played for.
 */
export type SoundKind = "voice" | "chat" | "task" | "email" | "auto_accept" | "event";

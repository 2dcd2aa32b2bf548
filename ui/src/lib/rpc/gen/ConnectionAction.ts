// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What the agent may do with one connection right now.
 */
export type ConnectionAction = "hold" | "resume" | "disconnect" | "send_digits" | "mute" | "unmute";

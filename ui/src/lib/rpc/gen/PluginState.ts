// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * How a plugin stands.
 */
export type PluginState = { "kind": "off" } | { "kind": "awaits_consent" } | { "kind": "resting" } | { "kind": "loading" } | { "kind": "running" } | { "kind": "silent" } | { "kind": "frozen" } | { "kind": "crashed",
/**
 * In the system's words.
 */
cause: string, } | { "kind": "broken",
/**
 * Message key.
 */
message_key: string,
/**
 * In the system's words.
 */
cause: string, };

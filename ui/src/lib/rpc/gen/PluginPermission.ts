// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What a plugin may be allowed.
 */
export type PluginPermission = "agent" | "contacts" | "annotate" | "calls" | "transfers" | "state" | "notify" | "platform-events";

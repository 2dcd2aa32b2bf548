// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * The class of an agent state; decides whether the platform routes contacts.
 */
export type AgentStateKind = "init" | "routable" | "not_routable" | "offline" | "system" | "error" | "unknown";

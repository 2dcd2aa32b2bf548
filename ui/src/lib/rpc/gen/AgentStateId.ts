// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A state that an agent can choose, as the platform names it.
 */
export type AgentStateId = string;

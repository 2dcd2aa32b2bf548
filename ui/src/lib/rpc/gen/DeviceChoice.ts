// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * The agent's choice for one role: by name, since device ids change.
 */
export type DeviceChoice = { "kind": "system_default" } | { "kind": "named",
/**
 * Name as the system shows it.
 */
name: string, };

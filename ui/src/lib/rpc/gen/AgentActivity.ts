// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What a state set by the platform means, so that the UI has words for it.
 */
export type AgentActivity = "named" | "online" | "paused" | "offline" | "reserved" | "busy" | "after_contact_work" | "calling" | "missed_by_agent" | "missed_by_customer" | "connect_failed" | "bad_address" | "line_engaged" | "several_windows" | "failed" | "unknown";

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * How a finished contact came to its end.
 */
export type Outcome = "handled" | "ended_by_agent" | "ended_by_customer" | "missed" | "declined" | "abandoned" | "transferred" | "busy" | "no_answer" | "bad_address" | "failed";

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What a field takes. The text of a value has one form a kind, the same in a
 * default and in what the agent fills in.
 */
export type TaskFieldKind = "name" | "description" | "scheduled_time" | "quick_connect" | "url" | "number" | "text" | "text_area" | "date_time" | "boolean" | "single_select" | "email" | string;

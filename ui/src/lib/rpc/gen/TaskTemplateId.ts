// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A template of tasks as the platform names it.
 */
export type TaskTemplateId = string;

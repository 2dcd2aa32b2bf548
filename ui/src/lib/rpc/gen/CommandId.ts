// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * One command of the agent. A command repeated with the same id is carried
 * out once.
 */
export type CommandId = string;

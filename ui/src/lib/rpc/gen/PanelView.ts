// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A view of the panel that can be asked for.
 */
export type PanelView = "number_pad" | "quick_connects" | "new_task";

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What a reference of a task points to.
 */
export type ReferenceKind = "url" | "text" | "number" | "date" | "email" | "attachment" | string;

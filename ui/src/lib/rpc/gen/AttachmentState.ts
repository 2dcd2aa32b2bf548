// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Whether the platform has checked a file.
 */
export type AttachmentState = "checking" | "ready" | "refused";

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A contact as the platform names it. Unique within one account only: use
 * [`ContactKey`] wherever several accounts meet.
 */
export type ContactId = string;

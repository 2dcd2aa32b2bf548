// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * One sign-in on one platform. Made by us when the account is added; two
 * accounts on the same platform have two ids.
 */
export type AccountId = string;

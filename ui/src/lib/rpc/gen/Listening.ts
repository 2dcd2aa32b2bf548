// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Whether a supervisor can listen to a contact.
 */
export type Listening = "possible" | "mine" | "taken" | "telephone" | "impossible";

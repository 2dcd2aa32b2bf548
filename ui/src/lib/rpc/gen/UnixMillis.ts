// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Milliseconds since 1970-01-01T00:00:00Z **by this computer's clock**.
 * Connectors correct a provider's times by the measured skew before they put
 * them here, so that `now - since` is right on screen.
 */
export type UnixMillis = number;

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A plugin, by its manifest: small letters, digits and hyphens.
 */
export type PluginId = string;

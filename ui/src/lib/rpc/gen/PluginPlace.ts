// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Where in the panel a plugin belongs. The names are the SmartAgent SDK's.
 */
export type PluginPlace = "call" | "contact-log" | "nav" | "always" | "default" | "DPA";

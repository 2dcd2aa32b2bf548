// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Where a plugin comes from.
 */
export type PluginSource = { "kind": "built_in",
/**
 * Its folder there.
 */
name: string, } | { "kind": "folder",
/**
 * Absolute path.
 */
path: string, } | { "kind": "web",
/**
 * Of the manifest: `https`, or `http` on this computer.
 */
address: string, };

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A plugin that comes with the program and has not been added.
 */
export type AvailablePlugin = {
  /**
   * For [`PluginSource::BuiltIn`].
   */
  name: string,
  /**
   * Shown name.
   */
  title: string,
  /**
   * What it is for.
   */
  description: string,
};

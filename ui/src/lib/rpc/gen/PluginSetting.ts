// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * One setting that a plugin has.
 */
export type PluginSetting = {
  /**
   * Key.
   */
  key: string,
  /**
   * In the plugin's words.
   */
  label: string,
  /**
   * An `https` address; the plugin may load from its server.
   */
  is_address: boolean,
  /**
   * Value.
   */
  value: string,
};

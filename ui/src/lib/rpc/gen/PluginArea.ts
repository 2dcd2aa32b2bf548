// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Part of the panel's page, CSS pixels from its upper left corner.
 */
export type PluginArea = {
  /**
   * From the left.
   */
  x: number,
  /**
   * From the top.
   */
  y: number,
  /**
   * Width.
   */
  width: number,
  /**
   * Height.
   */
  height: number,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Switches something on or off.
 */
export type Switch = {
  /**
   * On.
   */
  on: boolean,
};

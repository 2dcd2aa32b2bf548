// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A group of codes.
 */
export type WrapUpCategory = {
  /**
   * Shown name.
   */
  name: string,
  /**
   * What can be chosen in it, in the platform's order.
   */
  values: Array<string>,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * One choice.
 */
export type WrapUpCode = {
  /**
   * [`WrapUpCategory::name`].
   */
  category: string,
  /**
   * One of its values.
   */
  value: string,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * One contact attribute of the flow.
 */
export type Attribute = {
  /**
   * Key.
   */
  name: string,
  /**
   * Value; text from outside.
   */
  value: string,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What the agent filled into a field, or how a reference of a task reads from now on.
 */
export type FieldValue = {
  /**
   * `TaskField::name`.
   */
  name: string,
  /**
   * In the form of its kind; not empty.
   */
  value: string,
};

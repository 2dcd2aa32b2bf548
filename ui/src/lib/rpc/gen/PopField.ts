// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * One value of a preview.
 */
export type PopField = {
  /**
   * As in the template.
   */
  name: string,
  /**
   * Text from outside; absent: the contact has none.
   */
  value: string | null,
};

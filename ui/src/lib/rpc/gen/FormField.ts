// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * One field of an account form.
 */
export type FormField = {
  /**
   * Key.
   */
  key: string,
  /**
   * Message key of the label.
   */
  label_key: string,
  /**
   * `text`, `address` or `secret`.
   */
  kind: string,
  /**
   * Must be filled.
   */
  required: boolean,
};

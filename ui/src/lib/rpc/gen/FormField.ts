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
   * `text`, `address`, `secret`, `number` or `switch` (`true`, or empty).
   */
  kind: string,
  /**
   * Must be filled.
   */
  required: boolean,
  /**
   * Message key of the part of the form that it belongs to; absent: the first.
   */
  part_key: string | null,
};

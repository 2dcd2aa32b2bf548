// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What a plugin knows of a customer. Text from outside; absent: not known.
 */
export type CustomerNote = {
  /**
   * In the customer file that the plugin reads.
   */
  id: string | null,
  /**
   * Name.
   */
  name: string | null,
  /**
   * Number.
   */
  phone: string | null,
  /**
   * E-mail address.
   */
  email: string | null,
};

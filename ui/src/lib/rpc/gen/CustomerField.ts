// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * One field of a customer's record.
 */
export type CustomerField = {
  /**
   * The platform's key.
   */
  key: string,
  /**
   * Shown name.
   */
  label: string,
  /**
   * What it holds; none when it is hidden.
   */
  values: Array<string>,
  /**
   * There is something that this agent may not see.
   */
  hidden: boolean,
  /**
   * An address on one of the ways to reach the customer.
   */
  address: boolean,
};

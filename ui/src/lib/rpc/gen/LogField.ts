// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * One named value of an entry.
 */
export type LogField = {
  /**
   * Name.
   */
  name: string,
  /**
   * Value as text.
   */
  value: string,
};

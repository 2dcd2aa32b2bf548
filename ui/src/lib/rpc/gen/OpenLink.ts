// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * An address that somebody wrote.
 */
export type OpenLink = {
  /**
   * `http` or `https`, without a user name in it.
   */
  address: string,
};

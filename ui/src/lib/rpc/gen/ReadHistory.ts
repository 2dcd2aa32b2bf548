// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Asks for a page of the history, newest first.
 */
export type ReadHistory = {
  /**
   * At most this many (1 to 200).
   */
  limit: number,
  /**
   * Skip this many.
   */
  offset: number,
};

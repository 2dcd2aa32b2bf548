// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Puts a message away.
 */
export type DismissNotice = {
  /**
   * `Notice::id`.
   */
  id: string,
};

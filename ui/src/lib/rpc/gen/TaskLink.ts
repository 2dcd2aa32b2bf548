// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A link of a task.
 */
export type TaskLink = {
  /**
   * What it is called.
   */
  name: string,
  /**
   * `http` or `https`.
   */
  address: string,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * One choice of an interactive message.
 */
export type Choice = {
  /**
   * What it says.
   */
  title: string,
  /**
   * Explanation below.
   */
  subtitle: string | null,
};

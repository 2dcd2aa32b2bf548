// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Where it is.
 */
export type LogExport = {
  /**
   * File.
   */
  path: string,
  /**
   * Entries in it.
   */
  entries: number,
};

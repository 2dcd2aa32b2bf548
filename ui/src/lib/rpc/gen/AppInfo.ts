// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What the program is.
 */
export type AppInfo = {
  /**
   * Version.
   */
  version: string,
  /**
   * Runs against the embedded simulators.
   */
  demo: boolean,
  /**
   * Folder of the log files.
   */
  log_folder: string | null,
};

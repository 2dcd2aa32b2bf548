// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A file the agent gives.
 */
export type RingtoneFile = {
  /**
   * Shown name.
   */
  name: string,
  /**
   * Content, base64.
   */
  base64: string,
};

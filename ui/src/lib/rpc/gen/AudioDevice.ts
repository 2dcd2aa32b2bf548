// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A device the system has.
 */
export type AudioDevice = {
  /**
   * Name as the system shows it.
   */
  name: string,
  /**
   * It is the system's default of its kind.
   */
  is_default: boolean,
};

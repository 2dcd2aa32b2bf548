// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Names of the devices of a call.
 */
export type CallDevices = {
  /**
   * Microphone; absent when there was none.
   */
  microphone: string | null,
  /**
   * Speaker; absent when there was none.
   */
  speaker: string | null,
};

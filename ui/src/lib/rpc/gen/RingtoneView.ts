// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * The ringtone.
 */
export type RingtoneView = {
  /**
   * Id of a built-in tone, or absent for a file.
   */
  builtin: string | null,
  /**
   * Name of the agent's own file.
   */
  file_name: string | null,
  /**
   * 0 to 100.
   */
  volume: number,
  /**
   * Ids of built-in tones.
   */
  available: Array<string>,
  /**
   * Message key of what is wrong with the file, when it could not be used.
   */
  problem: string | null,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * What the platform allows in a contact; absent: it does not say.
 */
export type Features = {
  /**
   * Files.
   */
  files: boolean | null,
  /**
   * Marked-up text.
   */
  markdown: boolean | null,
  /**
   * More than three parties.
   */
  several_parties: boolean | null,
  /**
   * The agent's screen is recorded.
   */
  screen_recorded: boolean | null,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Words kept ready to be said.
 */
export type CannedMessage = {
  /**
   * As the platform writes it (`en`).
   */
  language: string,
  /**
   * Heading that it stands under.
   */
  category: string,
  /**
   * What is said.
   */
  text: string,
};

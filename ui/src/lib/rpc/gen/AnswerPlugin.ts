// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Answers a plugin's question.
 */
export type AnswerPlugin = {
  /**
   * `PluginAsk::id`.
   */
  ask: string,
  /**
   * It may.
   */
  allow: boolean,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * How much was written in a conversation.
 */
export type MessageCounts = {
  /**
   * By the agent.
   */
  sent: number,
  /**
   * By anybody else.
   */
  received: number,
  /**
   * Files, either way.
   */
  files: number,
};

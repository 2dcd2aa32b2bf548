// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * A file being fetched from a conversation.
 */
export type Download = {
  /**
   * `Attachment::id`.
   */
  attachment: string,
  /**
   * Bytes that have come in.
   */
  received: number,
  /**
   * Where it was put, once it is there.
   */
  saved: string | null,
  /**
   * Message key of what went wrong (`error_...`).
   */
  failed: string | null,
};

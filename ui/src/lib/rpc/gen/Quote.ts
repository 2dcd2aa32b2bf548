// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Author } from "./Author";
import type { MessageId } from "./MessageId";

/**
 * The message that another one answers.
 */
export type Quote = {
  /**
   * Which.
   */
  message: MessageId,
  /**
   * Whose, where it is known here.
   */
  author: Author | null,
  /**
   * Its beginning in words, where it is known here.
   */
  text: string | null,
};

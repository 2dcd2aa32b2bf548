// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Message } from "./Message";

/**
 * An item of an earlier conversation.
 */
export type PastMessage = {
  /**
   * The platform's id of that conversation: the same for all of its items.
   */
  conversation: string,
  /**
   * The item.
   */
  message: Message,
};

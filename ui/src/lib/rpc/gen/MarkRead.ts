// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";
import type { MessageId } from "./MessageId";

/**
 * The agent has seen everything up to this message.
 */
export type MarkRead = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * The last one seen.
   */
  message: MessageId,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";
import type { MessageId } from "./MessageId";

/**
 * One message of a conversation.
 */
export type OnMessage = {
  /**
   * In which contact.
   */
  contact: ContactKey,
  /**
   * Which.
   */
  message: MessageId,
};

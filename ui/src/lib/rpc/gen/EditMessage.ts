// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";
import type { MessageId } from "./MessageId";

/**
 * Changes words that were sent.
 */
export type EditMessage = {
  /**
   * In which contact.
   */
  contact: ContactKey,
  /**
   * One of the agent's own.
   */
  message: MessageId,
  /**
   * How it reads from now on.
   */
  text: string,
};

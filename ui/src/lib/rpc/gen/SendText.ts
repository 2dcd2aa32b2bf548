// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";
import type { MessageId } from "./MessageId";

/**
 * Says something in a conversation.
 */
export type SendText = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * Words; not only blanks.
   */
  text: string,
  /**
   * Has marks of markdown.
   */
  markdown: boolean,
  /**
   * The message that it answers (where `Conversation::replies`).
   */
  reply_to: MessageId | null,
  /**
   * For agents' eyes alone (where `Conversation::whispers`); absent: to the customer.
   */
  internal: boolean,
};

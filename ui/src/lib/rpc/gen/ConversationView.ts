// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";
import type { Conversation } from "./Conversation";
import type { Download } from "./Download";
import type { MessageId } from "./MessageId";
import type { Outgoing } from "./Outgoing";

/**
 * The conversation of a contact, without its messages.
 */
export type ConversationView = {
  /**
   * Of which contact.
   */
  key: ContactKey,
  /**
   * As the platform has it.
   */
  conversation: Conversation,
  /**
   * Messages of others that the agent has not seen.
   */
  unread: number,
  /**
   * The last message the agent has seen.
   */
  read_up_to: MessageId | null,
  /**
   * What the agent has begun to write.
   */
  draft: string,
  /**
   * What has not arrived yet, in order.
   */
  outgoing: Array<Outgoing>,
  /**
   * Files being fetched, or fetched in this run.
   */
  downloads: Array<Download>,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";

/**
 * A file in a conversation.
 */
export type OnAttachment = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * `Attachment::id`.
   */
  attachment: string,
};

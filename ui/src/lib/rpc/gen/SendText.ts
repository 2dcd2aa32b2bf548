// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";

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
};

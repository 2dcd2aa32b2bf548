// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";

/**
 * Sends a file in a conversation.
 */
export type SendFile = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * Name; a path in front of it is cut off.
   */
  name: string,
  /**
   * Media type; empty: told from the name.
   */
  content_type: string,
  /**
   * Content, base64.
   */
  base64: string,
};

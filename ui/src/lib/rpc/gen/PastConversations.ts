// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";

/**
 * Asks for earlier conversations of a contact's customer, newest first.
 */
export type PastConversations = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * From 0.
   */
  page: number,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";

/**
 * Chooses the way on which a conversation is answered.
 */
export type ChooseLine = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * One of `Conversation::lines`.
   */
  line: string,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";

/**
 * Asks for what was said in a contact that is over, newest first.
 */
export type ArchivedMessages = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * From 0.
   */
  page: number,
};

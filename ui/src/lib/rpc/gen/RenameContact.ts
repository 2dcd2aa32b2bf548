// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";

/**
 * Gives a contact another name.
 */
export type RenameContact = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * 1 to 200 characters.
   */
  name: string,
};

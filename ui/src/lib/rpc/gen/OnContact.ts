// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";

/**
 * A command on one contact.
 */
export type OnContact = {
  /**
   * Which.
   */
  contact: ContactKey,
};

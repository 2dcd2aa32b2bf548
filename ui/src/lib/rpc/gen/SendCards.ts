// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactCard } from "./ContactCard";
import type { ContactKey } from "./ContactKey";

/**
 * Sends people to reach.
 */
export type SendCards = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * 1 to 10 of them.
   */
  cards: Array<ContactCard>,
};

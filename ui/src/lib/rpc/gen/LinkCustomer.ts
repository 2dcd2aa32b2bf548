// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";
import type { CustomerId } from "./CustomerId";

/**
 * Gives a contact another customer.
 */
export type LinkCustomer = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * Whose it is.
   */
  customer: CustomerId,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";

/**
 * Keeps a contact's customer from writing, or lets them again.
 */
export type BanCustomer = {
  /**
   * Whose.
   */
  contact: ContactKey,
  /**
   * Wanted.
   */
  banned: boolean,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { ContactId } from "./ContactId";

/**
 * A contact among all accounts.
 */
export type ContactKey = {
  /**
   * The account that holds it.
   */
  account: AccountId,
  /**
   * Its id there.
   */
  contact: ContactId,
};

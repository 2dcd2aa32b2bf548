// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { ContactId } from "./ContactId";

/**
 * Asks for a page of the directory (quick connects), sorted by name.
 */
export type ListEndpoints = {
  /**
   * Where.
   */
  account: AccountId,
  /**
   * Only those for this contact, where the platform tells them apart.
   */
  contact: ContactId | null,
  /**
   * Part of a name or number, upper and lower case alike; empty: all.
   */
  search: string,
  /**
   * `next` of the page before; absent: from the beginning.
   */
  after: string | null,
};

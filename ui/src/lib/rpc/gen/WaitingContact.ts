// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Party } from "./Party";
import type { Subtype } from "./Subtype";
import type { UnixMillis } from "./UnixMillis";

/**
 * Somebody who waits.
 */
export type WaitingContact = {
  /**
   * Who.
   */
  customer: Party,
  /**
   * On which way.
   */
  kind: Subtype,
  /**
   * Since when, by this computer's clock.
   */
  since: UnixMillis | null,
  /**
   * Marks on the customer.
   */
  labels: Array<string>,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { CustomerRecord } from "./CustomerRecord";

/**
 * The customer of a contact.
 */
export type CustomerCard = {
  /**
   * As the platform keeps it.
   */
  record: CustomerRecord,
  /**
   * The contact can be given another customer (`find_customers`).
   */
  can_link: boolean,
  /**
   * Earlier conversations can be read.
   */
  has_past: boolean,
};

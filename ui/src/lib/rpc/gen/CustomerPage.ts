// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { CustomerRecord } from "./CustomerRecord";

/**
 * Records found by words.
 */
export type CustomerPage = {
  /**
   * Records.
   */
  items: Array<CustomerRecord>,
  /**
   * Number of the next page; absent: this is the last.
   */
  next: number | null,
};

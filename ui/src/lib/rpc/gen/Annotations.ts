// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { CustomerNote } from "./CustomerNote";

/**
 * What was put onto one contact.
 */
export type Annotations = {
  /**
   * Attributes by name.
   */
  attributes: { [key in string]: string },
  /**
   * The customer.
   */
  customer: CustomerNote,
};

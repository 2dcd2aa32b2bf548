// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";
import type { CustomerNote } from "./CustomerNote";

/**
 * Puts something onto a contact that the platform does not know.
 */
export type AnnotateContact = {
  /**
   * Which.
   */
  contact: ContactKey,
  /**
   * Replaces those of the same names.
   */
  attributes: { [key in string]: string },
  /**
   * What is known of the customer; absent members stay as they are.
   */
  customer: CustomerNote,
};

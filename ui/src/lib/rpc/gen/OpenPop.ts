// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";

/**
 * Opens a page by hand.
 */
export type OpenPop = {
  /**
   * For which contact.
   */
  contact: ContactKey,
  /**
   * `PopChoice::id`.
   */
  page: string,
};

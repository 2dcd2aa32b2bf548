// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Attribute } from "./Attribute";

/**
 * Somebody to reach.
 */
export type ContactCard = {
  /**
   * Shown name.
   */
  name: string,
  /**
   * Telephone numbers as they were given.
   */
  phones: Array<string>,
  /**
   * Everything else.
   */
  more: Array<Attribute>,
};

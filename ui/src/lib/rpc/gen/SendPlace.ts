// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";
import type { Place } from "./Place";

/**
 * Sends a place on the map.
 */
export type SendPlace = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * Where: degrees as typed.
   */
  place: Place,
};

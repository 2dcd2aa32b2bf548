// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ConnectionId } from "./ConnectionId";
import type { ContactKey } from "./ContactKey";

/**
 * Sends touch tones.
 */
export type SendDigits = {
  /**
   * Which.
   */
  contact: ContactKey,
  /**
   * Which leg; absent: the customer's.
   */
  connection: ConnectionId | null,
  /**
   * 0-9, * and #.
   */
  digits: string,
};

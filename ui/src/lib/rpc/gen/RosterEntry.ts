// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { UnixMillis } from "./UnixMillis";

/**
 * Somebody who is online, on one device. One user may be there several times.
 */
export type RosterEntry = {
  /**
   * Unlike every other entry's.
   */
  reference: string,
  /**
   * The platform's id of the user.
   */
  user: string | null,
  /**
   * Shown name.
   */
  name: string,
  /**
   * Since when, by the platform's clock.
   */
  online_since: UnixMillis | null,
  /**
   * Address of the device.
   */
  address: string | null,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { PlatformEventId } from "./PlatformEventId";

/**
 * Marks events of a platform's own as read.
 */
export type SeenEvents = {
  /**
   * Whose.
   */
  account: AccountId,
  /**
   * The last one seen; those before it are read as well.
   */
  until: PlatformEventId,
};

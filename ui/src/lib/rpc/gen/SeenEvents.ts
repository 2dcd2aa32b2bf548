// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { PlatformEventId } from "./PlatformEventId";

/**
 * Marks events as read.
 */
export type SeenEvents = {
  /**
   * Whose.
   */
  account: AccountId,
  /**
   * The last one seen.
   */
  until: PlatformEventId,
  /**
   * Only that one; otherwise those before it as well.
   */
  alone: boolean,
};

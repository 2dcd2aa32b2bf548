// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { PlatformEvent } from "./PlatformEvent";
import type { UnixMillis } from "./UnixMillis";

/**
 * An event of a platform's own. Text in it is from outside.
 */
export type EventView = {
  /**
   * Whose platform told it.
   */
  account: AccountId,
  /**
   * As the platform told it.
   */
  event: PlatformEvent,
  /**
   * Got here, by this computer's clock.
   */
  arrived: UnixMillis,
  /**
   * The agent has not seen it.
   */
  unread: boolean,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { PlatformEvent } from "./PlatformEvent";
import type { UnixMillis } from "./UnixMillis";

/**
 * One event that was kept. Text in it is from outside.
 */
export type FoundEvent = {
  /**
   * Whose platform told it.
   */
  account: AccountId,
  /**
   * Got here, by this computer's clock.
   */
  arrived: UnixMillis,
  /**
   * As the platform told it.
   */
  event: PlatformEvent,
};

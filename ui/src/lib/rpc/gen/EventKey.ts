// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { PlatformEventId } from "./PlatformEventId";

/**
 * One event among all accounts.
 */
export type EventKey = {
  /**
   * The account that holds it.
   */
  account: AccountId,
  /**
   * Its id there.
   */
  event: PlatformEventId,
};

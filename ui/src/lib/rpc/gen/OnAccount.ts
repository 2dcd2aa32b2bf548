// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";

/**
 * A command on one account.
 */
export type OnAccount = {
  /**
   * Which.
   */
  account: AccountId,
};

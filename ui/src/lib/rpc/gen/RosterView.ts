// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { RosterEntry } from "./RosterEntry";

/**
 * Who is online at one account's platform. Text in it is from outside.
 */
export type RosterView = {
  /**
   * The account.
   */
  account: AccountId,
  /**
   * One a device, in the connector's order; each reference once.
   */
  entries: Array<RosterEntry>,
};

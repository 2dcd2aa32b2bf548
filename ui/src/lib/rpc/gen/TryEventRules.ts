// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { EventRule } from "./EventRule";

/**
 * Says what rules would do, and does nothing.
 */
export type TryEventRules = {
  /**
   * As if told by this account's platform.
   */
  account: AccountId,
  /**
   * Rules as they stand in the form.
   */
  rules: Array<EventRule>,
  /**
   * JSON: an event, a list of events, or a frame of the socket.
   */
  pasted: string,
};

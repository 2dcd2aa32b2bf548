// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { ContactId } from "./ContactId";
import type { QueueId } from "./QueueId";

/**
 * Calls a number.
 */
export type Dial = {
  /**
   * Through which account.
   */
  account: AccountId,
  /**
   * As typed or pasted; E.164 once blanks, brackets, dots, hyphens, `tel:` and parameters are gone.
   */
  number: string,
  /**
   * One of `dial_queues`; absent: the agent's default.
   */
  queue: QueueId | null,
  /**
   * The contact that the call is about, where it is made from one.
   */
  related: ContactId | null,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { PopWhen } from "./PopWhen";

/**
 * One page: its address with place-holders (`{{customer.address}}`, or the name of an attribute),
 * and for which contacts it is meant.
 */
export type ScreenPop = {
  /**
   * Ours; an entry written by hand may go without, its address then stands for it.
   */
  id: string,
  /**
   * What the agent calls it.
   */
  name: string,
  /**
   * Only contacts of this account; absent: of any.
   */
  account: AccountId | null,
  /**
   * Only contacts of these queues, by name (case does not matter) or the platform's id; empty: of any.
   */
  queues: Array<string>,
  /**
   * When it opens.
   */
  when: PopWhen,
  /**
   * `https://crm.example.com/search?phone={{customer.address}}`; scheme and host are literal.
   */
  url: string,
};

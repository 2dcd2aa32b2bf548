// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { WorkListId } from "./WorkListId";

/**
 * Subscribes to a list of work, or ends that.
 */
export type SubscribeList = {
  /**
   * Where.
   */
  account: AccountId,
  /**
   * One of `AccountView::work_lists`.
   */
  list: WorkListId,
  /**
   * Wanted.
   */
  subscribed: boolean,
};

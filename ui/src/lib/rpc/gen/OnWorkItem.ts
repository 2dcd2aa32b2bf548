// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { WorkItemId } from "./WorkItemId";
import type { WorkListId } from "./WorkListId";

/**
 * Something in a list of work.
 */
export type OnWorkItem = {
  /**
   * Where.
   */
  account: AccountId,
  /**
   * One of `AccountView::work_lists`.
   */
  list: WorkListId,
  /**
   * One of its items.
   */
  item: WorkItemId,
};

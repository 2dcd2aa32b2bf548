// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { EventAct } from "./EventAct";
import type { EventSort } from "./EventSort";

/**
 * One rule. A condition that is empty is fulfilled by every event.
 */
export type EventRule = {
  /**
   * What the administrator calls it; may be empty.
   */
  name: string,
  /**
   * Only events of this account; absent: of any.
   */
  account: AccountId | null,
  /**
   * Types as the platform names them; case does not matter, `*` at the end
   * stands for anything.
   */
  kinds: Array<string>,
  /**
   * Sorts.
   */
  sorts: Array<EventSort>,
  /**
   * Campaigns as the platform names them; case does not matter.
   */
  campaigns: Array<string>,
  /**
   * Media or ways as the platform names them (`Voice`, `Outbound`); case does not matter.
   */
  channels: Array<string>,
  /**
   * What is done; nothing: the event is ignored, which is to say that it is
   * listed as read.
   */
  acts: Array<EventAct>,
  /**
   * For `OpenPage`: the page by [`crate::ScreenPop::identity`]; absent:
   * every page that opens with an offer of its account and campaign.
   */
  page: string | null,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { WorkItem } from "./WorkItem";
import type { WorkListId } from "./WorkListId";

/**
 * One list. What is in it is known only while it is subscribed to.
 */
export type WorkList = {
  /**
   * Provider's id.
   */
  id: WorkListId,
  /**
   * Shown name.
   */
  name: string,
  /**
   * What it is for.
   */
  description: string | null,
  /**
   * The agent is told what comes into it.
   */
  subscribed: boolean,
  /**
   * The agent is always told: it can be neither subscribed to nor left.
   */
  fixed: boolean,
  /**
   * What is in it, oldest first.
   */
  items: Array<WorkItem>,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactId } from "./ContactId";
import type { Party } from "./Party";
import type { Subtype } from "./Subtype";
import type { UnixMillis } from "./UnixMillis";
import type { WorkItemId } from "./WorkItemId";

/**
 * Something to take.
 */
export type WorkItem = {
  /**
   * Provider's id.
   */
  id: WorkItemId,
  /**
   * The contact that it becomes.
   */
  contact: ContactId | null,
  /**
   * Who waits. Text from outside.
   */
  customer: Party,
  /**
   * On which way.
   */
  kind: Subtype | null,
  /**
   * Since when, by this computer's clock.
   */
  since: UnixMillis | null,
  /**
   * Somebody is at it already.
   */
  taken: boolean,
};

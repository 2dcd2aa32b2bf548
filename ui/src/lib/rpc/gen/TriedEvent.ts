// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { EventAct } from "./EventAct";
import type { PlatformEvent } from "./PlatformEvent";
import type { TriedPage } from "./TriedPage";

/**
 * What would be done with one event.
 */
export type TriedEvent = {
  /**
   * As it was understood. Text in it is from outside.
   */
  event: PlatformEvent,
  /**
   * Place of the rule that fits, from 0; absent: none does.
   */
  rule: number | null,
  /**
   * What would be done.
   */
  acts: Array<EventAct>,
  /**
   * It would be listed as unread.
   */
  unread: boolean,
  /**
   * Pages that would open.
   */
  pages: Array<TriedPage>,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { EventKey } from "./EventKey";

/**
 * Opens a page for an event by hand.
 */
export type OpenEventPop = {
  /**
   * For which.
   */
  event: EventKey,
  /**
   * `PopChoice::id`.
   */
  page: string,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { EventRule } from "./EventRule";

/**
 * What is done with events.
 */
export type EventRules = {
  /**
   * The first that fits wins.
   */
  rules: Array<EventRule>,
  /**
   * The administrator has fixed them.
   */
  fixed: boolean,
};

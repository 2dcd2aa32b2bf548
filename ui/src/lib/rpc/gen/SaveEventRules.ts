// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { EventRule } from "./EventRule";

/**
 * Changes the rules, whole.
 */
export type SaveEventRules = {
  /**
   * At most 100.
   */
  rules: Array<EventRule>,
};

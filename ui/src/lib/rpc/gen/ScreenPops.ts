// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { PopFailure } from "./PopFailure";
import type { ScreenPop } from "./ScreenPop";

/**
 * Pages and rules, and what went wrong.
 */
export type ScreenPops = {
  /**
   * In the order shown.
   */
  templates: Array<ScreenPop>,
  /**
   * Hosts that may be opened; empty: whichever a template names.
   */
  allowed_domains: Array<string>,
  /**
   * `http`, too.
   */
  allow_http: boolean,
  /**
   * Which of the three the administrator has fixed, by name.
   */
  fixed: Array<string>,
  /**
   * Newest first.
   */
  failures: Array<PopFailure>,
};

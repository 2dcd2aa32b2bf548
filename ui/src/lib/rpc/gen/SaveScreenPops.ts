// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ScreenPop } from "./ScreenPop";

/**
 * Changes pages and rules, whole.
 */
export type SaveScreenPops = {
  /**
   * In the order shown; a new one has an empty id.
   */
  templates: Array<ScreenPop>,
  /**
   * Hosts that may be opened.
   */
  allowed_domains: Array<string>,
  /**
   * `http`, too.
   */
  allow_http: boolean,
};

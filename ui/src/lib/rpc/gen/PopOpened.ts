// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { PopProblem } from "./PopProblem";

/**
 * How that went.
 */
export type PopOpened = {
  /**
   * Why it did not open; absent: it was given to the browser.
   */
  problem: PopProblem | null,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { PopProblem } from "./PopProblem";
import type { UnixMillis } from "./UnixMillis";

/**
 * A page that could not be opened in this run.
 */
export type PopFailure = {
  /**
   * Why.
   */
  problem: PopProblem,
  /**
   * For whom: the customer's name or address; empty where neither is known. Text from outside.
   */
  customer: string,
  /**
   * When.
   */
  at: UnixMillis,
};

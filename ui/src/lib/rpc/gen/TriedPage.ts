// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { PopProblem } from "./PopProblem";

/**
 * A page that would open.
 */
export type TriedPage = {
  /**
   * Its name.
   */
  name: string,
  /**
   * Its address, when there is nothing in its way.
   */
  address: string | null,
  /**
   * What is.
   */
  problem: PopProblem | null,
};

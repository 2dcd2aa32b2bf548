// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { PopField } from "./PopField";
import type { PopProblem } from "./PopProblem";

/**
 * What would be opened.
 */
export type PopPreview = {
  /**
   * The address, when there is nothing in its way.
   */
  address: string | null,
  /**
   * What is.
   */
  problem: PopProblem | null,
  /**
   * Values of the place-holders, in order.
   */
  fields: Array<PopField>,
};

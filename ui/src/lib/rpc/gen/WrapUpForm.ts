// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { WrapUpCategory } from "./WrapUpCategory";

/**
 * What can be noted, as the platform's administrator set it up. Text from outside.
 */
export type WrapUpForm = {
  /**
   * In the platform's order.
   */
  categories: Array<WrapUpCategory>,
  /**
   * Most codes at once; 1: a single choice.
   */
  most: number,
  /**
   * Words of the agent's own can be added.
   */
  note: boolean,
};

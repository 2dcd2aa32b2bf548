// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { TaskFieldKind } from "./TaskFieldKind";

/**
 * One field of a template.
 */
export type TaskField = {
  /**
   * Its name, which is also its id within the template.
   */
  name: string,
  /**
   * What it takes.
   */
  kind: TaskFieldKind,
  /**
   * What it is for.
   */
  description: string | null,
  /**
   * What can be chosen, in the platform's order; of a single choice only.
   */
  options: Array<string>,
  /**
   * Must be filled in.
   */
  required: boolean,
  /**
   * Shown, and not to be changed.
   */
  read_only: boolean,
  /**
   * Longest text, characters; absent where there is no limit.
   */
  longest: number | null,
  /**
   * Filled in already.
   */
  default: string | null,
};

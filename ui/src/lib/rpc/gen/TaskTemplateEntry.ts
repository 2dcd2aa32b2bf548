// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { TaskTemplateId } from "./TaskTemplateId";

/**
 * A template in the list the agent chooses from.
 */
export type TaskTemplateEntry = {
  /**
   * Provider's id.
   */
  id: TaskTemplateId,
  /**
   * Shown name.
   */
  name: string,
  /**
   * What it is for.
   */
  description: string | null,
};

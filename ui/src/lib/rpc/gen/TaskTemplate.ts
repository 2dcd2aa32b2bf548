// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { TaskField } from "./TaskField";
import type { TaskTemplateId } from "./TaskTemplateId";

/**
 * A template, whole. Fields that the agent is not to see are not part of it.
 */
export type TaskTemplate = {
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
  /**
   * In the platform's order.
   */
  fields: Array<TaskField>,
};

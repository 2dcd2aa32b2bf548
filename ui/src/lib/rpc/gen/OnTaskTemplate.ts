// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { TaskTemplateId } from "./TaskTemplateId";

/**
 * Asks for one template.
 */
export type OnTaskTemplate = {
  /**
   * Where.
   */
  account: AccountId,
  /**
   * Which.
   */
  template: TaskTemplateId,
};

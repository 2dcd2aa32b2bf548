// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";
import type { FieldValue } from "./FieldValue";
import type { TaskLink } from "./TaskLink";

/**
 * Changes a task. What is absent or not named stays as it is.
 */
export type UpdateTask = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * Title: 1 to 512 characters.
   */
  name: string | null,
  /**
   * Text: at most 4096 characters.
   */
  description: string | null,
  /**
   * References with a new value.
   */
  references: Array<FieldValue>,
  /**
   * New references.
   */
  links: Array<TaskLink>,
};

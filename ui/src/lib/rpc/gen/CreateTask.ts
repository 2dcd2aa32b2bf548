// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { ContactId } from "./ContactId";
import type { EndpointId } from "./EndpointId";
import type { FieldValue } from "./FieldValue";
import type { TaskLink } from "./TaskLink";
import type { TaskTemplateId } from "./TaskTemplateId";
import type { TaskToken } from "./TaskToken";
import type { UnixMillis } from "./UnixMillis";

/**
 * Makes a task.
 */
export type CreateTask = {
  /**
   * Where.
   */
  account: AccountId,
  /**
   * Made by the form when it opens (a UUID): pressed twice it is one task.
   */
  token: TaskToken,
  /**
   * Title: 1 to 512 characters.
   */
  name: string,
  /**
   * Text: at most 4096 characters; may be empty.
   */
  description: string,
  /**
   * Whom it is for: an entry of the directory. Only a template can do without.
   */
  endpoint: EndpointId | null,
  /**
   * Names unlike each other. None with a template.
   */
  links: Array<TaskLink>,
  /**
   * Made from this template, which was asked for before (`task_template`).
   */
  template: TaskTemplateId | null,
  /**
   * Its further fields, in the form of their kind; empty ones are left out.
   */
  fields: Array<FieldValue>,
  /**
   * Begins then instead of now.
   */
  scheduled_for: UnixMillis | null,
  /**
   * The contact that it follows from.
   */
  previous: ContactId | null,
};

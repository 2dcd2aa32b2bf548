// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { ContactId } from "./ContactId";
import type { EndpointId } from "./EndpointId";
import type { TaskLink } from "./TaskLink";
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
   * Whom it is for: an entry of the directory.
   */
  endpoint: EndpointId,
  /**
   * Names unlike each other.
   */
  links: Array<TaskLink>,
  /**
   * Begins then instead of now.
   */
  scheduled_for: UnixMillis | null,
  /**
   * The contact that it follows from.
   */
  previous: ContactId | null,
};

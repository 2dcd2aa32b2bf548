// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AuthorRole } from "./AuthorRole";

/**
 * Somebody who works on a contact.
 */
export type SupervisedPart = {
  /**
   * Shown name.
   */
  name: string,
  /**
   * `Agent`, or `Supervisor` for one who listens.
   */
  role: AuthorRole,
};

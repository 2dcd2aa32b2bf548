// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AuthorRole } from "./AuthorRole";

/**
 * The author of a message, or somebody who takes part.
 */
export type Author = {
  /**
   * Role.
   */
  role: AuthorRole,
  /**
   * Name, where there is one.
   */
  name: string | null,
};

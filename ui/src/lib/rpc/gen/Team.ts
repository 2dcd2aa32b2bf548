// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { TeamId } from "./TeamId";

/**
 * People who work together, and whom somebody supervises.
 */
export type Team = {
  /**
   * Provider's id.
   */
  id: TeamId,
  /**
   * Shown name.
   */
  name: string,
};

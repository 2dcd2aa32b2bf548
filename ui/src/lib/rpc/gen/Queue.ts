// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { QueueId } from "./QueueId";

/**
 * A queue.
 */
export type Queue = {
  /**
   * Provider's id.
   */
  id: QueueId,
  /**
   * Shown name; the agent's own queue has none.
   */
  name: string | null,
};

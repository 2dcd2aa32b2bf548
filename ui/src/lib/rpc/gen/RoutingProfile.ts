// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Channel } from "./Channel";
import type { Queue } from "./Queue";

/**
 * What the agent is routed.
 */
export type RoutingProfile = {
  /**
   * Shown name.
   */
  name: string | null,
  /**
   * Queue that outbound calls count for when none is chosen.
   */
  default_outbound_queue: Queue | null,
  /**
   * All queues.
   */
  queues: Array<Queue>,
  /**
   * Contacts at once per channel.
   */
  concurrency: { [key in Channel]?: number },
};

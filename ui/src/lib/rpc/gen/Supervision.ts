// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { SupervisedAgent } from "./SupervisedAgent";
import type { SupervisedContact } from "./SupervisedContact";
import type { SupervisedQueue } from "./SupervisedQueue";
import type { SupervisionPart } from "./SupervisionPart";
import type { UnixMillis } from "./UnixMillis";

/**
 * The teams of a supervisor at one moment.
 */
export type Supervision = {
  /**
   * Who is signed in, by name.
   */
  agents: Array<SupervisedAgent>,
  /**
   * Queues in the platform's order.
   */
  queues: Array<SupervisedQueue>,
  /**
   * What agents work on, longest first.
   */
  contacts: Array<SupervisedContact>,
  /**
   * Parts that could not be read this time.
   */
  missing: Array<SupervisionPart>,
  /**
   * When it was read, by this computer's clock.
   */
  at: UnixMillis,
};

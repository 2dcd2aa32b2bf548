// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { QueueId } from "./QueueId";
import type { WaitingContact } from "./WaitingContact";

/**
 * A queue and who waits in it.
 */
export type SupervisedQueue = {
  /**
   * Provider's id.
   */
  id: QueueId,
  /**
   * Shown name.
   */
  name: string,
  /**
   * Who waits, longest first.
   */
  waiting: Array<WaitingContact>,
  /**
   * Conversations out of it that agents work on.
   */
  active: number,
};

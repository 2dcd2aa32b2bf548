// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { MessageToken } from "./MessageToken";
import type { OutgoingItem } from "./OutgoingItem";
import type { OutgoingState } from "./OutgoingState";
import type { UnixMillis } from "./UnixMillis";

/**
 * Something of the agent's that has not arrived yet.
 */
export type Outgoing = {
  /**
   * Its name through crashes and repetitions.
   */
  token: MessageToken,
  /**
   * What.
   */
  item: OutgoingItem,
  /**
   * Written at.
   */
  since: UnixMillis,
  /**
   * How far.
   */
  state: OutgoingState,
};

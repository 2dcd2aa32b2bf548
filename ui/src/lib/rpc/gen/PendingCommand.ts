// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { CommandId } from "./CommandId";
import type { CommandKind } from "./CommandKind";
import type { ConnectionId } from "./ConnectionId";
import type { UnixMillis } from "./UnixMillis";

/**
 * A command of the agent that has not been confirmed yet.
 */
export type PendingCommand = {
  /**
   * Which.
   */
  id: CommandId,
  /**
   * What.
   */
  kind: CommandKind,
  /**
   * Leg, for a command on one leg; absent: the one that the command means by itself.
   */
  connection: ConnectionId | null,
  /**
   * Number or name that is called (add party).
   */
  target: string | null,
  /**
   * Since when.
   */
  since: UnixMillis,
};

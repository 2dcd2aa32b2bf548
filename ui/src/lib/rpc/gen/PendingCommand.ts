// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { CommandId } from "./CommandId";
import type { CommandKind } from "./CommandKind";
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
   * Since when.
   */
  since: UnixMillis,
};

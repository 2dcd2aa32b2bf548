// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AgentActivity } from "./AgentActivity";
import type { AgentStateId } from "./AgentStateId";
import type { AgentStateKind } from "./AgentStateKind";
import type { UnixMillis } from "./UnixMillis";

/**
 * One agent state, present, next or selectable.
 */
export type AgentState = {
  /**
   * Absent for states set by the platform.
   */
  id: AgentStateId | null,
  /**
   * Class of the state.
   */
  kind: AgentStateKind,
  /**
   * The platform's own name, verbatim ("Lunch", "PendingBusy").
   */
  name: string,
  /**
   * Meaning of a state set by the platform.
   */
  activity: AgentActivity,
  /**
   * Since when, by this computer's clock; absent in lists of choices.
   */
  since: UnixMillis | null,
};

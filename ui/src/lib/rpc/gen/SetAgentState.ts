// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { AgentStateId } from "./AgentStateId";

/**
 * Chooses an agent state.
 */
export type SetAgentState = {
  /**
   * Where.
   */
  account: AccountId,
  /**
   * One of `selectable_states`.
   */
  state: AgentStateId,
  /**
   * Take it when the present contact ends.
   */
  when_free: boolean,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";
import type { AgentStateId } from "./AgentStateId";

/**
 * Signs out.
 */
export type SignOut = {
  /**
   * Which account.
   */
  account: AccountId,
  /**
   * State in which the agent is left: one of `Agent::selectable_states` that
   * is not routable; absent: offline.
   */
  state: AgentStateId | null,
};

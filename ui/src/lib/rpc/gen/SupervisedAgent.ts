// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AgentState } from "./AgentState";
import type { SupervisedMedium } from "./SupervisedMedium";
import type { TeamId } from "./TeamId";

/**
 * Somebody in a team.
 */
export type SupervisedAgent = {
  /**
   * Provider's id.
   */
  id: string,
  /**
   * Shown name.
   */
  name: string,
  /**
   * One of the supervisor's teams; absent: the platform does not say which.
   */
  team: TeamId | null,
  /**
   * As a whole.
   */
  state: AgentState,
  /**
   * In each medium.
   */
  media: Array<SupervisedMedium>,
  /**
   * Conversations at work.
   */
  contacts: number,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { CallSummary } from "./CallSummary";
import type { MediaFailure } from "./MediaFailure";
import type { MediaState } from "./MediaState";
import type { MediaStats } from "./MediaStats";
import type { Sending } from "./Sending";

/**
 * The media leg of a contact.
 */
export type MediaView = {
  /**
   * Where it stands.
   */
  state: MediaState,
  /**
   * The agent wants to be muted. Changed by the agent's own act alone.
   */
  mute_wanted: boolean,
  /**
   * What is really sent.
   */
  sending: Sending,
  /**
   * Last second's picture.
   */
  stats: MediaStats | null,
  /**
   * Why it failed.
   */
  failure: MediaFailure | null,
  /**
   * What was not reached then, where that is known.
   */
  failed_address: string | null,
  /**
   * Set when it is over.
   */
  summary: CallSummary | null,
};

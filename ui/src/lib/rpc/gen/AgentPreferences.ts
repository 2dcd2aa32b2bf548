// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";

/**
 * Changes what the agent may change of the own configuration at the platform.
 */
export type AgentPreferences = {
  /**
   * Where.
   */
  account: AccountId,
  /**
   * Calls come to this program (true) or to a desk phone (false).
   */
  softphone: boolean,
  /**
   * Number of the desk phone as typed (E.164 once blanks and brackets are
   * gone), or `sip:USER@HOST`; needed without a softphone.
   */
  extension: string | null,
  /**
   * One of `Agent::languages`; absent: as it is.
   */
  language: string | null,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { LinkState } from "./LinkState";
import type { UnixMillis } from "./UnixMillis";

/**
 * An account's connection, with its reason and next step in words.
 */
export type Link = {
  /**
   * How it stands.
   */
  state: LinkState,
  /**
   * Message key of the reason (catalogue of the UI), absent when all is well.
   */
  reason: string | null,
  /**
   * Since when.
   */
  since: UnixMillis,
  /**
   * Next try at this time, when one is planned.
   */
  retry_at: UnixMillis | null,
};

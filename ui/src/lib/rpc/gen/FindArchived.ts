// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountId } from "./AccountId";

/**
 * Asks for contacts that are over, newest first.
 */
export type FindArchived = {
  /**
   * Where.
   */
  account: AccountId,
  /**
   * Part of a name or of what was said, at most 100 characters; empty: all.
   */
  words: string,
  /**
   * From 0.
   */
  page: number,
};

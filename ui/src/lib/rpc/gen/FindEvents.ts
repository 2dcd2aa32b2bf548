// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Asks for a page of the events that were kept, newest first.
 */
export type FindEvents = {
  /**
   * All of these must be in it, as parts of words, in any case; empty: any event.
   */
  words: string,
  /**
   * At most 200.
   */
  limit: number,
  /**
   * So many are left out.
   */
  offset: number,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.

/**
 * Something that could be said, proposed by a program.
 */
export type Suggestion = {
  /**
   * What.
   */
  text: string,
  /**
   * How sure it is, percent; absent: it does not say.
   */
  confidence: number | null,
};

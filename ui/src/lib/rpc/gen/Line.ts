// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Subtype } from "./Subtype";

/**
 * One way on which a conversation's customer can be reached.
 */
export type Line = {
  /**
   * Provider's id.
   */
  id: string,
  /**
   * What it is.
   */
  kind: Subtype,
  /**
   * The customer's address there.
   */
  address: string | null,
};

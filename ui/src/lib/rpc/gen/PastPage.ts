// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { PastMessage } from "./PastMessage";

/**
 * Items of earlier conversations, newest first.
 */
export type PastPage = {
  /**
   * Items.
   */
  items: Array<PastMessage>,
  /**
   * Number of the next page; absent: this is the last.
   */
  next: number | null,
};

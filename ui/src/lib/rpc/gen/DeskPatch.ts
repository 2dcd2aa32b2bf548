// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { Change } from "./Change";

/**
 * From revision `from` to `to`. A gap means: ask for a snapshot.
 */
export type DeskPatch = {
  /**
   * The receiver must be at this revision.
   */
  from: number,
  /**
   * And is at this one afterwards.
   */
  to: number,
  /**
   * In order.
   */
  changes: Array<Change>,
};

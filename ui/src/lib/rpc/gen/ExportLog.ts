// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { LogQuery } from "./LogQuery";

/**
 * Writes what a page was read from to a file: all that fit, oldest first, as lines of JSON.
 */
export type ExportLog = {
  /**
   * Which entries.
   */
  query: LogQuery,
  /**
   * `LogPage::end`: what was written since is not in it.
   */
  end: string,
};

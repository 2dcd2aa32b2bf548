// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { LogQuery } from "./LogQuery";

/**
 * Asks for a page of the log, newest first.
 */
export type ReadLog = {
  /**
   * Which entries.
   */
  query: LogQuery,
  /**
   * At most this many (1 to 500).
   */
  limit: number,
  /**
   * `LogPage::end` of the first page: what was written since is left out. Absent: this is the first.
   */
  end: string | null,
  /**
   * `LogPage::more` of the page before.
   */
  before: string | null,
};

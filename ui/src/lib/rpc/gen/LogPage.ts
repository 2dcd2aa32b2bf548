// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { LogLine } from "./LogLine";

/**
 * Some entries.
 */
export type LogPage = {
  /**
   * Newest first.
   */
  entries: Array<LogLine>,
  /**
   * All that fit, on this page and others.
   */
  total: number,
  /**
   * Lines of the files that could not be read.
   */
  broken: number,
  /**
   * Where the log ended when the first page was read.
   */
  end: string,
  /**
   * Where the next page goes on; absent: there is none.
   */
  more: string | null,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { LogLevel } from "./LogLevel";

/**
 * What is written to the log, and how it stands.
 */
export type LogSettings = {
  /**
   * Entries of this level and worse are written to the files.
   */
  written: LogLevel,
  /**
   * Entries of this level and worse are echoed to standard error, too.
   */
  echoed: LogLevel,
  /**
   * Environment variable that decides what is written instead of the level.
   */
  overridden_by: string | null,
  /**
   * Which of the two the administrator has fixed: `written`, `echoed`.
   */
  fixed: Array<string>,
  /**
   * Folder of the files; absent: this run has no log.
   */
  folder: string | null,
  /**
   * Bytes that the files take now.
   */
  bytes: number,
  /**
   * Bytes that they take at most; the oldest entries go first.
   */
  most_bytes: number,
  /**
   * Days that an entry is kept at most.
   */
  days: number,
  /**
   * Entries of this run that could not be written.
   */
  lost: number,
  /**
   * The system's words for why none can be written at present.
   */
  trouble: string | null,
};

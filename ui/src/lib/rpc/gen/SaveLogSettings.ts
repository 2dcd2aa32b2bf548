// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { LogLevel } from "./LogLevel";

/**
 * Chooses what is written.
 */
export type SaveLogSettings = {
  /**
   * To the files.
   */
  written: LogLevel,
  /**
   * To standard error.
   */
  echoed: LogLevel,
};

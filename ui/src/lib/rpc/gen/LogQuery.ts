// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { LogLevel } from "./LogLevel";
import type { UnixMillis } from "./UnixMillis";

/**
 * Which entries.
 */
export type LogQuery = {
  /**
   * Not those before; absent: from the beginning.
   */
  since: UnixMillis | null,
  /**
   * This level and worse.
   */
  level: LogLevel,
  /**
   * Those with this text in them, upper and lower case alike; empty: all.
   */
  text: string,
};

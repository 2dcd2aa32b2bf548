// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { PluginLogLevel } from "./PluginLogLevel";
import type { UnixMillis } from "./UnixMillis";

/**
 * A line of a plugin's log.
 */
export type PluginLogLine = {
  /**
   * When.
   */
  at: UnixMillis,
  /**
   * How much it matters.
   */
  level: PluginLogLevel,
  /**
   * For the plugin's developer; text of the plugin's may be in it.
   */
  text: string,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { PluginId } from "./PluginId";

/**
 * Changes what can be set of a plugin. It is loaded again.
 */
export type SavePluginSettings = {
  /**
   * Which.
   */
  plugin: PluginId,
  /**
   * By key.
   */
  values: { [key in string]: string },
};

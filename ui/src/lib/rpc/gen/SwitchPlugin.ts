// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { PluginId } from "./PluginId";

/**
 * Switches something of a plugin.
 */
export type SwitchPlugin = {
  /**
   * Which.
   */
  plugin: PluginId,
  /**
   * Wanted.
   */
  on: boolean,
};

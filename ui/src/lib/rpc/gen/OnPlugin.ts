// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { PluginId } from "./PluginId";

/**
 * A command on one plugin.
 */
export type OnPlugin = {
  /**
   * Which.
   */
  plugin: PluginId,
};

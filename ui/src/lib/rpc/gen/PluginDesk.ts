// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AvailablePlugin } from "./AvailablePlugin";
import type { PluginAsk } from "./PluginAsk";
import type { PluginView } from "./PluginView";

/**
 * All plugins.
 */
export type PluginDesk = {
  /**
   * In the order shown.
   */
  plugins: Array<PluginView>,
  /**
   * Questions for the agent, oldest first.
   */
  asks: Array<PluginAsk>,
  /**
   * Built-in ones that have not been added.
   */
  available: Array<AvailablePlugin>,
  /**
   * Plugins cannot be shown on this system.
   */
  unsupported: boolean,
};

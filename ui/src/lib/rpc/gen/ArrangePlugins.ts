// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { PluginArea } from "./PluginArea";
import type { PluginId } from "./PluginId";

/**
 * Where plugins are seen; all others are out of sight.
 */
export type ArrangePlugins = {
  /**
   * Plugins and their areas; one that is not loaded yet is.
   */
  places: { [key in PluginId]: PluginArea },
  /**
   * The window has a second column.
   */
  wide: boolean,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { PopupLevel } from "./PopupLevel";

/**
 * A short message of a plugin, shown for some seconds.
 */
export type PluginPopup = {
  /**
   * Name of the plugin.
   */
  name: string,
  /**
   * How it is meant.
   */
  level: PopupLevel,
  /**
   * Text of the plugin's.
   */
  text: string,
};

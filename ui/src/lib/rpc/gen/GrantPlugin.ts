// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { PluginId } from "./PluginId";
import type { PluginPermission } from "./PluginPermission";

/**
 * Says what a plugin may do.
 */
export type GrantPlugin = {
  /**
   * Which.
   */
  plugin: PluginId,
  /**
   * Of those that it asks for; the others stay as they are.
   */
  rights: { [key in PluginPermission]?: boolean },
};

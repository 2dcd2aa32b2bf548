// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { PluginPermission } from "./PluginPermission";

/**
 * One right that a plugin asks for.
 */
export type PluginRight = {
  /**
   * Which.
   */
  permission: PluginPermission,
  /**
   * What the agent said; absent: not asked yet.
   */
  granted: boolean | null,
};

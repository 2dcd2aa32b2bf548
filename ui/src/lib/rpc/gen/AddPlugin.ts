// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { PluginSource } from "./PluginSource";

/**
 * Adds a plugin.
 */
export type AddPlugin = {
  /**
   * From where.
   */
  source: PluginSource,
};

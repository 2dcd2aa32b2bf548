// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";
import type { PluginId } from "./PluginId";

/**
 * A plugin wants to do something that the agent is asked about each time.
 */
export type PluginAsk = {
  /**
   * Names the question.
   */
  id: string,
  /**
   * Who asks.
   */
  plugin: PluginId,
  /**
   * Its name.
   */
  name: string,
  /**
   * Message key of what it wants (`plugin_ask_...`), with `plugin` and `target` in it.
   */
  message_key: string,
  /**
   * Whom or what it is about; text from the plugin.
   */
  target: string,
  /**
   * The contact that it is about.
   */
  contact: ContactKey | null,
};

// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { PluginId } from "./PluginId";
import type { PluginPlace } from "./PluginPlace";
import type { PluginRight } from "./PluginRight";
import type { PluginSetting } from "./PluginSetting";
import type { PluginSource } from "./PluginSource";
import type { PluginState } from "./PluginState";

/**
 * One plugin. Texts in it are the plugin's: shown as text only.
 */
export type PluginView = {
  /**
   * Which.
   */
  id: PluginId,
  /**
   * Shown name.
   */
  name: string,
  /**
   * What its page wants to be called now.
   */
  title: string | null,
  /**
   * What it is for.
   */
  description: string,
  /**
   * Its version.
   */
  version: string,
  /**
   * Where it comes from.
   */
  source: PluginSource,
  /**
   * Where it belongs.
   */
  place: PluginPlace,
  /**
   * It is to be seen when its place is: by its manifest, its own wish, or the agent's.
   */
  shown: boolean,
  /**
   * How it stands.
   */
  state: PluginState,
  /**
   * What it asks for.
   */
  rights: Array<PluginRight>,
  /**
   * It need not ask before it moves a call.
   */
  trusted: boolean,
  /**
   * Servers that it may load from and talk to, beside its own.
   */
  origins: Array<string>,
  /**
   * What can be set.
   */
  settings: Array<PluginSetting>,
  /**
   * Messages of its page that were dropped: too many, or too large.
   */
  dropped: number,
  /**
   * The administrator has put it there: it cannot be removed.
   */
  fixed: boolean,
};

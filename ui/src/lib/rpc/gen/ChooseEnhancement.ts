// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { VoiceEnhancement } from "./VoiceEnhancement";

/**
 * Chooses what is done to the agent's voice.
 */
export type ChooseEnhancement = {
  /**
   * One of the modes that this program can do.
   */
  mode: VoiceEnhancement,
};

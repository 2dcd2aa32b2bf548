// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { SoundKind } from "./SoundKind";

/**
 * One of the sounds.
 */
export type OnSound = {
  /**
   * Which.
   */
  kind: SoundKind,
};

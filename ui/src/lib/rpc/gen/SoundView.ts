// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { RingtoneView } from "./RingtoneView";
import type { SoundKind } from "./SoundKind";

/**
 * One sound beside the ringtone.
 */
export type SoundView = {
  /**
   * What for.
   */
  kind: SoundKind,
  /**
   * Nothing is played.
   */
  off: boolean,
  /**
   * Its own tone; absent: as calls ring, and for a contact that is accepted by itself one soft knock.
   */
  tone: RingtoneView | null,
};

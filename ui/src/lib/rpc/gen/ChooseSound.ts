// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { RingtoneFile } from "./RingtoneFile";
import type { SoundKind } from "./SoundKind";

/**
 * Changes one sound.
 */
export type ChooseSound = {
  /**
   * Which.
   */
  kind: SoundKind,
  /**
   * Nothing is played; absent: as it was.
   */
  off: boolean | null,
  /**
   * No tone of its own any more.
   */
  standard: boolean,
  /**
   * Id of a built-in tone.
   */
  builtin: string | null,
  /**
   * The agent's own file.
   */
  file: RingtoneFile | null,
  /**
   * 0 to 100, of its own tone; absent: as it was.
   */
  volume: number | null,
};

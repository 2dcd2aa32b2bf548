// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { RingtoneFile } from "./RingtoneFile";

/**
 * Chooses the ringtone: one of ours by id, or a file the agent gives.
 */
export type ChooseRingtone = {
  /**
   * Id of a built-in tone.
   */
  builtin: string | null,
  /**
   * The agent's own file: name and content in base64 (wav, mp3, ogg, flac; at most 8 MiB).
   */
  file: RingtoneFile | null,
  /**
   * 0 to 100; absent: as it was.
   */
  volume: number | null,
};

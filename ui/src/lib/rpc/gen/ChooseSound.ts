// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { RingtoneFile } from "./RingtoneFile";
import type { SoundKind } from "./SoundKind";
export type ChooseSound = { kind: SoundKind, off: boolean | null, standard: boolean, builtin: string | null, file: RingtoneFile | null, volume: number | null, };

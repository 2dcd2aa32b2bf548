// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { RingtoneView } from "./RingtoneView";
import type { SoundKind } from "./SoundKind";
export type SoundView = { kind: SoundKind, off: boolean, tone: RingtoneView | null, };

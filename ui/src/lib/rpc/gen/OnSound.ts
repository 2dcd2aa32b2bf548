// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { SoundKind } from "./SoundKind";
export type OnSound = { kind: SoundKind, };

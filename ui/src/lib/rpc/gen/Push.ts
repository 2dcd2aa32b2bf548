// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { DeskPatch } from "./DeskPatch";
import type { DeskSnapshot } from "./DeskSnapshot";
import type { Levels } from "./Levels";
import type { Offer } from "./Offer";

/**
 * One push.
 */
export type Push = { "kind": "snapshot", "value": DeskSnapshot } | { "kind": "patch", "value": DeskPatch } | { "kind": "levels", "value": Levels } | { "kind": "offers", "value": Array<Offer> } | { "kind": "show", "value": string };

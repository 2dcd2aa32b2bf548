// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { DeskPatch } from "./DeskPatch";
import type { DeskSnapshot } from "./DeskSnapshot";
import type { Levels } from "./Levels";
import type { Offer } from "./Offer";
import type { PluginDesk } from "./PluginDesk";
import type { PluginPopup } from "./PluginPopup";

/**
 * One push.
 */
export type Push = { "kind": "snapshot", "value": DeskSnapshot } | { "kind": "patch", "value": DeskPatch } | { "kind": "levels", "value": Levels } | { "kind": "offers", "value": Array<Offer> } | { "kind": "show", "value": string } | { "kind": "plugins", "value": PluginDesk } | { "kind": "popup", "value": PluginPopup };

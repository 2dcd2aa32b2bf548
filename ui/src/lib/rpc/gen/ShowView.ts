// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { PanelView } from "./PanelView";

/**
 * Opens a view in every window. Nothing is called or made by it.
 */
export type ShowView = {
  /**
   * Which.
   */
  view: PanelView,
  /**
   * For the number pad: typed, or a `tel:` or `callto:` link.
   */
  number: string | null,
};

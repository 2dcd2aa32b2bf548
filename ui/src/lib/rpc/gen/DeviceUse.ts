// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { DeviceChoice } from "./DeviceChoice";

/**
 * One role: what was chosen, and what serves.
 */
export type DeviceUse = {
  /**
   * The agent's choice.
   */
  choice: DeviceChoice,
  /**
   * Device that serves or would serve now; `None` when there is none at all.
   */
  serving: string | null,
  /**
   * The chosen device is missing and another one serves.
   */
  fallback: boolean,
  /**
   * A stream is open on it now.
   */
  open: boolean,
};

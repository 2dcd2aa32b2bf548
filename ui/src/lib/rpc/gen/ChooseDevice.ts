// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { DeviceChoice } from "./DeviceChoice";
import type { DeviceRole } from "./DeviceRole";

/**
 * Chooses a device.
 */
export type ChooseDevice = {
  /**
   * For what.
   */
  role: DeviceRole,
  /**
   * Which.
   */
  choice: DeviceChoice,
};

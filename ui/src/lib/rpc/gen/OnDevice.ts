// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { DeviceRole } from "./DeviceRole";

/**
 * Plays a short sound on a device, or starts and stops the meters.
 */
export type OnDevice = {
  /**
   * For what.
   */
  role: DeviceRole,
};

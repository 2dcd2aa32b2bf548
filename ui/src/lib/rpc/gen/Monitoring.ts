// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { MonitorMode } from "./MonitorMode";
import type { UnixMillis } from "./UnixMillis";

/**
 * That this agent supervises the contact.
 */
export type Monitoring = {
  /**
   * How.
   */
  mode: MonitorMode,
  /**
   * Whose contact it is, where the platform tells. Text from outside.
   */
  agent: string | null,
  /**
   * Since when.
   */
  since: UnixMillis | null,
};

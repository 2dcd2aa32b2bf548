// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";
import type { MonitorMode } from "./MonitorMode";

/**
 * As a supervisor: listen only, or take part.
 */
export type MonitorContact = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * How from now on.
   */
  mode: MonitorMode,
};

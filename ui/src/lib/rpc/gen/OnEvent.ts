// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { EventKey } from "./EventKey";

/**
 * A command on one event, listed or kept.
 */
export type OnEvent = {
  /**
   * Which.
   */
  event: EventKey,
};

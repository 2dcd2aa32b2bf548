// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";

/**
 * Mutes or un-mutes the microphone of one call.
 */
export type MuteContact = {
  /**
   * Which.
   */
  contact: ContactKey,
  /**
   * Wanted.
   */
  muted: boolean,
};

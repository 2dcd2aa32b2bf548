// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";

/**
 * What the agent has begun to write.
 */
export type SaveDraft = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * As it stands; empty: nothing.
   */
  text: string,
};

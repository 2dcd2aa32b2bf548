// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";
import type { WrapUpCode } from "./WrapUpCode";

/**
 * Notes what a contact was about.
 */
export type WrapUpContact = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * Out of `Agent::wrap_up`, `most` at most.
   */
  codes: Array<WrapUpCode>,
  /**
   * In the agent's words: at most 1000 characters; may be empty when there are codes.
   */
  note: string,
};

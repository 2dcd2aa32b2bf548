// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";
import type { PartyTarget } from "./PartyTarget";

/**
 * Hands a contact over.
 */
export type TransferContact = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * To whom.
   */
  target: PartyTarget,
  /**
   * For whoever takes it: at most 1000 characters; may be empty, and is where
   * the platform cannot pass it on.
   */
  note: string,
};

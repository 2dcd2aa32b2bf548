// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";
import type { PartyTarget } from "./PartyTarget";

/**
 * Calls a further party to a contact.
 */
export type AddParty = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * Whom.
   */
  target: PartyTarget,
  /**
   * As in [`TransferContact`].
   */
  note: string,
};

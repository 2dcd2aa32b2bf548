// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { ContactKey } from "./ContactKey";
import type { MessageToken } from "./MessageToken";

/**
 * Something of the agent's that has not arrived yet.
 */
export type OnOutgoing = {
  /**
   * Which contact.
   */
  contact: ContactKey,
  /**
   * Which of its outgoing items.
   */
  token: MessageToken,
};
